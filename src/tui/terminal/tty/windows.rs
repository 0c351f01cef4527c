//! The console of Windows, through crossterm. It has no job control and no signals, and answers to
//! questions would arrive as keys, so none is asked.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::iter;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crossterm::Command;
use crossterm::ansi_support::supports_ansi;
use crossterm::event::{self, DisableMouseCapture, EnableMouseCapture, KeyEvent, KeyEventKind};
use crossterm::terminal;

use crate::tui::app::Event;
use crate::tui::event::Arrival;

/// The sequences that take the screen: the alternate one, without a cursor.
pub const TAKE: &[u8] = b"\x1b[?1049h\x1b[?25l";

/// The sequences that return it.
const RESTORE: &[u8] = b"\x1b[?2026l\x1b[?1049l\x1b[?25h";

pub const NO_KEYBOARD: &str = "no keys can be read from the console; start hubscope in one";

pub const NO_SCREEN: &str = "no screen can be drawn, since neither standard output nor standard error is a console of Windows 10 or newer; start hubscope in one";

/// True if questions to the terminal are answered where keys are read.
pub const HAS_ANSWERS: bool = false;

/// The console: standard output, or standard error if that is not for the screen. The standard library
/// writes to them in Unicode, as files it would not.
#[derive(Clone)]
pub struct Tty {
    is_output: bool,
}

impl Tty {
    /// Finds the console, and makes it obey sequences.
    ///
    /// # Errors
    /// When there is none that does.
    pub fn open() -> io::Result<Tty> {
        let is_output = io::stdout().is_terminal();
        match (is_output || io::stderr().is_terminal()) && supports_ansi() {
            true => Ok(Tty { is_output }),
            false => Err(ErrorKind::NotFound.into()),
        }
    }

    /// Does nothing: the system itself returns the console after a fault.
    ///
    /// # Errors
    /// Never.
    pub fn remember(&self) -> io::Result<()> {
        Ok(())
    }

    /// Writes bytes to the console.
    ///
    /// # Errors
    /// When it is gone.
    pub fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        match self.is_output {
            true => {
                let mut out = io::stdout().lock();
                out.write_all(bytes)?;
                out.flush()
            }
            false => io::stderr().write_all(bytes),
        }
    }

    /// Makes the console report the mouse, or not any more.
    ///
    /// # Errors
    /// When it does not obey.
    pub fn use_mouse(&self, used: bool) -> io::Result<()> {
        match used {
            true => EnableMouseCapture.execute_winapi(),
            false => DisableMouseCapture.execute_winapi(),
        }
    }

    /// Returns the screen as it was.
    ///
    /// # Errors
    /// As [`Tty::write_all`].
    pub fn restore(&self) -> io::Result<()> {
        // Fails where the mouse was not reported.
        let _ = self.use_mouse(false);
        self.write_all(RESTORE)
    }

    /// Returns the numbers of columns and rows.
    ///
    /// # Errors
    /// When there is no console.
    pub fn cells(&self) -> io::Result<(u16, u16)> {
        terminal::size()
    }

    /// Returns false: there is no job control.
    pub fn is_in_background(&self) -> bool {
        false
    }

    /// Returns false: there is no job control.
    pub fn is_job(&self) -> bool {
        false
    }
}

/// Does nothing, as [`Tty::remember`].
pub fn forget() {}

/// Does nothing: there is no job control.
///
/// # Errors
/// Never.
pub fn stop() -> io::Result<()> {
    Ok(())
}

/// Does nothing: there is no job control.
///
/// # Errors
/// Never.
pub fn stop_in_background() -> io::Result<()> {
    Ok(())
}

/// Returns no signal.
///
/// # Errors
/// Never.
pub fn signals(_: &Arc<AtomicBool>) -> io::Result<impl Iterator<Item = Arrival> + 'static> {
    Ok(iter::empty())
}

/// The keyboard.
pub struct Keyboard;

impl Keyboard {
    /// Returns the keyboard of the console.
    ///
    /// # Errors
    /// Never; reading it may fail.
    pub fn open() -> io::Result<Keyboard> {
        Ok(Keyboard)
    }

    /// Would return the answer to a question; none is asked.
    ///
    /// # Errors
    /// Always.
    pub fn listen(&mut self, _: Duration, _: impl Fn(&[u8]) -> bool) -> io::Result<Vec<u8>> {
        Err(ErrorKind::Unsupported.into())
    }

    /// Waits for what is typed, and returns it.
    ///
    /// # Errors
    /// When there is no console.
    pub fn read(&mut self, _: &Tty) -> io::Result<Vec<Arrival>> {
        let arrival = match event::read()? {
            event::Event::Key(key) if key.kind != KeyEventKind::Release => {
                Arrival::Event(Event::Key(KeyEvent::new(key.code, key.modifiers)))
            }
            event::Event::Paste(text) => Arrival::Event(Event::Paste(text)),
            event::Event::Mouse(mouse) => Arrival::Event(Event::Mouse(mouse)),
            event::Event::Resize(..) => Arrival::Resized,
            _ => return Ok(Vec::new()),
        };
        Ok(vec![arrival])
    }
}
