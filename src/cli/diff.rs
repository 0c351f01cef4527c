//! `hubscope diff`: what changed between two snapshots, as JSON, as rows, or as tables.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;

use super::args::Format;
use super::opener::Opener;
use super::report::{Style, write_section};
use super::within::Within;
use super::{Found, table};
use crate::engine::Hub;
use crate::engine::diff::change::{Change, Entry, Measure};
use crate::engine::diff::join::Side;
use crate::engine::diff::{Diff, Kind, Question};
use crate::engine::parquet::keys::Keys;
use crate::engine::source::Source;
use crate::engine::table::stage::Stage;
use crate::present::format;
use crate::present::format::{count, grouped, percent};
use crate::present::report::{Row, Section};

/// What stands for a number that is not known.
const UNKNOWN: &str = "–";

/// A snapshot, opened.
pub struct Snapshot {
    hub: &'static Hub,
    keys: Option<Keys>,
}

impl Snapshot {
    /// Opens a file or a folder as far as bases, or further if a query needs it.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub fn open(path: PathBuf, stage: Stage, opener: &Opener) -> Result<Snapshot> {
        let source = Source::named(Some(&path))?;
        let hub = opener.open(&source, stage.max(Stage::Lineage))?;
        let keys = super::apart(&source, || Keys::read(&*hub.files()?))?;
        Ok(Snapshot { hub, keys })
    }

    fn side(&self) -> Side<'_> {
        Side {
            hub: self.hub,
            keys: self.keys.as_ref(),
        }
    }
}

/// Prints what changed from the first snapshot to the second: of each kind the greatest, as many
/// as the limit says, 0 for all.
///
/// # Errors
/// When nothing can be written.
pub fn run(
    [old, new]: [&Snapshot; 2],
    within: &Within,
    (limit, measure): (usize, Measure),
    format: Format,
    out: &mut impl Write,
    err: &mut impl Write,
) -> Result<Found> {
    let set = within.models(new.hub)?;
    let question = Question {
        about: (!within.text.is_empty()).then_some(&set),
        measure,
        limit: if limit == 0 { usize::MAX } else { limit },
    };
    let diff = Diff::new(old.side(), new.side(), question);
    let told = Told {
        old: old.hub,
        new: new.hub,
        diff: &diff,
    };
    match format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &told.json())?;
            writeln!(out)?;
        }
        Format::Text => told.for_people(&within.in_words(), out)?,
        Format::Tsv | Format::Csv | Format::Ids | Format::Parquet => {
            table::write(format, &HEADER, told.rows(), out)?;
        }
    }
    if set.count() == 0 {
        return within.found(new.hub, 0, err);
    }
    let changed = Kind::ALL.iter().filter_map(|kind| diff.list(*kind));
    Ok(match changed.map(|list| list.total).sum() {
        0 => Found::Nothing,
        1.. => Found::Something,
    })
}

const HEADER: [&str; 7] = ["kind", "id", "was", "before", "after", "delta", "growth"];

/// A kind of change: its name in rows, its heading, what the numbers are.
fn words(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Risen => ("risen", "More downloads", "downloads"),
        Kind::Fallen => ("fallen", "Fewer downloads", "downloads"),
        Kind::New => ("new", "New models", "downloads"),
        Kind::Gone => ("gone", "Gone models", "downloads"),
        Kind::Renamed => ("renamed", "Renamed models", "downloads"),
        Kind::FamilyDownloads => (
            "family_downloads",
            "Families with more downloads",
            "downloads",
        ),
        Kind::FamilyDescendants => (
            "family_descendants",
            "Families with more descendants",
            "descendants",
        ),
        Kind::FamilyNew => ("family_new", "New families", "downloads"),
        Kind::FamilyGone => ("family_gone", "Gone families", "downloads"),
    }
}

/// What the README says of `diff --json`.
#[derive(Serialize)]
struct DiffJson<'a> {
    snapshots: SnapshotsJson,
    joined_by: &'static str,
    both: usize,
    downloads: ChangeJson,
    risen: Option<ListJson<'a>>,
    fallen: Option<ListJson<'a>>,
    new: Option<ListJson<'a>>,
    gone: Option<ListJson<'a>>,
    renamed: Option<ListJson<'a>>,
    family_downloads: Option<ListJson<'a>>,
    family_descendants: Option<ListJson<'a>>,
    family_new: Option<ListJson<'a>>,
    family_gone: Option<ListJson<'a>>,
}

#[derive(Serialize)]
struct SnapshotsJson {
    old: SnapshotJson,
    new: SnapshotJson,
}

#[derive(Serialize)]
struct SnapshotJson {
    source: String,
    models: usize,
    repeated: usize,
}

#[derive(Serialize)]
struct ListJson<'a> {
    total: usize,
    first: Vec<EntryJson<'a>>,
}

#[derive(Serialize)]
struct EntryJson<'a> {
    id: &'a str,
    /// The id in the old snapshot, where it is another one.
    was: Option<&'a str>,
    #[serde(flatten)]
    change: ChangeJson,
}

#[derive(Serialize)]
struct ChangeJson {
    before: Option<i64>,
    after: Option<i64>,
    delta: Option<i64>,
    growth: Option<f64>,
}

impl From<Change> for ChangeJson {
    fn from(change: Change) -> ChangeJson {
        ChangeJson {
            before: change.before,
            after: change.after,
            delta: change.delta(),
            growth: change.growth(),
        }
    }
}

/// What changed, and the snapshots that the names stand in.
struct Told<'a> {
    old: &'a Hub,
    new: &'a Hub,
    diff: &'a Diff,
}

