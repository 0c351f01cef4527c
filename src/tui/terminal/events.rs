//! The threads that bring keys, signals and the end of the terminal to the explorer's loop.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;
use std::time::Duration;
use std::{process, thread};

use anyhow::{Context, Result};

use super::guard;
use super::tty::{self, Keyboard, NO_KEYBOARD, Tty};
use crate::tui::event::{Arrival, spawn};

/// The longest time the loop has to end after a signal. One that hangs does not keep the program.
const EXIT_TIMEOUT: Duration = Duration::from_secs(1);

/// Starts the thread that reads keys and pasted text, until the terminal is gone.
///
/// # Errors
/// When there is no keyboard, or the system starts no more threads.
pub fn read(tty: Tty, to: Sender<Arrival>) -> Result<()> {
    let keyboard = Keyboard::open().context(NO_KEYBOARD)?;
    spawn("keys", move || {
        let _ = forward(keyboard, &tty, &to);
        // Not every end comes with a signal.
        let _ = to.send(Arrival::Hangup);
    })
}

/// Forwards what is typed; ends when the terminal is gone, or nobody listens.
fn forward(mut keyboard: Keyboard, tty: &Tty, to: &Sender<Arrival>) -> io::Result<()> {
    loop {
        for arrival in keyboard.read(tty)? {
            to.send(arrival).map_err(io::Error::other)?;
        }
    }
}

/// Starts the thread that waits for signals. While `released` is set, the terminal is not taken.
///
/// # Errors
/// When the system starts no more threads.
pub fn catch_signals(to: Sender<Arrival>, released: &Arc<AtomicBool>) -> Result<()> {
    let signals = tty::signals(released)?;
    spawn("signals", move || {
        for arrival in signals {
            let end = match arrival {
                Arrival::End(signal) => Some(signal),
                _ => None,
            };
            if to.send(arrival).is_err() {
                return;
            }
            if let Some(signal) = end {
                thread::sleep(EXIT_TIMEOUT);
                guard::restore_beside_loop();
                process::exit(128 + signal);
            }
        }
    })
}
