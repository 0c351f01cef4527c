//! One hub in every layout that its file has had, and that exports give it: each must load to the
//! same models, as far as the layout carries what is known of them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

use hubscope::cli::commands::show;
use hubscope::cli::output::format::Format;
use hubscope::engine::Hub;
use hubscope::engine::table::field::Field as Known;
use polars::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::expected::{self, bases, relation};
use crate::common::printed;
use crate::common::{
    cells, frame, frame_of, hub, layout, open, rows, rows_of, series, write, write_groups,
};

/// What the program says of every model, by id; ancestors sorted as in [`expected::shown`].
fn shown(hub: &Hub) -> BTreeMap<String, Value> {
    let one = |id: &str| {
        let out = printed(Format::Json, |context| show::print(context, hub, id));
        let mut shown: Value = serde_json::from_str(&out).unwrap();
        let ancestors = shown["ancestors"].as_array_mut().unwrap();
        ancestors.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        (id.to_owned(), shown)
    };
    hub.models.ids().map(one).collect()
}

/// The frame, written and opened, is to hold exactly these models.
fn check(frame: &mut DataFrame, rows: &[Value]) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("models.parquet");
    write(frame, &path);
    check_path(&path, rows);
}

fn check_path(path: &Path, rows: &[Value]) {
    let hub = open(path);
    assert_eq!(hub.models.len(), rows.len());
    expected::compare(&shown(&hub), &expected::shown(rows));
    check_edges(&hub, rows);
    check_dtypes(&hub, rows);
}

/// Every model has the tensor type with the largest count, of equal ones the first by name.
fn check_dtypes(hub: &Hub, rows: &[Value]) {
    for row in rows {
        let counts = row["safetensors"]["parameters"].as_object();
        let known = counts.into_iter().flatten();
        let known = known.filter_map(|(name, count)| Some((count.as_i64()?, name)));
        let largest = known
            .filter(|(count, _)| *count > 0)
            .max_by_key(|(count, name)| (*count, Reverse(*name)));
        let model = hub.models.find(row["id"].as_str().unwrap()).unwrap();
        assert_eq!(
            hub.models.word(Known::Dtype, model),
            largest.map(|(_, name)| name.as_str()),
            "{row}"
        );
    }
}

/// Every stated pair is an edge under its own word.
fn check_edges(hub: &Hub, rows: &[Value]) {
    for row in rows {
        let child = hub.find(row["id"].as_str().unwrap()).unwrap();
        for base in bases(row) {
            let word = hub.graph.relation(child, hub.find(&base).unwrap());
            let wanted = relation(row);
            assert_eq!(
                word,
                Some(wanted.as_str().unwrap_or_default()),
                "{row} from {base}"
            );
        }
    }
    let stated: usize = rows.iter().map(|row| bases(row).len()).sum();
    assert_eq!(hub.graph.edge_count(), stated);
}

/// The rows without some of their members.
fn lacking(columns: &[&str]) -> Vec<Value> {
    let mut rows = rows();
    for row in &mut rows {
        for column in columns {
            row.as_object_mut().unwrap().remove(*column);
        }
    }
    rows
}

/// The rows as tags alone state them: the Hub has each tag once, and so each base; a relation without
/// a base has no tag.
fn once_each(mut rows: Vec<Value>) -> Vec<Value> {
    for row in &mut rows {
        if bases(row).is_empty() {
            row["baseModels"] = Value::Null;
        }
    }
    rows
}

/// The base frame with one column in another form.
fn with(mut frame: DataFrame, name: &str, change: impl Fn(&Series) -> Series) -> DataFrame {
    let changed = change(frame.column(name).unwrap().as_materialized_series());
    frame
        .with_column(changed.with_name(name.into()).into_column())
        .unwrap();
    frame
}

fn cast(frame: DataFrame, names: &[&str], dtype: &DataType) -> DataFrame {
    let cast = |frame, name: &&str| with(frame, name, |column| column.strict_cast(dtype).unwrap());
    names.iter().fold(frame, cast)
}

