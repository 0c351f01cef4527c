//! The joint distribution of two fields: a grid of cells, each a bin of one field by a bin of the
//! other. Models of which one value is zero or unknown are in no cell, and counted apart.

use std::iter::repeat_n;

use super::buckets::Bins;
use super::edges::around;
use super::fold::{Extent, fold};
use crate::engine::table::bitset::{ModelSet, RowMask};
use crate::engine::table::column::Column;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models};

/// The number of bins per power of ten.
const PER_DECADE: usize = 8;
/// The edges from 1 to 10 in tenths: about even on a logarithmic scale, and so that every second is
/// 1, 1.8, 3 or 5.6, and every fourth 1 or 3, as in histograms.
const TENTHS: [i64; PER_DECADE] = [10, 13, 18, 24, 30, 42, 56, 75];
/// The same among whole numbers.
const ONES: [i64; PER_DECADE] = [1, 1, 2, 2, 3, 4, 6, 8];

/// One direction of the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    pub field: Field,
    /// The edges of its bins, in ascending order.
    pub edges: Vec<i64>,
}

/// A grid of counts. All cells, `zero` and `unknown` add up to the models of the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Density {
    pub across: Axis,
    pub up: Axis,
    /// Row by row, the lowest values first.
    counts: Vec<usize>,
    /// The number of models of the set.
    pub models: usize,
    /// Models of which both values are known and at least one is zero.
    pub zero: usize,
    /// Models of which a value is unknown or negative.
    pub unknown: usize,
}

/// Counts the models of a set by two fields.
pub fn density(models: &Models, fields: [Field; 2], set: &ModelSet) -> Density {
    let columns = fields.map(|field| Column::of_field(models, field, set));
    let pair = |model: ModelId| {
        let value = |at: usize| columns[at].as_ref()?.get(model).filter(|v| *v >= 0);
        value(0).zip(value(1))
    };
    let extents = fold(
        set,
        Default::default,
        |[across, up]: &mut [Extent; 2], rows: RowMask| {
            for (x, y) in rows.models().filter_map(pair) {
                let is_in = x > 0 && y > 0;
                across.add_if(is_in, x);
                up.add_if(is_in, y);
            }
        },
    );
    let [across, up] = [0, 1].map(|at| Axis::over(fields[at], extents[at]));
    let bins = [&across, &up].map(|axis| Bins::between(axis.edges.clone()));
    let width = across.len();
    // The cells, then zero, then unknown.
    let cells = width * up.len();
    let cell = |model| match pair(model) {
        None => cells + 1,
        Some((x, y)) if x == 0 || y == 0 => cells,
        Some((x, y)) => bins[1].of(y) * width + bins[0].of(x),
    };
    let count = |counts: &mut Vec<usize>, rows: RowMask| {
        rows.models().for_each(|model| counts[cell(model)] += 1);
    };
    let mut counts = fold(set, || vec![0; cells + 2], count);
    let unknown = counts.pop().unwrap_or(0);
    let zero = counts.pop().unwrap_or(0);
    Density {
        across,
        up,
        counts,
        models: set.count(),
        zero,
        unknown,
    }
}

impl Density {
    /// The number of models in a cell, by its bin across and its bin up.
    pub fn count(&self, across: usize, up: usize) -> usize {
        self.counts[up * self.across.len() + across]
    }

    /// The number of models in all cells.
    pub fn counted(&self) -> usize {
        self.models - self.zero - self.unknown
    }

    /// The largest count of a cell.
    pub fn most(&self) -> usize {
        self.counts.iter().copied().max().unwrap_or(0)
    }

    /// The first cell with the largest count; `None` where all are empty.
    pub fn fullest(&self) -> Option<(usize, usize)> {
        let most = Some(self.most()).filter(|most| *most > 0)?;
        let at = self.counts.iter().position(|count| *count == most)?;
        Some((at % self.across.len(), at / self.across.len()))
    }

    /// The cell of two values.
    pub fn cell_of(&self, across: i64, up: i64) -> Option<(usize, usize)> {
        Some((self.across.bin_of(across)?, self.up.bin_of(up)?))
    }

    /// The grid with at most this number of bins across and up, as few merged as possible.
    pub fn coarser(&self, across: usize, up: usize) -> Density {
        let (wide, high) = (self.across.groups(across), self.up.groups(up));
        let width = self.across.len();
        let (across, up) = (self.across.merged(&wide), self.up.merged(&high));
        let mut counts = vec![0; across.len() * up.len()];
        for (at, count) in self.counts.iter().enumerate() {
            counts[high[at / width] * across.len() + wide[at % width]] += count;
        }
        Density {
            across,
            up,
            counts,
            ..*self
        }
    }
}

impl Axis {
    /// The axis around an extent of positive values.
    fn over(field: Field, extent: Extent) -> Axis {
        let mut edges = match extent.is_empty() {
            true => Vec::new(),
            false => around(ladder(), extent).1,
        };
        edges.dedup();
        Axis { field, edges }
    }

