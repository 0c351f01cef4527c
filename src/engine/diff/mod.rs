//! Compares two snapshots of the Hub: models whose downloads changed, new, gone and renamed ones,
//! and families that grew. `join` matches the models, `change` ranks changes, `fault` finds
//! snapshots that are not to be trusted, and `since` adds changes to the table of the new snapshot.

pub mod change;
pub mod fault;
pub mod join;
pub mod since;

use rayon::prelude::*;

use crate::engine::lineage::graph::Node;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::comparison::SnapshotFault;
use crate::engine::table::field::Field;
use change::{Change, Measure, NodeChange, TopChanges};
use fault::faults;
use join::{Join, NEW, OLD, Snapshot};

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Models of both snapshots with more downloads in the new one.
    Risen,
    /// Models of both with fewer downloads in the new one.
    Fallen,
    /// Models of the new snapshot alone.
    New,
    /// Models of the old snapshot alone.
    Gone,
    /// Models with another name in the new snapshot.
    Renamed,
    /// Families of both with more downloads in the new one.
    FamilyDownloads,
    /// Families of both with more descendants in the new one.
    FamilyDescendants,
    /// Families of nodes that had no children before.
    FamilyNew,
    /// Families of nodes that have no children any more.
    FamilyGone,
}

impl ChangeKind {
    /// Every kind, in the order of the report.
    pub const ALL: [ChangeKind; 9] = [
        ChangeKind::Risen,
        ChangeKind::Fallen,
        ChangeKind::New,
        ChangeKind::Gone,
        ChangeKind::Renamed,
        ChangeKind::FamilyDownloads,
        ChangeKind::FamilyDescendants,
        ChangeKind::FamilyNew,
        ChangeKind::FamilyGone,
    ];
}

/// Options of a comparison.
#[derive(Clone, Copy)]
pub struct DiffOptions<'q> {
    /// The models of the new snapshot to report; `None` for all of both.
    pub within: Option<&'q ModelSet>,
    /// The order of risen and fallen models and of grown families; all others are ordered by their
    /// downloads.
    pub measure: Measure,
    /// The maximum number of changes of each kind.
    pub limit: usize,
}

/// The changes between two snapshots.
pub struct Diff {
    /// True if renamed models were followed.
    pub by_key: bool,
    /// The number of models that both snapshots have.
    pub both: usize,
    /// The sum of their downloads, over the models of which both numbers are known.
    pub downloads: Change,
    /// The number of rows of each snapshot that repeat another one.
    pub repeated: [usize; 2],
    /// Reasons not to trust the comparison.
    pub faults: Vec<SnapshotFault>,
    lists: [Option<TopChanges>; ChangeKind::ALL.len()],
}

impl Diff {
    /// Compares two snapshots.
    pub fn new(old: Snapshot, new: Snapshot, options: DiffOptions) -> Diff {
        let join = Join::new(old, new);
        let finder = Finder {
            join: &join,
            options,
        };
        Diff {
            by_key: join.by_key,
            both: finder.shared().count(),
            downloads: finder.downloads(),
            repeated: [OLD, NEW].map(|at| join.repeated[at].count()),
            faults: faults(&join),
            lists: ChangeKind::ALL.map(|kind| finder.top(kind)),
        }
    }

    /// The changes of a kind; `None` where the files lack the columns.
    pub fn list(&self, kind: ChangeKind) -> Option<&TopChanges> {
        self.lists[kind as usize].as_ref()
    }
}

/// Finds the changes that the options ask for.
#[derive(Clone, Copy)]
struct Finder<'a> {
    join: &'a Join<'a>,
    options: DiffOptions<'a>,
}

