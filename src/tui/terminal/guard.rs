//! Takes the terminal and returns it as it was, on every way out: a normal end, a stop, a signal,
//! a panic. Frames that are drawn after that are not written.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use crossterm::event::EnableBracketedPaste;
use crossterm::terminal::{EnterAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, queue};
use ratatui::layout::Size;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};
use rustix::termios::{QueueSelector, tcflush, tcgetpgrp, tcgetwinsize};

use crate::fatal;

/// A shell's `kill` of a stopped job sends SIGTERM and SIGCONT. The thread that receives SIGTERM
/// needs this long to end the program before SIGCONT stops it again.
const SIGTERM_GRACE: Duration = Duration::from_millis(20);

const NO_KEYBOARD: &str = "no keys can be read, since neither standard input nor /dev/tty is a terminal that obeys; start hubscope in a terminal";

/// The maximum width and height that is drawn: a terminal may claim 65,535 for both.
const MAX_CELLS: u16 = 2_000;

/// The terminal while it is taken. Whoever writes holds the lock, so that no frame is written after
/// another thread has returned the terminal.
static TAKEN: Mutex<Option<Tty>> = Mutex::new(None);

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
    pub fn open() -> Result<Tty> {
        let file = match OpenOptions::new().write(true).open("/dev/tty") {
            Ok(file) => file,
            Err(_) if io::stdout().is_terminal() => {
                let output = io::stdout().as_fd().try_clone_to_owned();
                File::from(output.context("standard output")?)
            }
            Err(_) => bail!(
                "no screen can be drawn, since neither standard output nor /dev/tty is a terminal; start hubscope in a terminal"
            ),
        };
        Ok(Tty(Arc::new(file)))
    }

    /// Takes the terminal: raw keys, the alternate screen, no cursor. Taking it again sets all of
    /// it anew: after a stop without warning, a shell may have changed anything.
    ///
    /// # Errors
    /// When the terminal does not obey.
    pub fn take(&self) -> Result<()> {
        let _ = disable_raw_mode();
        fatal::take_terminal(self.as_fd()).context(NO_KEYBOARD)?;
        enable_raw_mode().context(NO_KEYBOARD)?;
        *taken() = Some(self.clone());
        let mut bytes = Vec::new();
        queue!(
            bytes,
            EnterAlternateScreen,
            EnableBracketedPaste,
            cursor::Hide
        )?;
        Writer.write_all(&bytes).context("the terminal is gone")
    }

    /// Returns width and height in cells. A terminal that does not know them, such as a serial one,
    /// reports 0: then `COLUMNS` and `LINES` count, as everywhere, or else it is 80x24.
    ///
    /// # Errors
    /// When the terminal does not answer.
    pub fn size(&self) -> Result<Size> {
        let size = tcgetwinsize(self).context("the terminal does not report its size")?;
        let set = |name| std::env::var(name).ok()?.parse().ok();
        let cells = |reported: u16, name, default: u16| {
            let known = Some(reported).filter(|cells| *cells > 0);
            let cells = known.or_else(|| set(name).filter(|cells| *cells > 0));
            cells.unwrap_or(default).min(MAX_CELLS)
        };
        Ok(Size::new(
            cells(size.ws_col, "COLUMNS", 80),
            cells(size.ws_row, "LINES", 24),
        ))
    }

    /// Asks the terminal a question, and returns what has arrived when that is an answer or the time is
    /// over. Nothing else may read keys meanwhile; keys that are typed are lost.
    ///
    /// # Errors
    /// When there is no keyboard, or the terminal does not obey.
    pub fn ask(
        &self,
        question: &[u8],
        patience: Duration,
        is_answer: impl Fn(&[u8]) -> bool,
    ) -> Result<Vec<u8>> {
        let mut keyboard = keyboard()?;
        fatal::take_terminal(self.as_fd()).context(NO_KEYBOARD)?;
        enable_raw_mode().context(NO_KEYBOARD)?;
        let mut answer = Vec::new();
        let mut listen = || -> io::Result<()> {
            (&*self.0).write_all(question)?;
            let deadline = Instant::now() + patience;
            while !is_answer(&answer) {
                let left = deadline.saturating_duration_since(Instant::now());
                let left = Timespec::try_from(left).map_err(io::Error::other)?;
                let mut watched = [PollFd::new(&keyboard, PollFlags::IN)];
                if poll(&mut watched, Some(&left))? == 0 {
                    break;
                }
                let mut bytes = [0; 256];
                match keyboard.read(&mut bytes)? {
                    0 => break,
                    length => answer.extend_from_slice(&bytes[..length]),
                }
            }
            Ok(())
        };
        let listened = listen();
        let _ = tcflush(&keyboard, QueueSelector::IFlush);
        let _ = disable_raw_mode();
        fatal::forget_terminal();
        listened.context("the terminal does not answer")?;
        Ok(answer)
    }

    /// Returns true if the program runs in the background: the terminal belongs to the shell or to
    /// another of its jobs.
    pub fn is_in_background(&self) -> bool {
        tcgetpgrp(self).is_ok_and(|front| front != getpgrp())
    }

    /// Returns true if the program is a job that a shell can resume. In the process group of the
    /// session's leader nobody could: `xterm -e hubscope`, a container.
    pub fn is_job(&self) -> bool {
        tcgetpgrp(self).is_ok() && getsid(None).is_ok_and(|leader| leader != getpgrp())
    }
}

