//! The known values of a field over a set of models, and what can be said of them without sorting
//! them: they are counted in some thousand fine steps, each at most 1/128 as wide as its values are
//! large, and only the few steps that a quantile lies in are looked at more closely.

use std::ops::RangeInclusive;

use super::steps::{STEPS, highest, lowest, step};
use super::{added, walk};
use crate::engine::table::bitset::{ModelSet, Rows};
use crate::engine::table::column::Column;
use crate::engine::table::field::Field;
use crate::engine::table::models::Models;

/// The known values of some models.
pub struct Values<'s> {
    column: Option<Column<i64>>,
    set: &'s ModelSet,
    wanted: RangeInclusive<i64>,
    about: About,
    /// Where the steps begin: no value is below.
    origin: i64,
    /// How many values are in each step.
    counts: Vec<u32>,
}

/// What is known of values once all were looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// How many there are.
    pub count: usize,
    /// How many models are known to have none of it, where these are not wanted among the values.
    pub zero: usize,
    /// How many of them are above zero.
    pub positive: usize,
    /// All of them together.
    pub sum: i128,
    /// The smallest and the largest.
    pub range: Option<(i64, i64)>,
}

impl About {
    fn with(self, other: About) -> About {
        let ranges = [self.range, other.range].into_iter().flatten();
        About {
            count: self.count + other.count,
            zero: self.zero + other.zero,
            positive: self.positive + other.positive,
            sum: self.sum + other.sum,
            range: ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))),
        }
    }
}

/// A range that holds nothing.
pub(super) const NOWHERE: (i64, i64) = (i64::MAX, i64::MIN);

/// Between which values the wanted ones of a set lie.
pub(super) fn range(
    column: &Column<i64>,
    set: &ModelSet,
    wanted: &RangeInclusive<i64>,
) -> (i64, i64) {
    let both = |a: (i64, i64), b: (i64, i64)| (a.0.min(b.0), a.1.max(b.1));
    let take = |all: &mut (i64, i64), rows: Rows| {
        let mut values = [0; 64];
        let rows = column.known(rows);
        column.put(rows, 0, &mut values);
        for value in &values[..rows.count()] {
            let is_wanted = wanted.contains(value);
            *all = both(*all, if is_wanted { (*value, *value) } else { NOWHERE });
        }
    };
    walk(set, || NOWHERE, take, both)
}

/// Where values lie: the smallest, the largest, and between which values the quarters are parted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiles {
    pub min: i64,
    pub p25: f64,
    pub p50: f64,
    pub p75: f64,
    pub max: i64,
}

