//! `hubscope export FILE`: models as a table in a file that other programs read.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::{Result, anyhow, bail, ensure};
use rayon::iter::IntoParallelIterator;
use rustc_hash::FxHashSet;
use serde::{Serialize, Serializer};

use super::Found;
use super::output::file::write_file;
use super::within::{self, Within};
use crate::engine::Hub;
use crate::engine::export::{Datum, ModelColumn, ModelTable};
use crate::engine::lineage::graph::Node;
use crate::engine::query::parse::needs_comparison;
use crate::engine::source::Source;
use crate::engine::table::models::ModelId;
use crate::engine::table::order::{Order, arrange};
use crate::engine::table::stage::Stage;
use crate::present::atomic::AtomicFile;
use crate::present::format;

/// A request for an export.
pub struct Export {
    target: Target,
    within: Within,
    order: Option<Order>,
    /// Empty for all.
    columns: Vec<ModelColumn>,
}

enum Target {
    /// Standard output, as Parquet.
    Stdout,
    File(PathBuf, Form),
}

/// A file format.
#[derive(Clone, Copy)]
enum Form {
    Parquet,
    Arrow,
    Csv,
    Ndjson,
}

impl Form {
    /// The format that a file's ending names.
    fn of(path: &Path) -> Result<Form> {
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        Ok(match ending.to_str() {
            Some("parquet") => Form::Parquet,
            Some("arrow") => Form::Arrow,
            Some("csv") => Form::Csv,
            Some("ndjson") => Form::Ndjson,
            _ => bail!(
                "{}: the ending names no known format; use .parquet, .arrow, .csv or .ndjson",
                path.display()
            ),
        })
    }
}

impl Export {
    /// Reads a request. `-` is standard output, for Parquet only; no columns are all.
    ///
    /// # Errors
    /// When the file has no known ending or cannot be replaced, or a column is named twice.
    pub fn new(
        file: &Path,
        parquet: bool,
        within: Within,
        order: Option<Order>,
        columns: Vec<ModelColumn>,
    ) -> Result<Export> {
        let target = match (file == Path::new("-"), parquet) {
            (true, true) => Target::Stdout,
            (true, false) => bail!("`-` is standard output, which takes --parquet"),
            (false, true) => bail!("--parquet writes to standard output; give `-` as the file"),
            (false, false) => {
                AtomicFile::target(file)?;
                Target::File(file.to_owned(), Form::of(file)?)
            }
        };
        let mut seen = FxHashSet::default();
        let twice = columns.iter().find(|column| !seen.insert(column.name()));
        if let Some(twice) = twice {
            bail!("--columns names `{}` twice", twice.name());
        }
        Ok(Export {
            target,
            order: order.or(within.order()),
            within,
            columns,
        })
    }

    /// How much of a hub must be loaded for it.
    pub fn stage(&self) -> Stage {
        let columns = self.columns.iter().map(|column| column.stage());
        let columns = columns.max().unwrap_or(Stage::Complete);
        let order = self.order.map_or(Stage::Names, |o| Stage::of(o.field));
        columns.max(order).max(self.within.stage())
    }

    /// The columns, after checking that the hub has an older snapshot for those that compare.
    fn columns(&self, hub: &Hub) -> Result<Vec<ModelColumn>> {
        let offers = |column: &ModelColumn| column.field().is_none_or(|field| hub.offers(field));
        if self.columns.is_empty() {
            return Ok(ModelColumn::all().filter(offers).collect());
        }
        let lacking = self.columns.iter().find(|column| !offers(column));
        match lacking {
            Some(column) => Err(anyhow!(needs_comparison(&format!(
                "--columns {}",
                column.name()
            )))),
            None => Ok(self.columns.clone()),
        }
    }

    /// The models, in their order.
    fn models(&self, hub: &Hub) -> Result<Vec<ModelId>> {
        let models: Vec<ModelId> = self.within.models(hub)?.iter().collect();
        let Some(order) = self.order else {
            return Ok(models);
        };
        let never = AtomicBool::new(false);
        arrange(&hub.models, order, models.into_par_iter(), &never)
            .ok_or_else(|| anyhow!("the sorting was stopped"))
    }
}

