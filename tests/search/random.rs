//! Random queries over random hubs: what is found is what a plain scan finds, however the query
//! was typed.

use std::sync::atomic::AtomicBool;

use hubscope::engine::Hub;
use hubscope::engine::data::models::ModelId;
use hubscope::engine::search::answer::{Hits, Known, Searcher};
use hubscope::engine::search::parse::parse;
use hubscope::engine::search::rank::Order;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common;
use crate::naive::{Clause, Naive};

fn row() -> impl Strategy<Value = Value> {
    let id = prop_oneof![
        8 => "[abA]{1,3}/[abAB-]{1,5}",
        2 => "[ab-]{1,6}",
        1 => "[ab]/[ab]{1,2}/[ab]",
        1 => "[éa模]{1,2}/[aÉb]{1,3}",
    ];
    let words = |words: &'static [&'static str]| prop::option::of(prop::sample::select(words));
    let number = || prop::option::of(0..6_i64);
    let tag = prop::sample::select(
        &[
            "en",
            "De",
            "x",
            "X",
            "license:mit",
            "license:MIT",
            "license:other",
            "ab",
        ][..],
    );
    let base = prop_oneof![4 => Just(String::new()), 6 => "[ab]/[ab]{1,2}", 1 => Just("gone/x".to_owned())];
    let first = (
        id,
        words(&["text", "Image"]),
        words(&["lib"]),
        number(),
        number(),
        number(),
        number(),
    );
    let second = (
        prop::collection::vec(tag, 0..4),
        prop::collection::vec(base, 0..4),
        words(&["finetune", "merge", "Odd"]),
    );
    (first, second).prop_map(|((id, task, library, downloads, all, likes, params), (tags, bases, relation))| {
        let bases: Vec<Value> = bases.iter().filter(|b| !b.is_empty()).map(|b| json!({"_id": "1", "id": b})).collect();
        let lineage = (!bases.is_empty()).then(|| json!({"relation": relation, "models": bases}));
        let weights = params.map(|n| json!({"parameters": {"BF16": n}, "total": n}));
        json!({"id": id, "pipeline_tag": task, "library_name": library, "downloads": downloads,
            "downloadsAllTime": all, "likes": likes, "safetensors": weights, "tags": tags, "baseModels": lineage})
    })
}

fn clause() -> impl Strategy<Value = Clause> {
    let sign = prop_oneof![6 => Just(' '), 1 => Just('^'), 1 => Just('$'), 1 => Just('='), 1 => Just('\''), 2 => Just('~')];
    let text = prop_oneof![4 => "[ab]{1,4}", 2 => "[abA]{1,3}", 1 => "[ab-]{0,1}[ab/][-a]{0,1}", 1 => "[éa模b]{1,2}"];
    let word = (
        prop::bool::weighted(0.2),
        prop::collection::vec((sign, text), 1..3),
    )
        .prop_filter("a minus before a colon would be a test", |(_, any)| {
            any.iter().all(|(_, t)| !t.is_empty())
        })
        .prop_map(|(negated, any)| Clause::Word(negated, any));
    let of = |key: &'static str, values: &'static [&'static str]| {
        (
            any::<bool>(),
            prop::collection::vec(prop::sample::select(values), 1..3),
        )
            .prop_map(move |(negated, values)| {
                Clause::Test(
                    negated,
                    key.to_owned(),
                    values.iter().map(|v| (*v).to_owned()).collect(),
                )
            })
    };
    const NUMBERS: &[&str] = &["0", "2", ">2", ">=2", "<3", "<=0", "1..3", "..2", "3.."];
    let test = prop_oneof![
        of("author", &["a", "ab", "A"]),
        of("task", &["text", "image", "none"]),
        of("library", &["LIB"]),
        of("license", &["mit", "other", "no"]),
        of("tag", &["x", "ab", "license:mit", "zz"]),
        of("lang", &["en", "de"]),
        of("relation", &["merge", "odd"]),
        of("base", &["a/a", "a/b", "b/ab", "gone/x"]),
        of("family", &["a/a", "b/b", "gone/x"]),
        of("downloads", NUMBERS),
        of("all", NUMBERS),
        of("likes", NUMBERS),
        of("params", NUMBERS),
        of("has", &["task", "params", "base", "likes"]),
        of("no", &["task", "base", "downloads"]),
        of("is", &["root", "ghost", "merge"]),
    ];
    prop_oneof![3 => word, 2 => test]
}