impl<'s> Values<'s> {
    /// The wanted ones of a field's values that are known in a set of models.
    pub fn of(
        models: &Models,
        field: Field,
        set: &'s ModelSet,
        wanted: RangeInclusive<i64>,
    ) -> Values<'s> {
        let column = Column::of_field(models, field, set);
        let origin = match (*wanted.start(), &column) {
            // Hardly any number of a hub is below zero.
            (i64::MIN, _) => 0,
            // Times are all together, and far from where they might begin.
            (..0, Some(column)) => range(column, set, &wanted).0,
            (start, _) => start,
        };
        let mut values = Values {
            column,
            set,
            origin,
            wanted,
            about: About::default(),
            counts: Vec::new(),
        };
        values.count();
        if let Some((min, _)) = values.about.range
            && min < values.origin
        {
            values.origin = min;
            values.count();
        }
        values
    }

    /// What is known of them together.
    pub fn about(&self) -> About {
        self.about
    }

    /// Looks at all of them once, and counts them by the steps from the origin on.
    fn count(&mut self) {
        let none = || (About::default(), vec![0; STEPS]);
        let look = |(about, counts): &mut (About, Vec<u32>), block: &[i64]| {
            *about = about.with(self.look_at(block, counts));
        };
        let join = |(a, counts): (About, Vec<u32>), (b, more)| (a.with(b), added(counts, more));
        let (about, counts) = self.gathered(none, look, join);
        (self.about, self.counts) = (about, counts);
    }

    /// Which value is wanted cannot be foretold: there are no branches here.
    fn look_at(&self, block: &[i64], counts: &mut [u32]) -> About {
        let (mut count, mut zero, mut positive, mut sum) = (0, 0, 0, 0);
        let (mut low, mut high) = (i64::MAX, i64::MIN);
        for value in block.iter().copied() {
            let is_wanted = self.wants(value);
            counts[self.step_of(value)] += u32::from(is_wanted);
            count += usize::from(is_wanted);
            zero += usize::from(!is_wanted & (value == 0));
            positive += usize::from(is_wanted & (value > 0));
            sum += i128::from(if is_wanted { value } else { 0 });
            low = low.min(if is_wanted { value } else { i64::MAX });
            high = high.max(if is_wanted { value } else { i64::MIN });
        }
        About {
            count,
            zero,
            positive,
            sum,
            range: (count > 0).then_some((low, high)),
        }
    }

    fn wants(&self, value: i64) -> bool {
        (*self.wanted.start() <= value) & (value <= *self.wanted.end())
    }

    fn step_of(&self, value: i64) -> usize {
        step(value.wrapping_sub(self.origin).cast_unsigned())
    }

    /// What the known values come to, wanted or not, which are handed out some at a time.
    fn gathered<T: Send>(
        &self,
        none: impl Fn() -> T + Send + Sync,
        look: impl Fn(&mut T, &[i64]) + Send + Sync,
        join: impl Fn(T, T) -> T + Send + Sync,
    ) -> T {
        let Some(column) = &self.column else {
            return none();
        };
        let take = |all: &mut T, rows: Rows| {
            let rows = column.known(rows);
            let mut room = [0; 64];
            column.put(rows, 0, &mut room);
            look(all, &room[..rows.count()]);
        };
        walk(self.set, none, take, join)
    }

    /// The quartiles, between two values in proportion: type 7 of Hyndman and Fan, "Sample
    /// Quantiles in Statistical Packages" (1996). Nothing where no value is known.
    pub fn quantiles(&self) -> Option<Quantiles> {
        self.spread(&[]).1
    }

    /// How many lie in each bin between ascending edges, and the quartiles. The first edge of a bin is
    /// in it, the second only in the last; what lies beyond the outer edges is counted next to them.
    /// The values are counted by steps, and only those in steps that an edge or a quantile lies in
    /// are looked at again.
    pub fn spread(&self, edges: &[i64]) -> (Vec<usize>, Option<Quantiles>) {
        let bins = edges.len().saturating_sub(1);
        let Some((min, max)) = self.about.range else {
            return (vec![0; bins], None);
        };
        let bin_of = |value: i128| {
            let below = edges.partition_point(|edge| i128::from(*edge) <= value);
            below.clamp(1, bins) - 1
        };
        let origin = i128::from(self.origin);
        let counts: Vec<usize> = self.counts.iter().map(|count| *count as usize).collect();
        let places = places(self.about.count);
        let mut picked = Picked::new(&counts, places.into_iter().flat_map(ranks));
        let mut all = Near::new(bins, picked.steps.len());
        for (step, count) in counts
            .into_iter()
            .enumerate()
            .filter(|(_, count)| *count > 0)
        {
            let (low, high) = (lowest(step), highest(step));
            let [low_bin, high_bin] = [low, high].map(|offset| match bins {
                0 => 0,
                _ => bin_of(origin + i128::from(offset)),
            });
            match low_bin == high_bin {
                true => all
                    .bins
                    .get_mut(low_bin)
                    .into_iter()
                    .for_each(|bin| *bin += count),
                false => picked.marks[step] |= CUT,
            }
        }
        let look = |near: &mut Near, block: &[i64]| {
            for value in block {
                let mark = picked.marks[self.step_of(*value)];
                if mark > 0 && self.wants(*value) {
                    near.take(*value, mark, bin_of);
                }
            }
        };
        if picked.marks.iter().any(|mark| *mark > 0) {
            let none = || Near::new(bins, picked.steps.len());
            all = all.with(self.gathered(none, look, Near::with));
        }
        let mut value = |rank: usize| -> i128 {
            let at = picked.steps.partition_point(|(first, _)| *first <= rank) - 1;
            let (first, step) = picked.steps[at];
            match all.values[at].as_mut_slice() {
                // All of a narrow step are the same.
                [] => origin + i128::from(lowest(step)),
                near => (*near.select_nth_unstable(rank - first).1).into(),
            }
        };
        let [p25, p50, p75] = places.map(|(rank, part)| {
            let (lower, upper) = (value(rank), value(rank + usize::from(part > 0)));
            let part = part as i128;
            #[expect(clippy::cast_precision_loss, reason = "rounded once, at the end")]
            let quarters = (lower * (4 - part) + upper * part) as f64;
            quarters / 4.0
        });
        let quantiles = Quantiles {
            min,
            p25,
            p50,
            p75,
            max,
        };
        (all.bins, Some(quantiles))
    }
}

/// Where the quartiles of so many sorted values lie: the rank, from 0 on, and how many fourths of the
/// way from there to the next.
fn places(count: usize) -> [(usize, usize); 3] {
    [1, 2, 3].map(|quarters| ((count - 1) * quarters / 4, (count - 1) * quarters % 4))
}

/// The ranks that such a place lies between.
fn ranks((rank, part): (usize, usize)) -> [usize; 2] {
    [rank, rank + usize::from(part > 0)]
}

/// The mark of a step that an edge lies in.
const CUT: u8 = 0x80;

/// The values that were looked at again: those of cut steps by their bins, those near a quantile
/// themselves.
struct Near {
    bins: Vec<usize>,
    /// Of each step in [`Picked::steps`].
    values: Vec<Vec<i64>>,
}

impl Near {
    fn new(bins: usize, steps: usize) -> Near {
        Near {
            bins: vec![0; bins],
            values: vec![Vec::new(); steps],
        }
    }

