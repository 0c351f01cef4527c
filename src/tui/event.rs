//! The arrivals of the explorer's loop, and the threads and the clock beside it.

use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};

use super::app::Event;

/// The longest time until the first frame is drawn, also on small machines.
const FIRST_FRAME: Duration = Duration::from_secs(1);

/// Something that arrives at the loop.
pub enum Arrival {
    /// An event for the state.
    Event(Event),
    /// A signal to end.
    End(i32),
    /// `kill -TSTP`: a request to stop.
    Stop,
    /// The program was continued after a stop.
    Continued,
    /// The terminal's background, true if it is light.
    Background(bool),
    /// The terminal has answered all questions.
    Answered,
    /// The terminal has another size.
    Resized,
    /// The terminal is gone.
    Hangup,
    /// A thread beside the loop panicked; the worker keeps its message.
    Broken,
}

/// Returns the time in microseconds since 1970 UTC; `None` if the clock is set to before that.
pub fn now() -> Option<i64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since.ok()?.as_micros()).ok()
}

/// Sleeps until the first frame is drawn, approximately, so that background work does not take a
/// core from it.
pub fn settle() {
    thread::sleep(FIRST_FRAME);
}

/// Starts a named thread.
///
/// # Errors
/// When the system starts no more threads.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    start(name, work).map(drop)
}

/// Starts a named thread that is waited for at the end.
///
/// # Errors
/// As [`spawn`].
pub fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let thread = thread::Builder::new().name(name.to_owned()).spawn(work);
    thread.with_context(|| format!("starting {name}"))
}