impl<'a> Told<'a> {
    fn json(&self) -> DiffJson<'a> {
        let snapshot = |hub: &Hub, side: usize| SnapshotJson {
            source: hub.source.to_string(),
            models: hub.models.len(),
            repeated: self.diff.repeated[side],
        };
        DiffJson {
            snapshots: SnapshotsJson {
                old: snapshot(self.old, 0),
                new: snapshot(self.new, 1),
            },
            joined_by: if self.diff.by_key { "_id" } else { "id" },
            both: self.diff.both,
            downloads: self.diff.downloads.into(),
            risen: self.list(Kind::Risen),
            fallen: self.list(Kind::Fallen),
            new: self.list(Kind::New),
            gone: self.list(Kind::Gone),
            renamed: self.list(Kind::Renamed),
            family_downloads: self.list(Kind::FamilyDownloads),
            family_descendants: self.list(Kind::FamilyDescendants),
            family_new: self.list(Kind::FamilyNew),
            family_gone: self.list(Kind::FamilyGone),
        }
    }

    fn list(&self, kind: Kind) -> Option<ListJson<'a>> {
        let list = self.diff.list(kind)?;
        Some(ListJson {
            total: list.total,
            first: list.first.iter().map(|entry| self.entry(entry)).collect(),
        })
    }

    fn entry(&self, entry: &Entry) -> EntryJson<'a> {
        let (old, new) = (self.old, self.new);
        let before = entry.before.map(|node| old.name(node));
        let after = entry.after.map(|node| new.name(node));
        EntryJson {
            id: after.or(before).unwrap_or_default(),
            was: before.filter(|before| after.is_some_and(|after| after != *before)),
            change: entry.change.into(),
        }
    }

    /// Every change in a row of its own, kind by kind.
    fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        let number = |n: Option<i64>| n.map_or(String::new(), |n| n.to_string());
        let row = move |kind: Kind, entry: EntryJson| {
            let change = entry.change;
            vec![
                words(kind).0.to_owned(),
                entry.id.to_owned(),
                entry.was.unwrap_or_default().to_owned(),
                number(change.before),
                number(change.after),
                number(change.delta),
                change.growth.map_or(String::new(), |g| g.to_string()),
            ]
        };
        let lists = Kind::ALL.into_iter();
        let lists = lists.filter_map(|kind| Some((kind, self.diff.list(kind)?)));
        lists.flat_map(move |(kind, list)| {
            let entries = list.first.iter();
            entries.map(move |entry| row(kind, self.entry(entry)))
        })
    }

    fn for_people(&self, that: &str, out: &mut impl Write) -> Result<()> {
        for (title, hub, repeated) in [
            ("old", self.old, self.diff.repeated[0]),
            ("new", self.new, self.diff.repeated[1]),
        ] {
            let models = count(hub.models.len());
            let repeated = match repeated {
                0 => String::new(),
                rows => format!(", {} of them once more", count(rows)),
            };
            writeln!(out, "{title}: {models} models in {}{repeated}", hub.source)?;
        }
        let both = count(self.diff.both);
        let Change { before, after } = self.diff.downloads;
        let downloads = match (before, after) {
            (Some(before), Some(after)) => {
                let (before, after) = (format::short(before), format::short(after));
                format!(", with {before} downloads before and {after} after")
            }
            _ => String::new(),
        };
        writeln!(out, "both: {both} models{that}{downloads}")?;
        if !self.diff.by_key {
            writeln!(
                out,
                "Joined by id alone, since the files have no `_id`: a renamed model is a new one."
            )?;
        }
        Kind::ALL
            .into_iter()
            .filter_map(|kind| self.section(kind))
            .try_for_each(|section| write_section(&section, Style::Aligned, out))
    }

    /// A table of the columns that tell something of its kind; none where there is no change.
    fn section(&self, kind: Kind) -> Option<Section> {
        let list = self.diff.list(kind).filter(|list| list.total > 0)?;
        let (_, title, of) = words(kind);
        let is_family = words(kind).0.starts_with("family");
        let mut header = vec![if is_family { "family" } else { "model" }];
        match kind {
            Kind::New | Kind::Gone | Kind::FamilyNew | Kind::FamilyGone => header.push(of),
            Kind::Renamed => header.extend(["was", "before", "after"]),
            _ => header.extend(["before", "after", "change", "growth"]),
        }
        let row = |entry: &Entry| {
            let entry = self.entry(entry);
            let cells: Vec<String> = header.iter().map(|head| cell(head, &entry)).collect();
            Row::from(cells)
        };
        let (listed, total) = (list.first.len(), list.total);
        Some(Section {
            title: title.to_owned(),
            rows: list.first.iter().map(row).collect(),
            note: match listed < total {
                true => format!("These are {} of {}.", count(listed), count(total)),
                false => String::new(),
            },
            header,
        })
    }
}

/// What stands under a heading.
fn cell(head: &str, entry: &EntryJson) -> String {
    let change = &entry.change;
    let known = |n: Option<i64>| n.map_or(UNKNOWN.to_owned(), grouped);
    match head {
        "model" | "family" => entry.id.to_owned(),
        "was" => entry.was.unwrap_or_default().to_owned(),
        "before" => known(change.before),
        "after" => known(change.after),
        "change" => {
            let signed = |n: i64| format::signed(n, grouped(n));
            change.delta.map_or(UNKNOWN.to_owned(), signed)
        }
        "growth" => {
            let delta = change.delta.unwrap_or_default();
            let signed = |g: f64| format::signed(delta, percent(g));
            change.growth.map_or(UNKNOWN.to_owned(), signed)
        }
        // Of what came or went there is one number.
        _ => known(change.after.or(change.before)),
    }
}
