//! How the values of two fields go together: a grid of cells over both, each a range of the one and
//! a range of the other. Models of which one is zero or not known are in no cell, and counted apart.

use super::steps::Bins;
use super::{added, reader, walk};
use crate::engine::table::bitset::{ModelSet, Rows};
use crate::engine::table::field::Field;
use crate::engine::table::models::Models;

/// Steps of each power of ten.
const STEPS: usize = 8;
/// Where they begin, about evenly on a logarithmic scale, but so that every second is 1, 1.8, 3 or
/// 5.6, and every fourth 1 or 3, as in histograms.
const TENTHS: [i64; STEPS] = [10, 13, 18, 24, 30, 42, 56, 75];
/// The same from 1 to 10, among whole numbers.
const ONES: [i64; STEPS] = [1, 1, 2, 2, 3, 4, 6, 8];

/// One direction of the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    pub field: Field,
    /// Where the steps begin, in ascending order, and the last one ends.
    pub edges: Vec<i64>,
    /// How many steps from 1 on come before each edge.
    places: Vec<usize>,
}

/// A grid of counts. All cells, `zero` and `unknown` together are all models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Density {
    pub across: Axis,
    pub up: Axis,
    /// Line by line, the lowest values first.
    counts: Vec<usize>,
    /// How many models were counted.
    pub models: usize,
    /// Both are known, and at least one is zero.
    pub zero: usize,
    /// One of the two is not known, or below zero.
    pub unknown: usize,
}

