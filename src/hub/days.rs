//! The days of which the Hub has a file of models: the folders of a weekly archive, and the commits of
//! a dataset whose file is replaced every day.
//!
//! API: <https://huggingface.co/docs/hub/api>.

use std::io::{BufReader, Read};

use anyhow::{Result, bail};
use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::http::Method;
use ureq::http::header::LINK;

use crate::engine::source::dataset_file::{DatasetFile, HUB_STATS, WEEKLY};
use crate::hub::client::Remote;
use crate::hub::headers::text;

/// The most pages of a list that are asked for; each has a thousand folders or fifty commits at least.
const PAGES: usize = 100;

/// The most bytes of a page.
const LARGEST: u64 = 64 << 20;

/// A day of which there is a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    pub date: NaiveDate,
    pub file: DatasetFile,
}

/// An entry of a folder in a dataset.
#[derive(Deserialize)]
struct Entry {
    path: String,
}

/// A commit of a dataset.
#[derive(Deserialize)]
struct Commit {
    id: String,
    /// In UTC, as RFC 3339 has it.
    date: String,
}

/// Returns the days that a dataset has, or, if none is named, the daily history and the weekly archive
/// together, ascending; of the same day, the archive's is first. One of the two may be offline.
///
/// # Errors
/// When the Hub does not serve any of them.
pub(super) fn days(remote: &Remote, dataset: Option<&str>) -> Result<Vec<Day>> {
    let mut days = match dataset {
        Some(dataset) => match weeks(remote, dataset) {
            Ok(weeks) if !weeks.is_empty() => weeks,
            _ => commits(remote, dataset)?,
        },
        None => match (weeks(remote, WEEKLY), commits(remote, HUB_STATS)) {
            (Ok(weeks), Ok(commits)) => [weeks, commits].concat(),
            (Ok(days), Err(_)) | (Err(_), Ok(days)) => days,
            (Err(error), Err(_)) => return Err(error),
        },
    };
    days.sort_by_key(|day| day.date);
    Ok(days)
}

/// Returns the day nearest to another; of two, the earlier.
pub(super) fn nearest(days: &[Day], to: NaiveDate) -> Option<&Day> {
    days.iter()
        .min_by_key(|day| (day.date - to).num_days().abs())
}

/// The folders of a weekly archive.
fn weeks(remote: &Remote, dataset: &str) -> Result<Vec<Day>> {
    let entries: Vec<Entry> = all(remote, dataset, "tree/main/models")?;
    let week = |entry: Entry| {
        let date = entry.path.strip_prefix("models/")?.parse().ok()?;
        let file = DatasetFile::new(Some(dataset.to_owned()), Some(date));
        Some(Day { date, file })
    };
    Ok(entries.into_iter().filter_map(week).collect())
}

/// The last commit of each day.
fn commits(remote: &Remote, dataset: &str) -> Result<Vec<Day>> {
    let mut commits: Vec<Commit> = all(remote, dataset, "commits/main")?;
    commits.sort_by(|a, b| a.date.cmp(&b.date));
    let mut days: Vec<Day> = Vec::new();
    for commit in commits {
        let date = commit.date.get(..10).and_then(|date| date.parse().ok());
        let Some(date) = date else { continue };
        days.pop_if(|last| last.date == date);
        let mut file = DatasetFile::new(Some(dataset.to_owned()), None);
        file.revision = Some(commit.id);
        days.push(Day { date, file });
    }
    Ok(days)
}

/// Returns all items of a list about a dataset, page by page.
fn all<T: DeserializeOwned>(remote: &Remote, dataset: &str, list: &str) -> Result<Vec<T>> {
    let about = DatasetFile::new(Some(dataset.to_owned()), None);
    let mut url = format!("{}/api/datasets/{dataset}/{list}", remote.endpoint);
    let mut items = Vec::new();
    for _ in 0..PAGES {
        let (response, _) = remote.request((&about).into(), &Method::GET, url, None, |_| false)?;
        let next = text(response.headers(), LINK.as_str()).and_then(next_page);
        let body = response.into_body().into_reader().take(LARGEST);
        let page: Result<Vec<T>, _> = serde_json::from_reader(BufReader::new(body));
        let Ok(page) = page else {
            bail!(
                "{dataset}: {} answered without a list, unlike the Hub; check HF_ENDPOINT",
                remote.endpoint
            );
        };
        items.extend(page);
        match next {
            Some(next) if remote.is_home(&next) => url = next,
            _ => break,
        }
    }
    Ok(items)
}

/// Returns the address in `<https://…>; rel="next"`.
fn next_page(link: &str) -> Option<String> {
    let mut links = link.split(',').filter(|link| link.contains("rel=\"next\""));
    let address = |link: &str| Some(link.split_once('<')?.1.split_once('>')?.0.to_owned());
    links.find_map(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_of_a_list() {
        let next = "<https://hub.co/api/x?cursor=a%3D>; rel=\"next\"";
        assert_eq!(
            next_page(next).as_deref(),
            Some("https://hub.co/api/x?cursor=a%3D")
        );
        let both = format!("<https://hub.co/first>; rel=\"first\", {next}");
        assert_eq!(next_page(&both), next_page(next));
        assert_eq!(next_page("<https://hub.co/first>; rel=\"first\""), None);
        assert_eq!(next_page(""), None);
    }

    #[test]
    fn the_nearest_day() {
        let day = |day: u32| NaiveDate::from_ymd_opt(2026, 5, day).unwrap();
        let days: Vec<Day> = [4, 11, 18]
            .map(|date| Day {
                date: day(date),
                file: DatasetFile::new(None, Some(day(date))),
            })
            .to_vec();
        for (asked, found) in [
            (1, 4),
            (4, 4),
            (7, 4),
            (8, 11),
            (14, 11),
            (15, 18),
            (30, 18),
        ] {
            assert_eq!(
                nearest(&days, day(asked)).unwrap().date,
                day(found),
                "{asked}"
            );
        }
        assert_eq!(nearest(&[], day(1)), None);
    }
}
