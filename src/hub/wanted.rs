//! The names of datasets and their files.

use chrono::NaiveDate;

use crate::engine::source::{HUB_STATS, MODELS, WEEKLY};

/// A file of a dataset on the Hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub(super) dataset: String,
    /// Its path in the dataset.
    pub(super) file: String,
}

impl Wanted {
    /// Returns the file of hub-stats or, for a day, that of the weekly archive; or of another dataset
    /// with the same layout.
    pub fn new(from: Option<String>, day: Option<NaiveDate>) -> Wanted {
        let (usual, file) = match day {
            None => (HUB_STATS, MODELS.to_owned()),
            Some(day) => (WEEKLY, format!("models/{day}/{MODELS}")),
        };
        let dataset = from.unwrap_or_else(|| usual.to_owned());
        Wanted { dataset, file }
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
            let wanted = Wanted::new(from.map(str::to_owned), day);
            (wanted.dataset, wanted.file)
        };
        let is = |dataset: &str, file: &str| (dataset.to_owned(), file.to_owned());
        assert_eq!(of(None, None), is(HUB_STATS, "models.parquet"));
        let week = "models/2026-05-04/models.parquet";
        assert_eq!(of(None, day), is(WEEKLY, week));
        assert_eq!(of(Some("a/b"), day), is("a/b", week));
        assert_eq!(of(Some("a/b"), None), is("a/b", "models.parquet"));
    }
}
