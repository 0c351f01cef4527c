//! What changed between two snapshots of the Hub: whose downloads, which models came and went or
//! were renamed, which families grew. `join.rs` finds out who is who, `change.rs` what is most;
//! `against.rs` makes the changes of models fields of the new snapshot.

pub mod against;
pub mod change;
pub mod join;

use rayon::prelude::*;

use super::Hub;
use super::lineage::graph::Node;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use change::{Change, Entry, List, Measure};
use join::{Pairs, Side};

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Models in both snapshots that have more downloads in the new one.
    Risen,
    /// Models in both that have fewer.
    Fallen,
    /// Models that are only in the new one.
    New,
    /// Models that are only in the old one.
    Gone,
    /// Models that have another name.
    Renamed,
    /// Families in both that have more downloads.
    FamilyDownloads,
    /// Families in both that have more descendants.
    FamilyDescendants,
    /// Families of what nothing was made from before.
    FamilyNew,
    /// Families of what nothing is made from any more.
    FamilyGone,
}

impl Kind {
    /// Every kind, in the order in which they are told.
    pub const ALL: [Kind; 9] = [
        Kind::Risen,
        Kind::Fallen,
        Kind::New,
        Kind::Gone,
        Kind::Renamed,
        Kind::FamilyDownloads,
        Kind::FamilyDescendants,
        Kind::FamilyNew,
        Kind::FamilyGone,
    ];
}

/// What is asked for.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    /// The models of the new snapshot that it is about; `None` for all of both.
    pub about: Option<&'q ModelSet>,
    /// What risen and fallen models and grown families are put in order by; all others are by
    /// downloads.
    pub measure: Measure,
    /// So many of each kind are listed at most.
    pub limit: usize,
}

/// What changed.
pub struct Diff {
    /// Whether renamed models were followed.
    pub by_key: bool,
    /// Models that are in both snapshots.
    pub both: usize,
    /// What those have together where both numbers are known.
    pub downloads: Change,
    /// Rows of the old and of the new snapshot that are another one's again.
    pub repeated: [usize; 2],
    lists: Vec<Option<List>>,
}

impl Diff {
    /// Compares two snapshots, both loaded to their lineage or further.
    pub fn new(old: Side, new: Side, question: Question) -> Diff {
        let comparing = Comparing {
            old: old.hub,
            new: new.hub,
            pairs: Pairs::new(old, new),
            question,
        };
        let pairs = &comparing.pairs;
        let (both, downloads) = comparing.together();
        let lists = Kind::ALL.iter().map(|kind| comparing.list(*kind));
        Diff {
            by_key: pairs.by_key,
            both,
            downloads,
            repeated: [0, 1].map(|side| pairs.repeated[side].count()),
            lists: lists.collect(),
        }
    }

    /// The changes of a kind; `None` where the snapshots do not tell.
    pub fn list(&self, kind: Kind) -> Option<&List> {
        self.lists[kind as usize].as_ref()
    }
}

struct Comparing<'a> {
    old: &'a Hub,
    new: &'a Hub,
    pairs: Pairs,
    question: Question<'a>,
}

