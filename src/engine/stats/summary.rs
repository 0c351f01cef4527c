//! The figures of a report on some models: downloads of the last 30 days and of all time, lineage,
//! sizes, and the models that stand out.

use std::ops::RangeInclusive;

use super::distribution::{Distribution, Quantiles};
use super::fold::{Merge, fold};
use super::frequency::{Tally, words};
use crate::engine::lineage::graph::{Graph, Node};
use crate::engine::table::bitset::{ModelSet, RowMask};
use crate::engine::table::column::Column;
use crate::engine::table::field::{FIELDS, Field};
use crate::engine::table::models::{ModelId, Models};

/// The number of models named of each size class.
const LARGEST: usize = 3;
/// The number of models named that rise, and that fall.
const MOVING: usize = 10;
/// Parameters below which a model is small.
const SMALL: i64 = 1_000_000_000;
/// Parameters of middling models, the smallest and the largest.
const MIDDLING: (i64, i64) = (7_000_000_000, 15_000_000_000);
/// Parameters from which on a model is large.
const LARGE: i64 = 100_000_000_000;
/// All values are wanted.
const ALL: RangeInclusive<i64> = i64::MIN..=i64::MAX;
/// A model rises if more than one in this number of its downloads is of the last 30 days.
pub const RISING: i32 = 10;
/// A model falls if fewer than one in this number of its downloads is of the last 30 days.
pub const FALLING: i32 = 100;

/// The figures; unknown ones are `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub models: usize,
    pub downloads: Option<Amounts>,
    pub downloads_all_time: Option<Amounts>,
    /// The sum of downloads of the last 30 days relative to that of all time, 0.1 for a tenth.
    pub recent_share: Option<f64>,
    pub lineage: Option<LineageCounts>,
    pub params: Params,
    pub top_by_size: TopBySize,
    pub rising: Movers,
    pub falling: Movers,
    /// Models with more downloads in the last 30 days than in all time, which is a contradiction.
    pub more_than_ever: usize,
}

/// The figures of a count over many models.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Amounts {
    /// Models of which the count is known.
    pub known: usize,
    /// Models of which it is positive.
    pub positive: usize,
    pub median: Option<f64>,
    pub mean: Option<f64>,
    pub sum: Option<i64>,
}

/// Counts of models with bases, and of their edges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineageCounts {
    /// Models that state a base.
    pub with_base: usize,
    /// Those models by relation, the most frequent first; `""` for no relation.
    pub relations: Vec<(String, Tally)>,
    /// (model, base) pairs.
    pub edges: usize,
    /// Edges to a missing base.
    pub ghost_edges: usize,
    /// Edges from a model to itself.
    pub self_edges: usize,
    /// Models with more than one base other than themselves.
    pub multi_base: usize,
}

/// The sizes of models; `None` where the files have no parameter counts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Params {
    /// Models with a known parameter count.
    pub known: Option<usize>,
    pub known_safetensors: Option<usize>,
    pub known_gguf_only: Option<usize>,
    /// Models with an implausible parameter count.
    pub suspect: Option<usize>,
    pub safetensors: Option<Quantiles>,
    pub all: Option<Quantiles>,
}

/// The most downloaded models of all time in each size class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopBySize {
    pub under_1b: Vec<ModelId>,
    pub from_7b_to_15b: Vec<ModelId>,
    pub over_100b: Vec<ModelId>,
}

/// Models with an unusual share of recent downloads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Movers {
    pub models: usize,
    /// The most downloaded ones: in the last 30 days if they rise, in all time if they fall.
    pub first: Vec<ModelId>,
}

