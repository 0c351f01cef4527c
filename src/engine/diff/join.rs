//! Matches the nodes of two snapshots: models by the Hub's keys, which survive a rename, and the
//! rest by name. Both passes are merge joins over nodes sorted by hash, which needs less memory
//! than a hash table of all names and uses all cores.

use std::hash::{BuildHasher, Hash};

use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use crate::engine::lineage::graph::Node;
use crate::engine::lineage::view::LineageView;
use crate::engine::parquet::keys::{Key, Keys};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models};

/// One of two snapshots, as read up to its lineage or further.
#[derive(Clone, Copy)]
pub struct Snapshot<'a> {
    pub lineage: LineageView<'a>,
    /// The keys of its models, where the files have them.
    pub keys: Option<&'a Keys>,
}

impl<'a> Snapshot<'a> {
    /// Its table.
    pub fn models(&self) -> &'a Models {
        self.lineage.models
    }

    /// The model that a node is, unless it is a ghost.
    pub fn model(&self, node: Node) -> Option<ModelId> {
        self.lineage.graph.model(node)
    }

    /// Returns true if a node has descendants.
    pub fn is_family(&self, node: Node) -> bool {
        self.lineage.graph.has_children(node)
    }

    /// The name of a node.
    pub fn name(&self, node: Node) -> &'a str {
        self.lineage.graph.name(node, self.lineage.models)
    }

    fn key(&self, node: Node) -> Option<Key> {
        self.keys?.get(self.model(node)?)
    }

    /// The downloads of a node.
    pub fn downloads(&self, node: Node) -> Option<i64> {
        self.models().number(Field::Downloads, self.model(node)?)
    }
}

/// The index of the old snapshot in pairs.
pub const OLD: usize = 0;
/// The index of the new snapshot in pairs.
pub const NEW: usize = 1;

/// Two snapshots whose nodes are matched.
pub struct Join<'a> {
    pub sides: [Snapshot<'a>; 2],
    /// Of each node of a side, the same node of the other side.
    matches: [Vec<Option<Node>>; 2],
    /// Rows that repeat the key or name of a more downloaded row of the same snapshot.
    pub repeated: [ModelSet; 2],
    /// True if both snapshots have keys, so that renamed models are followed.
    pub by_key: bool,
}

impl<'a> Join<'a> {
    /// Joins an old snapshot with a new one.
    ///
    /// Models match by key. Ghosts, and models of which one key is unknown, match by name. No node
    /// has more than one match.
    pub fn new(old: Snapshot<'a>, new: Snapshot<'a>) -> Join<'a> {
        let sides = [old, new];
        let mut join = Join {
            sides,
            matches: sides.map(|side| vec![None; side.lineage.graph.node_count()]),
            repeated: sides.map(|side| ModelSet::none(side.models().len())),
            by_key: sides.iter().all(|side| side.keys.is_some()),
        };
        if join.by_key {
            let keyed = sides.map(|side| Sorted::new(side, move |node| side.key(node), |_| true));
            join.add(merge(&keyed), keyed.map(|sorted| sorted.repeated));
        }
        let has_key = |at: usize, node| join.by_key && sides[at].key(node).is_some();
        let named = [OLD, NEW].map(|at| {
            let name = move |node| Some(sides[at].name(node));
            let mut named = Sorted::new(sides[at], name, |node| join.is_open(at, node));
            // Two models of one name with keys of their own are two.
            named.repeated.retain(|node| !has_key(at, *node));
            named
        });
        let mut pairs = merge(&named);
        pairs.retain(|[old, new]| !(has_key(OLD, *old) && has_key(NEW, *new)));
        join.add(pairs, named.map(|sorted| sorted.repeated));
        join
    }

    fn add(&mut self, pairs: Vec<[Node; 2]>, repeated: [Vec<Node>; 2]) {
        for [old, new] in pairs {
            self.matches[OLD][old.0 as usize] = Some(new);
            self.matches[NEW][new.0 as usize] = Some(old);
        }
        for (set, nodes) in self.repeated.iter_mut().zip(repeated) {
            nodes.into_iter().for_each(|node| set.add(ModelId(node.0)));
        }
    }

    /// Returns true if a node has no match yet and repeats no other.
    fn is_open(&self, at: usize, node: Node) -> bool {
        let model = self.sides[at].model(node);
        self.find(at, node).is_none() && model.is_none_or(|model| !self.repeated[at].has(model))
    }

    /// The match of a node of one side.
    pub fn find(&self, at: usize, node: Node) -> Option<Node> {
        self.matches[at][node.0 as usize]
    }

    /// The match of a model of one side, if that is a model too.
    pub fn counterpart(&self, at: usize, model: Node) -> Option<Node> {
        let other = self.find(at, model);
        other.filter(|other| self.sides[1 - at].model(*other).is_some())
    }

    /// The models of one side, without repeated rows.
    fn models(&self, at: usize) -> impl ParallelIterator<Item = Node> {
        let models = self.sides[at].models().par_all();
        let models = models.filter(move |model| !self.repeated[at].has(*model));
        models.map(Node::from)
    }

    /// The models that both snapshots have.
    pub fn shared(&self) -> impl ParallelIterator<Item = [Node; 2]> {
        self.models(NEW)
            .filter_map(|new| Some([self.counterpart(NEW, new)?, new]))
    }

    /// The models that only one snapshot has: the gone ones of the old, or the new ones of the new.
    pub fn unshared(&self, at: usize) -> impl ParallelIterator<Item = Node> {
        self.models(at)
            .filter(move |model| self.counterpart(at, *model).is_none())
    }

    /// Returns true if a shared model has another name in the new snapshot.
    pub fn is_renamed(&self, [old, new]: [Node; 2]) -> bool {
        self.sides[OLD].name(old) != self.sides[NEW].name(new)
    }
}

