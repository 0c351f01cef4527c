//! Which models pass a test: one set for each, over all models.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use memchr::memmem::Finder;

use super::Corpus;
use crate::engine::lineage::family;
use crate::engine::lineage::graph::Node;
use crate::engine::query::keys::{Key, Takes, Trait};
use crate::engine::query::query::{Test, Value};
use crate::engine::query::range::{NANO, Span};
use crate::engine::search::index::GAP;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::column::Column;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;

/// The models that pass. `None` when `stop` was set meanwhile.
pub fn passing(corpus: Corpus, test: &Test, stop: &AtomicBool) -> Option<ModelSet> {
    let mut set = ModelSet::none(corpus.models.len());
    for value in &test.values {
        set.or(&having(corpus, test.key, value, stop));
        if stop.load(Ordering::Relaxed) {
            return None;
        }
    }
    if test.negated {
        set.invert();
    }
    Some(set)
}

/// The rows that `wanted` holds for; whatever was met so far when `stop` is set.
fn of(rows: usize, stop: &AtomicBool, wanted: impl Fn(usize) -> bool + Sync) -> ModelSet {
    by_chunk(rows, stop, |rows, add| {
        rows.filter(|row| wanted(*row)).for_each(add);
    })
}

fn by_chunk(
    rows: usize,
    stop: &AtomicBool,
    find: impl Fn(Range<usize>, &mut dyn FnMut(usize)) + Sync,
) -> ModelSet {
    ModelSet::by_chunk(rows, |rows, add| {
        if !stop.load(Ordering::Relaxed) {
            find(rows, add);
        }
    })
}

/// The models of which one value holds.
fn having(corpus: Corpus, key: Key, value: &Value, stop: &AtomicBool) -> ModelSet {
    match value {
        Value::Word(word) => match key {
            Key::Base => made_from(corpus, word, stop, |node| {
                corpus.graph.children(node).to_vec()
            }),
            Key::Family => made_from(corpus, word, stop, |node| {
                family::descendants(corpus.graph, node)
            }),
            _ => with_word(corpus, key, word, stop),
        },
        Value::Room(room) => with_number(corpus, Field::Params, |params| room.holds(params), stop),
        Value::Span(span) => in_span(corpus, key, span, stop),
        Value::Key(known) => {
            let mut set = knowing(corpus, *known, stop);
            if key == Key::No {
                set.invert();
            }
            set
        }
        Value::Trait(place) => of(corpus.models.len(), stop, |row| {
            has_trait(corpus, row, *place)
        }),
    }
}

/// The models that have a word of this key, whatever its case.
fn with_word(corpus: Corpus, key: Key, word: &str, stop: &AtomicBool) -> ModelSet {
    let rows = corpus.models.len();
    match key {
        Key::Author => by_author(corpus, word, stop),
        Key::Tag => match word.strip_prefix("base_model:") {
            Some(base) => with_base_tag(corpus, base, stop),
            None => corpus.tags.models(word),
        },
        Key::Lang => match super::facet::is_language(word) {
            true => corpus.tags.models(word),
            false => ModelSet::none(rows),
        },
        _ => {
            let words = key.info().field.and_then(|f| corpus.models.words(f));
            let Some(words) = words else {
                return ModelSet::none(rows);
            };
            let fits: Vec<bool> = words
                .names()
                .map(|name| name.is_some_and(|name| is_same(name, word)))
                .collect();
            Column::codes(words).set(|code| fits.get(code as usize) == Some(&true))
        }
    }
}

/// Whether two words are the same but for their case.
fn is_same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}

fn by_author(corpus: Corpus, author: &str, stop: &AtomicBool) -> ModelSet {
    let needle = [&[GAP], author.to_lowercase().as_bytes(), b"/"].concat();
    let needle = Finder::new(&needle);
    // An author's name has no slash: what follows one would be a part of the model's name.
    match author.contains('/') {
        true => ModelSet::none(corpus.models.len()),
        false => by_chunk(corpus.models.len(), stop, |rows, add| {
            corpus
                .arena
                .texts()
                .each_place(rows, &needle, |row, _| add(row));
        }),
    }
}

/// What the tags `base_model:<id>` and `base_model:<relation>:<id>` say; the graph has it, and the
/// tags are not kept a second time.
fn with_base_tag(corpus: Corpus, tag: &str, stop: &AtomicBool) -> ModelSet {
    let (relation, base) = match tag.split_once(':') {
        Some((relation, base)) => (Some(relation), base),
        None => (None, tag),
    };
    let Some(node) = node(corpus, base, stop) else {
        return ModelSet::none(corpus.models.len());
    };
    let children = corpus.graph.children(node).iter();
    let fits = |child: &&Node| {
        relation.is_none_or(|how| corpus.graph.relation(**child, node) == Some(how))
    };
    collect(corpus, children.filter(fits).copied())
}

fn made_from(
    corpus: Corpus,
    base: &str,
    stop: &AtomicBool,
    found: impl Fn(Node) -> Vec<Node>,
) -> ModelSet {
    let found = node(corpus, base, stop).map(found).unwrap_or_default();
    collect(corpus, found.into_iter())
}

