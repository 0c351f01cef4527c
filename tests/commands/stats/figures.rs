//! Every figure of `stats`, and the tables of the report, against Polars expressions.

use std::collections::BTreeMap;

use hubscope::engine::stats::frequency::{Authors, Frequency, Tally, months, words};
use hubscope::engine::stats::summary::{coverage, summary};
use hubscope::engine::table::bitset::ModelSet;
use hubscope::engine::table::field::Field;
use hubscope::engine::table::models::ModelId;
use hubscope::present::format;
use polars::prelude::*;
use serde_json::{Value, json};

use super::hub::{Rows, alike, cell, hubs, queries, texts};

#[test]
fn every_figure_of_stats() {
    let mut figures = 0;
    for rows in hubs() {
        for (query, wanted) in queries() {
            let some = rows.only(wanted);
            if cell(some.clone(), len()) == 0 {
                continue;
            }
            let found = rows.json(&["stats", "--where", query]);
            figures += compared(&rows, &found, &some);
        }
    }
    assert!(figures > 200, "{figures}");
}

/// Compares what `stats` has said of some rows; how many figures there are.
pub fn compared(rows: &Rows, found: &Value, some: &LazyFrame) -> usize {
    let mut compared = 0;
    for (path, wanted) in figures(rows, some) {
        let found = path.split('.').fold(found, |value, name| &value[name]);
        assert!(
            alike(found, &wanted),
            "{}: {path}: {found} for {wanted}",
            rows.name
        );
        compared += usize::from(!wanted.is_null());
    }
    compared
}

/// All figures by the way to them.
fn figures(rows: &Rows, some: &LazyFrame) -> Vec<(String, Value)> {
    let of = |figure: Expr| cell(some.clone(), figure);
    let known = |column: &str, figure: Value| match of(col(column).count()) == 0 {
        true => Value::Null,
        false => figure,
    };
    let mut all = vec![("models".to_owned(), of(len()))];
    for (name, column) in [
        ("downloads", "downloads"),
        ("downloads_all_time", "downloadsAllTime"),
    ] {
        let positive = of(col(column).gt(lit(0)).sum());
        all.extend([
            (
                format!("{name}.positive"),
                if rows.has(column) {
                    positive
                } else {
                    Value::Null
                },
            ),
            (format!("{name}.median"), of(col(column).median())),
            (format!("{name}.mean"), of(col(column).mean())),
            (format!("{name}.sum"), known(column, of(col(column).sum()))),
        ]);
    }
    let sum = |column: &str| known(column, of(col(column).sum())).as_f64();
    let share = sum("downloads")
        .zip(sum("downloadsAllTime"))
        .map(|(recent, ever)| recent / ever);
    all.push(("recent_share".to_owned(), json!(share)));
    all.extend(lineage(rows, some));
    let params = cell(rows.only(None), col("total").count()) != 0;
    let counts = |figure: Expr| if params { of(figure) } else { Value::Null };
    let gguf_only = col("total").count() - col("safetensors_total").count();
    all.extend([
        ("params.known".to_owned(), counts(col("total").count())),
        (
            "params.known_safetensors".to_owned(),
            counts(col("safetensors_total").count()),
        ),
        ("params.known_gguf_only".to_owned(), counts(gguf_only)),
    ]);
    for (name, column) in [("safetensors", "safetensors_total"), ("all", "total")] {
        let quantile = |p: f64| of(col(column).quantile(lit(p), QuantileMethod::Linear));
        all.extend([
            (format!("params.{name}.min"), of(col(column).min())),
            (format!("params.{name}.p25"), quantile(0.25)),
            (format!("params.{name}.p50"), quantile(0.5)),
            (format!("params.{name}.p75"), quantile(0.75)),
            (format!("params.{name}.max"), of(col(column).max())),
        ]);
    }
    all
}

