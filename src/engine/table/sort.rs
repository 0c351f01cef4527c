//! A parallel sample sort of models that can be canceled between short steps. Chunks are sorted,
//! all are cut at the same keys, and the pieces between two cuts are merged.

use std::sync::atomic::{self, AtomicBool};

use rayon::prelude::*;

use crate::engine::table::model_id::ModelId;

/// Models of one chunk.
const CHUNK: usize = 16_384;
/// Samples of each chunk that choose the cuts, so that partitions are about as long as chunks.
const SAMPLES: usize = 64;

/// Sorts models by the items that `item` makes of them, of which `model` returns the model again;
/// models without an item come last, by their rows. `None` when `stop` was set meanwhile.
pub fn sorted<T: Copy + Ord + Send + Sync>(
    models: impl IndexedParallelIterator<Item = ModelId>,
    item: impl Fn(ModelId) -> Option<T> + Sync,
    model: impl Fn(T) -> ModelId + Sync,
    stop: &AtomicBool,
) -> Option<Vec<ModelId>> {
    let stopped = || stop.load(atomic::Ordering::Relaxed);
    let chunk = |mut models: Vec<ModelId>| -> (Vec<T>, Vec<ModelId>) {
        let mut known = Vec::new();
        models.retain(|model| match (!stopped()).then(|| item(*model)).flatten() {
            Some(item) => {
                known.push(item);
                false
            }
            None => true,
        });
        known.sort_unstable();
        models.sort_unstable();
        (known, models)
    };
    let chunks = models.chunks(CHUNK).map(chunk);
    let (chunks, unknown): (Vec<_>, Vec<_>) = chunks.unzip();
    let samples = chunks
        .iter()
        .flat_map(|s| s.iter().step_by(CHUNK / SAMPLES));
    let mut samples: Vec<T> = samples.copied().collect();
    samples.sort_unstable();
    let cuts: Vec<T> = samples.into_iter().step_by(SAMPLES).skip(1).collect();
    let part = |at: usize| {
        let mut part = Vec::new();
        for chunk in chunks.iter().take_while(|_| !stopped()) {
            let before = |cut: &T| chunk.partition_point(|item| item < cut);
            let start = at.checked_sub(1).map_or(0, |at| before(&cuts[at]));
            let end = cuts.get(at).map_or(chunk.len(), before);
            part.extend_from_slice(&chunk[start..end]);
        }
        // A stable sort finds the sorted runs.
        part.sort();
        part.into_iter().map(&model).collect()
    };
    let parts: Vec<Vec<ModelId>> = (0..=cuts.len()).into_par_iter().map(part).collect();
    let all = parts.iter().chain(&unknown);
    let list = joined(all.map(Vec::as_slice), stop);
    // To free so much memory takes a while.
    chunks.into_par_iter().for_each(drop);
    list
}

/// Joins the partitions, as long as the list is wanted; `None` when `stop` was set meanwhile.
pub fn joined<'p>(
    parts: impl Iterator<Item = &'p [ModelId]> + Clone,
    stop: &AtomicBool,
) -> Option<Vec<ModelId>> {
    let mut list = Vec::with_capacity(parts.clone().map(<[ModelId]>::len).sum());
    for part in parts {
        if stop.load(atomic::Ordering::Relaxed) {
            return None;
        }
        list.extend_from_slice(part);
    }
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// More than a chunk, and most of them equal, as downloads are.
        #[test]
        fn chunks_are_sorted_as_one(seed in prop::collection::vec(0..4_u32, 1..100), rows in 0..3 * CHUNK as u32 + 9) {
            let key = |m: ModelId| (m.0.wrapping_mul(seed[m.row() % seed.len()]) % 1_000).checked_sub(9);
            let models: Vec<ModelId> = (0..rows).map(ModelId).collect();
            let never = AtomicBool::new(false);
            let item = |m| Some((key(m)?, m));
            let list = sorted(models.par_iter().copied(), item, |item| item.1, &never).unwrap();
            let mut wanted = models.clone();
            wanted.sort_by_key(|m| (key(*m).is_none(), key(*m)));
            prop_assert_eq!(&list[..], wanted);
            let stopped = sorted(models.into_par_iter(), item, |item| item.1, &AtomicBool::new(true));
            prop_assert_eq!(stopped, None);
        }
    }
}
