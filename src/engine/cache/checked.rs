//! A note beside an archive, that all of it was compared with its checksums.
//!
//! A comparison takes longer than most answers, and need not be made for each: as long as the system
//! runs and nobody has written to the file, its pages stay what they were. So whoever opens an archive
//! first after either compares it, and leaves this note for the others.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::engine::source::handle::open_regular;
use crate::system::file_state;

/// A note is believed if it was written this many nanoseconds after the last change of the archive: the
/// clock of a file system is coarse, and a later change might have the same time.
const LATER: i128 = 50_000_000;

/// The longest note, in bytes.
const LONGEST: u64 = 200;

/// Returns true if there is a note at this path that the archive, as it is now, was compared.
pub fn is_noted(note: &Path, archive: &File) -> bool {
    let is_noted = || -> io::Result<bool> {
        let file = open_regular(note)?;
        let mut text = String::new();
        let written = nanoseconds(file_state(&file.metadata()?).modified);
        file.take(LONGEST).read_to_string(&mut text)?;
        let changed = nanoseconds(file_state(&archive.metadata()?).status_changed);
        Ok(text == text_of(archive)? && written >= changed + LATER)
    };
    is_noted().unwrap_or(false)
}

/// Leaves a note at this path that the archive was compared. Without one, it is compared again.
pub fn note(note: &Path, archive: &File) {
    let written = || -> io::Result<()> {
        let unfinished = note.with_extension(std::process::id().to_string());
        let mut file = File::create_new(&unfinished)?;
        file.write_all(text_of(archive)?.as_bytes())?;
        fs::rename(&unfinished, note).inspect_err(|_| drop(fs::remove_file(&unfinished)))
    };
    let _ = written();
}

/// The state of an archive, and of the system since it was started.
fn text_of(archive: &File) -> io::Result<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let about = archive.metadata()?;
    let (state, bytes) = (file_state(&about), about.len());
    let (inode, changed) = (state.inode, nanoseconds(state.status_changed));
    Ok(format!("{} {inode} {bytes} {changed}", boot.trim()))
}

fn nanoseconds((seconds, nanoseconds): (i64, i64)) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
}

#[cfg(test)]
mod tests {
    use std::fs::FileTimes;
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_note_is_about_one_state_of_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let [archive, other, at] =
            ["archive", "other", "archive.checked"].map(|name| folder.path().join(name));
        for path in [&archive, &other] {
            fs::write(path, "as it was").unwrap();
        }
        let open = |path: &Path| File::open(path).unwrap();
        let is_noted = |path: &Path| is_noted(&at, &open(path));
        assert!(!is_noted(&archive));
        // A change in the same tick of the clock would not show.
        note(&at, &open(&archive));
        assert!(!is_noted(&archive));
        thread::sleep(Duration::from_millis(60));
        note(&at, &open(&archive));
        assert!(is_noted(&archive) && !is_noted(&other));

        let modified = archive.metadata().unwrap().modified().unwrap();
        fs::write(&archive, "as it wws").unwrap();
        let times = FileTimes::new().set_modified(modified);
        let written = File::options().write(true).open(&archive).unwrap();
        written.set_times(times).unwrap();
        assert!(!is_noted(&archive));
        thread::sleep(Duration::from_millis(60));
        note(&at, &open(&archive));
        assert!(is_noted(&archive));
        fs::write(&at, "something else").unwrap();
        assert!(!is_noted(&archive));
    }
}
