//! The rows that figures are worked out from, with what the file only tells indirectly as columns
//! of their own; as a file for the program, and as a frame for Polars.

use std::path::{Path, PathBuf};

use hubscope::engine::Hub;
use polars::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

use crate::common::program::{PATIENCE, hubscope, run_within};
use crate::common::{expected, frame, open, real_frame, rows_of, write};

/// Rows, as they are and as a file.
pub struct Rows {
    pub name: String,
    /// The columns of the file, and `total` (parameters), `billionths` (downloads in those of all
    /// time), `bases` (how many are stated), `ghosts`
    /// and `selves` (how many of those are missing from the table, or the model itself).
    pub frame: DataFrame,
    /// What the file has columns for.
    pub has: Vec<String>,
    path: PathBuf,
    /// Where the file is, if it goes when the rows do.
    _folder: Option<TempDir>,
}

/// All hubs: made up and real, whole and with gaps.
pub fn hubs() -> Vec<Rows> {
    let mut all = variants("made up", &frame());
    all.extend(
        real_frame()
            .iter()
            .flat_map(|frame| variants("real", frame)),
    );
    all
}

fn variants(name: &str, frame: &DataFrame) -> Vec<Rows> {
    let others = || {
        frame
            .get_column_names()
            .into_iter()
            .filter(|c| c.as_str() != "id")
    };
    let nulls = |with: &dyn Fn(usize, Expr) -> Expr| {
        let columns = others().enumerate();
        let columns = columns.map(|(at, c)| with(at, col(c.clone())).alias(c.clone()));
        let numbered = frame.clone().lazy().with_row_index("row", None);
        numbered
            .with_columns(columns.collect::<Vec<_>>())
            .drop(cols(["row"]))
            .collect()
            .unwrap()
    };
    let third = |at: usize, column: Expr| {
        let gap = ((col("row") + lit(at as u32)) % lit(3)).eq(lit(0));
        when(gap).then(lit(NULL)).otherwise(column)
    };
    let all = |_: usize, column: Expr| when(lit(true)).then(lit(NULL)).otherwise(column);
    let only_ids = frame.select(["id"]).unwrap();
    let named = [
        ("whole", frame.clone()),
        ("with gaps", nulls(&third)),
        ("nothing known", nulls(&all)),
        ("ids only", only_ids),
    ];
    named
        .map(|(how, frame)| Rows::new(format!("{name}, {how}"), frame))
        .into()
}

impl Rows {
    /// Rows that are in a file already, and all their columns.
    pub fn of_file(name: &str, frame: DataFrame, path: PathBuf) -> Rows {
        let names = frame.get_column_names().into_iter();
        Rows {
            name: name.to_owned(),
            has: names.map(|name| name.to_string()).collect(),
            frame,
            path,
            _folder: None,
        }
    }

