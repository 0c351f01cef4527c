//! The threads that answer questions. Each lane has a thread and a slot for one question: a newer
//! question replaces an older one, and cancels the work on it.

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;

use super::answerer::Answerer;
use super::topics::{Lane, Question};
use crate::tui::app::Event;
use crate::tui::event::{Arrival, spawn};
use crate::tui::failpoint;

/// The message of the last panic off the UI thread. A panic in a job of a thread pool is passed on
/// by the thread that waits for the job, without its message.
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// Reading a record takes a while, so it starts when the cursor has rested for this long.
const REST: Duration = Duration::from_millis(40);

/// The threads, one a lane.
pub struct Threads {
    lanes: Vec<Arc<Slot>>,
}

/// The newest question of a lane.
#[derive(Default)]
struct Slot {
    question: Mutex<Option<Question>>,
    asked: Condvar,
    /// Set when the question being answered is not the newest any more.
    cancel: AtomicBool,
}

impl Threads {
    /// Starts a thread for each lane.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start(to: &Sender<Arrival>) -> Result<Threads> {
        let mut lanes = Vec::new();
        for lane in Lane::ALL {
            let slot = Arc::new(Slot::default());
            let (own, to) = (slot.clone(), to.clone());
            // The name says that panics are caught, see `is_caught`.
            let name = format!("engine-{lane:?}").to_lowercase();
            spawn(&name, move || own.serve(lane, &to))?;
            lanes.push(slot);
        }
        Ok(Threads { lanes })
    }

    /// Asks; the answer arrives as an event.
    pub fn ask(&self, question: Question) {
        let slot = &self.lanes[question.topic.lane() as usize];
        // Both under the lock, or a thread that takes the question between them would be cancelled.
        let mut waiting = slot.lock();
        *waiting = Some(question);
        slot.cancel.store(true, Ordering::Relaxed);
        slot.asked.notify_one();
    }
}

/// Keeps the message of a panic that is caught.
pub fn keep_panic(info: &PanicHookInfo<'_>) {
    *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = info.to_string();
}

/// Returns the message that was kept last.
pub fn last_panic() -> String {
    let message = LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner);
    message.clone()
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Option<Question>> {
        self.question.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, lane: Lane, to: &Sender<Arrival>) {
        let mut answerer = Answerer::of_user();
        // The first record is read at once: the cursor does not move yet.
        let mut rests = false;
        loop {
            let question = self.next(rests);
            rests = lane == Lane::Record;
            // The whole answer finds out whether the loop still listens.
            let partial = |answer| drop(to.send(Arrival::Event(Event::Answer(answer))));
            let answer = catch_unwind(AssertUnwindSafe(|| {
                failpoint::hit("worker");
                answerer.answer(&question, &self.cancel, partial)
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

    /// Waits for a question; with `rests`, until no newer one has arrived for [`REST`].
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
                self.cancel.store(false, Ordering::Relaxed);
                return question;
            }
        }
    }
}