impl Finder<'_> {
    /// The largest changes of a kind.
    fn top(self, kind: ChangeKind) -> Option<TopChanges> {
        let both_have = |field| self.join.sides.iter().all(|s| s.models().has(field));
        let has_downloads = both_have(Field::Downloads);
        let has_families = both_have(Field::Descendants);
        // A query selects models of the new snapshot, so none that are gone.
        let has_gone = self.options.within.is_none();
        let moved = |direction| self.moved(self.shared(), direction);
        let grown = |field| both_have(field).then(|| self.moved(self.families(field), 1));
        let models = |at| self.now(self.lone(at, Field::Downloads, self.join.unshared(at)));
        let families = |at| self.now(self.lone(at, Field::FamilyDownloads, self.lone_roots(at)));
        let renamed = || self.now(self.shared().filter(|change| self.is_renamed(change)));
        match kind {
            ChangeKind::Risen => has_downloads.then(|| moved(1)),
            ChangeKind::Fallen => has_downloads.then(|| moved(-1)),
            ChangeKind::New => Some(models(NEW)),
            ChangeKind::Gone => has_gone.then(|| models(OLD)),
            ChangeKind::Renamed => self.join.by_key.then(renamed),
            ChangeKind::FamilyDownloads => grown(Field::FamilyDownloads),
            ChangeKind::FamilyDescendants => grown(Field::Descendants),
            ChangeKind::FamilyNew => has_families.then(|| families(NEW)),
            ChangeKind::FamilyGone => (has_families && has_gone).then(|| families(OLD)),
        }
    }

    /// The largest of the changes in a direction.
    fn moved(
        self,
        changes: impl ParallelIterator<Item = NodeChange>,
        direction: i64,
    ) -> TopChanges {
        let moved = changes.filter(|c| c.change.direction() == Some(direction));
        TopChanges::of(moved, self.options.measure, self.options.limit)
    }

    /// The changes with the largest numbers.
    fn now(self, changes: impl ParallelIterator<Item = NodeChange>) -> TopChanges {
        TopChanges::of(changes, Measure::Now, self.options.limit)
    }

    /// The sums of the downloads of shared models of which both numbers are known.
    fn downloads(self) -> Change {
        let changes = self.shared().map(|NodeChange { change, .. }| change);
        let known = changes.filter_map(|change| change.before.zip(change.after));
        let sum = known.reduce_with(|a, b| (a.0.saturating_add(b.0), a.1.saturating_add(b.1)));
        let (before, after) = sum.unzip();
        Change { before, after }
    }

    /// The downloads of the models of both snapshots.
    fn shared(self) -> impl ParallelIterator<Item = NodeChange> {
        let shared = self.join.shared();
        let shared = shared.filter(move |[_, new]| self.includes(NEW, *new));
        shared.map(move |pair| self.change(Field::Downloads, pair.map(Some)))
    }

    /// A number of the families of both snapshots.
    fn families(self, field: Field) -> impl ParallelIterator<Item = NodeChange> {
        self.roots(NEW).filter_map(move |new| {
            let old = self.family(NEW, new).filter(|_| self.includes(NEW, new))?;
            Some(self.change(field, [Some(old), Some(new)]))
        })
    }

    /// A number of nodes of one snapshot alone.
    fn lone(
        self,
        at: usize,
        field: Field,
        nodes: impl ParallelIterator<Item = Node>,
    ) -> impl ParallelIterator<Item = NodeChange> {
        let nodes = nodes.filter(move |node| self.includes(at, *node));
        nodes.map(move |node| {
            let mut pair = [None; 2];
            pair[at] = Some(node);
            self.change(field, pair)
        })
    }

    /// The roots of families of one snapshot alone.
    fn lone_roots(self, at: usize) -> impl ParallelIterator<Item = Node> {
        let roots = self.roots(at);
        roots.filter(move |root| self.family(at, *root).is_none())
    }

    fn roots(self, at: usize) -> impl ParallelIterator<Item = Node> {
        let roots = &self.join.sides[at].lineage.rollup.roots;
        roots.par_iter().copied()
    }

    /// The match of a node, if that has a family.
    fn family(self, at: usize, node: Node) -> Option<Node> {
        let other = self.join.find(at, node);
        other.filter(|other| self.join.sides[1 - at].is_family(*other))
    }

    fn is_renamed(self, change: &NodeChange) -> bool {
        let pair = change.before.zip(change.after);
        pair.is_some_and(|(old, new)| self.join.is_renamed([old, new]))
    }

    /// Returns true if a node of one side is reported; a query selects no ghosts.
    fn includes(self, at: usize, node: Node) -> bool {
        let model = || self.join.sides[NEW].model(node);
        let within = self.options.within.filter(|_| at == NEW);
        within.is_none_or(|set| model().is_some_and(|model| set.has(model)))
    }

    fn change(self, field: Field, nodes: [Option<Node>; 2]) -> NodeChange {
        let number = |at: usize| self.join.sides[at].lineage.number(field, nodes[at]?);
        let [before, after] = [number(OLD), number(NEW)];
        NodeChange {
            before: nodes[OLD],
            after: nodes[NEW],
            change: Change { before, after },
        }
    }
}
