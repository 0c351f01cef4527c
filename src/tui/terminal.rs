//! The terminal: taken and given back in one place, and written to once a frame. It is given back
//! on every way out, panics included.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

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

use super::encode;

/// The taken terminal, and what stands on it.
pub struct Screen {
    out: File,
    /// What the last frame was; empty when nothing is known of the screen.
    shown: Buffer,
    next: Buffer,
}

impl Screen {
    /// Takes the terminal: raw keys, the alternate screen, no cursor.
    ///
    /// # Errors
    /// When standard output is no terminal, or does not obey.
    pub fn take() -> Result<Screen> {
        if !io::stdout().is_terminal() {
            bail!(
                "the explorer needs a terminal, and standard output is none; `hubscope screen` draws one as text, `hubscope show ID` prints a model"
            );
        }
        let out = File::from(
            io::stdout()
                .as_fd()
                .try_clone_to_owned()
                .context("standard output")?,
        );
        let mut screen = Screen {
            out,
            shown: Buffer::default(),
            next: Buffer::default(),
        };
        screen.enter()?;
        Ok(screen)
    }

    /// Takes the terminal again after [`give_back`].
    ///
    /// # Errors
    /// When the terminal does not obey.
    pub fn enter(&mut self) -> Result<()> {
        enable_raw_mode().context("the terminal takes no raw mode")?;
        let mut bytes = Vec::new();
        queue!(
            bytes,
            EnterAlternateScreen,
            EnableBracketedPaste,
            cursor::Hide,
            Clear(ClearType::All)
        )?;
        self.shown = Buffer::default();
        self.write(&bytes)
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
        self.write(&bytes)
    }

    /// Asks the terminal to put a text on the clipboard of the person before it (OSC 52), which
    /// reaches through SSH. Whether it did, no terminal tells.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn copy(&mut self, text: &str) -> Result<()> {
        let mut bytes = Vec::new();
        queue!(bytes, CopyToClipboard::to_clipboard_from(text))?;
        self.write(&bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes).context("the terminal is gone")
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back as it was. Harmless when done twice.
pub fn give_back() {
    let mut bytes = Vec::new();
    let written = queue!(
        bytes,
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    if written.is_ok() {
        let mut out = io::stdout().lock();
        let _ = out.write_all(&bytes).and_then(|()| out.flush());
    }
    let _ = disable_raw_mode();
}
