//! Sorting many models on all cores, in steps of which none takes long: between them it is seen
//! whether the order is still wanted. Stretches are sorted, and all cut at the same places; what
//! lies between two of these is sorted again, and stands where it belongs.

use std::sync::atomic::{self, AtomicBool};

use rayon::prelude::*;

use super::models::ModelId;

/// So many are sorted in one step.
const STRETCH: usize = 16_384;
/// So many of each stretch say where to cut, which makes the parts about as long as stretches.
const SAMPLES: usize = 64;

/// The models by what `key` finds of each, those of which it finds nothing last, equal ones by their
/// rows. `None` when `stop` was set meanwhile.
pub fn sorted<K: Copy + Ord + Send + Sync>(
    models: impl IndexedParallelIterator<Item = ModelId>,
    key: impl Fn(ModelId) -> Option<K> + Sync,
    stop: &AtomicBool,
) -> Option<Vec<ModelId>> {
    let stopped = || stop.load(atomic::Ordering::Relaxed);
    let stretch = |mut models: Vec<ModelId>| -> (Vec<(K, ModelId)>, Vec<ModelId>) {
        let mut known = Vec::new();
        models.retain(|model| match (!stopped()).then(|| key(*model)).flatten() {
            Some(key) => {
                known.push((key, *model));
                false
            }
            None => true,
        });
        known.sort_unstable();
        models.sort_unstable();
        (known, models)
    };
    let stretches = models.chunks(STRETCH).map(stretch);
    let (stretches, unknown): (Vec<_>, Vec<_>) = stretches.unzip();
    let samples = stretches
        .iter()
        .flat_map(|s| s.iter().step_by(STRETCH / SAMPLES));
    let mut samples: Vec<(K, ModelId)> = samples.copied().collect();
    samples.sort_unstable();
    let cuts: Vec<(K, ModelId)> = samples.into_iter().step_by(SAMPLES).skip(1).collect();
    let part = |at: usize| {
        let mut part = Vec::new();
        for stretch in stretches.iter().take_while(|_| !stopped()) {
            let before = |cut: &(K, ModelId)| stretch.partition_point(|item| item < cut);
            let start = at.checked_sub(1).map_or(0, |at| before(&cuts[at]));
            let end = cuts.get(at).map_or(stretch.len(), before);
            part.extend_from_slice(&stretch[start..end]);
        }
        // Made of stretches in order, which this kind of sorting finds.
        part.sort();
        part.into_iter().map(|(_, model)| model).collect()
    };
    let parts: Vec<Vec<ModelId>> = (0..=cuts.len()).into_par_iter().map(part).collect();
    let all = parts.iter().chain(&unknown);
    let list = joined(all.map(Vec::as_slice), stop);
    // To give so much memory back takes a while.
    stretches.into_par_iter().for_each(drop);
    list
}

/// The parts one after another: what is new memory for so many is filled no longer than it is wanted.
/// `None` when `stop` was set meanwhile.
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

        /// More than a stretch, and most of them equal, as downloads are.
        #[test]
        fn stretches_are_sorted_as_one(seed in prop::collection::vec(0..4_u32, 1..100), rows in 0..3 * STRETCH as u32 + 9) {
            let key = |m: ModelId| (m.0.wrapping_mul(seed[m.row() % seed.len()]) % 1_000).checked_sub(9);
            let models: Vec<ModelId> = (0..rows).map(ModelId).collect();
            let never = AtomicBool::new(false);
            let list = sorted(models.par_iter().copied(), key, &never).unwrap();
            let mut wanted = models.clone();
            wanted.sort_by_key(|m| (key(*m).is_none(), key(*m)));
            prop_assert_eq!(&list[..], wanted);
            prop_assert_eq!(sorted(models.into_par_iter(), key, &AtomicBool::new(true)), None);
        }
    }
}