impl Comparing<'_> {
    /// How many models are in both, and what they have together.
    fn together(&self) -> (usize, Change) {
        let sum = |a: Option<i64>, b: Option<i64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (known, None) | (None, known) => known,
        };
        let one = |entry: Entry| match entry.change.delta() {
            Some(_) => (1, entry.change),
            None => (1, Change::default()),
        };
        self.in_both().map(one).reduce(
            || (0, Change::default()),
            |(count, a), (more, b)| {
                let before = sum(a.before, b.before);
                let after = sum(a.after, b.after);
                (count + more, Change { before, after })
            },
        )
    }

    fn list(&self, kind: Kind) -> Option<List> {
        let Question { measure, limit, .. } = self.question;
        let both_have = |field| self.old.models.has(field) && self.new.models.has(field);
        let moved = |direction: i64| {
            let moves = move |e: &Entry| e.change.direction() == Some(direction);
            List::of(self.in_both().filter(moves), measure, limit)
        };
        let grown = |field| {
            let grows = |e: &Entry| e.change.direction() == Some(1);
            let families = self.grown_families(field).filter(grows);
            both_have(field).then(|| List::of(families, measure, limit))
        };
        let all_are_asked_for = self.question.about.is_none();
        let have_families = both_have(Field::Descendants);
        match kind {
            Kind::Risen => both_have(Field::Downloads).then(|| moved(1)),
            Kind::Fallen => both_have(Field::Downloads).then(|| moved(-1)),
            Kind::New => Some(List::of(self.new_models(), Measure::Now, limit)),
            Kind::Gone => {
                all_are_asked_for.then(|| List::of(self.gone_models(), Measure::Now, limit))
            }
            Kind::Renamed => self.pairs.by_key.then(|| {
                let renamed = self.in_both().filter(|entry| self.is_renamed(entry));
                List::of(renamed, Measure::Now, limit)
            }),
            Kind::FamilyDownloads => grown(Field::FamilyDownloads),
            Kind::FamilyDescendants => grown(Field::Descendants),
            Kind::FamilyNew => {
                have_families.then(|| List::of(self.new_families(), Measure::Now, limit))
            }
            Kind::FamilyGone => (have_families && all_are_asked_for)
                .then(|| List::of(self.gone_families(), Measure::Now, limit)),
        }
    }

    /// The models that are in both snapshots, with their downloads.
    fn in_both(&self) -> impl ParallelIterator<Item = Entry> {
        self.new_nodes().filter_map(|after| {
            let before = self.pairs.before(after)?;
            self.old.graph.model(before)?;
            Some(self.entry(Field::Downloads, Some(before), Some(after)))
        })
    }

    /// Models that were none before, though their name may have stood among bases.
    fn new_models(&self) -> impl ParallelIterator<Item = Entry> {
        let came = self.new_nodes().filter(|after| {
            let before = self.pairs.before(*after);
            before.is_none_or(|before| self.old.graph.model(before).is_none())
        });
        came.map(|after| self.entry(Field::Downloads, None, Some(after)))
    }

    fn gone_models(&self) -> impl ParallelIterator<Item = Entry> {
        let went = nodes(self.old, &self.pairs.repeated[0]).filter(|before| {
            let after = self.pairs.after(*before);
            after.is_none_or(|after| self.new.graph.model(after).is_none())
        });
        went.map(|before| self.entry(Field::Downloads, Some(before), None))
    }

    fn is_renamed(&self, entry: &Entry) -> bool {
        let before = entry.before.map(|node| self.old.name(node));
        before != entry.after.map(|node| self.new.name(node))
    }

    /// Families that were some before, with a number of both times.
    fn grown_families(&self, field: Field) -> impl ParallelIterator<Item = Entry> {
        self.new_roots().filter_map(move |after| {
            let before = self.pairs.before(after)?;
            is_family(self.old, before).then(|| self.entry(field, Some(before), Some(after)))
        })
    }

    fn new_families(&self) -> impl ParallelIterator<Item = Entry> {
        let came = self.new_roots().filter(|after| {
            let before = self.pairs.before(*after);
            !before.is_some_and(|before| is_family(self.old, before))
        });
        came.map(|after| self.entry(Field::FamilyDownloads, None, Some(after)))
    }

    fn gone_families(&self) -> impl ParallelIterator<Item = Entry> {
        let went = self.old.rollup.roots.par_iter().copied().filter(|before| {
            let after = self.pairs.after(*before);
            !after.is_some_and(|after| is_family(self.new, after))
        });
        went.map(|before| self.entry(Field::FamilyDownloads, Some(before), None))
    }

    /// The models of the new snapshot that it is about, each once.
    fn new_nodes(&self) -> impl ParallelIterator<Item = Node> {
        nodes(self.new, &self.pairs.repeated[1]).filter(|node| self.is_asked_for(*node))
    }

    fn new_roots(&self) -> impl ParallelIterator<Item = Node> {
        let roots = self.new.rollup.roots.par_iter().copied();
        roots.filter(|node| self.is_asked_for(*node))
    }

    /// A query finds models only, so no base that is only named.
    fn is_asked_for(&self, new: Node) -> bool {
        let model = || self.new.graph.model(new);
        let about = self.question.about;
        about.is_none_or(|set| model().is_some_and(|model| set.has(model)))
    }

    fn entry(&self, field: Field, before: Option<Node>, after: Option<Node>) -> Entry {
        let number = |hub: &Hub, node: Option<Node>| hub.lineage().number(field, node?);
        let change = Change {
            before: number(self.old, before),
            after: number(self.new, after),
        };
        Entry {
            before,
            after,
            change,
        }
    }
}

/// All models as nodes, without rows that another one stands for.
fn nodes(hub: &Hub, repeated: &ModelSet) -> impl ParallelIterator<Item = Node> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the loader refuses more rows"
    )]
    let models = (0..hub.models.len() as u32).into_par_iter().map(ModelId);
    models.filter(|model| !repeated.has(*model)).map(Node::from)
}

/// Whether anything was made from it.
fn is_family(hub: &Hub, node: Node) -> bool {
    hub.graph.has_children(node)
}