/// Computes the figures over a set of models; `suspects` are all models with an implausible
/// parameter count.
pub fn summary(models: &Models, graph: &Graph, suspects: &ModelSet, set: &ModelSet) -> Summary {
    let downloads = amounts(models, Field::Downloads, set);
    let downloads_all_time = amounts(models, Field::DownloadsAllTime, set);
    let sum = |amounts: Option<Amounts>| amounts.and_then(|a| a.sum);
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    let recent_share = sum(downloads)
        .zip(sum(downloads_all_time).filter(|ever| *ever > 0))
        .map(|(recent, ever)| recent as f64 / ever as f64);
    let has_lineage = models.has(Field::Relation);
    let ([rising, falling], more_than_ever) = movers(models, set);
    Summary {
        models: set.count(),
        downloads,
        downloads_all_time,
        recent_share,
        lineage: has_lineage.then(|| lineage(models, graph, set)),
        params: params(models, suspects, set),
        top_by_size: top_by_size(models, set),
        rising: rising.into(),
        falling: falling.into(),
        more_than_ever,
    }
}

/// Counts the models of a set of which each field is known, in the order of the table; `None` for
/// fields that no model has.
pub fn coverage(models: &Models, set: &ModelSet) -> Vec<(Field, Option<usize>)> {
    let count = |field: Field| {
        let known = models.known(field)?;
        Some(known.map_or_else(|| set.count(), |known| set.count_of(&known)))
    };
    let fields = FIELDS.iter().map(|info| info.field);
    let read = fields.filter(|field| !field.is_derived());
    read.map(|field| (field, count(field))).collect()
}

fn amounts(models: &Models, field: Field, set: &ModelSet) -> Option<Amounts> {
    if !models.has(field) {
        return None;
    }
    let values = Distribution::of(models, field, set, ALL);
    let all = values.aggregates;
    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    let mean = all.sum as f64 / all.count as f64;
    let any = all.count > 0;
    Some(Amounts {
        known: all.count,
        positive: all.positive,
        median: values.quantiles().map(|q| q.p50),
        mean: any.then_some(mean),
        sum: any.then(|| i64::try_from(all.sum).unwrap_or(i64::MAX)),
    })
}

fn params(models: &Models, suspects: &ModelSet, set: &ModelSet) -> Params {
    let Some(sources) = models.words(Field::ParamsSource) else {
        return Params::default();
    };
    let all = Distribution::of(models, Field::Params, set, ALL);
    let code = sources.names().position(|name| name == Some("safetensors"));
    let code = code.and_then(|code| u32::try_from(code).ok());
    let mut suspect = suspects.clone();
    suspect.and(set);
    let codes = Column::codes(sources);
    let mut counted = set.clone();
    counted.retain_words(|start| codes.having(start, |own| Some(own) == code));
    let safetensors = Distribution::of(models, Field::Params, &counted, ALL);
    let [known, of_safetensors] = [&all, &safetensors].map(|values| values.aggregates.count);
    Params {
        known: Some(known),
        known_safetensors: Some(of_safetensors),
        known_gguf_only: Some(known - of_safetensors),
        suspect: Some(suspect.count()),
        safetensors: safetensors.quantiles(),
        all: all.quantiles(),
    }
}

fn lineage(models: &Models, graph: &Graph, set: &ModelSet) -> LineageCounts {
    let mut stating = set.clone();
    stating.retain_words(|start| graph.with_base_mask(start));
    let count = |[edges, ghosts, selves, multi]: &mut [usize; 4], rows: RowMask| {
        for node in rows.models().map(Node::from) {
            let bases = graph.bases(node);
            let is_ghost = |base: &&Node| graph.model(**base).is_none();
            *edges += bases.len();
            *ghosts += bases.iter().filter(is_ghost).count();
            *selves += bases.iter().filter(|base| **base == node).count();
            *multi += usize::from(graph.distinct_bases(node).nth(1).is_some());
        }
    };
    let counts = fold(&stating, Default::default, count);
    let [edges, ghost_edges, self_edges, multi_base] = counts;
    let stated = words(models, Field::Relation, &stating, usize::MAX);
    let unstated = (String::new(), stated.none);
    let mut relations: Vec<(String, Tally)> = stated.words;
    relations.extend((stated.none.models > 0).then_some(unstated));
    relations.sort_by(|a, b| b.1.models.cmp(&a.1.models).then_with(|| a.0.cmp(&b.0)));
    LineageCounts {
        with_base: stating.count(),
        relations,
        edges,
        ghost_edges,
        self_edges,
        multi_base,
    }
}