fn lineage(rows: &Rows, some: &LazyFrame) -> Vec<(String, Value)> {
    let stating = col("bases").gt(lit(0)).or(col("relation").is_not_null());
    let reported = cell(rows.only(None), stating.sum()) != 0;
    let of = |figure: Expr| {
        if reported {
            cell(some.clone(), figure)
        } else {
            Value::Null
        }
    };
    let with_base = || col("bases").gt(lit(0));
    let mut all = vec![
        ("lineage.with_base".to_owned(), of(with_base().sum())),
        ("lineage.edges".to_owned(), of(col("bases").sum())),
        ("lineage.ghost_edges".to_owned(), of(col("ghosts").sum())),
        ("lineage.self_edges".to_owned(), of(col("selves").sum())),
        (
            "lineage.multi_base".to_owned(),
            of((col("bases") - col("selves")).gt(lit(1)).sum()),
        ),
    ];
    for word in ["finetune", "adapter", "quantized", "merge", "distilled"] {
        let count = of(with_base().and(col("relation").eq(lit(word))).sum());
        let count = if count == 0 { Value::Null } else { count };
        all.push((format!("lineage.relations.{word}"), count));
    }
    let unstated = of(with_base().and(col("relation").is_null()).sum());
    let unstated = if unstated == 0 { Value::Null } else { unstated };
    all.push(("lineage.relations.unstated".to_owned(), unstated));
    all
}

/// The first few rows by a column, the largest first.
fn top(some: LazyFrame, by: &str, few: u32) -> Vec<String> {
    let order = SortMultipleOptions::default()
        .with_order_descending(true)
        .with_nulls_last(true)
        .with_maintain_order(true);
    texts(some.sort([by], order).limit(few), "id")
}

#[test]
fn the_models_that_stand_out() {
    for rows in hubs() {
        let found = rows.json(&["stats"]);
        let total = || col("total");
        let popular = match rows.has("downloadsAllTime") {
            true => "downloadsAllTime",
            false => "downloads",
        };
        for (class, wanted) in [
            ("under_1b", total().lt(lit(1_000_000_000_i64))),
            (
                "7b_to_15b",
                total()
                    .gt_eq(lit(7_000_000_000_i64))
                    .and(total().lt_eq(lit(15_000_000_000_i64))),
            ),
            ("over_100b", total().gt_eq(lit(100_000_000_000_i64))),
        ] {
            let models = found["top_by_size"][class].as_array().unwrap();
            let ids: Vec<&str> = models.iter().map(|m| m["id"].as_str().unwrap()).collect();
            let wanted = top(rows.only(Some(wanted)), popular, 3);
            assert_eq!(ids, wanted, "{}: {class}", rows.name);
            for model in models {
                let id = model["id"].as_str().unwrap();
                let mut shown = rows.json(&["show", id]);
                let members = model.as_object().unwrap();
                shown
                    .as_object_mut()
                    .unwrap()
                    .retain(|name, _| members.contains_key(name));
                assert_eq!(&shown, model, "{}", rows.name);
            }
        }
        let hub = rows.open();
        let summary = summary(
            &hub.models,
            &hub.graph,
            &hub.suspects,
            &ModelSet::all(hub.models.len()),
        );
        let share = || col("downloads").cast(DataType::Float64) / col("downloadsAllTime");
        let among = |wanted: Expr| rows.only(Some(col("downloadsAllTime").gt(lit(0)).and(wanted)));
        let ids = |models: &[ModelId]| -> Vec<String> {
            models
                .iter()
                .map(|m| hub.models.id(*m).to_owned())
                .collect()
        };
        let rising = among(share().gt(lit(0.1)));
        assert_eq!(
            json!(summary.rising.models),
            cell(rising.clone(), len()),
            "{}",
            rows.name
        );
        assert_eq!(
            ids(&summary.rising.first),
            top(rising, "downloads", 10),
            "{}",
            rows.name
        );
        let falling = among(share().lt(lit(0.01)));
        assert_eq!(
            json!(summary.falling.models),
            cell(falling.clone(), len()),
            "{}",
            rows.name
        );
        assert_eq!(
            ids(&summary.falling.first),
            top(falling, "downloadsAllTime", 10),
            "{}",
            rows.name
        );
        let more = cell(among(col("downloads").gt(col("downloadsAllTime"))), len());
        assert_eq!(json!(summary.more_than_ever), more, "{}", rows.name);
    }
}

/// Models and their downloads by word, as Polars groups them.
fn grouped(some: LazyFrame, word: Expr) -> BTreeMap<Option<String>, Tally> {
    let tallies = some
        .group_by([word.alias("word")])
        .agg([
            len().cast(DataType::Int64).alias("models"),
            col("downloads").sum(),
        ])
        .collect()
        .unwrap();
    let numbers = |name: &str| tallies.column(name).unwrap().i64().unwrap().clone();
    let words = tallies.column("word").unwrap().str().unwrap();
    let counts = numbers("models");
    let downloads = numbers("downloads");
    let tally = |((word, models), downloads): ((Option<&str>, Option<i64>), Option<i64>)| {
        let models = usize::try_from(models.unwrap()).unwrap();
        let downloads = downloads.unwrap_or(0);
        (word.map(clean), Tally { models, downloads })
    };
    words
        .iter()
        .zip(counts.iter())
        .zip(downloads.iter())
        .map(tally)
        .collect()
}

