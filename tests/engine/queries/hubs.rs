//! Small random hubs, and the engine's answers to random queries on them against the plain ones.

use std::sync::atomic::AtomicBool;

use hubscope::engine::Hub;
use hubscope::engine::query::ast::Query;
use hubscope::engine::query::parse::parse;
use hubscope::engine::search::hits::Hits;
use hubscope::engine::search::rank::Rank;
use hubscope::engine::search::searcher::Searcher;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::asked::{Asked, asked, test, word};
use super::naive;
use crate::common::{frame_of, layout, open, write};

/// Microseconds from 1970 to 2023-01-01.
const START: i64 = 1_672_531_200_000_000;

fn row() -> impl Strategy<Value = Value> {
    let id = prop_oneof![
        4 => "[aAbBé]{1,2}/[abB模É-]{1,4}",
        2 => "a/[ab]{1,2}|[ab]{1,3}",
        1 => "[ab-]{0,2}/[ab]{1,2}/[aA]{1,2}",
        1 => "[abA/模-]{1,5}",
    ];
    let base = "a/[ab]{1,2}|[ab]{1,2}|ghost|a/ghost|A/[bB]";
    let tag = "[tT][1-6]|en|de|En|模|license:(mit|MIT|other)|multilingual|base_model:x";
    let count = || {
        prop::option::weighted(
            0.8,
            prop_oneof![0..5_i64, 0..2_000_i64, 0..3_000_000_000_i64],
        )
    };
    let few = || prop::option::of(0..3_i64);
    let dtypes = prop::option::of(
        (few(), few(), few())
            .prop_map(|(bf16, f32, miku)| json!({"BF16": bf16, "F32": f32, "miku": miku})),
    );
    let time = || prop::option::weighted(0.8, 0..3 * 365 * 86_400_000_000_i64);
    let names = |words: &[&'static str]| prop::option::weighted(0.7, select(words.to_vec()));
    let bases = prop::collection::vec(base, 0..4);
    let lineage = prop::option::of((
        names(&["finetune", "merge", "odd", "quantized"]),
        prop::option::weighted(0.9, bases),
        prop::bool::weighted(0.2),
    ));
    let facts = (
        names(&["x", "y", "X", "z z"]),
        names(&["x", "y"]),
        prop::option::weighted(0.8, prop::collection::vec(tag, 0..5)),
    );
    (
        id,
        (count(), count(), count()),
        (count(), dtypes, count()),
        (time(), time()),
        lineage,
        facts,
    )
        .prop_map(
            |(
                id,
                (downloads, ever, likes),
                (safetensors, dtypes, gguf),
                (made, changed),
                lineage,
                facts,
            )| {
                let (task, library, tags) = facts;
                let lineage = lineage.map(|(relation, bases, itself)| {
                    let bases = bases.map(|mut bases| {
                        bases.extend(itself.then(|| id.clone()));
                        bases
                            .iter()
                            .map(|base| json!({"_id": "0", "id": base}))
                            .collect::<Vec<_>>()
                    });
                    json!({"relation": relation, "models": bases})
                });
                json!({"id": id, "downloads": downloads, "downloadsAllTime": ever, "likes": likes,
                "safetensors": safetensors.map(|total| json!({"parameters": dtypes, "total": total})),
                "gguf": gguf.map(|total| json!({"total": total}).to_string()),
                "createdAt": made.map(|t| START + t), "lastModified": changed.map(|t| START + t),
                "baseModels": lineage, "pipeline_tag": task, "library_name": library, "tags": tags})
            },
        )
}

fn rows() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(row(), 1..70).prop_map(without_lineage_of_tags)
}

/// Where no row has bases of its own, those of the tags would count.
fn without_lineage_of_tags(mut rows: Vec<Value>) -> Vec<Value> {
    if !naive::has_lineage(&rows) {
        for row in &mut rows {
            let tags = row["tags"].as_array_mut().into_iter();
            tags.for_each(|tags| tags.retain(|tag| tag != "base_model:x"));
        }
    }
    rows
}

/// The rows by way of a file, as every hub comes.
pub fn hub(rows: &[Value]) -> Hub {
    let file = tempfile::NamedTempFile::with_suffix(".parquet").unwrap();
    write(&mut frame_of(rows, &layout()), file.path());
    open(file.path())
}

pub fn read(text: &str) -> Query {
    parse(text)
        .unwrap_or_else(|m| panic!("{text}: {}", m.with_column(text)))
        .query
}

fn search(searcher: &mut Searcher, hub: &Hub, query: &Query) -> Hits {
    let order = query.sort.unwrap_or_default();
    let never = AtomicBool::new(false);
    searcher
        .search(hub.corpus(), query, order, &never, None)
        .unwrap()
}

/// The engine's answer in the form of the plain one.
fn found(hits: &Hits, in_order: bool) -> naive::Answer {
    let mut models = hits.models.iter().map(|m| m.row());
    let mut tiers = hits
        .counts
        .map(|count| models.by_ref().take(count).collect::<Vec<_>>());
    assert_eq!(models.next(), None);
    if !in_order {
        tiers[5..].iter_mut().for_each(|rows| rows.sort_unstable());
    }
    naive::Answer {
        tiers,
        set: hits
            .set
            .iter()
            .map(hubscope::engine::table::model_id::ModelId::row)
            .collect(),
        hidden: hits.hidden,
        barred: hits.blocking_filter,
    }
}

