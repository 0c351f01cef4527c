//! Safe writing of files: one that is replaced is replaced whole, and only regular files are.
//!
//! Everything that writes to a path the user chose or can reach asks [`is_replaceable`]. A symbolic
//! link counts as the file it leads to: it stays, and its target is replaced.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context, Result, bail, ensure};

use crate::engine::Hub;
use crate::engine::source::Source;

/// The size of the write buffer, in bytes.
const BUFFER: usize = 1 << 20;

/// Checks that a path can be written: whether a regular file is there, or nothing (`false`), which a
/// link to nothing is, too. Opening the path after that neither blocks nor reaches a device.
///
/// # Errors
/// When it is anything else: a folder, a device, a pipe, a socket.
pub fn is_replaceable(path: &Path) -> Result<bool> {
    match fs::metadata(path) {
        Ok(metadata) => {
            ensure!(
                metadata.is_file(),
                "{}: is not a regular file and is not replaced; choose another name",
                path.display()
            );
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("{}: cannot be read", path.display())),
    }
}

/// A file that replaces another when it is complete. Until then it is beside it under a temporary
/// name; dropped without [`AtomicFile::commit`], it is removed.
pub struct AtomicFile {
    target: PathBuf,
    partial: PathBuf,
    /// `None` after the commit.
    file: Option<BufWriter<File>>,
}

impl AtomicFile {
    /// Returns the path that a file of this name will have, with all symbolic links resolved.
    ///
    /// # Errors
    /// When anything but a writable regular file has the name: a folder, a device, a pipe, a broken
    /// link.
    pub fn target(path: &Path) -> Result<PathBuf> {
        let name = path.display();
        if is_replaceable(path)? {
            let metadata = fs::metadata(path)?;
            ensure!(
                !metadata.permissions().readonly(),
                "{name}: is read-only and is not replaced; choose another name"
            );
            return fs::canonicalize(path).with_context(|| format!("{name}: cannot be followed"));
        }
        let is_link = fs::symlink_metadata(path).is_ok();
        ensure!(!is_link, "{name}: is a link to nothing; remove it first");
        let folder = folder(path);
        let folder = fs::canonicalize(folder)
            .with_context(|| format!("{}: no such folder", folder.display()))?;
        let name = path
            .file_name()
            .with_context(|| format!("{name}: no file name"))?;
        Ok(folder.join(name))
    }

    /// Creates an empty file, to be written and committed.
    ///
    /// # Errors
    /// As [`AtomicFile::target`], and when the folder refuses it.
    pub fn create(path: &Path) -> Result<AtomicFile> {
        let target = AtomicFile::target(path)?;
        for attempt in 0..100 {
            let partial = format!(".hubscope-{}-{attempt}.partial", process::id());
            let partial = folder(&target).join(partial);
            let created = OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&partial);
            match created {
                Ok(file) => {
                    let file = Some(BufWriter::with_capacity(BUFFER, file));
                    return Ok(AtomicFile {
                        target,
                        partial,
                        file,
                    });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(error).with_context(|| {
                        format!(
                            "{}: cannot be written; choose another place",
                            path.display()
                        )
                    });
                }
            }
        }
        bail!("{}: too many partial files beside it", path.display());
    }

    /// Returns the open file, for another process to write to.
    ///
    /// # Errors
    /// When the system has no more handles.
    pub fn handle(&self) -> io::Result<File> {
        let file = self.file.as_ref().ok_or(ErrorKind::NotFound)?;
        file.get_ref().try_clone()
    }

    /// Flushes the file to the disk and renames it, with the permissions of the one that it replaces.
    ///
    /// # Errors
    /// When the disk refuses it; then the old file, if any, is unchanged.
    pub fn commit(mut self) -> io::Result<()> {
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        let placed = file.into_inner().map_err(io::Error::from).and_then(|file| {
            if let Ok(about) = fs::metadata(&self.target) {
                file.set_permissions(about.permissions())?;
            }
            file.sync_all()?;
            fs::rename(&self.partial, &self.target)
        });
        if placed.is_err() {
            let _ = fs::remove_file(&self.partial);
            return placed;
        }
        // The rename is flushed, too, where the file system supports that.
        let _ = File::open(folder(&self.target)).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => Ok(0),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // Buffered bytes are discarded, not flushed.
            let _ = file.into_parts();
            let _ = fs::remove_file(&self.partial);
        }
    }
}

/// Refuses to replace a file that a hub was read from, or to add a shard to its folder.
///
/// # Errors
/// When the path is such a one, and as [`AtomicFile::target`].
pub fn not_of_source(hub: &Hub, path: &Path) -> Result<()> {
    let target = AtomicFile::target(path)?;
    let older = hub.comparison.as_ref().map(|older| &older.source);
    for source in [Some(&hub.source), older].into_iter().flatten() {
        let mut files = source.files().iter();
        let is_part = files.any(|file| fs::canonicalize(file).is_ok_and(|file| file == target));
        let is_shard = match source {
            Source::Folder(shards, _) => {
                let is_inside =
                    target.parent().map(Path::to_owned) == fs::canonicalize(shards).ok();
                is_inside && target.extension() == Some("parquet".as_ref())
            }
            _ => false,
        };
        ensure!(
            !is_part && !is_shard,
            "{}: belongs to the source {source}, which is not changed; choose another name",
            path.display()
        );
    }
    Ok(())
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> = entries
            .map(|entry| name(entry).to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_on_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        file.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"newer").unwrap();
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_replaced() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("folder")).unwrap();
        symlink("nothing", at("broken")).unwrap();
        symlink("/dev/null", at("device")).unwrap();
        fs::write(at("locked"), "old").unwrap();
        fs::set_permissions(at("locked"), fs::Permissions::from_mode(0o444)).unwrap();
        for name in ["folder", "broken", "device", "locked", "no/folder"] {
            let error = AtomicFile::create(&at(name)).err().unwrap();
            assert!(format!("{error:#}").contains('/'), "{error:#}");
        }
        assert_eq!(
            names(folder.path()),
            ["broken", "device", "folder", "locked"]
        );

        fs::write(at("file"), "old").unwrap();
        fs::set_permissions(at("file"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("../file", at("folder/link")).unwrap();
        let mut file = AtomicFile::create(&at("folder/link")).unwrap();
        file.write_all(b"new").unwrap();
        file.commit().unwrap();
        assert!(
            fs::symlink_metadata(at("folder/link"))
                .unwrap()
                .is_symlink()
        );
        let about = fs::metadata(at("file")).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read(at("file")).unwrap(), b"new");
    }
}
