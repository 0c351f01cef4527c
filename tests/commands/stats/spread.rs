//! Every figure of `hist` against Polars expressions: each field on each scale, with and without a
//! number of bins.

use chrono::DateTime;
use polars::prelude::*;
use serde_json::{Value, json};

use super::hub::{Rows, alike, cell, cells, hubs, queries};

const FIELDS: [(&str, &str); 7] = [
    ("downloads", "downloads"),
    ("downloads_all_time", "downloadsAllTime"),
    ("likes", "likes"),
    ("ratio", "billionths"),
    ("params", "total"),
    ("created_at", "createdAt"),
    ("last_modified", "lastModified"),
];

const FORMS: [&[&str]; 6] = [
    &[],
    &["--bins", "1"],
    &["--bins", "7"],
    &["--scale", "linear"],
    &["--scale", "linear", "--bins", "5"],
    &["--bins", "500"],
];

#[test]
fn every_figure_of_hist() {
    let mut binned = 0;
    for rows in hubs() {
        for (field, column) in FIELDS {
            for (at, form) in FORMS.into_iter().enumerate() {
                let queries = queries();
                let (query, wanted) = &queries[at % queries.len()];
                let some = rows.only(wanted.clone());
                if cell(some.clone(), len()) == 0 {
                    continue;
                }
                let arguments = [&["hist", field, "--where", query], form].concat();
                let found = rows.json(&arguments);
                let name = format!("{}: {arguments:?}: {found}", rows.name);
                let bins = compare(&rows, &some, column, &found, &name);
                if let Some(at) = form.iter().position(|word| *word == "--bins") {
                    let asked: usize = form[at + 1].parse().unwrap();
                    assert!(bins <= asked, "{name}");
                }
                binned += bins;
            }
        }
    }
    assert!(binned > 2_000, "{binned}");
}

/// Compares one answer with the rows; how many bins it has.
fn compare(rows: &Rows, some: &LazyFrame, column: &str, found: &Value, name: &str) -> usize {
    let is_time = column == "createdAt" || column == "lastModified";
    let of = |figure: Expr| cell(some.clone(), figure);
    let value = || col(column).cast(DataType::Int64);
    let is_in = || {
        if is_time {
            value().is_not_null()
        } else {
            value().gt(lit(0))
        }
    };
    let zero = if is_time {
        json!(0)
    } else {
        of(value().eq(lit(0)).sum())
    };
    assert_eq!(found["models"], of(len()), "{name}");
    assert_eq!(found["zero"], zero, "{name}");
    let out = of(is_in().fill_null(lit(false)).not().sum())
        .as_u64()
        .unwrap();
    assert_eq!(found["unknown"], out - zero.as_u64().unwrap(), "{name}");
    let number = |value: &Value| match value {
        Value::String(time) => json!(
            DateTime::parse_from_rfc3339(time)
                .unwrap()
                .timestamp_micros()
        ),
        share if column == "billionths" && share.is_number() => {
            let parts = share.as_f64().unwrap() * 1e9;
            match (parts - parts.round()).abs() < 1e-3 {
                true => json!(parts.round() as i64),
                false => json!(parts),
            }
        }
        other => other.clone(),
    };
    let bins = found["bins"].as_array().unwrap();
    let within = |(at, bin): (usize, &Value)| {
        let edge = |name: &str| lit(number(&bin[name]).as_i64().unwrap());
        let below = match at + 1 == bins.len() {
            true => value().lt_eq(edge("to")),
            false => value().lt(edge("to")),
        };
        value().gt_eq(edge("from")).and(below).and(is_in()).sum()
    };
    let counts = cells(some, bins.iter().enumerate().map(within));
    let reported: Vec<Value> = bins.iter().map(|bin| bin["count"].clone()).collect();
    assert_eq!(reported, counts, "{name}");
    for pair in bins.windows(2) {
        assert_eq!(pair[0]["to"], pair[1]["from"], "{name}");
    }
    let sum: u64 = counts.iter().filter_map(Value::as_u64).sum();
    let all = sum + found["zero"].as_u64().unwrap() + found["unknown"].as_u64().unwrap();
    assert_eq!(found["models"], all, "{name}");
    let within = some.clone().filter(is_in());
    let quantile = |p: f64| {
        cell(
            within.clone(),
            value().quantile(lit(p), QuantileMethod::Linear),
        )
    };
    for (key, wanted) in [
        ("min", cell(within.clone(), value().min())),
        ("p25", quantile(0.25)),
        ("p50", quantile(0.5)),
        ("p75", quantile(0.75)),
        ("max", cell(within.clone(), value().max())),
    ] {
        let found = number(&found["quantiles"][key]);
        // A time between two microseconds is reported to the nearest.
        let near = is_time
            && found
                .as_f64()
                .zip(wanted.as_f64())
                .is_some_and(|(a, b)| (a - b).abs() <= 0.5);
        assert!(
            near || alike(&found, &wanted),
            "{name}: {key}: {found} for {wanted} in {}",
            rows.name
        );
    }
    bins.len()
}

/// The edges are what is promised: as many bins as asked for where there is room, round ones else.
#[test]
fn edges_are_as_asked() {
    let rows = &hubs()[0];
    let edges = |arguments: &[&str]| -> Vec<Value> {
        let found = rows.json(&[&["hist"], arguments].concat());
        let bins = found["bins"].as_array().unwrap();
        let from = bins.iter().map(|bin| bin["from"].clone());
        from.chain([bins[bins.len() - 1]["to"].clone()]).collect()
    };
    assert_eq!(
        edges(&["downloads"]),
        [
            1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000
        ]
    );
    assert_eq!(
        edges(&["downloads", "--scale", "linear", "--bins", "4"]),
        [1, 12_500, 25_000, 37_500, 50_000]
    );
    assert_eq!(edges(&["downloads", "--bins", "6"]).len(), 7);
    let months = edges(&["created_at"]);
    assert_eq!(months[0], "2022-03-01T00:00:00Z");
    assert_eq!(months[1], "2022-04-01T00:00:00Z");
    let years = edges(&["created_at", "--bins", "3"]);
    assert_eq!(years[1], "2023-01-01T00:00:00Z");
    // What is more than the whole has a bin of its own, on every scale.
    let over = rows.json(&["search", "ratio:>100%", "--limit", "0"])["total"].clone();
    assert!(over.as_u64() > Some(0), "{over}");
    for scale in [
        &["--scale", "log"][..],
        &["--scale", "linear"],
        &["--bins", "7"],
    ] {
        let found = rows.json(&[&["hist", "recent_share"], scale].concat());
        let last = found["bins"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["from"], &last["count"]),
            (&json!(1.000_000_001), &over)
        );
    }
}