fn open(rows: &[Value]) -> Hub {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("models.parquet");
    common::write(&mut common::frame_of(rows, &common::layout()), &path);
    common::open(&path)
}

fn search(searcher: &mut Searcher, hub: &Hub, text: &str) -> Hits {
    let query = parse(text)
        .unwrap_or_else(|m| panic!("{text}: {}", m.in_words(text)))
        .query;
    let order = query.sort.unwrap_or_default();
    let never = AtomicBool::new(false);
    searcher
        .search(hub.corpus(), &query, order, &never, |_| {})
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn finds_what_a_plain_scan_finds(
        rows in prop::collection::vec(row(), 1..40),
        queries in prop::collection::vec(prop::collection::vec(clause(), 1..4), 1..12),
    ) {
        let hub = open(&rows);
        let naive = Naive { rows };
        let mut searcher = Searcher::default();
        for clauses in &queries {
            let text = clauses.iter().map(Clause::typed).collect::<Vec<_>>().join(" ");
            let found = naive.find(clauses);
            for sort in ["", " sort:likes"] {
                let hits = search(&mut searcher, &hub, &format!("{text}{sort}"));
                prop_assert_eq!(hits.known, Known::Whole);
                let tiers = hits.models.iter().enumerate().map(|(at, m)| (m.row(), hits.tier(at).unwrap().name()));
                prop_assert_eq!(&tiers.collect::<std::collections::BTreeMap<_, _>>(), &found.tiers, "{}", &text);
                prop_assert_eq!(hits.models.len(), found.tiers.len());
                prop_assert_eq!(hits.hidden, found.hidden, "{}", &text);
                prop_assert_eq!(hits.set.iter().map(ModelId::row).collect::<std::collections::BTreeSet<_>>(), found.asked.clone(), "{}", &text);
                in_order(&naive, &hits, if sort.is_empty() { "downloads" } else { "likes" });
            }
        }
    }

    #[test]
    fn however_it_is_typed(
        rows in prop::collection::vec(row(), 1..40),
        queries in prop::collection::vec(prop::collection::vec(clause(), 1..3), 1..4),
    ) {
        let hub = open(&rows);
        let mut one = Searcher::default();
        for clauses in &queries {
            let text = clauses.iter().map(Clause::typed).collect::<Vec<_>>().join(" ");
            let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
            for &end in ends.iter().chain(ends.iter().rev()) {
                let Ok(parsed) = parse(&text[..end]) else { continue };
                // What is stopped at once must leave nothing wrong behind.
                let stop = AtomicBool::new(true);
                let stopped = one.search(hub.corpus(), &parsed.query, Order::default(), &stop, |_| {});
                prop_assert!(stopped.is_none() || parsed.query.is_empty());
                let typed = search(&mut one, &hub, &text[..end]);
                let alone = search(&mut Searcher::default(), &hub, &text[..end]);
                prop_assert_eq!(typed.tiers, alone.tiers, "{}", &text[..end]);
                prop_assert_eq!(&typed.models, &alone.models, "{}", &text[..end]);
                prop_assert_eq!(&typed.set, &alone.set);
            }
        }
    }
}

/// Within a tier the largest values come first, unknown last, equal ones as in the file; fuzzy
/// matches go by their score instead where no order was asked for.
fn in_order(naive: &Naive, hits: &Hits, column: &str) {
    let key = |m: &ModelId| {
        let value = naive.rows[m.row()][column].as_i64();
        (value.is_none(), std::cmp::Reverse(value), m.row())
    };
    let mut start = 0;
    for (tier, count) in hits.tiers.iter().enumerate() {
        let models = &hits.models[start..start + count];
        start += count;
        if tier < 5 || column == "likes" {
            assert!(models.is_sorted_by_key(key), "tier {tier} by {column}");
        }
    }
}
