//! Files of datasets on the Hub: their names and addresses, and the command that fetches them.

use std::path::Path;

use chrono::NaiveDate;

/// The dataset whose `models.parquet` this program is about; a new one every day.
pub const HUB_STATS: &str = "cfahlgren1/hub-stats";

/// The dataset that archives one a week, as `models/<YYYY-MM-DD>/models.parquet`.
pub const WEEKLY: &str = "hfmlsoc/hub_weekly_snapshots";

/// The file's name in both.
pub const MODELS: &str = "models.parquet";

/// A file of a dataset on the Hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetFile {
    /// The name of the dataset, `owner/name`.
    pub dataset: String,
    /// Its path in the dataset.
    pub file: String,
    /// The commit that it is wanted of; `None` for the newest.
    pub revision: Option<String>,
}

impl DatasetFile {
    /// Returns the file of hub-stats or, for a day, that of the weekly archive; or of another dataset
    /// with the same layout.
    pub fn new(from: Option<String>, day: Option<NaiveDate>) -> DatasetFile {
        let (usual, file) = match day {
            None => (HUB_STATS, MODELS.to_owned()),
            Some(day) => (WEEKLY, format!("models/{day}/{MODELS}")),
        };
        let dataset = from.unwrap_or_else(|| usual.to_owned());
        DatasetFile {
            dataset,
            file,
            revision: None,
        }
    }

    /// Returns the file at an address of the Hub, such as `hf://datasets/owner/name@main/a.parquet` or
    /// `https://huggingface.co/datasets/owner/name/resolve/main/a.parquet`.
    fn at(address: &str) -> Option<DatasetFile> {
        let (_, path) = address.split_once("datasets/")?;
        let path = path.split(['?', '#']).next()?;
        let mut parts = path.trim_end_matches('/').split('/').peekable();
        let (owner, name) = (parts.next()?, parts.next()?);
        let dataset = parse_dataset(&format!("{owner}/{}", name.split('@').next()?)).ok()?;
        // Before its path, an address of the site has a kind and a revision.
        let is_kind = |part: &&str| ["resolve", "blob", "tree", "raw"].contains(part);
        if parts.next_if(is_kind).is_some() {
            parts.next();
        }
        let file = parts.collect::<Vec<_>>().join("/");
        Some(DatasetFile {
            dataset,
            file,
            revision: None,
        })
    }

    /// The day of a file of the weekly archive, or of a dataset with its layout.
    pub fn day(&self) -> Option<NaiveDate> {
        let day = self.file.strip_prefix("models/")?.strip_suffix(MODELS)?;
        day.strip_suffix('/')?.parse().ok()
    }

    /// Returns the command that fetches it, with more options.
    pub fn command(&self, options: &str) -> String {
        let (usual, date) = match self.day() {
            Some(day) => (WEEKLY, format!(" --date {day}")),
            None if self.dataset == WEEKLY => (WEEKLY, " --date YYYY-MM-DD".to_owned()),
            None => (HUB_STATS, String::new()),
        };
        let from = match self.dataset == usual {
            true => String::new(),
            false => format!(" --from {}", self.dataset),
        };
        format!("hubscope fetch{options}{from}{date}")
    }
}

/// Reads the name of a dataset, `owner/name`.
///
/// # Errors
/// When it is malformed, with an example.
pub fn parse_dataset(name: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let good = |part: &str| !part.trim_matches('.').is_empty() && part.chars().all(plain);
    match name.split_once('/') {
        Some((owner, dataset)) if good(owner) && good(dataset) => Ok(name.to_owned()),
        _ => Err(format!("not a dataset's name, such as {HUB_STATS}")),
    }
}

/// Returns the message that an address is no source, and what to do; `None` for a path.
pub(super) fn refuse_address(path: &Path) -> Option<String> {
    let address = path.to_str()?;
    let named = [HUB_STATS, WEEKLY].contains(&address) && !path.exists();
    let scheme = address.split_once("://").map(|(scheme, _)| scheme);
    let is_scheme = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_alphanumeric());
    if !named && !scheme.is_some_and(is_scheme) {
        return None;
    }
    let file = match named {
        true => DatasetFile::at(&format!("datasets/{address}")),
        false => DatasetFile::at(address),
    };
    let remedy = match file {
        Some(file) => format!("`{}` downloads it and prints its path", file.command("")),
        None => "download it, and name the file".to_owned(),
    };
    Some(format!("{address}: an address, not a file; {remedy}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_datasets() {
        for name in [HUB_STATS, WEEKLY, "a/b.c_d-1"] {
            assert_eq!(parse_dataset(name).as_deref(), Ok(name));
        }
        for name in [
            "", "a", "a/", "/b", "a/..", "../b", "a/b/c", "a/b c", "a/b?c", "a/b\n",
        ] {
            assert!(parse_dataset(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_day_is_looked_for_in_the_archive() {
        let day = "2026-05-04".parse().ok();
        let of = |from: Option<&str>, day| {
            let wanted = DatasetFile::new(from.map(str::to_owned), day);
            (wanted.dataset, wanted.file)
        };
        let is = |dataset: &str, file: &str| (dataset.to_owned(), file.to_owned());
        assert_eq!(of(None, None), is(HUB_STATS, "models.parquet"));
        let week = "models/2026-05-04/models.parquet";
        assert_eq!(of(None, day), is(WEEKLY, week));
        assert_eq!(of(Some("a/b"), day), is("a/b", week));
        assert_eq!(of(Some("a/b"), None), is("a/b", "models.parquet"));
    }

    #[test]
    fn addresses_lead_to_fetch() {
        let week = "models/2026-05-04/models.parquet";
        let hub = "https://huggingface.co/datasets/cfahlgren1/hub-stats";
        for (address, command) in [
            (
                "hf://datasets/cfahlgren1/hub-stats/models.parquet",
                "hubscope fetch",
            ),
            (HUB_STATS, "hubscope fetch"),
            (WEEKLY, "hubscope fetch --date YYYY-MM-DD"),
            (hub, "hubscope fetch"),
            (
                &format!("{hub}/resolve/main/models.parquet?download=true"),
                "hubscope fetch",
            ),
            (
                &format!("https://mirror.example/datasets/{WEEKLY}/blob/main/{week}"),
                "hubscope fetch --date 2026-05-04",
            ),
            (
                "hf://datasets/me/stats@refs/convert/parquet/models/train/0.parquet",
                "hubscope fetch --from me/stats",
            ),
            (
                &format!("hf://datasets/me/stats@main/{week}"),
                "hubscope fetch --from me/stats --date 2026-05-04",
            ),
        ] {
            let expected = format!(
                "{address}: an address, not a file; `{command}` downloads it and prints its path"
            );
            assert_eq!(refuse_address(Path::new(address)), Some(expected));
        }
        let other = refuse_address(Path::new("s3://bucket/models.parquet")).unwrap();
        assert!(other.ends_with("download it, and name the file"), "{other}");
        for path in ["models.parquet", "/a/b", "a:b", "://x", "a b://x"] {
            assert_eq!(refuse_address(Path::new(path)), None);
        }
    }
}
