//! The source of a hub: a parquet file, a folder of shards, or the sample built into the binary.
//! Finds, opens and fingerprints files; knows nothing of their content.

pub mod fingerprint;
pub mod handle;

use std::fmt;
use std::path::{Path, PathBuf};
use std::slice;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// The synthetic hub that `hubscope` opens when nobody names another one.
static BUILT_IN: &[u8] = include_bytes!("../../../assets/sample.parquet");

/// The dataset whose `models.parquet` this program is about; a new one every day.
pub const HUB_STATS: &str = "cfahlgren1/hub-stats";

/// The dataset that archives one a week, as `models/<YYYY-MM-DD>/models.parquet`.
pub const WEEKLY: &str = "hfmlsoc/hub_weekly_snapshots";

/// The name of the built-in sample.
const SAMPLE: &str = "sample";

/// The file's name in both.
pub const MODELS: &str = "models.parquet";

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

impl Source {
    /// Its path; `None` for the built-in sample.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Source::File(path) | Source::Folder(path, _) => Some(path),
            Source::Sample => None,
        }
    }

    /// Returns the source at a path, or the sample by its name; without a path, the newest snapshot in
    /// the Hugging Face cache, else the sample.
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
        if path == Path::new(SAMPLE) && !path.exists() {
            return Ok(Source::Sample);
        }
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

/// The folder in which the Hugging Face libraries store the token: `$HF_HOME` or
/// `~/.cache/huggingface`.
pub fn hugging_face_home() -> PathBuf {
    set("HF_HOME")
        .or_else(|| Some(cache_home()?.join("huggingface")))
        .unwrap_or_default()
}

/// The folder for caches of programs: `$XDG_CACHE_HOME` or `~/.cache`. The XDG specification says to
/// ignore a path that is not absolute.
pub fn cache_home() -> Option<PathBuf> {
    let set = set("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    set.or_else(|| Some(std::env::home_dir()?.join(".cache")))
}

/// The folder in which they store downloads: `$HF_HUB_CACHE` or `hub` in their home.
pub fn cache_folder() -> PathBuf {
    set("HF_HUB_CACHE").unwrap_or_else(|| hugging_face_home().join("hub"))
}

/// An environment variable; an empty one counts as unset.
fn set(name: &str) -> Option<PathBuf> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
    Some(value.into())
}

/// Finds the newest snapshot in that folder: hub-stats by modification time, the weekly archive by
/// the day in its name, since an old week may have been fetched today.
fn newest_in_cache(cache: &Path) -> Option<PathBuf> {
    let daily = commits(cache, HUB_STATS).filter_map(|commit| {
        let file = commit.join(MODELS);
        Some((DateTime::<Utc>::from(modified(&file)?), file))
    });
    let weekly = commits(cache, WEEKLY)
        .flat_map(|commit| entries(&commit.join("models")))
        .filter_map(|week| {
            let day: NaiveDate = week.file_name()?.to_str()?.parse().ok()?;
            let file = week.join(MODELS);
            modified(&file)?;
            Some((day.and_time(NaiveTime::MIN).and_utc(), file))
        });
    daily.chain(weekly).max().map(|(_, file)| file)
}

/// The modification time of a file, or of the one that a link leads to.
fn modified(file: &Path) -> Option<SystemTime> {
    file.metadata().ok()?.modified().ok()
}

/// The folders of a dataset's commits.
fn commits(cache: &Path, dataset: &str) -> impl Iterator<Item = PathBuf> {
    let folder = format!("datasets--{}", dataset.replace('/', "--"));
    entries(&cache.join(folder).join("snapshots"))
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

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

    #[test]
    fn the_newest_snapshot_of_the_cache_is_found() {
        let cache = tempfile::tempdir().unwrap();
        assert_eq!(newest_in_cache(cache.path()), None);
        for (commit, day) in [("aaa", 10), ("bbb", 20), ("ccc", 1)] {
            let file = format!("datasets--cfahlgren1--hub-stats/snapshots/{commit}/models.parquet");
            put(cache.path(), &file, day);
        }
        let found = || newest_in_cache(cache.path()).unwrap();
        assert!(found().ends_with("bbb/models.parquet"), "{:?}", found());

        // Fetched today, but of weeks before that.
        let weekly = "datasets--hfmlsoc--hub_weekly_snapshots/snapshots/ddd/models";
        for week in ["2026-05-18", "not-a-day", "2025-12-30"] {
            put(cache.path(), &format!("{weekly}/{week}/models.parquet"), 30);
        }
        assert!(found().ends_with("bbb/models.parquet"), "{:?}", found());
        put(
            cache.path(),
            &format!("{weekly}/2026-05-21/models.parquet"),
            21,
        );
        assert!(
            found().ends_with("2026-05-21/models.parquet"),
            "{:?}",
            found()
        );
    }

    /// A file in the cache that was written on a day in May 2026.
    fn put(cache: &Path, file: &str, day: u32) {
        let file = cache.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let file = File::create(file).unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 5, day).unwrap();
        let time = day.and_time(NaiveTime::MIN).and_utc();
        file.set_modified(time.into()).unwrap();
    }
}