    /// The number of bins.
    pub fn len(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// Returns true if there are no bins, since no value is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The smallest and the largest value of a bin.
    pub fn values(&self, bin: usize) -> (i64, i64) {
        let end = self.edges[bin + 1];
        (self.edges[bin], end - i64::from(end < i64::MAX))
    }

    /// The bin of a value.
    pub fn bin_of(&self, value: i64) -> Option<usize> {
        let end = *self.edges.last()?;
        let below = self.edges.partition_point(|edge| *edge <= value);
        let is_in = below > 0 && (value < end || end == i64::MAX);
        is_in.then(|| below.min(self.len()) - 1)
    }

    /// Assigns the bins to at most `room` groups, as many as possible.
    fn groups(&self, room: usize) -> Vec<usize> {
        let ladder: Vec<i64> = ladder().collect();
        let place = |edge: &i64| ladder.partition_point(|other| other < edge);
        let places: Vec<usize> = self.edges.iter().take(self.len()).map(place).collect();
        let groups = |size: usize| places.chunk_by(move |a, b| a / size == b / size);
        // Parts of a power of ten, one and a half of it, then several.
        let powers = (2..=19).map(|tens| tens * PER_DECADE);
        let mut sizes = [1, 2, 4, 8, 12].into_iter().chain(powers);
        let size = sizes.find(|size| groups(*size).count() <= room.max(1));
        let groups = groups(size.unwrap_or(usize::MAX)).enumerate();
        let groups = groups.flat_map(|(group, bins)| repeat_n(group, bins.len()));
        groups.collect()
    }

    /// The axis with the bins of each group merged.
    fn merged(&self, groups: &[usize]) -> Axis {
        let groups = groups.iter().chain([&usize::MAX]);
        let mut edges: Vec<(&usize, i64)> = groups.zip(self.edges.iter().copied()).collect();
        edges.dedup_by_key(|(group, _)| *group);
        Axis {
            field: self.field,
            edges: edges.into_iter().map(|(_, edge)| edge).collect(),
        }
    }
}

/// All edges below the largest number, some of them twice among the first.
fn ladder() -> impl Iterator<Item = i64> {
    let powers = (0..18).map(|power| 10_i64.pow(power));
    let tenths = powers.flat_map(|tenth| TENTHS.map(|edge| edge * tenth));
    ONES.into_iter().chain(tenths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::stats::fixture::models;
    use proptest::prelude::*;

    const FIELDS: [Field; 2] = [Field::Params, Field::Downloads];

    #[test]
    fn bins_are_round_and_even() {
        let axis = Axis::over(Field::Likes, Extent { low: 1, high: 99 });
        assert_eq!(
            axis.edges,
            [1, 2, 3, 4, 6, 8, 10, 13, 18, 24, 30, 42, 56, 75, 100]
        );
        let merged = |room| axis.merged(&axis.groups(room)).edges;
        assert_eq!(merged(8), [1, 2, 3, 6, 10, 18, 30, 56, 100]);
        assert_eq!(merged(7), [1, 3, 10, 30, 100]);
        assert_eq!(merged(2), [1, 10, 100]);
        assert_eq!(merged(1), [1, 100]);
        assert_eq!((axis.values(0), axis.values(13)), ((1, 1), (75, 99)));
        let [low, high] = [i64::MAX; 2];
        let most = Axis::over(Field::Likes, Extent { low, high });
        assert_eq!((most.len(), most.bin_of(i64::MAX)), (1, Some(0)));
    }

    fn value() -> impl Strategy<Value = Option<i64>> {
        prop::option::of(prop_oneof![0..4_i64, 0..5_000_i64, any::<i64>()])
    }

    proptest! {
        #[test]
        fn every_model_is_counted_once_where_its_values_lie(
            values in prop::collection::vec([value(), value()], 0..60),
            picked in prop::collection::vec(any::<bool>(), 60),
            room in (0..30_usize, 0..30_usize),
        ) {
            let models = models(FIELDS, &values);
            let set = ModelSet::of(values.len(), |row| picked[row]);
            let pairs = || values.iter().zip(&picked).filter(|(_, picked)| **picked).map(|(pair, _)| *pair);
            let fine = density(&models, FIELDS, &set);
            let coarse = fine.coarser(room.0, room.1);
            prop_assert!(coarse.across.len() <= room.0.max(1) && coarse.up.len() <= room.1.max(1));
            for grid in [fine, coarse] {
                let mut sum = 0;
                for x in 0..grid.across.len() {
                    for y in 0..grid.up.len() {
                        let (wide, high) = (grid.across.values(x), grid.up.values(y));
                        let is_in = |value: Option<i64>, (from, to): (i64, i64)| value.is_some_and(|v| from <= v && v <= to);
                        let naive = pairs().filter(|pair| is_in(pair[0], wide) && is_in(pair[1], high)).count();
                        prop_assert_eq!(grid.count(x, y), naive, "{:?} {:?}", wide, high);
                        sum += naive;
                    }
                }
                prop_assert_eq!(sum, grid.counted());
                let known = || pairs().filter_map(|pair| pair[0].zip(pair[1])).filter(|(x, y)| *x >= 0 && *y >= 0);
                prop_assert_eq!(grid.zero, known().filter(|(x, y)| *x == 0 || *y == 0).count());
                prop_assert_eq!(grid.unknown, pairs().count() - known().count());
                for (x, y) in known().filter(|(x, y)| *x > 0 && *y > 0) {
                    let (across, up) = grid.cell_of(x, y).unwrap();
                    prop_assert!(grid.count(across, up) > 0);
                }
                let edges = [&grid.across.edges, &grid.up.edges];
                prop_assert!(edges.iter().all(|edges| edges.is_sorted_by(|a, b| a < b)));
            }
        }
    }
}