fn collect(corpus: Corpus, nodes: impl Iterator<Item = Node>) -> ModelSet {
    let mut set = ModelSet::none(corpus.models.len());
    nodes
        .filter_map(|node| corpus.graph.model(node))
        .for_each(|model| set.add(model));
    set
}

/// The node of this id: written so, or else but for its case; the most downloaded of several.
fn node(corpus: Corpus, id: &str, stop: &AtomicBool) -> Option<Node> {
    let lower = id.to_lowercase();
    let needle = [&[GAP], lower.as_bytes()].concat();
    let needle = Finder::new(&needle);
    let arena = corpus.arena;
    let same = by_chunk(arena.len(), stop, |rows, add| {
        arena.texts().each_place(rows, &needle, |row, _| {
            if arena.id(row) == lower.as_bytes() {
                add(row);
            }
        });
    });
    let same: Vec<ModelId> = same.iter().collect();
    let written_so = |m: &&ModelId| corpus.models.id(**m) == id;
    let downloads = |m: &&ModelId| {
        let downloads = corpus.models.number(Field::Downloads, **m);
        (downloads, std::cmp::Reverse(m.0))
    };
    let exact = same.iter().filter(written_so).max_by_key(downloads);
    let ghost = || corpus.graph.ghost(id);
    exact
        .map(|m| Node::from(*m))
        .or_else(ghost)
        .or_else(|| same.iter().max_by_key(downloads).map(|m| Node::from(*m)))
}

fn in_span(corpus: Corpus, key: Key, span: &Span, stop: &AtomicBool) -> ModelSet {
    let Some(field) = key.info().field else {
        return ModelSet::none(corpus.models.len());
    };
    // Times and shares are compared as they are, counts in parts of a billion.
    let unit = match key.info().takes {
        Takes::Count | Takes::Change => NANO,
        _ => 1,
    };
    let values = span.values();
    // The first whole value at or after an end.
    let whole = |end: i128| end.div_euclid(unit) + i128::from(end.rem_euclid(unit) > 0);
    let (from, to) = (whole(values.start), whole(values.end));
    let holds = |value: i64| (from..to).contains(&i128::from(value));
    with_number(corpus, field, holds, stop)
}

/// The models with a number that `holds`.
fn with_number(
    corpus: Corpus,
    field: Field,
    holds: impl Fn(i64) -> bool + Sync,
    stop: &AtomicBool,
) -> ModelSet {
    let models = corpus.models;
    match Column::kept(models, field) {
        Some(column) => column.set(holds),
        None if !models.has(field) => ModelSet::none(models.len()),
        // To write it out would take longer.
        None => of(models.len(), stop, |row| {
            models.number(field, model(row)).is_some_and(&holds)
        }),
    }
}

/// The models of which the key's value is known.
fn knowing(corpus: Corpus, key: Key, stop: &AtomicBool) -> ModelSet {
    let models = corpus.models;
    let rows = models.len();
    match key {
        Key::Tag => corpus.tags.tagged().clone(),
        Key::Lang => {
            let mut set = ModelSet::none(rows);
            super::facet::languages()
                .take_while(|_| !stop.load(Ordering::Relaxed))
                .for_each(|code| set.or(&corpus.tags.models(code)));
            set
        }
        Key::Author => of(rows, stop, |row| models.author(model(row)).is_some()),
        Key::Base => of(rows, stop, |row| {
            !corpus.graph.bases(model(row).into()).is_empty()
        }),
        // Nobody asks for what is known to have none.
        Key::Children | Key::Descendants => of(rows, stop, |row| {
            corpus.graph.has_children(model(row).into())
        }),
        _ => {
            let field = key.info().field;
            match field.and_then(|f| models.words(f)) {
                Some(words) => of(rows, stop, |row| words.code(row).is_some()),
                None => of(rows, stop, |row| {
                    field.is_some_and(|f| models.number(f, model(row)).is_some())
                }),
            }
        }
    }
}

fn has_trait(corpus: Corpus, row: usize, place: Trait) -> bool {
    let node = Node::from(model(row));
    let bases = corpus.graph.bases(node);
    let mut others = bases.iter().filter(|base| **base != node);
    let has_children = || corpus.graph.has_children(node);
    match place {
        Trait::Root => others.next().is_none() && has_children(),
        Trait::Copy => corpus.quantizations.set.has(model(row)),
        Trait::Unrelated => others.next().is_none() && !has_children(),
        Trait::Suspect => corpus.suspects.has(model(row)),
        Trait::New => corpus.against.is_some_and(|a| a.is_new(model(row))),
        Trait::Renamed => corpus.against.is_some_and(|a| a.was(model(row)).is_some()),
        Trait::Ghost => others.any(|base| corpus.graph.model(*base).is_none()),
        Trait::Merge => {
            let first = others.next();
            others.any(|base| Some(base) != first)
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the loader refuses more rows"
)]
fn model(row: usize) -> ModelId {
    ModelId(row as u32)
}
