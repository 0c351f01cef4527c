//! SHA-256 of files, which names them on the Hub and in the cache.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::engine::source::handle::open_regular;
use crate::hub::headers::is_sha256;

/// The size of the read buffer, in bytes.
const BUFFER: usize = 1 << 20;

/// The extension of the file that has the SHA-256 of one that was fetched by columns.
const DIGEST: &str = "sha256";

/// The most links that are followed to a blob.
const LINKS: usize = 8;

/// The digest of the bytes that were added.
#[derive(Default)]
pub(super) struct Sum(Sha256);

impl Sum {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Adds the bytes of a file from its position to its end.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn add_file(&mut self, mut file: &File) -> io::Result<()> {
        let mut buffer = vec![0; BUFFER];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(()),
                read => self.add(&buffer[..read]),
            }
        }
    }

    /// Returns true if this is the SHA-256 of the bytes, in hexadecimal.
    pub(super) fn is(self, sha256: &str) -> bool {
        self.digits().eq_ignore_ascii_case(sha256)
    }

    /// Returns the SHA-256 of the bytes, in hexadecimal.
    pub(super) fn digits(self) -> String {
        let digest = self.0.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Returns true if a file has this SHA-256.
///
/// # Errors
/// When it cannot be read.
pub(super) fn has_digest(path: &Path, sha256: &str) -> Result<bool> {
    Ok(digest(path)?.eq_ignore_ascii_case(sha256))
}

/// Returns the SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// When it cannot be read.
pub(super) fn digest(path: &Path) -> Result<String> {
    let mut sum = Sum::default();
    open_regular(path)
        .and_then(|file| sum.add_file(&file))
        .with_context(|| format!("{}: cannot be read", path.display()))?;
    Ok(sum.digits())
}

/// Returns true if a file in the Hugging Face cache has the SHA-256 that names its blob, or one that
/// was fetched by columns that which it had then; `None` if nothing states one.
///
/// # Errors
/// When it cannot be read.
pub fn is_intact(path: &Path) -> Result<Option<bool>> {
    if let Some(noted) = noted_digest(path) {
        return has_digest(path, &noted).map(Some);
    }
    fs::metadata(path).with_context(|| format!("{}: cannot be read", path.display()))?;
    let sha256 = blob_digest(path);
    sha256.map(|sha256| has_digest(path, &sha256)).transpose()
}

/// Returns the SHA-256 that names the blob of a file. It is the first on the way of its links: a blob
/// may be a link itself, into a store that datasets share, where files have other names.
fn blob_digest(path: &Path) -> Option<String> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let is_blob = path.parent()?.file_name()? == "blobs";
        let name = path.file_name()?.to_str()?;
        if is_blob && is_sha256(name) {
            return Some(name.to_owned());
        }
        let to = fs::read_link(&path).ok()?;
        path = path.parent()?.join(to);
    }
    None
}

/// Writes the SHA-256 of a file beside it, in the format of `sha256sum`.
///
/// # Errors
/// When the file cannot be read, or the folder not written.
pub(super) fn note_digest(path: &Path) -> Result<()> {
    let digest = digest(path)?;
    let name = path.file_name().unwrap_or_default().display();
    let beside = path.with_added_extension(DIGEST);
    fs::write(&beside, format!("{digest}  {name}\n"))
        .with_context(|| format!("{}: cannot be written", beside.display()))
}

/// Returns the SHA-256 that a thin file had when it arrived; `None` for any other file.
fn noted_digest(path: &Path) -> Option<String> {
    let noted = fs::read_to_string(path.with_added_extension(DIGEST)).ok()?;
    noted.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digests are those of FIPS 180-4's examples and of `sha256sum`.
    #[test]
    fn known_digests() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let mut sum = Sum::default();
        sum.add(b"a");
        sum.add(b"bc");
        assert!(sum.is(&abc.to_uppercase()));
        assert!(!Sum::default().is(abc));

        let zeros = "e9a099c75ef837c28bc91683bee127e463fa0ee10c11fd816f8d2d428c0d610e";
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), vec![0; BUFFER * 2 + 1]).unwrap();
        assert!(has_digest(file.path(), zeros).unwrap());
        std::fs::write(file.path(), vec![0; BUFFER * 2]).unwrap();
        assert!(!has_digest(file.path(), zeros).unwrap());
    }

    #[test]
    fn only_blobs_are_named_by_their_digest() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            is_intact(&path).unwrap()
        };
        assert_eq!(put(&format!("blobs/{abc}"), "abc"), Some(true));
        assert_eq!(put(&format!("blobs/{abc}"), "abd"), Some(false));
        assert_eq!(put(&format!("others/{abc}"), "abd"), None);
        assert_eq!(
            put("blobs/0123456789abcdef0123456789abcdef01234567", "abc"),
            None
        );
        assert!(is_intact(&folder.path().join("none")).is_err());

        // A name in the store that datasets share is no SHA-256, though it has as many digits.
        let shared = folder.path().join("blobs/c0").join("c0".repeat(32));
        put(shared.to_str().unwrap(), "abc");
        let blob = folder.path().join("data/blobs").join(abc);
        let file = folder.path().join("data/snapshots/1a/models.parquet");
        for (name, target) in [
            (&blob, format!("../../blobs/c0/{}", "c0".repeat(32))),
            (&file, format!("../../blobs/{abc}")),
        ] {
            std::fs::create_dir_all(name.parent().unwrap()).unwrap();
            crate::system::symlink(target, name).unwrap();
        }
        assert_eq!(is_intact(&shared).unwrap(), None);
        assert_eq!(is_intact(&file).unwrap(), Some(true));
        std::fs::write(&shared, "abd").unwrap();
        assert_eq!(is_intact(&file).unwrap(), Some(false));
    }
}
