//! The threads that bring events in: keys from the terminal, signals from the system, and the
//! hub as it is loaded.

use std::sync::mpsc::Sender;
use std::thread;

use anyhow::{Context, Result};
use crossterm::event::{self, Event as TerminalEvent, KeyEventKind};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;

use super::app::Event;
use crate::engine::data::source::Source;
use crate::engine::{Hub, Step};

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

/// Starts the thread that waits for signals.
pub fn catch_signals(to: Sender<Arrival>) -> Result<()> {
    let mut signals =
        Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT]).context("catching signals")?;
    spawn("signals", move || {
        for signal in signals.forever() {
            let arrival = match signal {
                SIGTSTP => Arrival::Stop,
                SIGCONT => Arrival::Continued,
                other => Arrival::Leave(other),
            };
            if to.send(arrival).is_err() {
                return;
            }
        }
    })
}

/// Starts the thread that loads the hub, stage by stage.
pub fn load(source: Source, to: Sender<Arrival>) -> Result<()> {
    spawn("engine-load", move || {
        let tell = |step| {
            let _ = to.send(Arrival::Event(match step {
                Step::Progress(part) => Event::Progress(part),
                Step::Usable(hub) => Event::Loaded(hub),
            }));
        };
        let last = match Hub::open(&source, &tell) {
            Ok(hub) => Event::Loaded(Box::new(hub)),
            Err(error) => Event::Failed(format!("{error:#}")),
        };
        let _ = to.send(Arrival::Event(last));
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
