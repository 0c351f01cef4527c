//! `hubscope diff`: the changes between two snapshots as JSON, as rows, or as tables.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use serde::{Serialize, Serializer};

use crate::cli::complete::candidates::{Candidates, Word};
use crate::cli::context::{CommandContext, Found};
use crate::cli::isolate::isolated;
use crate::cli::opener::Opener;
use crate::cli::output::format::{Format, TableOutput, parse_limit};
use crate::cli::output::{json, section, table};
use crate::cli::within::{Where, Within};
use crate::engine::Hub;
use crate::engine::diff::change::{Change, Measure, NodeChange};
use crate::engine::diff::join::Snapshot;
use crate::engine::diff::{ChangeKind, Diff, DiffOptions};
use crate::engine::parquet::keys::Keys;
use crate::engine::source::Source;
use crate::engine::table::stage::Stage;
use crate::present::figures;
use crate::present::format::{count, grouped, known, percent, short, signed};
use crate::present::report::{Row, Section};

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The older snapshot: a Parquet file or a folder of them
    pub old: PathBuf,
    /// The newer snapshot
    pub new: PathBuf,
    /// Maximum number of changes of each kind (0 = all)
    #[arg(long, default_value = "20", value_parser = parse_limit)]
    pub limit: usize,
    /// Sort by delta (the difference), growth (the relative difference) or now (the new value)
    #[arg(long, value_name = "MEASURE", default_value = "delta", value_parser = parse_measure, add = Candidates::Words(measures))]
    pub sort: Measure,
    #[command(flatten)]
    pub within: Where,
    #[command(flatten)]
    pub output: TableOutput,
}

fn measures() -> Vec<Word> {
    Measure::ALL.map(|measure| (measure.name(), "")).to_vec()
}

fn parse_measure(name: &str) -> Result<Measure, String> {
    let mut all = Measure::ALL.into_iter();
    all.find(|measure| measure.name() == name)
        .ok_or_else(|| format!("one of {}", Measure::ALL.map(Measure::name).join(", ")))
}

/// An opened snapshot.
pub struct OpenSnapshot {
    hub: &'static Hub,
    keys: Option<Keys>,
}

impl OpenSnapshot {
    /// Opens a file or a folder up to its lineage, or further if a query needs it.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub fn open(path: &Path, stage: Stage, opener: &Opener) -> Result<OpenSnapshot> {
        let source = Source::named(Some(path))?;
        let hub = opener.open_source(&source, stage.max(Stage::Lineage))?;
        let keys = isolated(&source, || Keys::read(&*hub.files()?))?;
        Ok(OpenSnapshot { hub, keys })
    }

    fn snapshot(&self) -> Snapshot<'_> {
        self.hub.snapshot(self.keys.as_ref())
    }
}

/// Prints the largest changes of each kind from the older snapshot to the newer one.
///
/// # Errors
/// When the query is malformed, or a snapshot cannot be opened.
pub fn run(context: &mut CommandContext, args: &DiffArgs) -> Result<Found> {
    let within = Within::new(args.within.query.as_deref())?;
    let old = OpenSnapshot::open(&args.old, Stage::Lineage, &context.opener)?;
    let new = OpenSnapshot::open(&args.new, within.stage(), &context.opener)?;
    print(context, [&old, &new], &within, args)
}

/// Prints the changes between two opened snapshots.
///
/// # Errors
/// As [`run`].
pub fn print(
    context: &mut CommandContext,
    [old, new]: [&OpenSnapshot; 2],
    within: &Within,
    args: &DiffArgs,
) -> Result<Found> {
    let set = within.models(new.hub)?;
    let options = DiffOptions {
        within: (!within.text.is_empty()).then_some(&set),
        measure: args.sort,
        limit: args.limit,
    };
    let diff = Diff::new(old.snapshot(), new.snapshot(), options);
    let report = DiffReport {
        old: old.hub,
        new: new.hub,
        diff: &diff,
    };
    match context.format {
        Format::Json => json::write_sourced(&report.json(), &new.hub.source, context.out)?,
        Format::Text => report.for_people(&within.in_words(), context.out)?,
        format => {
            context.explain_faults(&diff.faults)?;
            table::write(format, &HEADER, report.rows()?.into_iter(), context.out)?;
        }
    }
    if set.count() == 0 {
        return within.found(new.hub, 0, 0, context);
    }
    let changed = ChangeKind::ALL.iter().filter_map(|kind| diff.list(*kind));
    Ok(changed.map(|list| list.total).any(|total| total > 0).into())
}