    fn take(&mut self, value: i64, mark: u8, bin_of: impl Fn(i128) -> usize) {
        if mark & CUT != 0 {
            self.bins[bin_of(value.into())] += 1;
        }
        if let Some(at) = usize::from(mark & !CUT).checked_sub(1) {
            self.values[at].push(value);
        }
    }

    fn with(mut self, mut other: Near) -> Near {
        self.bins = added(self.bins, other.bins);
        for (all, more) in self.values.iter_mut().zip(&mut other.values) {
            all.append(more);
        }
        self
    }
}

/// The steps that some ranks lie in, and what is to be looked for in each of all.
struct Picked {
    /// The first rank of each, and the step.
    steps: Vec<(usize, usize)>,
    /// Of every step: its place among those, from 1 on, unless all its values are the same.
    marks: Vec<u8>,
}

impl Picked {
    /// `ranks` ascend.
    fn new(counts: &[usize], ranks: impl Iterator<Item = usize>) -> Picked {
        let mut ranks = ranks.peekable();
        let mut picked = Picked {
            steps: Vec::new(),
            marks: vec![0; counts.len()],
        };
        let mut first = 0;
        for (step, count) in counts.iter().enumerate() {
            let end = first + count;
            if ranks.next_if(|rank| *rank < end).is_some() {
                while ranks.next_if(|rank| *rank < end).is_some() {}
                picked.steps.push((first, step));
                if lowest(step) < highest(step) {
                    // There are two ranks for each of three quartiles.
                    picked.marks[step] = u8::try_from(picked.steps.len()).unwrap_or(0);
                }
            }
            first = end;
        }
        picked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{NamedFrom, NewChunkedArray, Series, StringChunked};
    use proptest::prelude::*;

    use super::super::steps::Bins;

    fn models(values: &[i64]) -> Models {
        let ids = StringChunked::from_iter_values("id".into(), values.iter().map(i64::to_string));
        let models = Models::new(&ids).unwrap();
        models
            .with(Field::Likes, &Series::new("likes".into(), values))
            .unwrap()
    }

    /// The formula as it is written in books.
    fn type_7(sorted: &[i64], p: f64) -> f64 {
        let h = (sorted.len() - 1) as f64 * p;
        let (lower, upper) = (sorted[h.floor() as usize], sorted[h.ceil() as usize]);
        lower as f64 + (upper as f64 - lower as f64) * h.fract()
    }

    proptest! {
        #[test]
        fn quantiles_and_bins_are_those_of_the_sorted_values(
            all in prop::collection::vec(prop_oneof![0..9_i64, -5_000..90_000_i64, any::<i64>()], 1..160),
            picked in prop::collection::vec(any::<bool>(), 160),
            wanted in prop_oneof![Just(i64::MIN..=i64::MAX), Just(1..=i64::MAX), Just(-4_000..=4_000_i64)],
            edges in prop::collection::btree_set(prop_oneof![-9..90_000_i64, any::<i64>()], 2..30),
        ) {
            let set = ModelSet::of(all.len(), |row| picked[row]);
            let in_set = || all.iter().zip(&picked).filter(|(_, picked)| **picked).map(|(value, _)| *value);
            let mut sorted: Vec<i64> = in_set().filter(|value| wanted.contains(value)).collect();
            sorted.sort_unstable();
            let models = models(&all);
            let values = Values::of(&models, Field::Likes, &set, wanted);
            let about = About {
                count: sorted.len(),
                zero: in_set().filter(|v| *v == 0).count() - sorted.iter().filter(|v| **v == 0).count(),
                positive: sorted.iter().filter(|v| **v > 0).count(),
                sum: sorted.iter().map(|v| i128::from(*v)).sum(),
                range: sorted.first().copied().zip(sorted.last().copied()),
            };
            prop_assert_eq!(values.about(), about);
            prop_assert_eq!(values.quantiles().is_none(), sorted.is_empty());
            if let Some(found) = values.quantiles() {
                prop_assert_eq!((found.min, found.max), (sorted[0], sorted[sorted.len() - 1]));
                for (p, found) in [(0.25, found.p25), (0.5, found.p50), (0.75, found.p75)] {
                    let wanted = type_7(&sorted, p);
                    prop_assert!((found - wanted).abs() <= 1e-9 * (sorted[0] as f64).abs().max(wanted.abs()).max(1.0) , "{found} {wanted}");
                }
            }
            let edges: Vec<i64> = edges.into_iter().collect();
            let bins = edges.len() - 1;
            let mut counts = vec![0; bins];
            for value in &sorted {
                counts[edges.iter().filter(|edge| *edge <= value).count().clamp(1, bins) - 1] += 1;
            }
            let own = Bins::between(edges.clone());
            let mut by_value = vec![0; bins];
            sorted.iter().for_each(|value| by_value[own.of(*value)] += 1);
            prop_assert_eq!(&by_value, &counts);
            prop_assert_eq!(values.spread(&edges).0, counts);
        }
    }
}