/// Counts the models of a set by two fields that are counts.
pub fn density(models: &Models, [across, up]: [Field; 2], set: &ModelSet) -> Density {
    let read = [reader(models, across), reader(models, up)];
    let pair = |model| {
        let [across, up] = [&read[0], &read[1]].map(|read| read(model).filter(|v| *v >= 0));
        across.zip(up)
    };
    let widen = |range: &mut Option<[(i64, i64); 2]>, (x, y)| {
        if x > 0 && y > 0 {
            let [a, b] = range.unwrap_or([(x, x), (y, y)]);
            *range = Some([(a.0.min(x), a.1.max(x)), (b.0.min(y), b.1.max(y))]);
        }
    };
    let ranges = walk(
        set,
        || None,
        |range, rows: Rows| {
            let pairs = rows.models().filter_map(pair);
            pairs.for_each(|both| widen(range, both));
        },
        |mut a: Option<[(i64, i64); 2]>, b: Option<[(i64, i64); 2]>| {
            for [x, y] in b.into_iter().flat_map(|[x, y]| [[x.0, y.0], [x.1, y.1]]) {
                widen(&mut a, (x, y));
            }
            a
        },
    );
    let [across, up] = [(across, 0), (up, 1)].map(|(field, at)| match ranges {
        Some(ranges) => Axis::over(field, ranges[at]),
        None => Axis::empty(field),
    });
    let bins = [&across, &up].map(|axis| Bins::between(axis.edges.clone()));
    let width = across.len();
    // The cells, then zero, then unknown.
    let cells = width * up.len();
    let cell = |model| match pair(model) {
        None => cells + 1,
        Some((x, y)) if x == 0 || y == 0 => cells,
        Some((x, y)) => bins[1].of(y) * width + bins[0].of(x),
    };
    let take = |counts: &mut Vec<usize>, rows: Rows| {
        rows.models().for_each(|model| counts[cell(model)] += 1);
    };
    let mut counts = walk(set, || vec![0; cells + 2], take, added);
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
    /// How many models are in a cell, by its step across and its step up.
    pub fn count(&self, across: usize, up: usize) -> usize {
        self.counts[up * self.across.len() + across]
    }

    /// How many are in all cells.
    pub fn counted(&self) -> usize {
        self.models - self.zero - self.unknown
    }

    /// The largest count of a cell.
    pub fn most(&self) -> usize {
        self.counts.iter().copied().max().unwrap_or(0)
    }

    /// The cell with the most models, the first of several; nothing where no cell has any.
    pub fn fullest(&self) -> Option<(usize, usize)> {
        let most = Some(self.most()).filter(|most| *most > 0)?;
        let at = self.counts.iter().position(|count| *count == most)?;
        Some((at % self.across.len(), at / self.across.len()))
    }

    /// The cell that two values lie in.
    pub fn cell_of(&self, across: i64, up: i64) -> Option<(usize, usize)> {
        Some((self.across.step_of(across)?, self.up.step_of(up)?))
    }

    /// The same with at most so many steps across and up, as many put together as are needed.
    pub fn coarser(&self, across: usize, up: usize) -> Density {
        let (wide, high) = (self.across.groups(across), self.up.groups(up));
        let width = self.across.len();
        let (across, up) = (self.across.joined(&wide), self.up.joined(&high));
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
    fn empty(field: Field) -> Axis {
        Axis {
            field,
            edges: Vec::new(),
            places: Vec::new(),
        }
    }

    /// From the last edge at or below the one to the first above the other; both above zero.
    fn over(field: Field, (low, high): (i64, i64)) -> Axis {
        let powers = (1..19).map(|power| 10_i64.pow(power - 1));
        let tenths = powers.flat_map(|tenth| TENTHS.map(|step| step.saturating_mul(tenth)));
        let mut all: Vec<(usize, i64)> = ONES.into_iter().chain(tenths).enumerate().collect();
        all.dedup_by_key(|(_, edge)| *edge);
        all.push((all.len(), i64::MAX));
        let first = all.partition_point(|(_, edge)| *edge <= low) - 1;
        let last = all.partition_point(|(_, edge)| *edge <= high);
        // The last step is closed: it holds the largest number there is.
        let last = last.min(all.len() - 1);
        let shown = &all[first.min(last - 1)..=last];
        Axis {
            field,
            edges: shown.iter().map(|(_, edge)| *edge).collect(),
            places: shown.iter().map(|(place, _)| *place).collect(),
        }
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// Whether there is no step, as where no value is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The smallest value and the largest that count for a step.
    pub fn values(&self, step: usize) -> (i64, i64) {
        let end = self.edges[step + 1];
        (self.edges[step], end - i64::from(end < i64::MAX))
    }

    /// The step that a value lies in.
    pub fn step_of(&self, value: i64) -> Option<usize> {
        let below = self.edges.partition_point(|edge| *edge <= value);
        let is_in = self
            .edges
            .last()
            .is_some_and(|end| value < *end || *end == i64::MAX);
        below
            .checked_sub(1)
            .filter(|_| is_in)
            .map(|at| at.min(self.len() - 1))
    }

    /// The group of each step when there is room for so many groups.
    fn groups(&self, room: usize) -> Vec<usize> {
        let few = |joined: &usize| {
            self.group_of(*joined)
                .last()
                .is_none_or(|at| *at < room.max(1))
        };
        // Parts of a power of ten, one and a half of it, then several.
        let powers = (2..=19).map(|tens| tens * STEPS);
        let joined = [1, 2, 4, 8, 12].into_iter().chain(powers).find(few);
        match joined {
            Some(joined) => self.group_of(joined),
            None => vec![0; self.len()],
        }
    }

    /// The same where so many steps from 1 on make one group.
    fn group_of(&self, joined: usize) -> Vec<usize> {
        let mut groups: Vec<usize> = Vec::new();
        let mut before = None;
        for place in self.places.iter().take(self.len()) {
            let own = place / joined;
            let last = groups.last().copied();
            groups.push(match (last, before) {
                (Some(last), Some(before)) => last + usize::from(own != before),
                _ => 0,
            });
            before = Some(own);
        }
        groups
    }

    fn joined(&self, groups: &[usize]) -> Axis {
        let mut axis = Axis::empty(self.field);
        for (at, edge) in self.edges.iter().enumerate() {
            let begins = at == 0 || at == self.len() || groups[at] != groups[at - 1];
            if begins {
                axis.edges.push(*edge);
                axis.places.push(self.places[at]);
            }
        }
        axis
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{NamedFrom, NewChunkedArray, Series, StringChunked};
    use proptest::prelude::*;

    const FIELDS: [Field; 2] = [Field::Params, Field::Downloads];

    fn models(values: &[[Option<i64>; 2]]) -> Models {
        let ids = (0..values.len()).map(|n| n.to_string());
        let ids = StringChunked::from_iter_values("id".into(), ids);
        let column = |at: usize| {
            let values: Vec<Option<i64>> = values.iter().map(|pair| pair[at]).collect();
            Series::new("values".into(), values)
        };
        let models = Models::new(&ids).unwrap();
        let models = models.with(FIELDS[0], &column(0)).unwrap();
        models.with(FIELDS[1], &column(1)).unwrap()
    }

    #[test]
    fn steps_are_round_and_even() {
        let axis = Axis::over(Field::Likes, (1, 99));
        assert_eq!(
            axis.edges,
            [1, 2, 3, 4, 6, 8, 10, 13, 18, 24, 30, 42, 56, 75, 100]
        );
        let joined = |room| axis.joined(&axis.groups(room)).edges;
        assert_eq!(joined(8), [1, 2, 3, 6, 10, 18, 30, 56, 100]);
        assert_eq!(joined(7), [1, 3, 10, 30, 100]);
        assert_eq!(joined(2), [1, 10, 100]);
        assert_eq!(joined(1), [1, 100]);
        assert_eq!((axis.values(0), axis.values(13)), ((1, 1), (75, 99)));
        let most = Axis::over(Field::Likes, (i64::MAX, i64::MAX));
        assert_eq!((most.len(), most.step_of(i64::MAX)), (1, Some(0)));
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
            let models = models(&values);
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
