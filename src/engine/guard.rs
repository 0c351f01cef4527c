//! The panics of decoders as errors, and the files that errors are of.

use anyhow::{Error, Result, anyhow, bail};

use crate::engine::source::Source;
use crate::engine::source::caught::caught;

/// The message that the system refuses a thread.
pub const NO_THREAD: &str = "no more threads can be started; raise the limit of processes (`ulimit -u`, or that of the container), or set RAYON_NUM_THREADS=1";

/// Runs a reader of files; decoders panic on some damaged ones.
///
/// # Errors
/// As `read`, and when it panics; every error names a file.
pub fn guarded<T>(source: &Source, read: impl FnOnce() -> Result<T>) -> Result<T> {
    let read = caught(read);
    let read = read.unwrap_or_else(|| bail!("{source}: the file is damaged; download it again"));
    read.map_err(|error| named(source, error))
}

/// Returns an error that names a file of the source: the parts of a hub know of none.
fn named(source: &Source, error: Error) -> Error {
    let message = format!("{error:#}");
    let mut names = source.files().iter().map(|path| path.display().to_string());
    let is_named = names.any(|name| message.contains(&name));
    match is_named || message.contains(&source.to_string()) || message == NO_THREAD {
        true => error,
        false => anyhow!("{source}: the file is damaged ({message}); download it again"),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn every_error_names_its_file_once() {
        let shard = "/x/folder/1.parquet";
        let folder = Source::Folder("/x/folder".into(), vec![shard.into()]);
        let message = |source: &Source, error: &str| {
            let read = guarded(source, || -> Result<()> { bail!("{error}") });
            format!("{:#}", read.unwrap_err())
        };
        let rows = "column downloads has 3 rows, not 4";
        for source in [folder.clone(), Source::File(shard.into()), Source::Sample] {
            let expected = format!("{source}: the file is damaged ({rows}); download it again");
            assert_eq!(message(&source, rows), expected);
            assert_eq!(message(&source, &expected), expected);
        }
        let of_shard = format!("{shard}: the file is damaged; download it again");
        assert_eq!(message(&folder, &of_shard), of_shard);
    }
}