const HEADER: [&str; 7] = ["kind", "id", "was", "before", "after", "delta", "growth"];

/// Returns the name of a kind in rows, its heading, and the name of its numbers.
fn words(kind: ChangeKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        ChangeKind::Risen => ("risen", "More downloads", "downloads"),
        ChangeKind::Fallen => ("fallen", "Fewer downloads", "downloads"),
        ChangeKind::New => ("new", "New models", "downloads"),
        ChangeKind::Gone => ("gone", "Gone models", "downloads"),
        ChangeKind::Renamed => ("renamed", "Renamed models", "downloads"),
        ChangeKind::FamilyDownloads => (
            "family_downloads",
            "Families with more downloads",
            "downloads",
        ),
        ChangeKind::FamilyDescendants => (
            "family_descendants",
            "Families with more descendants",
            "descendants",
        ),
        ChangeKind::FamilyNew => ("family_new", "New families", "downloads"),
        ChangeKind::FamilyGone => ("family_gone", "Gone families", "downloads"),
    }
}

/// The output of `diff --json`.
#[derive(Serialize)]
struct DiffJson<'a> {
    /// Reasons not to trust the changes.
    warnings: Vec<String>,
    snapshots: SnapshotsJson,
    joined_by: &'static str,
    both: usize,
    downloads: BeforeAfterJson,
    #[serde(flatten)]
    lists: ListsJson<'a>,
}

/// The changes of each kind under its name; `None` if the files lack the columns.
struct ListsJson<'a>(Vec<(ChangeKind, Option<TopChangesJson<'a>>)>);

impl Serialize for ListsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(kind, list)| (words(*kind).0, list)))
    }
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
struct TopChangesJson<'a> {
    total: usize,
    first: Vec<NodeChangeJson<'a>>,
}

#[derive(Serialize)]
struct NodeChangeJson<'a> {
    id: &'a str,
    /// The id in the old snapshot, if it differs.
    was: Option<&'a str>,
    #[serde(flatten)]
    change: BeforeAfterJson,
}

#[derive(Serialize)]
struct BeforeAfterJson {
    before: Option<i64>,
    after: Option<i64>,
    delta: Option<i64>,
    growth: Option<f64>,
}

impl From<Change> for BeforeAfterJson {
    fn from(change: Change) -> BeforeAfterJson {
        BeforeAfterJson {
            before: change.before,
            after: change.after,
            delta: change.delta(),
            growth: change.growth(),
        }
    }
}

/// The changes, with the snapshots that name their models.
struct DiffReport<'a> {
    old: &'a Hub,
    new: &'a Hub,
    diff: &'a Diff,
}

