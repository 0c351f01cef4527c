//! A small hub for tests: a few dozen made-up models, written as parquet and opened, and what is
//! to be said of each, worked out from the rows in the plainest way there is.
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod diff;
pub mod expected;
pub mod lineage;
pub mod program;
mod rows;
pub mod snapshots;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use hubscope::cli::context::{CommandContext, Found};
use hubscope::cli::opener::Opener;
use hubscope::cli::output::format::Format;
use hubscope::engine::Hub;
use hubscope::engine::source::Source;
use polars::prelude::*;
use serde_json::{Map, Value};

pub use rows::rows;

/// The made-up hub, opened.
pub fn hub() -> Hub {
    open(&file())
}

/// The made-up hub as a file, in the layout of May 2026; always the same bytes.
pub fn file() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join("hub.parquet");
    // Tests that run at the same time never see a part of it.
    let partial = tempfile::NamedTempFile::new_in(folder).unwrap();
    write(&mut frame(), partial.path());
    partial.persist(&path).unwrap();
    path
}

/// Real rows as a file, which lies beside a checkout where there is one; it is not part of the project.
pub fn real_file() -> Option<PathBuf> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/hub_stats_real_2500.parquet");
    path.exists().then_some(path)
}

/// The same as a frame.
pub fn real_frame() -> Option<DataFrame> {
    let file = File::open(real_file()?).unwrap();
    Some(ParquetReader::new(file).finish().unwrap())
}

/// Writes a frame as parquet.
pub fn write(frame: &mut DataFrame, path: &Path) {
    write_groups(frame, path, None);
}

/// The same in row groups of so many rows.
pub fn write_groups(frame: &mut DataFrame, path: &Path, rows: Option<usize>) {
    let writer = ParquetWriter::new(File::create(path).unwrap());
    writer.with_row_group_size(rows).finish(frame).unwrap();
}

/// Opens a file or a folder of shards.
pub fn open(path: &Path) -> Hub {
    let source = Source::named(Some(path)).unwrap();
    Hub::open(&source, &|_| {}).unwrap()
}

/// The made-up models as the base frame, in the layout of May 2026.
pub fn frame() -> DataFrame {
    frame_of(&rows(), &layout())
}

/// The columns of May 2026.
pub fn layout() -> Vec<(&'static str, DataType)> {
    let time = DataType::Datetime(TimeUnit::Microseconds, None);
    let list = |inner| DataType::List(Box::new(inner));
    let record = |fields: &[(&str, DataType)]| {
        let fields = fields.iter();
        DataType::Struct(
            fields
                .map(|(name, dtype)| Field::new((*name).into(), dtype.clone()))
                .collect(),
        )
    };
    let dtypes = ["BF16", "F32", "F8_E4M3", "I32", "miku"].map(|name| (name, DataType::Int64));
    let base = record(&[("_id", DataType::String), ("id", DataType::String)]);
    vec![
        ("id", DataType::String),
        ("author", DataType::String),
        ("createdAt", time.clone()),
        ("lastModified", time),
        ("downloads", DataType::Int64),
        ("downloadsAllTime", DataType::Int64),
        ("likes", DataType::Int64),
        ("trendingScore", DataType::Float64),
        ("tags", list(DataType::String)),
        ("cardData", DataType::String),
        (
            "safetensors",
            record(&[("parameters", record(&dtypes)), ("total", DataType::Int64)]),
        ),
        ("gguf", DataType::String),
        (
            "baseModels",
            record(&[("relation", DataType::String), ("models", list(base))]),
        ),
        ("pipeline_tag", DataType::String),
        ("library_name", DataType::String),
    ]
}

/// Rows as a frame of these columns.
pub fn frame_of(rows: &[Value], columns: &[(&str, DataType)]) -> DataFrame {
    let column =
        |(name, dtype): &(&str, DataType)| series(name, &cells(rows, name), dtype).into_column();
    DataFrame::new_infer_height(columns.iter().map(column).collect()).unwrap()
}

/// One member of every row.
pub fn cells(rows: &[Value], name: &str) -> Vec<Value> {
    rows.iter().map(|row| row[name].clone()).collect()
}

/// Values as a column of this type.
pub fn series(name: &str, values: &[Value], dtype: &DataType) -> Series {
    let values: Vec<AnyValue> = values.iter().map(|value| cell(value, dtype)).collect();
    Series::from_any_values_and_dtype(name.into(), &values, dtype, true).unwrap()
}

fn cell<'a>(value: &'a Value, dtype: &DataType) -> AnyValue<'a> {
    match dtype {
        _ if value.is_null() => AnyValue::Null,
        DataType::List(inner) => AnyValue::List(series("", value.as_array().unwrap(), inner)),
        DataType::Struct(fields) => {
            let cells = fields
                .iter()
                .map(|f| cell(&value[f.name().as_str()], f.dtype()));
            AnyValue::StructOwned(Box::new((
                cells.map(AnyValue::into_static).collect(),
                fields.clone(),
            )))
        }
        DataType::Datetime(unit, _) => AnyValue::Datetime(value.as_i64().unwrap(), *unit, None),
        DataType::Float64 => AnyValue::Float64(value.as_f64().unwrap()),
        DataType::Int64 => AnyValue::Int64(value.as_i64().unwrap()),
        _ => AnyValue::String(value.as_str().unwrap()),
    }
}

/// The way back: a frame of the layout of May 2026 as rows.
pub fn rows_of(frame: &DataFrame) -> Vec<Value> {
    let row = |at| {
        let cells = frame
            .columns()
            .iter()
            .map(|c| (c.name().to_string(), plain(&c.get(at).unwrap())));
        Value::Object(cells.collect())
    };
    (0..frame.height()).map(row).collect()
}

fn plain(cell: &AnyValue) -> Value {
    match cell {
        AnyValue::Null => Value::Null,
        AnyValue::String(text) => Value::from(*text),
        AnyValue::StringOwned(text) => Value::from(text.as_str()),
        AnyValue::Int64(number) | AnyValue::Datetime(number, ..) => Value::from(*number),
        AnyValue::Float64(number) => Value::from(*number),
        AnyValue::List(values) => values.iter().map(|value| plain(&value)).collect(),
        AnyValue::Struct(..) | AnyValue::StructOwned(_) => {
            let AnyValue::StructOwned(cells) = cell.clone().into_static() else {
                unreachable!("owned now");
            };
            let (values, fields) = *cells;
            let members = fields.iter().zip(&values);
            let members: Map<_, _> = members
                .map(|(f, v)| (f.name().to_string(), plain(v)))
                .collect();
            // A null struct may come as one of nulls only; nothing here tells them apart.
            match members.values().all(Value::is_null) {
                true => Value::Null,
                false => Value::Object(members),
            }
        }
        other => panic!("no test has a {other:?}"),
    }
}

/// Returns the output of a command in this process.
pub fn printed(
    format: Format,
    run: impl FnOnce(&mut CommandContext) -> anyhow::Result<Found>,
) -> String {
    let mut out = Vec::new();
    let mut context = CommandContext {
        opener: Opener::default(),
        format,
        out: &mut out,
        err: &mut io::sink(),
        width: usize::MAX,
        err_is_terminal: false,
    };
    run(&mut context).unwrap();
    String::from_utf8(out).unwrap()
}
