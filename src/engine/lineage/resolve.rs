//! Resolves the stated base names to nodes: models of the table or ghosts. Only the stated names
//! are hashed; each id of the table is looked up among them once, unless a Bloom filter rules it out.

use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::csr::Node;
use crate::engine::table::arena::StringArena;
use crate::engine::table::bitset::chunks;
use crate::engine::table::edge_list::EdgeList;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models, models_of};

/// Returns the node of the base of every edge, and the names of the ghosts.
pub fn resolve(models: &Models, edges: &EdgeList) -> (Vec<Node>, StringArena) {
    let names = edges.base_names.count() as usize;
    let mut slots: FxHashMap<&[u8], u32> =
        FxHashMap::with_capacity_and_hasher(names, FxBuildHasher);
    let slot_of_name = edges.base_names.iter().map(|name| {
        let next = Node::at(slots.len()).0;
        *slots.entry(name).or_insert(next)
    });
    let slot_of_name: Vec<u32> = slot_of_name.collect();
    let filter = BloomFilter::new(slots.keys());
    let find = |rows: Range<usize>| -> Vec<(u32, ModelId)> {
        let slot = |model: &ModelId| {
            let id = models.texts().get_bytes(model.row())?;
            filter.may_contain(id).then(|| slots.get(id))?.copied()
        };
        let found = models_of(rows).filter_map(|model| Some((slot(&model)?, model)));
        found.collect()
    };
    let found: Vec<_> = chunks(models.len()).into_par_iter().map(find).collect();
    let mut nodes: Vec<Option<Node>> = vec![None; slots.len()];
    let downloads = |model| models.number(Field::Downloads, model);
    for (slot, model) in found.into_iter().flatten() {
        // Of models with the same id the most downloaded one counts, as in `Models::find`.
        let node = &mut nodes[slot as usize];
        if node.is_none_or(|held| downloads(model) > downloads(ModelId(held.0))) {
            *node = Some(model.into());
        }
    }
    let missing = slots.iter().map(|(name, slot)| (*slot, *name));
    let mut missing: Vec<(u32, &[u8])> = missing
        .filter(|(slot, _)| nodes[*slot as usize].is_none())
        .collect();
    missing.sort_unstable();
    for (ghost, (slot, _)) in missing.iter().enumerate() {
        nodes[*slot as usize] = Some(Node::at(models.len() + ghost));
    }
    let names = missing.iter().map(|(_, name)| str::from_utf8(name));
    let ghosts = names.map(Result::unwrap_or_default).collect();
    // By now every slot has a node.
    let slots = slot_of_name.iter().filter_map(|slot| nodes[*slot as usize]);
    let nodes: Vec<Node> = slots.collect();
    let bases = edges.base_codes.par_iter();
    (bases.map(|code| nodes[*code as usize]).collect(), ghosts)
}

/// A Bloom filter with one hash (Commun. ACM 13(7), 1970), which takes less time than hashing a
/// whole name: it reads the first and last eight bytes.
struct BloomFilter(Vec<u64>);

impl BloomFilter {
    /// The binary logarithm of the number of bits: half a megabyte, which stays in the CPU cache.
    const LOG_BITS: u32 = 22;

    fn new<'n>(names: impl Iterator<Item = &'n &'n [u8]>) -> BloomFilter {
        let mut filter = BloomFilter(vec![0; 1 << (BloomFilter::LOG_BITS - 6)]);
        for bit in names.filter_map(|name| BloomFilter::bit(name)) {
            filter.0[bit / 64] |= 1 << (bit % 64);
        }
        filter
    }

    /// Returns `false` only for a name that is not in the set.
    fn may_contain(&self, name: &[u8]) -> bool {
        BloomFilter::bit(name).is_none_or(|bit| self.0[bit / 64] >> (bit % 64) & 1 == 1)
    }

    /// Returns the bit of a name; `None` for one shorter than eight bytes.
    fn bit(name: &[u8]) -> Option<usize> {
        let ends = [name.first_chunk()?, name.last_chunk()?];
        let [first, last] = ends.map(|bytes| u64::from_le_bytes(*bytes));
        let mixed = first.rotate_left(32) ^ last.wrapping_add(name.len() as u64);
        // Fibonacci hashing (Knuth, TAOCP 3, 6.4).
        let hash = mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        usize::try_from(hash >> (u64::BITS - BloomFilter::LOG_BITS)).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use polars::prelude::{NewChunkedArray, StringChunked};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Of two models with the same id either may be found, as neither has downloads.
        #[test]
        fn a_base_resolves_to_the_model_or_ghost_of_its_name(ids in prop::collection::vec("[ab]{1,9}|[a-c]{7}/[a-c]{9}", 1..40), bases in prop::collection::vec("[ab]{1,9}|[a-c]{7}/[a-c]{9}", 0..40), own in any::<prop::sample::Index>()) {
            let models = Models::new(&StringChunked::from_slice("id".into(), &ids)).unwrap();
            let mut stated = EdgeList::default();
            for base in bases.iter().chain([&ids[own.index(ids.len())]]) {
                stated.push(0, None, base).unwrap();
            }
            let (nodes, ghosts) = resolve(&models, &stated);
            let distinct: BTreeSet<&String> = bases.iter().chain([&ids[own.index(ids.len())]]).collect();
            prop_assert_eq!(nodes.len(), distinct.len());
            for (at, node) in nodes.iter().enumerate() {
                let name = stated.base_name(at);
                let known = ids.iter().any(|id| id == name);
                prop_assert_eq!((node.0 as usize) < ids.len(), known, "{}", name);
                let of_node = match known {
                    true => models.id(ModelId(node.0)),
                    false => ghosts.get(node.0 as usize - ids.len()).unwrap(),
                };
                prop_assert_eq!(of_node, name);
            }
        }
    }
}
