//! The Hugging Face cache as a place of sources: which file or folder of shards holds the models of a
//! dataset, and which is the newest. A dataset's folder has `snapshots/<commit>/<path in the dataset>`.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::dataset_file::{DatasetFile, HUB_STATS, MODELS, WEEKLY};
use super::thin_folder;

/// The folder of models in the weekly archive, by day, and in the copy of hub-stats that the Hub
/// converts to Parquet (its branch `refs/convert/parquet`), as shards.
const FOLDER: &str = "models";

/// The folder of shards in [`FOLDER`] of that copy.
const SHARDS: &str = "train";

/// A file or folder of models, with the time that orders it among others.
type Dated = (DateTime<Utc>, PathBuf);

/// Finds the newest snapshot in some caches: hub-stats by modification time, the weekly archive by the
/// day in its name, since an old week may have been fetched today.
pub(super) fn newest(caches: &[&Path]) -> Option<PathBuf> {
    last(caches.iter().flat_map(|cache| {
        let daily = commits(&dataset_folder(cache, HUB_STATS)).filter_map(|commit| daily(&commit));
        let weekly = commits(&dataset_folder(cache, WEEKLY)).flat_map(|commit| weeks(&commit));
        daily.chain(weekly)
    }))
}

/// Finds the newest snapshot in a folder, if it is a cache, the folder of a dataset in one, or that of
/// one commit.
pub(super) fn within(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let commits: Vec<PathBuf> = match is_dataset(&folder) {
        true => commits(&folder).collect(),
        false if is_commit(&folder) => vec![folder],
        false => return newest(&[&folder]),
    };
    let dated = |commit: &PathBuf| daily(commit).into_iter().chain(weeks(commit));
    last(commits.iter().flat_map(dated))
}

/// Returns the dataset and path of a file in a cache, by its place in a snapshot.
fn dataset_file(path: &Path) -> Option<DatasetFile> {
    let commit = path.ancestors().find(|folder| is_commit(folder))?;
    let folder = commit.parent()?.parent()?.file_name()?.to_str()?;
    let (owner, name) = folder.strip_prefix("datasets--")?.split_once("--")?;
    let parts = path.strip_prefix(commit).ok()?.iter();
    let parts: Option<Vec<&str>> = parts.map(|part| part.to_str()).collect();
    Some(DatasetFile {
        dataset: format!("{owner}/{name}"),
        file: parts?.join("/"),
        revision: None,
    })
}

/// Returns a message with the command that mends a file, if it says that one in the Hugging Face
/// cache is damaged.
pub fn with_remedy(message: String) -> String {
    const REMEDY: &str = "download it again";
    let path = message.split(": ").next().unwrap_or_default();
    match mending_command(Path::new(path)) {
        Some(command) if message.contains(REMEDY) => {
            message.replace(REMEDY, &format!("`{command}` downloads it again"))
        }
        _ => message,
    }
}

/// Returns the command that downloads a damaged file in a cache again; `None` for any other file.
pub fn mending_command(path: &Path) -> Option<String> {
    let file = dataset_file(path).filter(|_| !is_earlier(path))?;
    let is_thin = thin_folder().is_some_and(|folder| path.starts_with(folder.path));
    Some(file.command(if is_thin {
        " --verify"
    } else {
        " --columns all --verify"
    }))
}

/// Returns true for a file of a commit that is not the newest of its branch: no command names it.
fn is_earlier(path: &Path) -> bool {
    let earlier = || {
        let commit = path.ancestors().find(|folder| is_commit(folder))?;
        let newest = commit.parent()?.parent()?.join("refs/main");
        let newest = std::fs::read_to_string(newest).ok()?;
        Some(commit.file_name()?.to_str()? != newest.trim())
    };
    dataset_file(path).is_some_and(|file| file.dataset == HUB_STATS) && earlier().unwrap_or(false)
}

/// The file of models in a commit of hub-stats, or the shards of its converted copy.
fn daily(commit: &Path) -> Option<Dated> {
    let converted = commit.join(FOLDER).join(SHARDS);
    let dated = |path: PathBuf| Some((DateTime::from(modified(&path)?), path));
    dated(commit.join(MODELS)).or_else(|| {
        let is_shard = |path: &PathBuf| path.extension().is_some_and(|e| e == "parquet");
        let shards = entries(&converted).filter(is_shard);
        // A link whose blob was removed is a shard, too, without which the table is not whole.
        let shards: Option<Vec<Dated>> = shards.map(dated).collect();
        let (time, _) = shards?.into_iter().max()?;
        Some((time, converted))
    })
}

/// The files of models in a commit of the weekly archive.
fn weeks(commit: &Path) -> impl Iterator<Item = Dated> + use<> {
    entries(&commit.join(FOLDER)).filter_map(|week| {
        let day: NaiveDate = week.file_name()?.to_str()?.parse().ok()?;
        let file = week.join(MODELS);
        modified(&file)?;
        Some((day.and_time(NaiveTime::MIN).and_utc(), file))
    })
}

fn last(dated: impl Iterator<Item = Dated>) -> Option<PathBuf> {
    dated.max().map(|(_, path)| path)
}

/// The modification time of a file, or of the one that a link leads to.
fn modified(file: &Path) -> Option<SystemTime> {
    file.metadata().ok()?.modified().ok()
}

/// Returns the folder of a dataset in a cache.
pub fn dataset_folder(cache: &Path, name: &str) -> PathBuf {
    cache.join(format!("datasets--{}", name.replace('/', "--")))
}