    fn new(name: String, mut frame: DataFrame) -> Rows {
        let folder = tempfile::tempdir().unwrap();
        write(&mut frame, &folder.path().join("models.parquet"));
        // A column of nulls alone says nothing.
        let known = frame.columns().iter().filter(|c| c.null_count() < c.len());
        let has = known.map(|column| column.name().to_string()).collect();
        let rows = rows_of(&frame);
        let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
        let of = |name: &str, figure: &dyn Fn(&Value) -> i64| {
            let cells: Vec<i64> = rows.iter().map(figure).collect();
            Column::new(name.into(), cells)
        };
        let bases = |row: &Value, wanted: &dyn Fn(&str) -> bool| {
            expected::bases(row)
                .iter()
                .filter(|base| wanted(base))
                .count() as i64
        };
        let gguf = |row: &Value| -> Option<i64> {
            let header: Value = serde_json::from_str(row["gguf"].as_str()?).ok()?;
            header["total"].as_i64()
        };
        let safetensors = |row: &Value| row["safetensors"]["total"].as_i64();
        let totals = |name: &str, of: &dyn Fn(&Value) -> Option<i64>| {
            Column::new(name.into(), rows.iter().map(of).collect::<Vec<_>>())
        };
        let billionths = |row: &Value| -> Option<i64> {
            let count = |name: &str| Some(i128::from(row[name].as_i64()?));
            let (recent, ever) = (count("downloads")?, count("downloadsAllTime")?);
            (ever > 0).then(|| i64::try_from(recent * 1_000_000_000 / ever).unwrap())
        };
        let added = [
            totals("billionths", &billionths),
            of("bases", &|row| bases(row, &|_| true)),
            of("ghosts", &|row| bases(row, &|base| !ids.contains(&base))),
            of("selves", &|row| bases(row, &|base| row["id"] == base)),
            totals("safetensors_total", &safetensors),
            totals("total", &|row| safetensors(row).or_else(|| gguf(row))),
            Column::new(
                "relation".into(),
                rows.iter()
                    .map(|row| expected::relation(row).as_str().map(str::to_owned))
                    .collect::<Vec<_>>(),
            ),
        ];
        for column in added {
            frame.with_column(column).unwrap();
        }
        // What a file does not tell of any model is the same as not known of any.
        for name in [
            "downloads",
            "downloadsAllTime",
            "likes",
            "createdAt",
            "lastModified",
        ] {
            if frame.column(name).is_err() {
                let dtype = match name.ends_with("At") || name.ends_with("Modified") {
                    true => DataType::Datetime(TimeUnit::Microseconds, None),
                    false => DataType::Int64,
                };
                frame
                    .with_column(Column::full_null(name.into(), frame.height(), &dtype))
                    .unwrap();
            }
        }
        Rows {
            name,
            frame,
            has,
            path: folder.path().join("models.parquet"),
            _folder: Some(folder),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn open(&self) -> Hub {
        open(self.path())
    }

    pub fn has(&self, column: &str) -> bool {
        self.has.iter().any(|c| c == column)
    }

    /// Runs the program on the file and reads its JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let path = self.path();
        let data = ["--json", "--data", path.to_str().unwrap()];
        // The full hub takes minutes where nothing is optimized.
        let times = if self.frame.height() > 1_000_000 {
            10
        } else {
            1
        };
        let patience = PATIENCE * times;
        let ran = run_within(patience, hubscope(&[arguments, &data].concat()));
        assert!(
            ran.code == Some(0),
            "{}: {arguments:?}: {}",
            self.name,
            ran.err
        );
        serde_json::from_str(&ran.out).unwrap()
    }

    /// The rows that a filter leaves.
    pub fn only(&self, wanted: Option<Expr>) -> LazyFrame {
        let frame = self.frame.clone().lazy();
        match wanted {
            Some(wanted) => frame.filter(wanted),
            None => frame,
        }
    }
}

/// Queries, and the same as filters.
pub fn queries() -> Vec<(&'static str, Option<Expr>)> {
    vec![
        ("", None),
        (
            "^m",
            Some(col("id").str().to_lowercase().str().starts_with(lit("m"))),
        ),
        ("downloads:>20", Some(col("downloads").gt(lit(20)))),
        ("-has:params", Some(col("total").is_null())),
    ]
}

/// A figure over a frame, as JSON.
pub fn cell(frame: LazyFrame, figure: Expr) -> Value {
    cells(&frame, [figure].into_iter()).remove(0)
}

/// Several figures at once.
pub fn cells(frame: &LazyFrame, figures: impl Iterator<Item = Expr>) -> Vec<Value> {
    let named = figures
        .enumerate()
        .map(|(at, figure)| figure.alias(at.to_string()));
    let found = frame
        .clone()
        .select(named.collect::<Vec<_>>())
        .collect()
        .unwrap();
    let value = |column: &Column| match column.get(0).unwrap() {
        AnyValue::Null => Value::Null,
        AnyValue::Float64(n) => Value::from(n),
        AnyValue::Datetime(n, ..) | AnyValue::Int64(n) => Value::from(n),
        AnyValue::UInt32(n) => Value::from(n),
        AnyValue::UInt64(n) => Value::from(n),
        other => panic!("no figure is a {other:?}"),
    };
    found.columns().iter().map(value).collect()
}

/// Whether two figures are the same but for the last bits of a fraction.
pub fn alike(found: &Value, wanted: &Value) -> bool {
    match (found.as_f64(), wanted.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
        _ => found == wanted,
    }
}

/// The texts of a column.
pub fn texts(frame: LazyFrame, column: &str) -> Vec<String> {
    let found = frame.collect().unwrap();
    let found = found.column(column).unwrap().str().unwrap();
    found.iter().map(|text| text.unwrap().to_owned()).collect()
}
