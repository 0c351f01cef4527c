//! The threads that bring events in: keys from the terminal and its end, signals from the system,
//! and the hub as it is loaded.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;
use std::time::Duration;
use std::{io, process, thread};

use anyhow::{Context, Result};
use crossterm::event::{self, Event as TerminalEvent, KeyEventKind};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use super::app::Event;
use super::{provoke, terminal};
use crate::engine::cache::Cache;
use crate::engine::data::source::Source;
use crate::engine::{Hub, Step};

/// So long the loop has to leave after a signal; a loop that hangs must not keep us alive.
const LEAVING: Duration = Duration::from_secs(1);

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

/// Starts the thread that loads the hub: at once from the cache, where it is kept, else stage by
/// stage, and then keeps it there.
pub fn load(source: Source, cache: Option<Cache>, to: Sender<Arrival>) -> Result<()> {
    spawn("engine-load", move || {
        let tell = |event| drop(to.send(Arrival::Event(event)));
        let cache = cache.as_ref();
        if let Some(hub) = cache.and_then(|cache| cache.open(&source)) {
            tell(Event::Loaded(Box::new(hub)));
            // A failing disk is not noticed when a file is opened. What is read anew replaces it.
            if cache.is_none_or(|cache| cache.check(&source).is_ok()) {
                return;
            }
        }
        let step = |step| {
            provoke("load");
            tell(match step {
                Step::Progress(part) => Event::Progress(part),
                Step::Usable(hub) => Event::Loaded(hub),
            });
        };
        match Hub::open(&source, &step) {
            Ok(hub) => {
                tell(Event::Loaded(Box::new(hub.clone())));
                // A cache that cannot be written costs time, and nothing else.
                let _ = cache.map(|cache| cache.keep(&hub));
            }
            Err(error) => tell(Event::Failed(format!("{error:#}"))),
        }
    })
}

/// Starts a named thread.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .with_context(|| format!("starting {name}"))?;
    Ok(())
}
