//! The ratatui backend of the explorer. Over a slow line bytes are time, so it collects the cells
//! of a frame, encodes them with `ansi.rs`, and writes them at once, inside a synchronized update.
//! A frame without changes writes nothing.
//!
//! Nothing here asks the terminal a question: the answer would reach the thread that reads keys.

use std::io::{self, Write};

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, EndSynchronizedUpdate};
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::{Position, Rect, Size};

use super::ansi::{self, Damage};

/// The length of the sequence that erases the screen. In bytes.
const ERASE_BYTES: usize = 4;

/// A backend that writes each frame in as few bytes as it can.
///
/// It expects frames in which no text is hidden below a wide symbol, see [`super::wide`].
pub struct CompactBackend<W> {
    writer: W,
    size: Size,
    /// The screen as it is after the next flush.
    screen: Buffer,
    /// The cells of `screen` that the terminal does not show yet.
    damage: Damage,
    /// True if the terminal is erased before the next frame.
    erase: bool,
    cursor: Cursor,
    /// The cursor as the terminal shows it.
    shown: Cursor,
}

/// The terminal's cursor.
#[derive(Clone, Copy, Default, PartialEq)]
struct Cursor {
    is_visible: bool,
    position: Position,
}

impl<W: Write> CompactBackend<W> {
    /// Creates a backend for a screen of this size with a hidden cursor. What the screen shows is
    /// not known, so the first frame erases it.
    pub fn new(writer: W, size: Size) -> CompactBackend<W> {
        let mut backend = CompactBackend {
            writer,
            size,
            screen: Buffer::default(),
            damage: Damage::default(),
            erase: true,
            cursor: Cursor::default(),
            shown: Cursor::default(),
        };
        backend.erase();
        backend
    }

    /// Sets the size that [`Backend::size`] returns. `Terminal::draw` notices a change; to repaint
    /// a screen that has its old size again, call `Terminal::clear`.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
    }

    /// Returns the writer.
    pub fn writer_mut(&mut self) -> &mut W {
        &mut self.writer
    }

    fn erase(&mut self) {
        let area = Rect::from((Position::ORIGIN, self.size));
        self.screen = Buffer::empty(area);
        self.damage = Damage::none(area);
        self.erase = true;
    }

    /// Sets a cell. The columns that a wide symbol covers become blanks of its style.
    fn put(&mut self, x: u16, y: u16, cell: &Cell) {
        self.set(x, y, cell);
        let right = x.saturating_add(cell.symbol().cell_width());
        if right > x + 1 {
            let mut covered = cell.clone();
            covered.set_symbol(" ");
            (x + 1..right).for_each(|x| self.set(x, y, &covered));
        }
    }

    fn set(&mut self, x: u16, y: u16, cell: &Cell) {
        let Some(shown) = self.screen.cell_mut((x, y)).filter(|shown| *shown != cell) else {
            return;
        };
        // Who writes on one half of a wide symbol erases the other half.
        let broken = shown.symbol().cell_width().max(1);
        shown.clone_from(cell);
        self.damage.add(x..x.saturating_add(broken), y);
    }
}

impl<W: Write> Backend for CompactBackend<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        content.for_each(|(x, y, cell)| self.put(x, y, cell));
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.cursor.is_visible = false;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.cursor.is_visible = true;
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor.position)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor.position = position.into();
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.erase();
        Ok(())
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        let area = self.screen.area;
        let at = self.cursor.position;
        let is_in = |cell: Position| match region {
            ClearType::All => true,
            ClearType::AfterCursor => (cell.y, cell.x) >= (at.y, at.x),
            ClearType::BeforeCursor => (cell.y, cell.x) <= (at.y, at.x),
            ClearType::CurrentLine => cell.y == at.y,
            ClearType::UntilNewLine => cell.y == at.y && cell.x >= at.x,
        };
        match region {
            ClearType::All => self.erase(),
            _ => area
                .positions()
                .filter(|cell| is_in(*cell))
                .for_each(|cell| self.set(cell.x, cell.y, &Cell::EMPTY)),
        }
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    /// Returns the size in cells; pixels are not known.
    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut cells = ansi::encode(&self.screen, &self.damage);
        let mut erase = std::mem::take(&mut self.erase);
        if !erase && self.damage.is_most() {
            // Erasing everything may save erasing blanks one by one.
            let all = ansi::encode(&self.screen, &Damage::of_all(&self.screen));
            erase = all.len() + ERASE_BYTES < cells.len();
            if erase {
                cells = all;
            }
        }
        self.damage.clear();
        let before = std::mem::replace(&mut self.shown, self.cursor);
        let is_still = !before.is_visible && !self.cursor.is_visible || before == self.cursor;
        if !erase && cells.is_empty() && is_still {
            return Ok(());
        }
        let mut bytes = Vec::with_capacity(cells.len() + 32);
        queue!(bytes, BeginSynchronizedUpdate)?;
        if erase {
            queue!(bytes, Clear(crossterm::terminal::ClearType::All))?;
        }
        bytes.extend(cells.into_bytes());
        let Position { x, y } = self.cursor.position;
        match (before.is_visible, self.cursor.is_visible) {
            (false, false) => {}
            (true, false) => queue!(bytes, Hide)?,
            (false, true) => queue!(bytes, MoveTo(x, y), Show)?,
            (true, true) => queue!(bytes, MoveTo(x, y))?,
        }
        queue!(bytes, EndSynchronizedUpdate)?;
        self.writer.write_all(&bytes)?;
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests;