impl<'a> DiffReport<'a> {
    fn json(&self) -> DiffJson<'a> {
        let snapshot = |hub: &Hub, side: usize| SnapshotJson {
            source: hub.source.to_string(),
            models: hub.models.len(),
            repeated: self.diff.repeated[side],
        };
        DiffJson {
            warnings: self.diff.faults.iter().map(figures::fault).collect(),
            snapshots: SnapshotsJson {
                old: snapshot(self.old, 0),
                new: snapshot(self.new, 1),
            },
            joined_by: if self.diff.by_key { "_id" } else { "id" },
            both: self.diff.both,
            downloads: self.diff.downloads.into(),
            lists: ListsJson(ChangeKind::ALL.map(|kind| (kind, self.list(kind))).into()),
        }
    }

    fn list(&self, kind: ChangeKind) -> Option<TopChangesJson<'a>> {
        let list = self.diff.list(kind)?;
        Some(TopChangesJson {
            total: list.total,
            first: list.first.iter().map(|entry| self.entry(entry)).collect(),
        })
    }

    fn entry(&self, entry: &NodeChange) -> NodeChangeJson<'a> {
        let (old, new) = (self.old, self.new);
        let before = entry.before.map(|node| old.name(node));
        let after = entry.after.map(|node| new.name(node));
        NodeChangeJson {
            id: after.or(before).unwrap_or_default(),
            was: before.filter(|before| after.is_some_and(|after| after != *before)),
            change: entry.change.into(),
        }
    }

    /// Returns one row per change, kind by kind.
    fn rows(&self) -> Result<Vec<Vec<String>>> {
        let lists = ChangeKind::ALL.into_iter();
        let lists = lists.filter_map(|kind| Some((words(kind).0, self.diff.list(kind)?)));
        let rows = lists.flat_map(|(kind, list)| {
            list.first.iter().map(move |entry| {
                let cells = json::cells(&self.entry(entry), &HEADER[1..])?;
                Ok([vec![kind.to_owned()], cells].concat())
            })
        });
        rows.collect()
    }

    fn for_people(&self, that: &str, out: &mut dyn Write) -> Result<()> {
        for (title, hub, repeated) in [
            ("old", self.old, self.diff.repeated[0]),
            ("new", self.new, self.diff.repeated[1]),
        ] {
            let models = count(hub.models.len());
            let repeated = match repeated {
                0 => String::new(),
                rows => format!(", {} repeated", count(rows)),
            };
            writeln!(out, "{title}: {models} models in {}{repeated}", hub.source)?;
        }
        for fault in &self.diff.faults {
            writeln!(out, "careful: {}", figures::fault(fault))?;
        }
        let both = count(self.diff.both);
        let Change { before, after } = self.diff.downloads;
        let downloads = match (before, after) {
            (Some(before), Some(after)) => {
                let (before, after) = (short(before), short(after));
                format!(", with {before} downloads before and {after} after")
            }
            _ => String::new(),
        };
        writeln!(out, "both: {both} models{that}{downloads}")?;
        if !self.diff.by_key {
            writeln!(
                out,
                "Joined by id, since the files have no `_id`: renamed models count as new."
            )?;
        }
        ChangeKind::ALL
            .into_iter()
            .filter_map(|kind| self.section(kind))
            .try_for_each(|section| section::write(&section, Format::Text, out))
    }

    /// The table of a kind, with the columns that suit it; `None` without changes.
    fn section(&self, kind: ChangeKind) -> Option<Section> {
        let list = self.diff.list(kind).filter(|list| list.total > 0)?;
        let (_, title, of) = words(kind);
        let is_family = words(kind).0.starts_with("family");
        let mut header = vec![if is_family { "family" } else { "model" }];
        match kind {
            ChangeKind::New | ChangeKind::Gone | ChangeKind::FamilyNew | ChangeKind::FamilyGone => {
                header.push(of);
            }
            ChangeKind::Renamed => header.extend(["was", "before", "after"]),
            _ => header.extend(["before", "after", "change", "growth"]),
        }
        let row = |entry: &NodeChange| {
            let entry = self.entry(entry);
            let cells: Vec<String> = header.iter().map(|head| cell(head, &entry)).collect();
            Row::from(cells)
        };
        let (listed, total) = (list.first.len(), list.total);
        Some(Section {
            title: title.to_owned(),
            rows: list.first.iter().map(row).collect(),
            note: match listed < total {
                true => format!("First {} of {}.", count(listed), count(total)),
                false => String::new(),
            },
            header,
        })
    }
}

/// Returns the cell of a change under a heading.
fn cell(head: &str, entry: &NodeChangeJson) -> String {
    let change = &entry.change;
    match head {
        "model" | "family" => entry.id.to_owned(),
        "was" => entry.was.unwrap_or_default().to_owned(),
        "before" => known(change.before, grouped),
        "after" => known(change.after, grouped),
        "change" => known(change.delta, |delta| signed(delta, grouped(delta))),
        "growth" => {
            let delta = change.delta.unwrap_or_default();
            known(change.growth, |growth| signed(delta, percent(growth)))
        }
        // New and gone nodes have one number.
        _ => known(change.after.or(change.before), grouped),
    }
}