/// Writes the models to the file or to `out`, and their number to `err` if that is a terminal.
/// Without any, the table has no rows.
///
/// # Errors
/// When the query, the order or a column asks for an older snapshot that there is not, or the file
/// cannot be written; then nothing is left of it.
pub fn run(
    hub: &Hub,
    export: &Export,
    out: &mut impl Write,
    err: &mut impl Write,
    err_is_terminal: bool,
) -> Result<Found> {
    if let Some(order) = export.order {
        within::check_order(hub, order)?;
    }
    let columns = export.columns(hub)?;
    let models = export.models(hub)?;
    let table = ModelTable {
        hub,
        columns,
        nodes: models.into_iter().map(Node::from).collect(),
        extra: Vec::new(),
    };
    let rows = table.nodes.len();
    match &export.target {
        Target::Stdout => table.write_parquet(out)?,
        Target::File(path, form) => {
            spare_source(hub, path)?;
            write_file(path, |out| write_form(&table, *form, out))?;
            if err_is_terminal {
                let (rows, columns) = (format::count(rows), table.columns.len());
                let name = path.display();
                writeln!(err, "{rows} models, {columns} columns: {name}")?;
            }
        }
    }
    export.within.found(hub, rows, err)
}

/// Refuses to replace a file that the hub was read from, or to add a shard to its folder.
fn spare_source(hub: &Hub, path: &Path) -> Result<()> {
    let target = AtomicFile::target(path)?;
    let older = hub.comparison.as_ref().map(|older| &older.source);
    for source in [Some(&hub.source), older].into_iter().flatten() {
        let mut files = source.files().iter();
        let is_part = files.any(|file| fs::canonicalize(file).is_ok_and(|file| file == target));
        let is_shard = match source {
            Source::Folder(shards, _) => {
                let is_inside =
                    target.parent().map(Path::to_owned) == fs::canonicalize(shards).ok();
                is_inside && target.extension() == Some("parquet".as_ref())
            }
            _ => false,
        };
        ensure!(
            !is_part && !is_shard,
            "{}: belongs to the source {source}, which is not changed; choose another name",
            path.display()
        );
    }
    Ok(())
}

fn write_form(table: &ModelTable, form: Form, out: &mut impl Write) -> Result<()> {
    match form {
        Form::Parquet => table.write_parquet(out),
        Form::Arrow => table.write_arrow(out),
        Form::Csv => write_csv(table, out),
        Form::Ndjson => write_ndjson(table, out),
    }
}

/// Writes rows as every command does: unknown is empty, lists are separated by blanks.
fn write_csv(table: &ModelTable, out: &mut impl Write) -> Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(table.columns.iter().map(|column| column.name()))?;
    for row in 0..table.nodes.len() {
        csv.write_record(table.values(row).map(cell))?;
    }
    csv.flush()?;
    Ok(())
}

fn cell(value: Datum) -> String {
    match value {
        Datum::Unknown => String::new(),
        Datum::Number(number) => number.to_string(),
        Datum::Fraction(fraction) => fraction.to_string(),
        Datum::Text(text) => text.to_owned(),
        Datum::Time(micros) => format::rfc3339(micros).unwrap_or_default(),
        Datum::Texts(texts) => texts.join(" "),
    }
}

/// Writes a JSON object a line, with the members of [`super::model::ModelJson`] and the derived ones.
fn write_ndjson(table: &ModelTable, out: &mut impl Write) -> Result<()> {
    for row in 0..table.nodes.len() {
        let mut json = serde_json::Serializer::new(&mut *out);
        let names = table.columns.iter().map(|column| column.name());
        json.collect_map(names.zip(table.values(row).map(Json)))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// A value as JSON.
struct Json<'h>(Datum<'h>);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Datum::Unknown => serializer.serialize_none(),
            Datum::Number(number) => serializer.serialize_i64(*number),
            Datum::Fraction(fraction) => serializer.serialize_f64(*fraction),
            Datum::Text(text) => serializer.serialize_str(text),
            Datum::Time(micros) => format::rfc3339(*micros).serialize(serializer),
            Datum::Texts(texts) => texts.serialize(serializer),
        }
    }
}
