//! Which node each stated base is: a model of the table, or a ghost. Only the names that occur as
//! bases are hashed; all ids are then looked up among them, once, and most need not be.

use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::graph::Node;
use crate::engine::table::arena::StringArena;
use crate::engine::table::bitset::chunks;
use crate::engine::table::edges::Bases;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models, models_of};

/// The node of every stated base, and the names of those that are not in the table.
pub fn resolve(models: &Models, bases: &Bases) -> (Vec<Node>, StringArena) {
    let stated = bases.names.count() as usize;
    let mut names: FxHashMap<&[u8], u32> =
        FxHashMap::with_capacity_and_hasher(stated, FxBuildHasher);
    let slot_of_name: Vec<u32> = bases
        .names
        .iter()
        .map(|name| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "fewer names than edges; far from 4 billion"
            )]
            let slot = names.len() as u32;
            *names.entry(name).or_insert(slot)
        })
        .collect();
    let mut slots: Vec<Option<Node>> = vec![None; names.len()];
    let downloads = |model| models.number(Field::Downloads, model);
    let sieve = Sieve::new(names.keys());
    let named = |rows: Range<usize>| -> Vec<(u32, ModelId)> {
        let slot = |model: &ModelId| {
            let id = models.texts().get_bytes(model.row())?;
            sieve.may_hold(id).then(|| names.get(id))?
        };
        let all = models_of(rows);
        all.filter_map(|model| Some((*slot(&model)?, model)))
            .collect()
    };
    let named: Vec<_> = chunks(models.len()).into_par_iter().map(named).collect();
    for (slot, model) in named.into_iter().flatten() {
        // Of two models with one id the more downloaded one stands for it, as in `find`.
        let held = slots[slot as usize].map(|node| ModelId(node.0));
        if held.is_none_or(|held| downloads(model) > downloads(held)) {
            slots[slot as usize] = Some(model.into());
        }
    }
    let mut unknown: Vec<(&[u8], u32)> = names
        .into_iter()
        .filter(|(_, s)| slots[*s as usize].is_none())
        .collect();
    unknown.sort_unstable_by_key(|(_, slot)| *slot);
    for (ghost, (_, slot)) in unknown.iter().enumerate() {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "fewer nodes than edges and rows"
        )]
        let node = Node((models.len() + ghost) as u32);
        slots[*slot as usize] = Some(node);
    }
    let names = unknown.iter().map(|(name, _)| str::from_utf8(name));
    let ghosts = names.map(Result::unwrap_or_default).collect();
    // By now there is one in each.
    let nodes: Vec<Node> = slots.into_iter().flatten().collect();
    let target = |base: &u32| nodes[slot_of_name[*base as usize] as usize];
    (bases.bases.par_iter().map(target).collect(), ghosts)
}

/// Tells most names that are not among some by a few of their letters, in less time than it takes to
/// hash them: a bit for each thing that these come to (Bloom, Commun. ACM 13(7), 1970, with one hash).
struct Sieve(Vec<u64>);

impl Sieve {
    /// So many bits, as a power of two: half a megabyte, which stays near.
    const BITS: u32 = 22;

    fn new<'n>(names: impl Iterator<Item = &'n &'n [u8]>) -> Sieve {
        let mut sieve = Sieve(vec![0; 1 << (Sieve::BITS - 6)]);
        for bit in names.filter_map(|name| Sieve::bit(name)) {
            sieve.0[bit / 64] |= 1 << (bit % 64);
        }
        sieve
    }

    /// `false` only where the name is not among them.
    fn may_hold(&self, name: &[u8]) -> bool {
        Sieve::bit(name).is_none_or(|bit| self.0[bit / 64] >> (bit % 64) & 1 == 1)
    }

    /// The bit of a name; `None` of a short one.
    fn bit(name: &[u8]) -> Option<usize> {
        let [first, last] =
            [name.first_chunk()?, name.last_chunk()?].map(|c| u64::from_le_bytes(*c));
        let mixed = first.rotate_left(32) ^ last.wrapping_add(name.len() as u64);
        // The golden ratio spreads them (Knuth, TAOCP 3, 6.4).
        let spread = mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        usize::try_from(spread >> (u64::BITS - Sieve::BITS)).ok()
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{NewChunkedArray, StringChunked};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Of two models with one id either may be meant here: none has downloads.
        #[test]
        fn a_base_is_the_model_of_its_name(ids in prop::collection::vec("[ab]{1,9}|[a-c]{7}/[a-c]{9}", 1..40), bases in prop::collection::vec("[ab]{1,9}|[a-c]{7}/[a-c]{9}", 0..40), own in any::<prop::sample::Index>()) {
            let models = Models::new(&StringChunked::from_slice("id".into(), &ids)).unwrap();
            let mut stated = Bases::default();
            for base in bases.iter().chain([&ids[own.index(ids.len())]]) {
                stated.push(0, None, base).unwrap();
            }
            let (nodes, ghosts) = resolve(&models, &stated);
            prop_assert_eq!(nodes.len(), bases.len() + 1);
            for (at, node) in nodes.iter().enumerate() {
                let name = stated.name(at);
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
