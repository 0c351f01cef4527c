//! First pages, on hubs of some thousand models, where they are reported before all else is known:
//! they begin as the whole list of the plain answer does.

use std::sync::atomic::AtomicBool;

use hubscope::engine::query::parse::parse;
use hubscope::engine::search::hits::Completeness;
use hubscope::engine::search::searcher::Searcher;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::asked::{Asked, Pattern, Place, Word, word};
use super::hubs::{hub, read};
use super::naive;

/// One id in fifty has a `q` in it, most of these at a beginning; one in four an `x`, most of these
/// not.
fn row() -> impl Strategy<Value = Value> {
    let id = prop_oneof![
        37 => "[abA]{1,2}/[abA-]{1,4}",
        3 => "[xX][ab]{1,3}/[abA]{1,2}",
        8 => "[ab]{1,2}/[ab]{1,3}[xX][ab]{0,2}",
        1 => "[ab]{1,2}/[xX][ab]{0,1}",
        1 => "[qQ][abA]{0,2}/[qabA-]{1,4}|[abA]/[abA-]{0,2}q[abA-]{0,3}",
    ];
    let count = || prop::option::weighted(0.9, prop_oneof![0..5_i64, 0..100_000_i64]);
    let row = (id, count(), count());
    row.prop_map(|(id, downloads, likes)| json!({"id": id, "downloads": downloads, "likes": likes}))
}

/// A rare word, which is looked for first, and one or two more.
fn queries() -> impl Strategy<Value = (Asked, Asked)> {
    let rare = select(vec!["q", "Q", "qa", "q-", "xa", "xab", "X", "bx"]);
    let place = select(vec![Place::Anywhere, Place::Anywhere, Place::Start]);
    let word_of = |(text, place): (&str, Place)| {
        let text = text.to_owned();
        Word {
            negated: false,
            any: vec![Pattern { text, place }],
        }
    };
    let rare = (rare, place).prop_map(word_of);
    let dense = select(vec!["a", "b", "A", "ab"]);
    let dense = (dense, Just(Place::Anywhere)).prop_map(word_of);
    let sort = select(vec![
        None,
        Some(("likes", "likes", false)),
        Some(("likes:asc", "likes", true)),
    ]);
    let more = prop::collection::vec(prop_oneof![3 => dense, 1 => word()], 1..3);
    (rare, more, sort).prop_map(|(rare, more, sort)| {
        let asked = |words| Asked {
            words,
            tests: Vec::new(),
            sort,
        };
        let both = [vec![rare.clone()], more].concat();
        (asked(vec![rare]), asked(both))
    })
}

#[test]
fn first_pages_begin_as_the_whole_list_does() {
    let mut runner = TestRunner::deterministic();
    let rows = prop::collection::vec(row(), 6_000);
    let rows = rows.new_tree(&mut runner).unwrap().current();
    let hub = hub(&rows);
    let never = AtomicBool::new(false);
    let (mut reported_growing, mut reported_beside) = (0, 0);
    for _ in 0..120 {
        let (first, both) = queries().new_tree(&mut runner).unwrap().current();
        let pages_of = |searcher: &mut Searcher, text: &str| {
            let query = read(text);
            let order = query.sort.unwrap_or_default();
            let mut pages = Vec::new();
            let mut early = |hits| pages.push(hits);
            let found = searcher.search(hub.corpus(), &query, order, &never, Some(&mut early));
            let found: Vec<usize> = found.unwrap().models.iter().map(|m| m.row()).collect();
            pages.retain(|page| page.completeness == Completeness::FirstPage);
            // What has the letters only is put in order by its score.
            for page in &pages {
                let models: Vec<usize> = page.models.iter().map(|m| m.row()).collect();
                assert_eq!(Some(&models[..]), found.get(..models.len()), "{text}");
            }
            (pages.len(), found)
        };
        let mut searcher = Searcher::default();
        for asked in [&first, &both] {
            let (pages, found) = pages_of(&mut searcher, &asked.to_string());
            let exact = naive::answer(&rows, asked).tiers[..5].concat();
            assert_eq!(found.get(..exact.len()), Some(&exact[..]), "{asked}");
            reported_beside += if asked.words.len() > 1 { pages } else { 0 };
        }
        // Typed letter by letter, and erased again.
        let mut searcher = Searcher::default();
        let text = both.to_string().replace('"', "");
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).skip(1).collect();
        for end in ends.iter().chain(ends.iter().rev()) {
            if parse(&text[..*end]).is_ok() {
                reported_growing += pages_of(&mut searcher, &text[..*end]).0;
            }
        }
    }
    assert!(reported_beside > 20, "{reported_beside}");
    assert!(reported_growing > 200, "{reported_growing}");
}
