//! The threads that bring keys, signals and the end of the terminal to the explorer's loop.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};
use std::{process, thread};

use anyhow::Result;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use super::guard::{self, Tty};
use super::input::{Input, Parser};
use crate::tui::app::Event;
use crate::tui::event::{Arrival, spawn};

/// The longest time the loop has to end after a signal. One that hangs does not keep the program.
const EXIT_TIMEOUT: Duration = Duration::from_secs(1);

/// Starts the thread that reads keys and pasted text, until the terminal is gone.
///
/// # Errors
/// When there is no keyboard, or the system starts no more threads.
pub fn read(tty: Tty, to: Sender<Arrival>) -> Result<()> {
    let keyboard = guard::keyboard()?;
    spawn("keys", move || {
        let _ = forward(&keyboard, &tty, &to);
        // Not every end comes with a signal.
        let _ = to.send(Arrival::Hangup);
    })
}

/// Forwards what is typed; ends when the terminal is gone, or nobody listens.
fn forward(mut keyboard: &File, tty: &Tty, to: &Sender<Arrival>) -> io::Result<()> {
    let mut parser = Parser::new(Instant::now());
    let mut bytes = [0; 4_096];
    loop {
        let inputs = match wait(keyboard, tty, parser.deadline())? {
            Woken::Deadline => parser.expire(Instant::now()),
            Woken::Keyboard => match keyboard.read(&mut bytes) {
                Ok(0) => return Ok(()),
                Ok(length) => parser.feed(&bytes[..length], Instant::now()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            },
        };
        for input in inputs {
            let arrival = match input {
                Input::Key(key) => Arrival::Event(Event::Key(key)),
                Input::Paste(text) => Arrival::Event(Event::Paste(text)),
                Input::Mouse(mouse) => Arrival::Event(Event::Mouse(mouse)),
                Input::Background(is_light) => Arrival::Background(is_light),
                Input::Attributes => Arrival::Answered,
            };
            to.send(arrival).map_err(io::Error::other)?;
        }
    }
}

/// The end of a wait.
enum Woken {
    Deadline,
    Keyboard,
}

/// Waits for a key, or the end of the terminal, which is an error.
fn wait(keyboard: &File, tty: &Tty, deadline: Option<Instant>) -> io::Result<Woken> {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    let left = left.map(Timespec::try_from).transpose();
    let left = left.map_err(io::Error::other)?;
    // Errors and a hangup are reported without being asked for.
    let mut watched = [
        PollFd::new(keyboard, PollFlags::IN),
        PollFd::new(tty, PollFlags::empty()),
    ];
    match poll(&mut watched, left.as_ref()) {
        Ok(0) | Err(Errno::INTR) => return Ok(Woken::Deadline),
        Ok(_) => {}
        Err(error) => return Err(error.into()),
    }
    // A system that cannot poll /dev/tty reports NVAL; there, reading it waits.
    let [keys, screen] = watched.map(|watched| watched.revents());
    match screen.intersects(PollFlags::HUP | PollFlags::ERR) {
        true => Err(ErrorKind::BrokenPipe.into()),
        false if keys.is_empty() => Ok(Woken::Deadline),
        false => Ok(Woken::Keyboard),
    }
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
    let others = [SIGTSTP, SIGCONT, SIGWINCH];
    let mut signals = Signals::new(ending.iter().chain(&others))?;
    spawn("signals", move || {
        for signal in signals.forever() {
            let (arrival, ends) = match signal {
                SIGTSTP => (Arrival::Stop, false),
                SIGCONT => (Arrival::Continued, false),
                SIGWINCH => (Arrival::Resized, false),
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
