//! Where a hub comes from: a parquet file, a folder of shards, or the sample built into the
//! binary. Looking only; what is inside is `load.rs`'s business.

use std::fmt;
use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use polars::io::mmap::MmapBytesReader;

/// The synthetic hub that `hubscope` opens when nobody names another one.
static BUILT_IN: &[u8] = include_bytes!("../../../assets/sample.parquet");

/// Something a hub can be loaded from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// One parquet file.
    File(PathBuf),
    /// Every `*.parquet` in a folder, in the order of their names.
    Folder(PathBuf, Vec<PathBuf>),
    /// The sample in the binary.
    Sample,
}

/// One parquet file of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    File(PathBuf),
    BuiltIn,
}

impl Source {
    /// The source that a user's words stand for; the Hugging Face cache, then the sample, when
    /// there are none.
    ///
    /// # Errors
    /// When the path does not exist, cannot be read, or is a folder without parquet files.
    pub fn named(path: Option<&Path>) -> Result<Source> {
        match path {
            Some(path) => Source::at(path),
            None => match newest_in_cache(&cache_folder()) {
                Some(file) => Ok(Source::File(file)),
                None => Ok(Source::Sample),
            },
        }
    }

    fn at(path: &Path) -> Result<Source> {
        let about = std::fs::metadata(path).with_context(|| {
            format!(
                "{}: cannot be opened; check the path, or leave it out to open the sample",
                path.display()
            )
        })?;
        if !about.is_dir() {
            return Ok(Source::File(path.to_owned()));
        }
        let mut shards: Vec<PathBuf> = std::fs::read_dir(path)
            .with_context(|| format!("{}: cannot list the folder", path.display()))?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|file| file.extension().is_some_and(|e| e == "parquet"))
            .collect();
        if shards.is_empty() {
            bail!(
                "{}: no .parquet file in this folder; name a file, or the folder that holds the shards",
                path.display()
            );
        }
        shards.sort();
        Ok(Source::Folder(path.to_owned(), shards))
    }

    /// Its files, in reading order.
    pub fn parts(&self) -> Vec<Part> {
        match self {
            Source::File(file) => vec![Part::File(file.clone())],
            Source::Folder(_, shards) => shards.iter().cloned().map(Part::File).collect(),
            Source::Sample => vec![Part::BuiltIn],
        }
    }

    /// The name for a title line: the file or folder without the way to it.
    pub fn title(&self) -> String {
        let path = match self {
            Source::File(path) | Source::Folder(path, _) => path,
            Source::Sample => return "sample (synthetic)".to_owned(),
        };
        path.file_name().map_or_else(
            || path.display().to_string(),
            |n| n.to_string_lossy().into(),
        )
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::File(path) | Source::Folder(path, _) => write!(f, "{}", path.display()),
            Source::Sample => f.write_str("sample (synthetic)"),
        }
    }
}

impl Part {
    /// Opens the file for the parquet reader, which maps it into memory.
    ///
    /// # Errors
    /// When the file cannot be read or is empty.
    pub(super) fn open(&self) -> Result<Box<dyn MmapBytesReader>> {
        match self {
            Part::BuiltIn => Ok(Box::new(Cursor::new(BUILT_IN))),
            Part::File(path) => {
                // Looked at before it is opened: opening a pipe waits for its writer.
                match path.metadata() {
                    Ok(about) if !about.is_file() => bail!(
                        "{self}: not a file that can be read here and there; name a parquet file"
                    ),
                    Ok(about) if about.len() == 0 => {
                        bail!("{self}: the file is empty; download it again")
                    }
                    _ => {}
                }
                let file = File::open(path)
                    .with_context(|| format!("{self}: cannot be read; check its permissions"))?;
                Ok(Box::new(file))
            }
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::File(path) => write!(f, "{}", path.display()),
            Part::BuiltIn => f.write_str("sample (synthetic)"),
        }
    }
}

/// The folder that the Hugging Face libraries keep downloads in: `$HF_HUB_CACHE`,
/// `$HF_HOME/hub` or `~/.cache/huggingface/hub`.
fn cache_folder() -> PathBuf {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    set("HF_HUB_CACHE")
        .or_else(|| Some(set("HF_HOME")?.join("hub")))
        .or_else(|| Some(set("XDG_CACHE_HOME")?.join("huggingface/hub")))
        .or_else(|| Some(std::env::home_dir()?.join(".cache/huggingface/hub")))
        .unwrap_or_default()
}

/// The hub-stats file in that folder, of the snapshot written last.
fn newest_in_cache(cache: &Path) -> Option<PathBuf> {
    let snapshots = cache.join("datasets--cfahlgren1--hub-stats/snapshots");
    std::fs::read_dir(snapshots)
        .ok()?
        .filter_map(|entry| {
            let file = entry.ok()?.path().join("models.parquet");
            Some((file.metadata().ok()?.modified().ok()?, file))
        })
        .max()
        .map(|(_, file)| file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_shards_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.parquet", "a.parquet", "readme.txt"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let source = Source::named(Some(folder.path())).unwrap();
        let names: Vec<String> = source.parts().iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), 2);
        assert!(names[0].ends_with("a.parquet") && names[1].ends_with("b.parquet"));
    }

    #[test]
    fn the_newest_snapshot_of_the_cache_is_found() {
        let cache = tempfile::tempdir().unwrap();
        assert_eq!(newest_in_cache(cache.path()), None);
        for (commit, age) in [("aaa", 50), ("bbb", 5), ("ccc", 500)] {
            let folder = cache
                .path()
                .join("datasets--cfahlgren1--hub-stats/snapshots")
                .join(commit);
            std::fs::create_dir_all(&folder).unwrap();
            let file = File::create(folder.join("models.parquet")).unwrap();
            let when =
                std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000 - age);
            file.set_modified(when).unwrap();
        }
        let found = newest_in_cache(cache.path()).unwrap();
        assert!(found.ends_with("bbb/models.parquet"), "{}", found.display());
    }
}