/// A column of words, in which an empty one is unknown.
fn known_word(column: &str) -> Expr {
    let is_known = col(column).str().strip_chars(lit(NULL)).neq(lit(""));
    when(is_known)
        .then(col(column))
        .otherwise(lit(NULL).cast(DataType::String))
}

fn clean(word: &str) -> String {
    word.chars()
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .collect()
}

fn by_word(table: Frequency) -> BTreeMap<Option<String>, Tally> {
    let none = (table.none.models > 0).then_some((None, table.none));
    let words = table
        .words
        .into_iter()
        .map(|(word, tally)| (Some(word), tally));
    words.chain(none).collect()
}

#[test]
fn frequency_tables() {
    for rows in hubs() {
        let hub = rows.open();
        let third = ModelSet::of(hub.models.len(), |row| row % 3 == 1);
        let numbered = rows.frame.clone().lazy().with_row_index("row", None);
        let some = numbered.filter((col("row") % lit(3)).eq(lit(1)));
        let task = ("pipeline_tag", Field::Task);
        let library = ("library_name", Field::Library);
        for (column, field) in [task, library, ("relation", Field::Relation)] {
            let table = words(&hub.models, field, &third, usize::MAX);
            assert!(
                table
                    .words
                    .is_sorted_by_key(|(w, t)| (std::cmp::Reverse(t.models), w.clone()))
            );
            let word = match rows.frame.column(column) {
                Ok(_) => known_word(column),
                Err(_) => lit(NULL).cast(DataType::String),
            };
            assert_eq!(
                by_word(table),
                grouped(some.clone(), word),
                "{}: {column}",
                rows.name
            );
        }
        let found = rows.json(&["stats", "--limit", "0"]);
        let tables = [("tasks", "pipeline_tag"), ("libraries", "library_name")];
        for (key, column) in tables.into_iter().filter(|(_, column)| rows.has(column)) {
            let table = &found[key];
            let tally = |tally: &Value| Tally {
                models: usize::try_from(tally["models"].as_u64().unwrap()).unwrap(),
                downloads: tally["downloads"].as_i64().unwrap(),
            };
            let word = |item: &Value| (item["word"].as_str().map(str::to_owned), tally(item));
            let words = table["words"].as_array().unwrap().iter().map(word);
            let unknown = (None, tally(&table["unknown"]));
            let unknown = (unknown.1.models > 0).then_some(unknown);
            let all: BTreeMap<_, _> = words.chain(unknown).collect();
            assert_eq!(
                all,
                grouped(rows.only(None), known_word(column)),
                "{}: {key}",
                rows.name
            );
        }
        let authors = Authors::of(&hub.models).frequency(&hub.models, &third, usize::MAX);
        let parts = || col("id").str().splitn(lit("/"), 2);
        let owned = parts().struct_().field_by_name("field_1").is_not_null();
        let author = when(owned)
            .then(parts().struct_().field_by_name("field_0"))
            .otherwise(lit(NULL));
        assert_eq!(
            by_word(authors),
            grouped(some.clone(), author),
            "{}",
            rows.name
        );
        let months = months(&hub.models, &third, format::month);
        assert!(months.words.is_sorted_by_key(|(month, _)| month.clone()));
        let month = col("createdAt").dt().to_string("%Y-%m");
        assert_eq!(by_word(months), grouped(some, month), "{}", rows.name);
    }
}

#[test]
fn what_is_known() {
    for rows in hubs() {
        let hub = rows.open();
        let all = ModelSet::all(hub.models.len());
        let known: BTreeMap<Field, Option<usize>> =
            coverage(&hub.models, &all).into_iter().collect();
        for (field, column) in [
            (Field::Id, "id"),
            (Field::Downloads, "downloads"),
            (Field::TrendingScore, "trendingScore"),
            (Field::Task, "pipeline_tag"),
            (Field::Relation, "relation"),
            (Field::Params, "total"),
            (Field::CreatedAt, "createdAt"),
        ] {
            let lacking = hub.lacks(field);
            let wanted = (!lacking).then(|| cell(rows.only(None), col(column).count()));
            assert_eq!(
                json!(known[&field]),
                json!(wanted),
                "{}: {column}",
                rows.name
            );
        }
    }
}
