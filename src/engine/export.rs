//! Models as a table for other programs: columns of the frame and derived ones, as Parquet, as Arrow
//! IPC, or value by value. Files are written in chunks of rows, so that the memory they take does not
//! grow with their length.

use std::io::{self, Write};
use std::ops::Range;

use anyhow::{Error, Result};
use polars::prelude::*;
use polars_arrow::io::ipc::write::default_ipc_fields;
use rayon::prelude::*;

use crate::engine::Hub;
use crate::engine::flags::{SUSPECT, flags};
use crate::engine::lineage::graph::Node;
use crate::engine::table::field::{FIELDS, Field, Kind};
use crate::engine::table::models::BILLION;
use crate::engine::table::stage::Stage;

/// Rows of a row group or record batch.
const CHUNK: usize = 131_072;

/// A column of a [`ModelTable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelColumn {
    Field(Field),
    /// The user or organization before the id's slash.
    Author,
    /// The ids of the bases, in file order, missing ones included.
    Bases,
    /// The flags of the model; see [`flags`].
    Flags {
        /// True if a suspect parameter count is among them.
        suspect: bool,
    },
}

/// The type of a column's values.
#[derive(Clone, Copy)]
enum DatumType {
    Number,
    Fraction,
    Text,
    Time,
    Texts,
}

/// One value of a table.
pub enum Datum<'h> {
    Unknown,
    Number(i64),
    /// A score, or a share with 1 for the whole.
    Fraction(f64),
    Text(&'h str),
    /// Microseconds since 1970 UTC.
    Time(i64),
    Texts(Vec<&'h str>),
}

impl ModelColumn {
    /// The members of a model object, in the order of JSON.
    const MODEL: [ModelColumn; 16] = [
        ModelColumn::Field(Field::Id),
        ModelColumn::Author,
        ModelColumn::Field(Field::Downloads),
        ModelColumn::Field(Field::DownloadsAllTime),
        ModelColumn::Field(Field::Likes),
        ModelColumn::Field(Field::TrendingScore),
        ModelColumn::Field(Field::Params),
        ModelColumn::Field(Field::ParamsSource),
        ModelColumn::Field(Field::Task),
        ModelColumn::Field(Field::Library),
        ModelColumn::Field(Field::License),
        ModelColumn::Field(Field::CreatedAt),
        ModelColumn::Field(Field::LastModified),
        ModelColumn::Field(Field::Relation),
        ModelColumn::Bases,
        ModelColumn::Flags { suspect: false },
    ];

    /// The columns of a model object, with those that compare where there is an older snapshot.
    pub fn model(hub: &Hub) -> Vec<ModelColumn> {
        let compared = FIELDS.iter().map(|info| info.field);
        let compared = compared.filter(|field| field.is_compared() && hub.offers(*field));
        let model = ModelColumn::MODEL.into_iter();
        model.chain(compared.map(ModelColumn::Field)).collect()
    }

    /// Every column: those of a model object, then all other fields.
    pub fn all() -> impl Iterator<Item = ModelColumn> {
        let model = ModelColumn::MODEL.map(|column| match column {
            ModelColumn::Flags { .. } => ModelColumn::Flags { suspect: true },
            other => other,
        });
        let fields = FIELDS.iter().map(|info| ModelColumn::Field(info.field));
        model
            .into_iter()
            .chain(fields.filter(|field| !ModelColumn::MODEL.contains(field)))
    }

    /// Reads a column's name, such as `likes`, or the short name of its field, such as `ratio`.
    ///
    /// # Errors
    /// With the nearest name, or all of them.
    pub fn parse(name: &str) -> Result<ModelColumn, String> {
        let short = |column: &ModelColumn| column.field().map(|field| field.info().name);
        let is_named = |column: &ModelColumn| column.name() == name || short(column) == Some(name);
        if let Some(column) = ModelColumn::all().find(is_named) {
            return Ok(column);
        }
        let names: Vec<&str> = ModelColumn::all().map(ModelColumn::name).collect();
        let distance = |known: &str| strsim::damerau_levenshtein(known, name);
        let near = names.iter().min_by_key(|known| distance(known));
        Err(
            match near.filter(|known| distance(known) * 2 <= known.len()) {
                Some(near) => format!("there is no column `{name}`; did you mean `{near}`?"),
                None => format!("there is no column `{name}`; one of {}", names.join(", ")),
            },
        )
    }

    /// The name, which is the key of JSON.
    pub fn name(self) -> &'static str {
        match self {
            ModelColumn::Field(field) => field.info().key,
            ModelColumn::Author => "author",
            ModelColumn::Bases => "bases",
            ModelColumn::Flags { .. } => "flags",
        }
    }

    /// The field that it shows, if it is one.
    pub fn field(self) -> Option<Field> {
        match self {
            ModelColumn::Field(field) => Some(field),
            _ => None,
        }
    }

    /// Returns the stage that must be loaded to fill it.
    pub fn stage(self) -> Stage {
        match self {
            ModelColumn::Field(field) => Stage::of(field),
            ModelColumn::Author => Stage::Names,
            ModelColumn::Bases | ModelColumn::Flags { suspect: false } => Stage::Lineage,
            ModelColumn::Flags { suspect: true } => Stage::Fields,
        }
    }

    fn dtype(self) -> DatumType {
        let ModelColumn::Field(field) = self else {
            return match self {
                ModelColumn::Author => DatumType::Text,
                _ => DatumType::Texts,
            };
        };
        match field.info().kind {
            Kind::Text | Kind::Word => DatumType::Text,
            Kind::Count | Kind::Bytes | Kind::Change => DatumType::Number,
            Kind::Share | Kind::Growth | Kind::Score => DatumType::Fraction,
            Kind::Time => DatumType::Time,
        }
    }
}

