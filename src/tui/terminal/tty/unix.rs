//! The controlling terminal, its modes and job control.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use std::{iter, thread};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};
use rustix::termios::{QueueSelector, tcflush, tcgetpgrp, tcgetwinsize};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use crate::system::fatal::{self, RESTORE};
use crate::tui::app::Event;
use crate::tui::event::Arrival;
use crate::tui::terminal::input::{Input, Parser};

/// The sequences that take the screen: the alternate one, with bracketed paste and without a cursor.
pub const TAKE: &[u8] = b"\x1b[?1049h\x1b[?2004h\x1b[?25l";

pub const NO_KEYBOARD: &str = "no keys can be read, since neither standard input nor /dev/tty is a terminal that obeys; start hubscope in a terminal";

pub const NO_SCREEN: &str = "no screen can be drawn, since neither standard output nor /dev/tty is a terminal; start hubscope in a terminal";

/// True if questions to the terminal are answered where keys are read.
pub const HAS_ANSWERS: bool = true;

/// A shell's `kill` of a stopped job sends SIGTERM and SIGCONT. The thread that receives SIGTERM
/// needs this long to end the program before SIGCONT stops it again.
const SIGTERM_GRACE: Duration = Duration::from_millis(20);

/// The terminal that the explorer draws on.
#[derive(Clone)]
pub struct Tty(Arc<File>);

impl Tty {
    /// Opens the controlling terminal, so that standard output stays free for other uses, as in
    /// `id=$(hubscope --pick)`. Without a controlling terminal, standard output is used if it is a
    /// terminal.
    ///
    /// # Errors
    /// When there is neither.
    pub fn open() -> io::Result<Tty> {
        let file = match OpenOptions::new().write(true).open("/dev/tty") {
            Err(_) if io::stdout().is_terminal() => {
                File::from(io::stdout().as_fd().try_clone_to_owned()?)
            }
            opened => opened?,
        };
        Ok(Tty(Arc::new(file)))
    }

    /// Remembers the modes of the terminal: it is about to be taken, and a fault is to return it.
    ///
    /// # Errors
    /// When it has none.
    pub fn remember(&self) -> io::Result<()> {
        fatal::take_terminal(self.0.as_fd())
    }

    /// Writes bytes to the terminal.
    ///
    /// # Errors
    /// When it is gone.
    pub fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        (&*self.0).write_all(bytes)
    }

    /// Makes the terminal report the mouse, or not any more: buttons, the wheel and moves while a
    /// button is held (modes 1000 and 1002), in numbers of any size (1006). Other moves are not
    /// reported.
    ///
    /// # Errors
    /// As [`Tty::write_all`].
    pub fn use_mouse(&self, used: bool) -> io::Result<()> {
        self.write_all(match used {
            true => b"\x1b[?1000h\x1b[?1002h\x1b[?1006h",
            false => b"\x1b[?1006l\x1b[?1002l\x1b[?1000l",
        })
    }

    /// Returns the screen as it was.
    ///
    /// # Errors
    /// As [`Tty::write_all`].
    pub fn restore(&self) -> io::Result<()> {
        self.write_all(RESTORE)
    }

    /// Returns the numbers of columns and rows; 0 where the terminal does not know them.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn cells(&self) -> io::Result<(u16, u16)> {
        let size = tcgetwinsize(&self.0)?;
        Ok((size.ws_col, size.ws_row))
    }

    /// Returns true if the program runs in the background: the terminal belongs to the shell or to
    /// another of its jobs.
    pub fn is_in_background(&self) -> bool {
        tcgetpgrp(&self.0).is_ok_and(|front| front != getpgrp())
    }

    /// Returns true if the program is a job that a shell can resume. In the process group of the
    /// session's leader nobody could: `xterm -e hubscope`, a container.
    pub fn is_job(&self) -> bool {
        tcgetpgrp(&self.0).is_ok() && getsid(None).is_ok_and(|leader| leader != getpgrp())
    }
}

/// Forgets the terminal that was remembered: it is as it was before.
pub fn forget() {
    fatal::forget_terminal();
}

/// Stops until SIGCONT, with everything that was started together with this program, or the shell
/// would go on waiting for that.
///
/// # Errors
/// When the system refuses.
pub fn stop() -> io::Result<()> {
    // SIGTSTP itself is caught, see [`signals`].
    Ok(kill_current_process_group(Signal::STOP)?)
}

