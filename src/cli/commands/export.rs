//! `hubscope export FILE`: models as a table in a file that other programs read.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::{Result, anyhow, bail};
use clap::Args;
use rayon::iter::IntoParallelIterator;
use rustc_hash::FxHashSet;

use crate::cli::complete::candidates::{Candidates, Word};
use crate::cli::context::{CommandContext, Found};
use crate::cli::output::csv;
use crate::cli::output::file::write_file;
use crate::cli::output::record::JsonRecord;
use crate::cli::within::{Where, Within, check_field, check_order};
use crate::engine::Hub;
use crate::engine::export::{ModelColumn, ModelTable};
use crate::engine::lineage::graph::Node;
use crate::engine::table::arrange::arrange;
use crate::engine::table::models::ModelId;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::atomic::{AtomicFile, not_of_source};
use crate::present::format::count;
use crate::present::progress;

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The file to write: .parquet, .arrow, .csv or .ndjson; `-` with `--parquet`
    pub file: PathBuf,
    #[command(flatten)]
    pub within: Where,
    /// Sort by a field, or by `FIELD:asc` for the smallest first; by several between commas
    #[arg(long, value_name = "FIELD", value_parser = Order::parse, add = Candidates::Order)]
    pub sort: Option<Order>,
    /// Write only these columns, in this order
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = ModelColumn::parse, add = Candidates::Words(columns))]
    pub columns: Vec<ModelColumn>,
    /// Write Parquet to standard output
    #[arg(long)]
    pub parquet: bool,
}

fn columns() -> Vec<Word> {
    let about = |column: ModelColumn| column.field().map_or("", |field| field.info().about);
    ModelColumn::all()
        .map(|column| (column.name(), about(column)))
        .collect()
}

enum Target {
    /// Standard output, as Parquet.
    Stdout,
    File(PathBuf, FileFormat),
}

#[derive(Clone, Copy)]
enum FileFormat {
    Parquet,
    Arrow,
    Csv,
    Ndjson,
}

/// Writes the models, and their number to a terminal. Without any, the table has no rows.
///
/// # Errors
/// When the arguments ask for something impossible, or the file cannot be written; then no part of it
/// is left.
pub fn run(context: &mut CommandContext, args: &ExportArgs) -> Result<Found> {
    let target = Target::new(&args.file, args.parquet)?;
    check_distinct(&args.columns)?;
    let within = Within::new(args.within.query.as_deref())?;
    let order = args.sort.or(within.order());
    let hub = context.open(stage(&args.columns, order).max(within.stage()))?;
    let table = table(hub, args, &within, order)?;
    let rows = table.nodes.len();
    match &target {
        Target::Stdout => table.write_parquet(&mut *context.out)?,
        Target::File(path, format) => {
            not_of_source(hub, path)?;
            let progress = progress::bytes();
            let written = write_file(path, |out| {
                write(&table, *format, &mut progress.wrap_write(out))
            });
            progress.finish_and_clear();
            written?;
            if context.err_is_terminal {
                let (models, columns) = (count(rows), table.columns.len());
                let name = path.display();
                writeln!(context.err, "{models} models, {columns} columns: {name}")?;
            }
        }
    }
    within.found(hub, rows, 0, context)
}

impl Target {
    fn new(file: &Path, parquet: bool) -> Result<Target> {
        match (file == Path::new("-"), parquet) {
            (true, true) => Ok(Target::Stdout),
            (true, false) => bail!("`-` is standard output, which takes --parquet"),
            (false, true) => bail!("--parquet writes to standard output; give `-` as the file"),
            (false, false) => {
                AtomicFile::target(file)?;
                Ok(Target::File(file.to_owned(), FileFormat::of(file)?))
            }
        }
    }
}

impl FileFormat {
    /// Returns the format of a file's extension.
    fn of(path: &Path) -> Result<FileFormat> {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        Ok(match extension.to_str() {
            Some("parquet") => FileFormat::Parquet,
            Some("arrow") => FileFormat::Arrow,
            Some("csv") => FileFormat::Csv,
            Some("ndjson") => FileFormat::Ndjson,
            _ => bail!(
                "{}: unknown file extension; use .parquet, .arrow, .csv or .ndjson",
                path.display()
            ),
        })
    }
}

fn check_distinct(columns: &[ModelColumn]) -> Result<()> {
    let mut seen = FxHashSet::default();
    let twice = columns.iter().find(|column| !seen.insert(column.name()));
    match twice {
        Some(column) => bail!("--columns names `{}` twice", column.name()),
        None => Ok(()),
    }
}

/// Returns the stage of loading that the columns, by default all, and the order need.
fn stage(columns: &[ModelColumn], order: Option<Order>) -> Stage {
    let columns = columns.iter().map(|column| column.stage());
    let columns = columns.max().unwrap_or(Stage::Complete);
    columns.max(order.map_or(Stage::Names, Stage::of_order))
}

/// Returns the table, after checking that the hub has an older snapshot if anything compares.
fn table<'h>(
    hub: &'h Hub,
    args: &ExportArgs,
    within: &Within,
    order: Option<Order>,
) -> Result<ModelTable<'h>> {
    if let Some(order) = order {
        check_order(hub, order)?;
    }
    for column in &args.columns {
        if let Some(field) = column.field() {
            check_field(hub, field, || format!("--columns {}", column.name()))?;
        }
    }
    let mut columns = args.columns.clone();
    if columns.is_empty() {
        let offers = |column: &ModelColumn| column.field().is_none_or(|field| hub.offers(field));
        columns = ModelColumn::all().filter(offers).collect();
    }
    let mut models: Vec<ModelId> = within.models(hub)?.iter().collect();
    if let Some(order) = order {
        let never = AtomicBool::new(false);
        models = arrange(&hub.models, order, models.into_par_iter(), &never)
            .ok_or_else(|| anyhow!("the sorting was stopped"))?;
    }
    Ok(ModelTable {
        hub,
        columns,
        nodes: models.into_iter().map(Node::from).collect(),
        extra: Vec::new(),
    })
}

fn write(table: &ModelTable, format: FileFormat, out: &mut dyn Write) -> Result<()> {
    match format {
        FileFormat::Parquet => table.write_parquet(out),
        FileFormat::Arrow => table.write_arrow(out),
        FileFormat::Csv => {
            let header: Vec<&str> = table.names().collect();
            csv::write(&header, csv::cells(table), out)
        }
        FileFormat::Ndjson => {
            for row in 0..table.nodes.len() {
                serde_json::to_writer(&mut *out, &JsonRecord::of_row(table, row))?;
                out.write_all(b"\n")?;
            }
            Ok(())
        }
    }
}
