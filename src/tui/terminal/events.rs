//! The threads that bring keys, signals and the end of the terminal to the explorer's loop.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;
use std::time::Duration;
use std::{process, thread};

use anyhow::Result;
use crossterm::event::{self, Event as TerminalEvent, KeyEventKind};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use super::guard::{self, Tty};
use crate::tui::app::Event;
use crate::tui::event::{Arrival, spawn};

/// The longest time the loop has to end after a signal. One that hangs does not keep the program.
const EXIT_TIMEOUT: Duration = Duration::from_secs(1);

/// Starts the thread that reads keys, pasted text and new sizes.
///
/// # Errors
/// When the system starts no more threads.
pub fn read(to: Sender<Arrival>) -> Result<()> {
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

/// Starts the thread that waits for the end of the terminal. The thread that reads keys does not
/// notice it: crossterm reads the end of a file again and again, and not every end comes with a
/// signal.
///
/// # Errors
/// When the system starts no more threads.
pub fn watch_hangup(tty: Tty, to: Sender<Arrival>) -> Result<()> {
    spawn("hangup", move || {
        // Errors and a hangup are reported without being asked for.
        let mut watched = [PollFd::new(&tty, PollFlags::empty())];
        while poll(&mut watched, None) == Err(Errno::INTR) {}
        // A system that cannot poll /dev/tty reports NVAL; there, SIGHUP has to do.
        let ends = PollFlags::HUP | PollFlags::ERR;
        if watched[0].revents().intersects(ends) {
            let _ = to.send(Arrival::Hangup);
        }
    })
}

/// Starts the thread that waits for signals. While `released` is set, the terminal is not taken and
/// a signal to end does so at once: there is nothing to restore, and until a thread hears of the
/// signal, the system may have stopped all of them again.
///
/// # Errors
/// When the system starts no more threads.
pub fn catch_signals(to: Sender<Arrival>, released: &Arc<AtomicBool>) -> Result<()> {
    let ending = [SIGTERM, SIGHUP, SIGINT, SIGQUIT];
    for signal in ending {
        flag::register_conditional_shutdown(signal, 128 + signal, released.clone())?;
    }
    let mut signals = Signals::new(ending.iter().chain(&[SIGTSTP, SIGCONT]))?;
    spawn("signals", move || {
        for signal in signals.forever() {
            let (arrival, ends) = match signal {
                SIGTSTP => (Arrival::Stop, false),
                SIGCONT => (Arrival::Continued, false),
                other => (Arrival::End(other), true),
            };
            if to.send(arrival).is_err() {
                return;
            }
            if ends {
                thread::sleep(EXIT_TIMEOUT);
                guard::restore_beside_loop();
                process::exit(128 + signal);
            }
        }
    })
}