/// The `N` models of the highest rank, in order; an unknown rank is the lowest, and of equals the
/// first in the file comes first.
#[derive(Clone, Default)]
struct TopModels<const N: usize>(Vec<(Option<i64>, ModelId)>);

impl<const N: usize> TopModels<N> {
    /// Adds a model that comes after all others so far. Hardly any has a rank that is high enough.
    fn add(&mut self, rank: Option<i64>, model: ModelId) {
        if self.0.get(N - 1).is_none_or(|(last, _)| rank > *last) {
            self.insert(rank, model);
        }
    }

    #[cold]
    fn insert(&mut self, rank: Option<i64>, model: ModelId) {
        let at = self.0.partition_point(|(other, _)| *other >= rank);
        self.0.insert(at, (rank, model));
        self.0.truncate(N);
    }

    fn models(self) -> Vec<ModelId> {
        self.0.into_iter().map(|(_, model)| model).collect()
    }
}

impl<const N: usize> Merge for TopModels<N> {
    fn merge(&mut self, later: TopModels<N>) {
        let later = later.0.into_iter();
        later.for_each(|(rank, model)| self.add(rank, model));
    }
}

fn top_by_size(models: &Models, set: &ModelSet) -> TopBySize {
    let popularity = match models.has(Field::DownloadsAllTime) {
        true => Field::DownloadsAllTime,
        false => Field::Downloads,
    };
    let popularity = Column::numbers(models, popularity);
    let Some(params) = Column::numbers(models, Field::Params) else {
        return TopBySize::default();
    };
    let add = |[under, from, over]: &mut [TopModels<LARGEST>; 3], rows: RowMask| {
        let values = params.all_from(rows.start);
        for model in params.known(rows).models() {
            let class = match values[model.row() - rows.start] {
                ..SMALL => &mut *under,
                LARGE.. => &mut *over,
                params if (MIDDLING.0..=MIDDLING.1).contains(&params) => &mut *from,
                _ => continue,
            };
            let rank = popularity.as_ref().and_then(|column| column.get(model));
            class.add(rank, model);
        }
    };
    let classes = fold(set, Default::default, add);
    let [under_1b, from_7b_to_15b, over_100b] = classes.map(TopModels::models);
    TopBySize {
        under_1b,
        from_7b_to_15b,
        over_100b,
    }
}

/// The number of models that move, and the first of them.
type Moving = (usize, TopModels<MOVING>);

impl From<Moving> for Movers {
    fn from((models, first): Moving) -> Movers {
        Movers {
            models,
            first: first.models(),
        }
    }
}

/// Finds models that rise and that fall, and counts those with more recent downloads than ever.
fn movers(models: &Models, set: &ModelSet) -> ([Moving; 2], usize) {
    let columns = [Field::Downloads, Field::DownloadsAllTime];
    let [Some(recent), Some(ever)] = columns.map(|field| Column::numbers(models, field)) else {
        return Default::default();
    };
    let add = |(moving, more_than_ever): &mut ([Moving; 2], usize), rows: RowMask| {
        let start = rows.start;
        let rows = ever.known(recent.known(rows));
        let (recent, ever) = (recent.all_from(start), ever.all_from(start));
        let (mut rising, mut falling, mut beyond) = (0, 0, 0);
        for (bit, (&recent, &ever)) in recent.iter().zip(ever).enumerate() {
            let rises = (ever > 0) & (recent.saturating_mul(RISING.into()) > ever);
            let falls = (ever > 0) & (recent.saturating_mul(FALLING.into()) < ever);
            rising |= u64::from(rises) << bit;
            falling |= u64::from(falls) << bit;
            beyond |= u64::from((ever > 0) & (recent > ever)) << bit;
        }
        *more_than_ever += rows.and(beyond).count();
        let moves = [(rising, recent), (falling, ever)];
        for ((count, top), (bits, ranks)) in moving.iter_mut().zip(moves) {
            let rows = rows.and(bits);
            *count += rows.count();
            for model in rows.models() {
                top.add(Some(ranks[model.row() - start]), model);
            }
        }
    };
    fold(set, Default::default, add)
}
