//! Questions answered beside the explorer. Each lane has a thread and room for one question: a
//! newer one takes the place of an older one, and stops the work on it.

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;

use super::app::Event;
use super::event::{Arrival, spawn};
use super::failpoint;
use super::question::{Clerk, Lane, Question};

/// What the last panic beside the loop said. One in a job of a pool comes out of the thread that
/// waits for the job, without its words.
static LAST_WORDS: Mutex<String> = Mutex::new(String::new());

/// Reading a record takes a while, so it waits until the cursor rests for this long.
const REST: Duration = Duration::from_millis(40);

/// The threads that answer.
pub struct Worker {
    lanes: Vec<Arc<Slot>>,
}

/// The newest question of a lane.
#[derive(Default)]
struct Slot {
    question: Mutex<Option<Question>>,
    asked: Condvar,
    /// Set when the question being worked on is not the newest any more.
    stop: AtomicBool,
}

impl Worker {
    /// Starts a thread for each lane.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start(to: &Sender<Arrival>) -> Result<Worker> {
        let mut lanes = Vec::new();
        for lane in Lane::ALL {
            let slot = Arc::new(Slot::default());
            let (own, to) = (slot.clone(), to.clone());
            // The name says that panics are caught, see `is_caught`.
            let name = format!("engine-{lane:?}").to_lowercase();
            spawn(&name, move || own.serve(lane, &to))?;
            lanes.push(slot);
        }
        Ok(Worker { lanes })
    }

    /// Asks; the answer arrives as an event.
    pub fn ask(&self, question: Question) {
        let slot = &self.lanes[question.topic.lane() as usize];
        // Both under the lock, or a thread that takes the question between them would be told to
        // stop working on it.
        let mut waiting = slot.lock();
        *waiting = Some(question);
        slot.stop.store(true, Ordering::Relaxed);
        slot.asked.notify_one();
    }
}

/// Keeps what a panic says that is caught.
pub fn keep_words(info: &PanicHookInfo<'_>) {
    *LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner) = info.to_string();
}

/// What was kept last.
pub fn last_words() -> String {
    let words = LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner);
    words.clone()
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Option<Question>> {
        self.question.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, lane: Lane, to: &Sender<Arrival>) {
        let mut clerk = Clerk::default();
        // Nobody waits for the first record with a cursor that moves.
        let mut rests = false;
        loop {
            let question = self.next(rests);
            rests = lane == Lane::Record;
            // Whether the loop still listens is seen by the whole answer.
            let early = |answer| drop(to.send(Arrival::Event(Event::Answer(answer))));
            let answer = catch_unwind(AssertUnwindSafe(|| {
                failpoint::hit("worker");
                clerk.answer(&question, &self.stop, early)
            }));
            let arrival = match answer {
                Ok(None) => continue,
                Ok(Some(answer)) => Arrival::Event(Event::Answer(answer)),
                Err(_) => Arrival::Broken,
            };
            if to.send(arrival).is_err() {
                return;
            }
        }
    }

    /// Waits for a question; if it `rests`, until no newer one comes for a moment.
    fn next(&self, rests: bool) -> Question {
        let mut waiting = self.lock();
        loop {
            while waiting.is_none() {
                waiting = self
                    .asked
                    .wait(waiting)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if rests {
                let rest = self
                    .asked
                    .wait_timeout(waiting, REST)
                    .unwrap_or_else(PoisonError::into_inner);
                waiting = rest.0;
                if !rest.1.timed_out() {
                    continue;
                }
            }
            if let Some(question) = waiting.take() {
                self.stop.store(false, Ordering::Relaxed);
                return question;
            }
        }
    }
}