/// The base frame with columns as JSON text.
fn as_json(frame: DataFrame, rows: &[Value], names: &[&str]) -> DataFrame {
    let text = |value: Value| {
        if value.is_null() {
            value
        } else {
            json!(value.to_string())
        }
    };
    let texts = |name: &str| cells(rows, name).into_iter().map(text).collect::<Vec<_>>();
    let change = |frame, name: &&str| {
        with(frame, name, |_| {
            series(name, &texts(name), &DataType::String)
        })
    };
    names.iter().fold(frame, change)
}

/// Times in microseconds as text.
fn as_text(micros: &Series, write: impl Fn(&str) -> String) -> Series {
    let times = micros.to_physical_repr();
    let text = |t: i64| hubscope::present::format::rfc3339(t).map(|text| write(&text));
    let texts: Vec<Option<String>> = times
        .i64()
        .unwrap()
        .iter()
        .map(|t| t.and_then(text))
        .collect();
    Series::new(PlSmallStr::EMPTY, texts)
}

const COUNTS: [&str; 3] = ["downloads", "downloadsAllTime", "likes"];
const TIMES: [&str; 2] = ["createdAt", "lastModified"];
const WORDS: [&str; 5] = ["id", "author", "pipeline_tag", "library_name", "gguf"];
const NESTED: [&str; 3] = ["baseModels", "safetensors", "tags"];

#[test]
fn may_2026() {
    expected::compare(
        &expected::shown(&rows_of(&frame())),
        &expected::shown(&rows()),
    );
    check(&mut frame(), &rows());
}

/// The canonical columns are the file's own, as Polars reads them.
#[test]
fn the_canonical_frame_is_the_files() {
    let (hub, frame) = (hub(), frame());
    let canonical = hub.models.frame();
    for field in [
        Known::Downloads,
        Known::DownloadsAllTime,
        Known::Likes,
        Known::TrendingScore,
        Known::CreatedAt,
    ] {
        let ours = canonical.column(field.info().key).unwrap();
        let theirs = frame.column(field.info().columns[0]).unwrap();
        assert_eq!(ours.dtype(), theirs.dtype());
        let (ours, theirs) = (
            ours.as_materialized_series(),
            theirs.as_materialized_series(),
        );
        assert!(ours.equals_missing(theirs), "{ours} {theirs}");
    }
}

#[test]
fn the_year_2024() {
    let lacking = lacking(&["downloadsAllTime"]);
    let mut frame = as_2024(frame_of(&lacking, &layout()));
    check(&mut frame, &once_each(lacking));
}

/// `modelId` for `id`, lineage in tags only, no downloads of all time, times as text.
fn as_2024(frame: DataFrame) -> DataFrame {
    let mut frame = frame.drop_many(["baseModels", "downloadsAllTime"]);
    frame.rename("id", "modelId".into()).unwrap();
    with(frame, "createdAt", |times| as_text(times, str::to_owned))
}

#[test]
fn early_2025() {
    let mut frame = frame().drop("baseModels").unwrap();
    check(&mut frame, &once_each(rows()));
}

#[test]
fn both_names_of_the_id() {
    let mut both = with(frame(), "id", |ids| {
        let ids = ids.str().unwrap().iter().enumerate();
        ids.map(|(row, id)| id.filter(|_| row % 2 == 0)).collect()
    });
    both.with_column(
        frame()
            .column("id")
            .unwrap()
            .clone()
            .with_name("modelId".into()),
    )
    .unwrap();
    check(&mut both, &rows());
    // A number of its own beside the name.
    let mut numbered = as_2024(frame());
    numbered
        .with_column(Column::new(
            "id".into(),
            (0..rows().len() as i64).collect::<Vec<_>>(),
        ))
        .unwrap();
    check(&mut numbered, &once_each(lacking(&["downloadsAllTime"])));
}

#[test]
fn nested_columns_as_json_text() {
    check(&mut as_json(frame(), &rows(), &NESTED), &rows());
    // Numbers that went through a language without whole ones.
    let mut floats = rows();
    for total in floats
        .iter_mut()
        .filter_map(|row| row.pointer_mut("/safetensors/total"))
    {
        *total = total.as_f64().map_or(Value::Null, Value::from);
    }
    check(&mut as_json(frame(), &floats, &NESTED), &rows());
}