/// Stops until SIGCONT, as the system stops a background job that writes to the terminal.
///
/// # Errors
/// When the system refuses.
pub fn stop_in_background() -> io::Result<()> {
    thread::sleep(SIGTERM_GRACE);
    Ok(kill_current_process_group(Signal::TTOU)?)
}

/// Returns the signals that come, each when it does. While `released` is set, the terminal is not
/// taken and a signal to end does so at once: there is nothing to restore, and until a thread hears
/// of the signal, the system may have stopped all of them again.
///
/// # Errors
/// When the system refuses.
pub fn signals(released: &Arc<AtomicBool>) -> io::Result<impl Iterator<Item = Arrival> + 'static> {
    let ending = [SIGTERM, SIGHUP, SIGINT, SIGQUIT];
    for signal in ending {
        flag::register_conditional_shutdown(signal, 128 + signal, released.clone())?;
    }
    let others = [SIGTSTP, SIGCONT, SIGWINCH];
    let mut signals = Signals::new(ending.iter().chain(&others))?;
    let next = move || signals.forever().next();
    Ok(iter::from_fn(next).map(|signal| match signal {
        SIGTSTP => Arrival::Stop,
        SIGCONT => Arrival::Continued,
        SIGWINCH => Arrival::Resized,
        other => Arrival::End(other),
    }))
}

/// The keyboard, and what was read of it so far.
pub struct Keyboard {
    file: File,
    parser: Parser,
}

/// The end of a wait.
enum Woken {
    Deadline,
    Keyboard,
}

impl Keyboard {
    /// Opens the keyboard: standard input if it is a terminal, or else the controlling terminal.
    ///
    /// # Errors
    /// When there is neither.
    pub fn open() -> io::Result<Keyboard> {
        let input = io::stdin();
        let file = match input.is_terminal() {
            true => input.as_fd().try_clone_to_owned().map(File::from),
            false => File::open("/dev/tty"),
        };
        Ok(Keyboard {
            file: file?,
            parser: Parser::new(Instant::now()),
        })
    }

    /// Waits for what is typed, and returns it.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn read(&mut self, tty: &Tty) -> io::Result<Vec<Arrival>> {
        let mut bytes = [0; 4_096];
        let inputs = match self.wait(tty)? {
            Woken::Deadline => self.parser.expire(Instant::now()),
            Woken::Keyboard => match self.file.read(&mut bytes) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(length) => self.parser.feed(&bytes[..length], Instant::now()),
                Err(error) if error.kind() == ErrorKind::Interrupted => Vec::new(),
                Err(error) => return Err(error),
            },
        };
        Ok(inputs.into_iter().map(Arrival::from).collect())
    }

    /// Returns the bytes that arrive until they are an answer or the time is over, and discards others.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn listen(
        &mut self,
        patience: Duration,
        is_answer: impl Fn(&[u8]) -> bool,
    ) -> io::Result<Vec<u8>> {
        let deadline = Instant::now() + patience;
        let mut answer = Vec::new();
        let mut listen = || -> io::Result<()> {
            while !is_answer(&answer) {
                let left = deadline.saturating_duration_since(Instant::now());
                let left = Timespec::try_from(left).map_err(io::Error::other)?;
                let mut watched = [PollFd::new(&self.file, PollFlags::IN)];
                if poll(&mut watched, Some(&left))? == 0 {
                    break;
                }
                let mut bytes = [0; 256];
                match self.file.read(&mut bytes)? {
                    0 => break,
                    length => answer.extend_from_slice(&bytes[..length]),
                }
            }
            Ok(())
        };
        let listened = listen();
        let _ = tcflush(&self.file, QueueSelector::IFlush);
        listened.map(|()| answer)
    }

    /// Waits for a key, or the end of the terminal, which is an error.
    fn wait(&self, tty: &Tty) -> io::Result<Woken> {
        let deadline = self.parser.deadline();
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let left = left.map(Timespec::try_from).transpose();
        let left = left.map_err(io::Error::other)?;
        // Errors and a hangup are reported without being asked for.
        let mut watched = [
            PollFd::new(&self.file, PollFlags::IN),
            PollFd::new(&tty.0, PollFlags::empty()),
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
}

impl From<Input> for Arrival {
    fn from(input: Input) -> Arrival {
        match input {
            Input::Key(key) => Arrival::Event(Event::Key(key)),
            Input::Paste(text) => Arrival::Event(Event::Paste(text)),
            Input::Mouse(mouse) => Arrival::Event(Event::Mouse(mouse)),
            Input::Background(is_light) => Arrival::Background(is_light),
            Input::Attributes => Arrival::Answered,
        }
    }
}
