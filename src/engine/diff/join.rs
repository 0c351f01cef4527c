//! Which model, or base that is only named, of one snapshot is which of another. First by the
//! Hub's own keys, which stay when a model is renamed; what is left then by name. Both times the
//! nodes are sorted by a hash, and the two lists walked side by side: that takes less memory than
//! a table of all names, and all cores help.

use std::cmp::Ordering;
use std::hash::{BuildHasher, Hash};

use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::parquet::keys::{Key, Keys};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;

/// A snapshot of the hub.
#[derive(Clone, Copy)]
pub struct Side<'h> {
    /// Loaded to where bases are known, or further.
    pub hub: &'h Hub,
    /// Of its models, where the files have them.
    pub keys: Option<&'h Keys>,
}

impl Side<'_> {
    fn key(&self, node: Node) -> Option<Key> {
        self.keys?.get(self.hub.graph.model(node)?)
    }

    fn downloads(&self, node: Node) -> Option<i64> {
        let model = self.hub.graph.model(node)?;
        self.hub.models.number(Field::Downloads, model)
    }
}

/// The nodes of two snapshots, joined.
pub struct Pairs {
    /// What each node of the new snapshot was in the old one.
    before: Vec<Option<Node>>,
    /// What each node of the old snapshot is in the new one.
    after: Vec<Option<Node>>,
    /// Rows of the old and of the new snapshot that another one stands for: it has the same key,
    /// or is named the same, and has more downloads.
    pub repeated: [ModelSet; 2],
    /// Whether both snapshots have keys, so that renamed models are followed.
    pub by_key: bool,
}

impl Pairs {
    /// Joins an old snapshot with a new one.
    ///
    /// A model is the same where its key is. Where one of the two keys is not known, and for bases
    /// that are only named, the name decides. Each model is one other at most.
    pub fn new(old: Side, new: Side) -> Pairs {
        let sides = [old, new];
        let by_key = sides.iter().all(|side| side.keys.is_some());
        let mut pairs = Pairs {
            before: vec![None; new.hub.graph.node_count()],
            after: vec![None; old.hub.graph.node_count()],
            repeated: sides.map(|side| ModelSet::none(side.hub.models.len())),
            by_key,
        };
        if by_key {
            let keyed = sides.map(|side| Sorted::new(side, move |node| side.key(node), |_| true));
            for (old, new) in meet(&keyed) {
                pairs.take(old, new);
            }
            pairs.set_aside(keyed.map(|sorted| sorted.repeated));
        }
        let has_key = |at: usize, node| by_key && sides[at].key(node).is_some();
        let named = [0, 1].map(|at| {
            let name = move |node| Some(sides[at].hub.name(node));
            let mut named = Sorted::new(sides[at], name, |node| pairs.is_left(at, node));
            // Two models of one name with keys of their own are two.
            named.repeated.retain(|node| !has_key(at, *node));
            named
        });
        for (old, new) in meet(&named) {
            if !(has_key(0, old) && has_key(1, new)) {
                pairs.take(old, new);
            }
        }
        pairs.set_aside(named.map(|sorted| sorted.repeated));
        pairs
    }

    /// What a node of the new snapshot was in the old one.
    pub fn before(&self, new: Node) -> Option<Node> {
        self.before[new.0 as usize]
    }

    /// What a node of the old snapshot is in the new one.
    pub fn after(&self, old: Node) -> Option<Node> {
        self.after[old.0 as usize]
    }

    fn take(&mut self, old: Node, new: Node) {
        self.before[new.0 as usize] = Some(old);
        self.after[old.0 as usize] = Some(new);
    }

    fn set_aside(&mut self, repeated: [Vec<Node>; 2]) {
        for (set, nodes) in self.repeated.iter_mut().zip(repeated) {
            nodes.into_iter().for_each(|node| set.add(ModelId(node.0)));
        }
    }

    /// Whether a node of the old (0) or new (1) snapshot has not been joined yet.
    fn is_left(&self, at: usize, node: Node) -> bool {
        let met = [&self.after, &self.before][at][node.0 as usize];
        let repeated = &self.repeated[at];
        let is_repeated = (node.0 as usize) < repeated.rows() && repeated.has(ModelId(node.0));
        met.is_none() && !is_repeated
    }
}

/// Nodes by the hash of what they are known by, each thing once.
struct Sorted<F> {
    nodes: Vec<(u64, Node)>,
    /// Those that another node stands for.
    repeated: Vec<Node>,
    known_by: F,
}

impl<K: Ord + Hash, F: Fn(Node) -> Option<K> + Sync> Sorted<F> {
    /// The nodes that are wanted and known by something. Of several that are known by the same the
    /// most downloaded one stands for all, the first of equals, as in [`Hub::find`].
    fn new(side: Side, known_by: F, wanted: impl Fn(Node) -> bool + Sync) -> Sorted<F> {
        let hashed = |node: Node| Some((FxBuildHasher.hash_one(known_by(node)?), node));
        #[expect(
            clippy::cast_possible_truncation,
            reason = "nodes are numbered by 32 bits"
        )]
        let all = (0..side.hub.graph.node_count() as u32)
            .into_par_iter()
            .map(Node);
        let mut nodes: Vec<(u64, Node)> = all
            .filter(|node| wanted(*node))
            .filter_map(hashed)
            .collect();
        nodes.par_sort_unstable_by(|(a, at), (b, bt)| {
            a.cmp(b)
                .then_with(|| known_by(*at).cmp(&known_by(*bt)))
                .then_with(|| side.downloads(*bt).cmp(&side.downloads(*at)))
                .then_with(|| at.cmp(bt))
        });
        let mut repeated = Vec::new();
        nodes.dedup_by(|(hash, node), (first, stands)| {
            let same = hash == first && known_by(*node) == known_by(*stands);
            repeated.extend(same.then_some(*node));
            same
        });
        Sorted {
            nodes,
            repeated,
            known_by,
        }
    }
}

/// So many nodes are looked for by one core at a time.
const CHUNK: usize = 16_384;

/// The nodes of the first and second list that are known by the same.
fn meet<K, F>([old, new]: &[Sorted<F>; 2]) -> Vec<(Node, Node)>
where
    K: Ord,
    F: Fn(Node) -> Option<K> + Sync,
{
    let compare = |(a, at): &(u64, Node), (b, bt): &(u64, Node)| {
        let known = || (old.known_by)(*at).cmp(&(new.known_by)(*bt));
        a.cmp(b).then_with(known)
    };
    let met = |chunk: &[(u64, Node)]| {
        let mut found = Vec::new();
        let first = |wanted| {
            old.nodes
                .partition_point(|other| compare(other, wanted) == Ordering::Less)
        };
        let mut rest = &old.nodes[chunk.first().map_or(0, first)..];
        for wanted in chunk {
            let lower = rest
                .iter()
                .take_while(|other| compare(other, wanted) == Ordering::Less);
            rest = &rest[lower.count()..];
            let here = rest.first().filter(|o| compare(o, wanted).is_eq());
            found.extend(here.map(|other| (other.1, wanted.1)));
        }
        found
    };
    new.nodes.par_chunks(CHUNK).flat_map_iter(met).collect()
}