/// Some writers leave the bases' own `_id` out, or list bare names.
#[test]
fn bases_as_bare_names() {
    let mut bare = rows();
    for row in &mut bare {
        let names = bases(row);
        if let Some(models) = row["baseModels"].get_mut("models").filter(|m| !m.is_null()) {
            *models = json!(names);
        }
    }
    check(&mut as_json(frame(), &bare, &["baseModels"]), &rows());
    let names = DataType::List(Box::new(DataType::String));
    let fields =
        [("models", names), ("relation", DataType::String)].map(|(n, t)| Field::new(n.into(), t));
    let column = series(
        "baseModels",
        &cells(&bare, "baseModels"),
        &DataType::Struct(fields.to_vec()),
    );
    check(
        &mut with(frame(), "baseModels", |_| column.clone()),
        &rows(),
    );
}

#[test]
fn words_as_categories() {
    let categories = DataType::from_categories(Categories::global());
    check(&mut cast(frame(), &WORDS, &categories), &rows());
    check(
        &mut cast(frame(), &["tags"], &DataType::List(Box::new(categories))),
        &rows(),
    );
}

#[test]
fn words_as_bytes() {
    check(&mut cast(frame(), &WORDS, &DataType::Binary), &rows());
    check(
        &mut cast(
            as_json(frame(), &rows(), &NESTED),
            &NESTED,
            &DataType::Binary,
        ),
        &rows(),
    );
}

#[test]
fn counts_of_every_width() {
    for dtype in [
        DataType::Int32,
        DataType::UInt32,
        DataType::UInt64,
        DataType::Float64,
        DataType::String,
    ] {
        check(&mut cast(frame(), &COUNTS, &dtype), &rows());
    }
    check(&mut cast(frame(), &["likes"], &DataType::Int16), &rows());
    // All of these scores are halves and quarters, which 32 bits hold exactly.
    check(
        &mut cast(frame(), &["trendingScore"], &DataType::Float32),
        &rows(),
    );
}

#[test]
fn times_of_every_unit_and_zone() {
    for unit in [
        TimeUnit::Milliseconds,
        TimeUnit::Microseconds,
        TimeUnit::Nanoseconds,
    ] {
        for zone in [None, Some(TimeZone::UTC)] {
            let shift = |times: &Series| {
                let unzoned = times.cast(&DataType::Datetime(unit, None)).unwrap();
                let values = unzoned.to_physical_repr().i64().unwrap().clone();
                values.into_datetime(unit, zone.clone()).into_series()
            };
            check(
                &mut TIMES.iter().fold(frame(), |f, name| with(f, name, shift)),
                &rows(),
            );
        }
    }
}

#[test]
fn times_as_text() {
    let forms: [fn(&str) -> String; 4] = [
        str::to_owned,
        |text| text.replace('Z', ""),
        |text| text.replace('T', " ").replace('Z', "+00:00"),
        |text| match text.contains('.') {
            true => text.to_owned(),
            false => text.replace('Z', ".000Z"),
        },
    ];
    for form in forms {
        check(
            &mut TIMES
                .iter()
                .fold(frame(), |f, name| with(f, name, |t| as_text(t, form))),
            &rows(),
        );
    }
}

#[test]
fn several_row_groups() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("models.parquet");
    for size in [1, 7, 30] {
        write_groups(&mut frame(), &path, Some(size));
        check_path(&path, &rows());
        write_groups(&mut as_json(frame(), &rows(), &NESTED), &path, Some(size));
        check_path(&path, &rows());
    }
}

/// A folder that grew over the years: every shard in the layout of its time.
#[test]
fn shards_of_every_age() {
    let folder = TempDir::new().unwrap();
    let part = |at: usize| frame().slice(at as i64 * 10, 10);
    let json = as_json(frame(), &rows(), &NESTED);
    let categories = DataType::from_categories(Categories::global());
    let shards = [
        part(0),
        as_2024(part(1)),
        cast(json.slice(20, 10), &COUNTS, &DataType::Int32),
        cast(part(3), &["pipeline_tag", "id"], &categories),
        part(4).drop_many(["gguf", "library_name"]),
    ];
    for (at, mut shard) in shards.into_iter().enumerate() {
        write_groups(
            &mut shard,
            &folder.path().join(format!("{at:04}.parquet")),
            Some(4),
        );
    }
    let mut rows = rows();
    let second = once_each(rows[10..20].to_vec());
    rows[10..20].clone_from_slice(&second);
    for row in &mut rows[10..20] {
        row["downloadsAllTime"] = Value::Null;
    }
    assert!(
        (41..=50).contains(&rows.len()),
        "the last shard has rows, and all of them"
    );
    check_path(folder.path(), &rows);
}