impl AsFd for Tty {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Opens the keyboard: standard input if it is a terminal, or else the controlling terminal.
///
/// # Errors
/// When there is neither.
pub fn keyboard() -> Result<File> {
    let input = io::stdin();
    let opened = match input.is_terminal() {
        true => input.as_fd().try_clone_to_owned().map(File::from),
        false => File::open("/dev/tty"),
    };
    opened.context(NO_KEYBOARD)
}

/// Writes to the terminal while it is taken, and nowhere after that.
pub struct Writer;

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(tty) = &*taken() {
            (&*tty.0).write_all(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Makes the terminal report the mouse, or not any more: buttons, the wheel and moves while a button is
/// held (modes 1000 and 1002), in numbers of any size (1006). Other moves are not reported.
///
/// # Errors
/// When the terminal is gone.
pub fn use_mouse(used: bool) -> Result<()> {
    let bytes: &[u8] = match used {
        true => b"\x1b[?1000h\x1b[?1002h\x1b[?1006h",
        false => b"\x1b[?1006l\x1b[?1002l\x1b[?1000l",
    };
    Writer.write_all(bytes).context("the terminal is gone")
}

/// Stops until SIGCONT, with everything that was started together with this program, or the shell
/// would go on waiting for that.
///
/// # Errors
/// When the system refuses.
pub fn stop() -> Result<()> {
    // SIGTSTP itself is caught, see `events.rs`.
    kill_current_process_group(Signal::STOP).context("stopping")
}

/// Stops until SIGCONT, as the system stops a background job that writes to the terminal.
///
/// # Errors
/// When the system refuses.
pub fn stop_in_background() -> Result<()> {
    thread::sleep(SIGTERM_GRACE);
    kill_current_process_group(Signal::TTOU).context("stopping")
}

/// Returns the terminal as it was, if it is taken.
pub fn restore() {
    restore_locked(taken());
}

/// [`restore`] from another thread than the explorer's loop. If the loop hangs in a write that the
/// terminal does not accept, only the modes of the keyboard are restored.
pub fn restore_beside_loop() {
    match TAKEN.try_lock() {
        Ok(taken) => restore_locked(taken),
        Err(TryLockError::Poisoned(taken)) => restore_locked(taken.into_inner()),
        Err(TryLockError::WouldBlock) => {
            let _ = disable_raw_mode();
        }
    }
}

fn restore_locked(mut taken: MutexGuard<'_, Option<Tty>>) {
    let Some(tty) = taken.take() else { return };
    let _ = (&*tty.0).write_all(fatal::RESTORE);
    // In the background this would stop the program, and the shell has set its own modes already.
    if !tty.is_in_background() {
        let _ = disable_raw_mode();
    }
    fatal::forget_terminal();
}

fn taken() -> MutexGuard<'static, Option<Tty>> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}