/// Nodes sorted by the hash of an attribute, each value once.
struct Sorted<F> {
    nodes: Vec<(u64, Node)>,
    /// Nodes whose value another node has.
    repeated: Vec<Node>,
    attribute: F,
}

impl<K: Ord + Hash, F: Fn(Node) -> Option<K> + Sync> Sorted<F> {
    /// Sorts the wanted nodes that have the attribute. Of equals the most downloaded one stays, then
    /// the first, as in [`Models::find`].
    fn new(side: Snapshot, attribute: F, wanted: impl Fn(Node) -> bool + Sync) -> Sorted<F> {
        let hashed = |node: Node| Some((FxBuildHasher.hash_one(attribute(node)?), node));
        #[expect(
            clippy::cast_possible_truncation,
            reason = "nodes are numbered by 32 bits"
        )]
        let all = (0..side.lineage.graph.node_count() as u32).into_par_iter();
        let wanted = all.map(Node).filter(|node| wanted(*node));
        let mut nodes: Vec<(u64, Node)> = wanted.filter_map(hashed).collect();
        nodes.par_sort_unstable_by(|(a, at), (b, bt)| {
            a.cmp(b)
                .then_with(|| attribute(*at).cmp(&attribute(*bt)))
                .then_with(|| side.downloads(*bt).cmp(&side.downloads(*at)))
                .then_with(|| at.cmp(bt))
        });
        let mut repeated = Vec::new();
        nodes.dedup_by(|(hash, node), (first, kept)| {
            let same = hash == first && attribute(*node) == attribute(*kept);
            repeated.extend(same.then_some(*node));
            same
        });
        Sorted {
            nodes,
            repeated,
            attribute,
        }
    }
}

/// The number of nodes that one task joins.
const BATCH: usize = 16_384;

/// Returns the pairs of nodes with the same attribute.
fn merge<K, F>([old, new]: &[Sorted<F>; 2]) -> Vec<[Node; 2]>
where
    K: Ord,
    F: Fn(Node) -> Option<K> + Sync,
{
    let compare = |(a, at): &(u64, Node), (b, bt): &(u64, Node)| {
        let attributes = || (old.attribute)(*at).cmp(&(new.attribute)(*bt));
        a.cmp(b).then_with(attributes)
    };
    let join = |batch: &[(u64, Node)]| {
        let is_below = |other: &(u64, Node), wanted: &(u64, Node)| compare(other, wanted).is_lt();
        let start = old.nodes.partition_point(|o| is_below(o, &batch[0]));
        let mut rest = &old.nodes[start..];
        let pair = |wanted: &(u64, Node)| {
            let below = rest.iter().take_while(|o| is_below(o, wanted));
            rest = &rest[below.count()..];
            let found = rest.first().filter(|o| compare(o, wanted).is_eq());
            found.map(|other| [other.1, wanted.1])
        };
        batch.iter().filter_map(pair).collect::<Vec<_>>()
    };
    new.nodes.par_chunks(BATCH).flat_map_iter(join).collect()
}