/// Columns nobody asked for, of types the canonical ones never have.
#[test]
fn columns_that_nothing_reads() {
    let mut wide = frame();
    let height = wide.height();
    let days = Series::new("day".into(), vec![19_000_i32; height])
        .cast(&DataType::Date)
        .unwrap();
    let span = Series::new("span".into(), vec![5_i64; height])
        .cast(&DataType::Duration(TimeUnit::Microseconds))
        .unwrap();
    let time = Series::new("time".into(), vec![5_i64; height])
        .cast(&DataType::Time)
        .unwrap();
    let nothing = Series::new_null("nothing".into(), height);
    let bytes = Series::new("bytes".into(), vec![b"\xff\x00".as_slice(); height]);
    let private = Series::new("private".into(), vec![false; height]);
    for column in [days, span, time, nothing, bytes, private] {
        wide.with_column(column.into_column()).unwrap();
    }
    check(&mut wide, &rows());
}

/// A column that is there and useless, such as one of nulls or of another shape altogether, is no
/// reason to refuse the rest.
#[test]
fn columns_of_an_unusable_type() {
    let lost = [
        "baseModels",
        "safetensors",
        "gguf",
        "tags",
        "downloads",
        "createdAt",
        "pipeline_tag",
        "trendingScore",
    ];
    let height = rows().len();
    let list = Series::new(
        PlSmallStr::EMPTY,
        vec![Series::new(PlSmallStr::EMPTY, [1_i64]); height],
    );
    let record = series(
        "",
        &vec![json!({"a": 1}); height],
        &DataType::Struct(vec![Field::new("a".into(), DataType::Int64)]),
    );
    for useless in [Series::new_null(PlSmallStr::EMPTY, height), list, record] {
        let mut frame = lost
            .iter()
            .fold(frame(), |f, name| with(f, name, |_| useless.clone()));
        let mut rows = lacking(&lost);
        for row in &mut rows {
            match useless.dtype() {
                // Numbers are as good as tags as words are, and any struct is a GGUF header.
                DataType::List(_) => row["tags"] = json!(["1"]),
                DataType::Struct(_) => row["gguf"] = json!("{\"a\":1}"),
                _ => {}
            }
        }
        check(&mut frame, &rows);
    }
}

/// Structs whose members stand in another order, with members nobody knows.
#[test]
fn structs_in_another_order() {
    let turned = layout()
        .into_iter()
        .rev()
        .map(|(name, dtype)| (name, turn(dtype)));
    check(&mut frame_of(&rows(), &turned.collect::<Vec<_>>()), &rows());
}

fn turn(dtype: DataType) -> DataType {
    match dtype {
        DataType::List(inner) => DataType::List(Box::new(turn(*inner))),
        DataType::Struct(mut fields) => {
            fields.push(Field::new("sha".into(), DataType::String));
            let turned = fields.into_iter().rev();
            DataType::Struct(
                turned
                    .map(|f| Field::new(f.name().clone(), turn(f.dtype().clone())))
                    .collect(),
            )
        }
        plain => plain,
    }
}

/// Files by another writer, in forms that Polars does not write; `tests/data/make.py` made them.
#[test]
fn files_by_another_writer() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let rows: Vec<Value> =
        serde_json::from_slice(&std::fs::read(data.join("rows.json")).unwrap()).unwrap();
    for name in ["modern.parquet", "old.parquet"] {
        check_path(&data.join(name), &rows);
    }
    // Every column can be read, also those of types that no field has.
    let files = open(&data.join("modern.parquet"));
    let columns = files.files().unwrap().columns();
    assert_eq!(columns.len(), 24);
    for column in columns {
        let nulls = files.files().unwrap().nulls(&column.name).unwrap();
        assert!(nulls.is_some(), "{}", column.name);
    }
}
