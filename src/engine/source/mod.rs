//! The source of a hub: a parquet file, a folder of shards, or the sample built into the binary.
//! Finds, opens and fingerprints files; knows nothing of their content.

pub mod caught;
pub mod dataset_file;
mod environment;
pub mod fingerprint;
mod foreign;
pub mod handle;
pub mod hub_cache;

use std::fmt;
use std::path::{Path, PathBuf};
use std::slice;

use anyhow::{Context, Result, bail, ensure};

pub use environment::{Located, cache_folder, cache_home, history_file, thin_folder, token_file};

/// The synthetic hub that `hubscope` opens when nobody names another one.
static BUILT_IN: &[u8] = include_bytes!("../../../assets/sample.parquet");

/// The name of the built-in sample.
const SAMPLE: &str = "sample";

/// A place that a hub can be loaded from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// One parquet file.
    File(PathBuf),
    /// Every `*.parquet` in a folder, in the order of their names.
    Folder(PathBuf, Vec<PathBuf>),
    /// The sample in the binary.
    Sample,
}

/// The reason why a source is the one that is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The user named it.
    Named,
    /// It is the newest file of models in the Hugging Face cache, in this folder.
    Newest(Located),
    /// There is none in this folder.
    NothingFound(Located),
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Choice::Named => f.write_str("named by the user"),
            Choice::Newest(Located { path, by }) => {
                let path = path.display();
                write!(f, "the newest file in {path} (by {by})")
            }
            Choice::NothingFound(Located { path, by }) => {
                let path = path.display();
                write!(f, "no hub-stats file found in {path} (by {by})")
            }
        }
    }
}

impl Source {
    /// Its path; `None` for the built-in sample.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Source::File(path) | Source::Folder(path, _) => Some(path),
            Source::Sample => None,
        }
    }

    /// Returns the source at a path, or the sample by its name; without a path, the newest snapshot in
    /// the Hugging Face cache or fetched by columns, else the sample.
    ///
    /// # Errors
    /// When the path does not exist, cannot be read, or is a folder without parquet files.
    pub fn named(path: Option<&Path>) -> Result<Source> {
        Source::chosen(path).map(|(source, _)| source)
    }

    /// Returns the same with the reason why it is this one.
    ///
    /// # Errors
    /// As [`Source::named`].
    pub fn chosen(path: Option<&Path>) -> Result<(Source, Choice)> {
        if let Some(path) = path {
            return Ok((Source::at(path)?, Choice::Named));
        }
        let (cache, thin) = (cache_folder(), thin_folder());
        let mut caches = vec![&*cache.path];
        caches.extend(thin.as_ref().map(|thin| &*thin.path));
        let Some(path) = hub_cache::newest(&caches) else {
            return Ok((Source::Sample, Choice::NothingFound(cache)));
        };
        let thin = thin.filter(|thin| path.starts_with(&thin.path));
        Ok((Source::found(path)?, Choice::Newest(thin.unwrap_or(cache))))
    }

    fn at(path: &Path) -> Result<Source> {
        if path == Path::new(SAMPLE) && !path.exists() {
            return Ok(Source::Sample);
        }
        if let Some(reason) = dataset_file::refuse_address(path) {
            bail!(reason);
        }
        let about = std::fs::metadata(path).with_context(|| {
            format!(
                "{}: cannot be opened; check the path, or leave it out to open the sample",
                path.display()
            )
        })?;
        let within = match about.is_dir() {
            true => hub_cache::within(path),
            false => None,
        };
        Source::found(within.unwrap_or_else(|| path.to_owned()))
    }

    /// Returns the source at a path that exists.
    fn found(path: PathBuf) -> Result<Source> {
        Ok(match path.is_dir() {
            true => {
                let shards = shards(&path)?;
                Source::Folder(path, shards)
            }
            false => Source::File(path),
        })
    }

    /// The paths of its files, in reading order; none for the sample.
    pub fn files(&self) -> &[PathBuf] {
        match self {
            Source::File(file) => slice::from_ref(file),
            Source::Folder(_, shards) => shards,
            Source::Sample => &[],
        }
    }

    /// Returns its name in JSON: its path, or `sample`.
    pub fn name(&self) -> String {
        let path = self.path();
        path.map_or_else(|| SAMPLE.to_owned(), |path| path.display().to_string())
    }

    /// The name for a title line: that of the file or folder without its parents.
    pub fn title(&self) -> String {
        let name = self.path().and_then(Path::file_name);
        name.map_or_else(|| self.to_string(), |name| name.to_string_lossy().into())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path() {
            Some(path) => path.display().fmt(f),
            None => f.write_str("sample (synthetic)"),
        }
    }
}

/// The Parquet files of a folder, in the order of their names.
fn shards(folder: &Path) -> Result<Vec<PathBuf>> {
    let name = folder.display();
    let mut shards: Vec<PathBuf> = std::fs::read_dir(folder)
        .with_context(|| format!("{name}: cannot list the folder; check its permissions"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.extension().is_some_and(|e| e == "parquet"))
        .collect();
    ensure!(
        !shards.is_empty(),
        "{name}: no .parquet file in this folder; name a file, or the folder that holds the shards"
    );
    shards.sort();
    Ok(shards)
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
        let expected = ["a.parquet", "b.parquet"].map(|name| folder.path().join(name));
        assert_eq!(source.files(), expected);
    }
}