/// A column that a command adds to the models': a value for each row.
pub struct ExtraColumn<'h> {
    name: &'static str,
    values: ExtraValues<'h>,
}

enum ExtraValues<'h> {
    Numbers(Vec<Option<i64>>),
    Texts(Vec<Option<&'h str>>),
}

impl<'h> ExtraColumn<'h> {
    /// A column of whole numbers.
    pub fn numbers(name: &'static str, values: Vec<Option<i64>>) -> ExtraColumn<'h> {
        let values = ExtraValues::Numbers(values);
        ExtraColumn { name, values }
    }

    /// A column of words.
    pub fn texts(name: &'static str, values: Vec<Option<&'h str>>) -> ExtraColumn<'h> {
        let values = ExtraValues::Texts(values);
        ExtraColumn { name, values }
    }

    fn value(&self, row: usize) -> Datum<'h> {
        let value = match &self.values {
            ExtraValues::Numbers(values) => values[row].map(Datum::Number),
            ExtraValues::Texts(values) => values[row].map(Datum::Text),
        };
        value.unwrap_or(Datum::Unknown)
    }

    fn column(&self, rows: Range<usize>) -> Column {
        let name = self.name.into();
        match &self.values {
            ExtraValues::Numbers(values) => {
                Int64Chunked::from_iter_options(name, values[rows].iter().copied()).into_column()
            }
            ExtraValues::Texts(values) => {
                StringChunked::from_iter_options(name, values[rows].iter().copied()).into_column()
            }
        }
    }
}

/// Models and missing bases as rows, in any order.
pub struct ModelTable<'h> {
    pub hub: &'h Hub,
    pub columns: Vec<ModelColumn>,
    pub nodes: Vec<Node>,
    /// More columns, after the others.
    pub extra: Vec<ExtraColumn<'h>>,
}

