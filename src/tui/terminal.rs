//! The terminal: taken and given back in one place, and written to once a frame. It is given back
//! on every way out, panics and signals included; what is drawn after that is not written.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use crossterm::{cursor, queue};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};
use rustix::stdio::dup2_stdout;
use rustix::termios::tcgetpgrp;

use super::encode;

/// A shell's `kill` of a stopped job sends SIGTERM and SIGCONT: so long the thread that hears of the first
/// has to end us, before the one that hears of the second stops us again.
const HEARING: Duration = Duration::from_millis(20);

/// The terminal while it is ours. Who writes holds the lock, so that no frame of one thread comes
/// after another has given the terminal back.
static OURS: Mutex<Option<File>> = Mutex::new(None);

/// Standard output, laid aside while the terminal stands in its place, so that all that speaks to
/// the terminal finds it there: in `id=$(hubscope --pick)` it is a pipe, and the screen has to go
/// elsewhere. Put back when this is dropped.
pub struct Output(Option<OwnedFd>);

impl Output {
    /// Lays it aside if it is no terminal. To be called before any thread is started.
    ///
    /// # Errors
    /// When there is no terminal to put in its place.
    pub fn lay_aside() -> Result<Output> {
        if io::stdout().is_terminal() {
            return Ok(Output(None));
        }
        let terminal = OpenOptions::new().write(true).open("/dev/tty");
        let terminal = terminal.context("no screen can be drawn, since neither standard output nor /dev/tty is a terminal; start hubscope in a terminal")?;
        let output = io::stdout().as_fd().try_clone_to_owned();
        let output = output.context("standard output")?;
        dup2_stdout(&terminal).context("standard output")?;
        Ok(Output(Some(output)))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some(output) = &self.0 {
            let _ = dup2_stdout(output);
        }
    }
}

/// What stands on the terminal.
#[derive(Default)]
pub struct Screen {
    /// What the last frame was; empty when nothing is known of the screen.
    shown: Buffer,
    next: Buffer,
}

impl Screen {
    /// Takes the terminal: raw keys, the alternate screen, no cursor. Taking it again sets it all
    /// anew, for after a stop without warning nobody knows what a shell has made of it.
    ///
    /// # Errors
    /// When the terminal does not obey.
    pub fn take(&mut self) -> Result<()> {
        let _ = disable_raw_mode();
        enable_raw_mode()
            .context("no keys can be read, since neither standard input nor /dev/tty is a terminal that obeys; start hubscope in a terminal")?;
        let out = io::stdout().as_fd().try_clone_to_owned();
        *ours() = Some(File::from(out.context("standard output")?));
        let mut bytes = Vec::new();
        queue!(
            bytes,
            EnterAlternateScreen,
            EnableBracketedPaste,
            cursor::Hide,
            Clear(ClearType::All)
        )?;
        self.forget();
        write(&bytes)
    }

    /// Width and height in cells.
    ///
    /// # Errors
    /// When the terminal does not tell.
    pub fn size() -> Result<Rect> {
        let (width, height) = size().context("the terminal does not tell its size")?;
        Ok(Rect::new(0, 0, width, height))
    }

    /// Forgets what stands on the screen, so that the next frame is drawn whole.
    pub fn forget(&mut self) {
        self.shown = Buffer::default();
    }

    /// Draws a frame: one write of what has changed, inside a synchronized update; no write where
    /// nothing has.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, area: Rect, picture: impl FnOnce(&mut Buffer)) -> Result<()> {
        self.next.resize(area);
        self.next.reset();
        picture(&mut self.next);
        let whole = self.shown.area != area;
        let mut bytes = Vec::new();
        queue!(bytes, BeginSynchronizedUpdate)?;
        if whole {
            queue!(bytes, Clear(ClearType::All))?;
            self.shown = Buffer::empty(area);
        }
        let changes = encode::changes(&self.shown, &self.next);
        if !whole && changes.is_empty() {
            return Ok(());
        }
        bytes.extend(changes);
        queue!(bytes, EndSynchronizedUpdate)?;
        std::mem::swap(&mut self.shown, &mut self.next);
        write(&bytes)
    }
}

/// Asks the terminal to put a text on the clipboard of the person before it (OSC 52), which
/// reaches through SSH. Whether it did, no terminal tells.
///
/// # Errors
/// When the terminal is gone.
pub fn copy(text: &str) -> Result<()> {
    let mut bytes = Vec::new();
    queue!(bytes, CopyToClipboard::to_clipboard_from(text))?;
    write(&bytes)
}

/// Whether there is a terminal to draw on at all.
///
/// # Errors
/// When standard output is none.
pub fn check() -> Result<()> {
    if !io::stdout().is_terminal() {
        bail!(
            "the explorer needs a terminal, and standard output is none; `hubscope screen` draws one as text, `hubscope show ID` prints a model"
        );
    }
    Ok(())
}

/// Whether we run in the background: the terminal belongs to the shell or another job of it.
pub fn is_behind() -> bool {
    tcgetpgrp(io::stdout()).is_ok_and(|front| front != getpgrp())
}

/// Whether a shell made us a job that it can bring back. In the group of the session's leader
/// nobody could: `xterm -e hubscope`, a container.
pub fn is_job() -> bool {
    tcgetpgrp(io::stdout()).is_ok() && getsid(None).is_ok_and(|leader| leader != getpgrp())
}

/// Stops until SIGCONT. All that was started together with us stops too, or the shell would go on
/// waiting for it.
pub fn stop() -> Result<()> {
    // SIGTSTP itself is caught, see `event.rs`.
    kill_current_process_group(Signal::STOP).context("stopping")
}

/// Stops until SIGCONT, as the system stops whoever disturbs the terminal from the background.
pub fn stay_behind() -> Result<()> {
    thread::sleep(HEARING);
    kill_current_process_group(Signal::TTOU).context("stopping")
}

/// Gives the terminal back as it was, if it is taken.
pub fn give_back() {
    give_back_locked(ours());
}

/// [`give_back`] when the loop does not come to it: where it hangs in a write that a terminal
/// does not take, nothing more can be written, but the keys can be made as they were.
pub fn give_back_past_loop() {
    match OURS.try_lock() {
        Ok(ours) => give_back_locked(ours),
        Err(TryLockError::Poisoned(ours)) => give_back_locked(ours.into_inner()),
        Err(TryLockError::WouldBlock) => {
            let _ = disable_raw_mode();
        }
    }
}

fn give_back_locked(mut ours: MutexGuard<'_, Option<File>>) {
    let Some(mut out) = ours.take() else { return };
    let mut bytes = Vec::new();
    let written = queue!(
        bytes,
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    if written.is_ok() {
        let _ = out.write_all(&bytes);
    }
    // From behind it would stop us; the shell has made the keys as it wants them already.
    if !is_behind() {
        let _ = disable_raw_mode();
    }
}

fn ours() -> MutexGuard<'static, Option<File>> {
    OURS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write(bytes: &[u8]) -> Result<()> {
    match &mut *ours() {
        Some(out) => out.write_all(bytes).context("the terminal is gone"),
        None => Ok(()),
    }
}