fn is_dataset(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with("datasets--"))
}

fn is_commit(folder: &Path) -> bool {
    let snapshots = folder.parent();
    snapshots.is_some_and(|folder| folder.ends_with("snapshots"))
        && snapshots.and_then(Path::parent).is_some_and(is_dataset)
}

/// The folders of a dataset's commits.
fn commits(dataset: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    entries(&dataset.join("snapshots"))
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;
    use crate::system::symlink;

    #[test]
    fn the_newest_snapshot_of_the_cache_is_found() {
        let cache = tempfile::tempdir().unwrap();
        assert_eq!(newest(&[cache.path()]), None);
        for (commit, day) in [("aaa", 10), ("bbb", 20), ("ccc", 1)] {
            let file = format!("datasets--cfahlgren1--hub-stats/snapshots/{commit}/models.parquet");
            put(cache.path(), &file, day);
        }
        let found = || newest(&[cache.path()]).unwrap();
        assert!(found().ends_with("bbb/models.parquet"), "{:?}", found());

        // Fetched today, but of weeks before that.
        let weekly = "datasets--hfmlsoc--hub_weekly_snapshots/snapshots/ddd/models";
        for week in ["2026-05-18", "not-a-day", "2025-12-30"] {
            put(cache.path(), &format!("{weekly}/{week}/models.parquet"), 30);
        }
        assert!(found().ends_with("bbb/models.parquet"), "{:?}", found());
        let week = format!("{weekly}/2026-05-21/models.parquet");
        put(cache.path(), &week, 21);
        assert!(found().ends_with(&week), "{:?}", found());

        // The converted copy of hub-stats, in shards.
        let converted = "datasets--cfahlgren1--hub-stats/snapshots/eee/models/train";
        for shard in ["0001.parquet", "0000.parquet"] {
            put(cache.path(), &format!("{converted}/{shard}"), 25);
        }
        assert_eq!(found(), cache.path().join(converted));

        // Of its newest commit, a blob was removed; a branch in folders is no commit.
        let broken = cache
            .path()
            .join("datasets--cfahlgren1--hub-stats/snapshots/fff");
        let shards = broken.join("models/train");
        put(&shards, "0000.parquet", 28);
        symlink("../../../../blobs/none", shards.join("0001.parquet")).unwrap();
        let refs = "datasets--cfahlgren1--hub-stats/refs/refs/convert/parquet";
        put(cache.path(), refs, 29);
        assert_eq!(found(), cache.path().join(converted));
        assert_eq!(within(&broken), None);
    }

    #[test]
    fn folders_of_the_cache_are_sources() {
        let home = tempfile::tempdir().unwrap();
        let cache = home.path().canonicalize().unwrap();
        let folder = "datasets--me--stats/snapshots";
        for (commit, day) in [("aaa", 20), ("bbb", 10)] {
            let commit = format!("{folder}/{commit}");
            put(&cache, &format!("{commit}/models.parquet"), day);
            // Other tables beside it are no shards of it.
            put(&cache, &format!("{commit}/spaces.parquet"), day);
        }
        for (named, expected) in [
            ("datasets--me--stats", "aaa"),
            ("datasets--me--stats/snapshots/aaa", "aaa"),
            ("datasets--me--stats/snapshots/bbb", "bbb"),
        ] {
            let file = cache.join(folder).join(expected).join(MODELS);
            let named = cache.join(named);
            assert_eq!(within(&named), Some(file), "{named:?}");
        }
        // Only default datasets are looked for in a whole cache.
        assert_eq!(within(&cache), None);
        let stats = "datasets--cfahlgren1--hub-stats/snapshots/ccc/models.parquet";
        put(&cache, stats, 5);
        assert_eq!(within(&cache), Some(cache.join(stats)));
        assert_eq!(within(&cache.join(folder)), None);
    }

    #[test]
    fn the_place_of_a_file_names_its_dataset() {
        let file = |path: &str| {
            let of = dataset_file(Path::new(path))?;
            Some(format!("{} {}", of.dataset, of.file))
        };
        let weekly = "/c/datasets--hfmlsoc--hub_weekly_snapshots/snapshots/1a/models/2026-05-04/models.parquet";
        let found = file(weekly);
        let expected = "hfmlsoc/hub_weekly_snapshots models/2026-05-04/models.parquet";
        assert_eq!(found.as_deref(), Some(expected));
        let found = file("/c/datasets--a--b--c/snapshots/1a/models.parquet");
        assert_eq!(found.as_deref(), Some("a/b--c models.parquet"));
        for other in [
            "/c/models--a--b/snapshots/1a/models.parquet",
            "/c/snapshots/1a/models.parquet",
            "models.parquet",
        ] {
            assert_eq!(file(other), None, "{other}");
        }
    }

    #[test]
    fn damage_in_the_cache_names_the_command_that_mends_it() {
        let advise = |path: &str| with_remedy(format!("{path}: damaged; download it again"));
        let daily = "/c/datasets--cfahlgren1--hub-stats/snapshots/1a/models.parquet";
        assert_eq!(
            advise(daily),
            format!("{daily}: damaged; `hubscope fetch --columns all --verify` downloads it again")
        );
        let weekly = "/c/datasets--me--w/snapshots/1a/models/2026-05-04/models.parquet";
        let command = "hubscope fetch --columns all --verify --from me/w --date 2026-05-04";
        assert_eq!(
            advise(weekly),
            format!("{weekly}: damaged; `{command}` downloads it again")
        );
        assert_eq!(advise("/a"), "/a: damaged; download it again");
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