impl<'h> ModelTable<'h> {
    /// Returns the names of all columns.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let extra = self.extra.iter().map(|extra| extra.name);
        self.columns.iter().map(|column| column.name()).chain(extra)
    }

    /// Returns the values of a row, in the order of [`ModelTable::names`].
    pub fn values(&self, row: usize) -> impl Iterator<Item = Datum<'h>> {
        let node = self.nodes[row];
        let columns = self.columns.iter();
        let columns = columns.map(move |column| value(self.hub, *column, node));
        columns.chain(self.extra.iter().map(move |extra| extra.value(row)))
    }

    /// Writes the table as Parquet.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_parquet(&self, out: impl Write) -> Result<()> {
        let mut out = Noting::new(out);
        let written = self.parquet(&mut out);
        out.result(written)
    }

    fn parquet(&self, out: impl Write) -> PolarsResult<()> {
        let writer = ParquetWriter::new(out).with_compression(ParquetCompression::Zstd(None));
        let mut chunks = self.chunks();
        let mut writer = writer.batched(chunks.next().transpose()?.unwrap_or_default().schema())?;
        for chunk in chunks {
            writer.write_batch(&chunk?)?;
        }
        writer.finish()?;
        Ok(())
    }

    /// Writes the table as a file of Arrow IPC, uncompressed, so that it can be mapped.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_arrow(&self, out: impl Write) -> Result<()> {
        let mut out = Noting::new(out);
        let written = self.arrow(&mut out);
        out.result(written)
    }

    fn arrow(&self, out: impl Write) -> PolarsResult<()> {
        // Views of strings are younger than many readers.
        let level = CompatLevel::oldest();
        let mut chunks = self.chunks();
        let schema = chunks.next().transpose()?.unwrap_or_default();
        let fields = default_ipc_fields(schema.schema().to_arrow(level).iter_values());
        let writer = IpcWriter::new(out).with_compat_level(level);
        let mut writer = writer.batched(schema.schema(), fields)?;
        for chunk in chunks {
            writer.write_batch(&chunk?)?;
        }
        writer.finish()
    }

    /// Returns the table in chunks of rows, after one without rows.
    fn chunks(&self) -> impl Iterator<Item = PolarsResult<DataFrame>> {
        let frame = self.hub.models.frame();
        let starts = (0..self.nodes.len()).step_by(CHUNK);
        let rows = starts.map(|start| start..self.nodes.len().min(start + CHUNK));
        let rows = std::iter::once(0..0).chain(rows);
        rows.map(move |rows| self.chunk(frame, rows))
    }

    fn chunk(&self, frame: &DataFrame, rows: Range<usize>) -> PolarsResult<DataFrame> {
        let nodes = &self.nodes[rows.clone()];
        let models = nodes.iter().map(|node| self.hub.graph.model(*node));
        let models: IdxCa = models.map(|model| model.map(|model| model.0)).collect();
        let column = |column: &ModelColumn| self.column(*column, frame, nodes, &models);
        let columns = self.columns.par_iter().map(column);
        let mut columns = columns.collect::<PolarsResult<Vec<_>>>()?;
        let extra = self.extra.iter();
        columns.extend(extra.map(|extra| extra.column(rows.clone())));
        DataFrame::new(nodes.len(), columns)
    }

    /// Gathers the rows of a column that the frame has; fills all others with their values.
    fn column(
        &self,
        column: ModelColumn,
        frame: &DataFrame,
        nodes: &[Node],
        models: &IdxCa,
    ) -> PolarsResult<Column> {
        // Missing bases have an id, but no row.
        let is_id = column == ModelColumn::Field(Field::Id);
        let kept = frame.column(column.name()).ok().filter(|_| !is_id);
        let Some(kept) = kept else {
            let values = nodes.iter().map(|node| value(self.hub, column, *node));
            return Ok(filled(column, values));
        };
        let taken = kept.take(models)?;
        match column.dtype() {
            DatumType::Text => taken.cast(&DataType::String),
            DatumType::Time => Ok(in_utc(taken.to_physical_repr().i64()?.clone())),
            _ => Ok(taken),
        }
    }
}

