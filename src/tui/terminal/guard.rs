//! Takes the terminal and returns it as it was, on every way out: a normal end, a stop, a signal,
//! a panic. Frames that are drawn after that are not written.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use ratatui::layout::Size;

use super::tty::{self, Keyboard, NO_KEYBOARD, NO_SCREEN, Tty};

/// The maximum width and height that is drawn: a terminal may claim 65,535 for both.
const MAX_CELLS: u16 = 2_000;

/// The terminal while it is taken. Whoever writes holds the lock, so that no frame is written after
/// another thread has returned the terminal.
static TAKEN: Mutex<Option<Tty>> = Mutex::new(None);

/// Opens the terminal that the explorer draws on.
///
/// # Errors
/// When there is none.
pub fn open() -> Result<Tty> {
    Tty::open().ok().context(NO_SCREEN)
}

/// Takes a terminal: raw keys, the alternate screen, no cursor. Taking it again sets all of it anew:
/// after a stop without warning, a shell may have changed anything.
///
/// # Errors
/// When the terminal does not obey.
pub fn take(tty: &Tty) -> Result<()> {
    let _ = disable_raw_mode();
    tty.remember().context(NO_KEYBOARD)?;
    enable_raw_mode().context(NO_KEYBOARD)?;
    *taken() = Some(tty.clone());
    Writer.write_all(tty::TAKE).context("the terminal is gone")
}

/// Returns width and height in cells. A terminal that does not know them, such as a serial one,
/// reports 0: then `COLUMNS` and `LINES` count, as everywhere, or else it is 80x24.
///
/// # Errors
/// When the terminal does not answer.
pub fn size(tty: &Tty) -> Result<Size> {
    let size = tty.cells();
    let (width, height) = size.context("the terminal does not report its size")?;
    let set = |name| std::env::var(name).ok()?.parse().ok();
    let cells = |reported: u16, name, default: u16| {
        let known = Some(reported).filter(|cells| *cells > 0);
        let cells = known.or_else(|| set(name).filter(|cells| *cells > 0));
        cells.unwrap_or(default).min(MAX_CELLS)
    };
    Ok(Size::new(
        cells(width, "COLUMNS", 80),
        cells(height, "LINES", 24),
    ))
}

/// Asks a terminal that is not taken a question, and returns what has arrived when that is an answer or
/// the time is over. Nothing else may read keys meanwhile; keys that are typed are lost.
///
/// # Errors
/// When there is no keyboard, or the terminal does not obey.
pub fn ask(
    tty: &Tty,
    question: &[u8],
    patience: Duration,
    is_answer: impl Fn(&[u8]) -> bool,
) -> Result<Vec<u8>> {
    ensure!(tty::HAS_ANSWERS, "not asked on this system");
    let mut keyboard = Keyboard::open().context(NO_KEYBOARD)?;
    tty.remember().context(NO_KEYBOARD)?;
    enable_raw_mode().context(NO_KEYBOARD)?;
    let asked = tty.write_all(question);
    let listened = asked.and_then(|()| keyboard.listen(patience, is_answer));
    let _ = disable_raw_mode();
    tty::forget();
    listened.context("the terminal does not answer")
}

/// Writes to the terminal while it is taken, and nowhere after that.
pub struct Writer;

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(tty) = &*taken() {
            tty.write_all(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Makes the terminal report the mouse while it is taken, or not any more.
///
/// # Errors
/// When the terminal is gone.
pub fn use_mouse(used: bool) -> Result<()> {
    let done = taken().as_ref().map_or(Ok(()), |tty| tty.use_mouse(used));
    done.context("the terminal is gone")
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
    let _ = tty.restore();
    // In the background this would stop the program, and the shell has set its own modes already.
    if !tty.is_in_background() {
        let _ = disable_raw_mode();
    }
    tty::forget();
}

fn taken() -> MutexGuard<'static, Option<Tty>> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}