fn check(rows: &[Value], hub: &Hub, asked: &Asked) -> Result<(), TestCaseError> {
    let text = asked.to_string();
    let query = read(&text);
    let hits = search(&mut Searcher::default(), hub, &query);
    let wanted = naive::answer(rows, asked);
    let ids: Vec<&str> = rows.iter().map(naive::id).collect();
    prop_assert_eq!(
        found(&hits, asked.sort.is_some()),
        wanted,
        "{} on {:?}",
        text,
        ids
    );
    let never = AtomicBool::new(false);
    let matching = Searcher::default()
        .matching(hub.corpus(), &query, &never)
        .unwrap();
    prop_assert_eq!(&matching, &*hits.set, "{}", text);
    Ok(())
}

/// What is easily missed by who looks for several ids at once, or for one place in each.
#[test]
fn the_next_place_may_lie_across_the_one_before() {
    let found = |query: &str, ids: &[&str]| {
        let rows: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        let hits = search(&mut Searcher::default(), &hub(&rows), &read(query));
        let tiers = hits.ranks().map(Rank::name);
        let rows = hits.models.iter().map(|m| m.row());
        rows.zip(tiers).collect::<Vec<_>>()
    };
    let all = [
        // Ids that stand twice, one after the other.
        found("^a/x$", &["a/x", "a/x"]),
        // Capitals that are not those of the first place.
        found("AA", &["aAA"]),
        found("'a-a", &["xa-a-a"]),
        found("a-a", &["xa-a-a"]),
        // Beside letters that are not ASCII too, capitals count where they stand.
        found("A", &["Aé/a"]),
    ];
    let wanted = [
        vec![(0, "id"), (1, "id")],
        vec![(0, "substring")],
        vec![(0, "word")],
        vec![(0, "word")],
        vec![(0, "prefix")],
    ];
    assert_eq!(all, wanted);
}

/// A language of hardly any model is one.
#[test]
fn rare_languages_are_known() {
    let rows = [json!({"id": "a", "tags": ["en"]}), json!({"id": "b"})];
    let hits = search(&mut Searcher::default(), &hub(&rows), &read("has:lang"));
    assert_eq!(hits.models.iter().map(|m| m.row()).collect::<Vec<_>>(), [0]);
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn words(rows in rows(), words in prop::collection::vec(prop::collection::vec(word(), 1..3), 20)) {
        let hub = hub(&rows);
        for words in words {
            check(&rows, &hub, &Asked { words, tests: Vec::new(), sort: None })?;
        }
    }

    #[test]
    fn tests(rows in rows(), tests in prop::collection::vec(test(), 30)) {
        let hub = hub(&rows);
        for test in tests {
            check(&rows, &hub, &Asked { words: Vec::new(), tests: vec![test], sort: None })?;
        }
    }

    #[test]
    fn whole_queries(rows in rows(), queries in prop::collection::vec(asked(), 20)) {
        let hub = hub(&rows);
        for asked in queries {
            check(&rows, &hub, &asked)?;
        }
    }

    /// Answers are looked for among earlier ones; that must never be seen. Letter by letter, as
    /// they are typed and taken back, now and then stopped before an answer.
    #[test]
    fn typing_and_erasing(rows in rows(), steps in prop::collection::vec((asked(), 0..40_usize, any::<bool>()), 1..5)) {
        let hub = hub(&rows);
        let mut searcher = Searcher::default();
        let mut line = String::new();
        let mut read = 0;
        for (asked, erased, stopped) in steps {
            let mut lines = Vec::new();
            for _ in 0..erased {
                line.pop();
                lines.push(line.clone());
            }
            for letter in format!(" {asked}").chars() {
                line.push(letter);
                lines.push(line.clone());
            }
            for line in lines {
                // What is no query yet is not asked.
                let Ok(parsed) = parse(&line) else {
                    continue;
                };
                read += 1;
                let query = parsed.query;
                let order = query.sort.unwrap_or_default();
                let mut early = None;
                if stopped && !query.is_empty() {
                    let stop = AtomicBool::new(true);
                    let mut reported = 0;
                    let none = searcher.search(hub.corpus(), &query, order, &stop, Some(&mut |_| reported += 1));
                    prop_assert!(none.is_none() && reported == 0, "{}", line);
                    // What is known already may be reported all the same.
                    early = searcher.matching(hub.corpus(), &query, &stop);
                }
                let fresh = search(&mut Searcher::default(), &hub, &query);
                let never = AtomicBool::new(false);
                let mut pages = Vec::new();
                let mut reported = |page| pages.push(page);
                let hits = searcher.search(hub.corpus(), &query, order, &never, Some(&mut reported)).unwrap();
                for page in pages {
                    // Those that only have the letters come after what is reported early.
                    let standing = hits.counts[..5].iter().sum::<usize>().min(page.models.len());
                    prop_assert_eq!(&page.models[..standing], &hits.models[..standing], "{}", line);
                }
                prop_assert!(early.is_none_or(|set| set == *fresh.set), "{}", line);
                prop_assert_eq!(&hits.models, &fresh.models, "{}", line);
                prop_assert_eq!(found(&hits, true), found(&fresh, true), "{}", line);
                let matching = searcher.matching(hub.corpus(), &query, &never).unwrap();
                prop_assert_eq!(&matching, &*fresh.set, "{}", line);
            }
        }
        prop_assert!(read > 0);
    }
}
