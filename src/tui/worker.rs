//! Questions answered beside the explorer. Each lane has a thread and room for one question: a
//! newer one takes the place of an older one, and stops the work on it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;

use super::app::Event;
use super::event::{Arrival, spawn};
use super::question::{Clerk, Lane, Question};

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
            spawn(&format!("{lane:?}").to_lowercase(), move || {
                own.serve(lane, &to)
            })?;
            lanes.push(slot);
        }
        Ok(Worker { lanes })
    }

    /// Asks; the answer arrives as an event.
    pub fn ask(&self, question: Question) {
        let slot = &self.lanes[question.query.lane() as usize];
        *slot.lock() = Some(question);
        slot.stop.store(true, Ordering::Relaxed);
        slot.asked.notify_one();
    }
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Option<Question>> {
        self.question.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, lane: Lane, to: &Sender<Arrival>) {
        let mut clerk = Clerk::default();
        loop {
            let question = self.next(lane);
            if let Some(answer) = clerk.answer(&question, &self.stop)
                && to.send(Arrival::Event(Event::Answer(answer))).is_err()
            {
                return;
            }
        }
    }

    /// Waits for a question; for a record, until no newer one comes for a moment.
    fn next(&self, lane: Lane) -> Question {
        let mut waiting = self.lock();
        loop {
            while waiting.is_none() {
                waiting = self
                    .asked
                    .wait(waiting)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if lane == Lane::Record {
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
