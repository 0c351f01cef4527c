//! The threads that bring events in: keys from the terminal and its end, signals from the system,
//! and the hub as it is loaded.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;
use std::time::{Duration, SystemTime};
use std::{io, process, thread};

use anyhow::{Context, Result};
use crossterm::event::{self, Event as TerminalEvent, KeyEventKind};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use super::app::Event;
use super::terminal;

/// So long the loop has to leave after a signal; a loop that hangs must not keep us alive.
const LEAVING: Duration = Duration::from_secs(1);

/// So long the first screen takes at most, on small machines too.
const SETTLING: Duration = Duration::from_secs(1);

/// What arrives at the loop.
pub enum Arrival {
    Event(Event),
    /// Leave, because of this signal.
    Leave(i32),
    /// Somebody stopped us with `kill -TSTP`.
    Stop,
    /// We run again.
    Continued,
    /// The terminal is gone.
    Hangup,
    /// A thread beside the loop panicked; its words are kept.
    Broken,
}

/// Starts the thread that reads the terminal.
pub fn read_terminal(to: Sender<Arrival>) -> Result<()> {
    spawn("keys", move || {
        loop {
            let event = match event::read() {
                Ok(TerminalEvent::Key(key)) if key.kind != KeyEventKind::Release => Event::Key(key),
                Ok(TerminalEvent::Paste(text)) => Event::Paste(text),
                Ok(TerminalEvent::Resize(width, height)) => Event::Resize(width, height),
                Ok(_) => continue,
                Err(_) => {
                    let _ = to.send(Arrival::Hangup);
                    return;
                }
            };
            if to.send(Arrival::Event(event)).is_err() {
                return;
            }
        }
    })
}

/// Starts the thread that waits for the terminal's end. The one that reads keys does not see it:
/// crossterm reads the end of a terminal again and again, and not every end comes with a signal.
pub fn watch_terminal(to: Sender<Arrival>) -> Result<()> {
    spawn("hangup", move || {
        let terminal = io::stdout();
        // Where no event is asked for, only error and hangup are told.
        let mut watched = [PollFd::new(&terminal, PollFlags::empty())];
        while poll(&mut watched, None) == Err(Errno::INTR) {}
        let _ = to.send(Arrival::Hangup);
    })
}

/// Starts the thread that waits for signals. Those to leave end the program at once while it is
/// `away` from the terminal: there is nothing to give back then, and by the time that a thread
/// hears of one, the system may have stopped them all again.
pub fn catch_signals(to: Sender<Arrival>, away: &Arc<AtomicBool>) -> Result<()> {
    let leaving = [SIGTERM, SIGHUP, SIGINT, SIGQUIT];
    for signal in leaving {
        flag::register_conditional_shutdown(signal, 128 + signal, away.clone())?;
    }
    let mut signals = Signals::new(leaving.iter().chain(&[SIGTSTP, SIGCONT]))?;
    spawn("signals", move || {
        for signal in signals.forever() {
            let (arrival, leave) = match signal {
                SIGTSTP => (Arrival::Stop, false),
                SIGCONT => (Arrival::Continued, false),
                other => (Arrival::Leave(other), true),
            };
            if to.send(arrival).is_err() {
                return;
            }
            if leave {
                thread::sleep(LEAVING);
                terminal::give_back_past_loop();
                process::exit(128 + signal);
            }
        }
    })
}

/// The time, in microseconds since 1970 UTC; `None` by a clock that is set to before that.
pub fn now() -> Option<i64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since.ok()?.as_micros()).ok()
}

/// Waits until the first screen is there, about: what nobody waits for would take a core from it.
pub fn settle() {
    thread::sleep(SETTLING);
}

/// Starts a named thread.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .with_context(|| format!("starting {name}"))?;
    Ok(())
}