/// Builds a column of these values.
fn filled<'h>(column: ModelColumn, values: impl ExactSizeIterator<Item = Datum<'h>>) -> Column {
    let name = column.name().into();
    let number = |value| match value {
        Datum::Number(number) | Datum::Time(number) => Some(number),
        _ => None,
    };
    let fraction = |value| match value {
        Datum::Fraction(fraction) => Some(fraction),
        _ => None,
    };
    let text = |value| match value {
        Datum::Text(text) => Some(text),
        _ => None,
    };
    match column.dtype() {
        DatumType::Number => {
            Int64Chunked::from_iter_options(name, values.map(number)).into_column()
        }
        DatumType::Time => in_utc(Int64Chunked::from_iter_options(name, values.map(number))),
        DatumType::Fraction => {
            Float64Chunked::from_iter_options(name, values.map(fraction)).into_column()
        }
        DatumType::Text => StringChunked::from_iter_options(name, values.map(text)).into_column(),
        DatumType::Texts => {
            let mut lists = ListStringChunkedBuilder::new(name, values.len(), values.len());
            for value in values {
                match value {
                    Datum::Texts(texts) => lists.append_values_iter(texts.into_iter()),
                    _ => lists.append_null(),
                }
            }
            lists.finish().into_column()
        }
    }
}

fn in_utc(micros: Int64Chunked) -> Column {
    let times = micros.into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
    times.into_column()
}

/// Returns the value of a node in a column.
fn value(hub: &Hub, column: ModelColumn, node: Node) -> Datum<'_> {
    let name = || hub.name(node);
    let text = |text: Option<_>| text.map_or(Datum::Unknown, Datum::Text);
    match column {
        ModelColumn::Field(field) => field_value(hub, field, node),
        ModelColumn::Author => text(name().split_once('/').map(|(author, _)| author)),
        ModelColumn::Bases => {
            let bases = hub.graph.bases(node).iter();
            Datum::Texts(bases.map(|base| hub.name(*base)).collect())
        }
        ModelColumn::Flags { suspect } => {
            let mut flags = flags(hub, node);
            let model = hub.graph.model(node).filter(|_| suspect);
            if model.is_some_and(|model| hub.suspects.has(model)) {
                flags.push(SUSPECT);
            }
            Datum::Texts(flags)
        }
    }
}

fn field_value(hub: &Hub, field: Field, node: Node) -> Datum<'_> {
    let (models, model) = (&hub.models, hub.graph.model(node));
    let number = || hub.lineage().number(field, node);
    #[expect(clippy::cast_precision_loss, reason = "a share of a few digits")]
    let share = |billionths: i64| Datum::Fraction(billionths as f64 / BILLION as f64);
    let value = match field.info().kind {
        Kind::Text => Some(Datum::Text(hub.name(node))),
        Kind::Word => model.and_then(|m| models.word(field, m).map(Datum::Text)),
        Kind::Score => model.and_then(|m| models.score(field, m).map(Datum::Fraction)),
        Kind::Time => number().map(Datum::Time),
        Kind::Count | Kind::Bytes | Kind::Change => number().map(Datum::Number),
        Kind::Share => model.and_then(|m| models.recent_share(m).map(Datum::Fraction)),
        Kind::Growth => number().map(share),
    };
    value.unwrap_or(Datum::Unknown)
}

/// An output that notes its first error: Polars passes on no more than its text.
struct Noting<W> {
    out: W,
    failed: Option<io::Error>,
}

impl<W: Write> Noting<W> {
    fn new(out: W) -> Noting<W> {
        Noting { out, failed: None }
    }

    /// The result of writing to it.
    fn result(self, written: PolarsResult<()>) -> Result<()> {
        match (written, self.failed) {
            (Ok(()), _) => Ok(()),
            (Err(_), Some(error)) => Err(error.into()),
            (Err(error), None) => Err(Error::from(error)),
        }
    }

    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            if kind != io::ErrorKind::Interrupted {
                self.failed.get_or_insert(error);
            }
            kind.into()
        })
    }
}

impl<W: Write> Write for Noting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes);
        self.note(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.out.flush();
        self.note(flushed)
    }
}
