//! What a report on some models says in numbers: downloads of the last 30 days against those of all
//! time, what they were made from, how large they are, and which ones stand out.

use std::ops::RangeInclusive;

use super::frequency::Tally;
use super::values::{Quantiles, Values};
use super::{reader, walk};
use crate::engine::lineage::graph::{Graph, Node};
use crate::engine::table::bitset::{ModelSet, Rows};
use crate::engine::table::column::Column;
use crate::engine::table::field::{FIELDS, Field};
use crate::engine::table::models::{ModelId, Models};

/// So many models are named of each size class.
const LARGEST: usize = 3;
/// So many of those that rise and of those that fall.
const MOVING: usize = 10;
/// Parameters: below this, small.
const SMALL: i64 = 1_000_000_000;
/// Parameters of middling models, the smallest and the largest.
const MIDDLING: (i64, i64) = (7_000_000_000, 15_000_000_000);
/// Parameters: from this on, large.
const LARGE: i64 = 100_000_000_000;
/// Values that are wanted, whatever they are.
const ALL: RangeInclusive<i64> = i64::MIN..=i64::MAX;
/// More than one in so many downloads of all time in the last 30 days: a model rises.
pub const RISING: i32 = 10;
/// Fewer than one in so many: it falls.
pub const FALLING: i32 = 100;

/// The figures. What no file tells is `None`, never 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub models: usize,
    pub downloads: Option<Amounts>,
    pub downloads_all_time: Option<Amounts>,
    /// All downloads of the last 30 days in all downloads of all time, 0.1 for a tenth.
    pub recent_share: Option<f64>,
    pub lineage: Option<Lineage>,
    pub params: Params,
    pub top_by_size: TopBySize,
    pub rising: Movers,
    pub falling: Movers,
    /// Models with more downloads in the last 30 days than in all time, which cannot be.
    pub more_than_ever: usize,
}

/// A count over many models.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Amounts {
    /// Models of which it is known.
    pub known: usize,
    /// Models of which it is above zero.
    pub positive: usize,
    pub median: Option<f64>,
    pub mean: Option<f64>,
    pub sum: Option<i64>,
}

/// What models were made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lineage {
    /// Models that state a base.
    pub with_base: usize,
    /// Those of them that were made in each way, the most frequent first; `""` where none is stated.
    pub relations: Vec<(String, Tally)>,
    /// (model, base) pairs.
    pub edges: usize,
    /// Those whose base is not in the table.
    pub ghost_edges: usize,
    /// Those whose base is the model itself.
    pub self_edges: usize,
    /// Models that state more than one base.
    pub multi_base: usize,
}

/// How large models are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Params {
    /// Models of which the parameters are known; nothing where the files do not tell.
    pub known: Option<usize>,
    pub known_safetensors: Option<usize>,
    pub known_gguf_only: Option<usize>,
    /// Those whose count cannot be right.
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

/// Models whose recent share is out of the common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Movers {
    pub models: usize,
    /// The most downloaded of them: recently those that rise, ever those that fall.
    pub first: Vec<ModelId>,
}

/// Works the figures out over a set of models; those are given whose parameter count is suspect.
pub fn summary(models: &Models, graph: &Graph, suspects: &ModelSet, set: &ModelSet) -> Summary {
    let downloads = amounts(models, Field::Downloads, set);
    let downloads_all_time = amounts(models, Field::DownloadsAllTime, set);
    let sum = |amounts: Option<Amounts>| amounts.and_then(|a| a.sum);
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    let recent_share = sum(downloads)
        .zip(sum(downloads_all_time).filter(|ever| *ever > 0))
        .map(|(recent, ever)| recent as f64 / ever as f64);
    let moves = Moves::of(models, set);
    Summary {
        models: set.count(),
        downloads,
        downloads_all_time,
        recent_share,
        lineage: models
            .has(Field::Relation)
            .then(|| lineage(models, graph, set)),
        params: params(models, suspects, set),
        top_by_size: top_by_size(models, set),
        rising: moves.rising.into(),
        falling: moves.falling.into(),
        more_than_ever: moves.more_than_ever,
    }
}

/// Of how many models of a set each field is known, in the table's order; nothing for fields that
/// no model has.
pub fn coverage(models: &Models, set: &ModelSet) -> Vec<(Field, Option<usize>)> {
    let of = |field: Field| {
        models.known(field).map(|known| match known {
            None => set.count(),
            Some(known) => set.count_of(&known),
        })
    };
    let fields = FIELDS
        .iter()
        .map(|info| info.field)
        .filter(|field| !field.is_derived());
    fields.map(|field| (field, of(field))).collect()
}

fn amounts(models: &Models, field: Field, set: &ModelSet) -> Option<Amounts> {
    if !models.has(field) {
        return None;
    }
    let values = Values::of(models, field, set, ALL);
    let about = values.about();
    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    let mean = about.sum as f64 / about.count as f64;
    let any = about.count > 0;
    Some(Amounts {
        known: about.count,
        positive: about.positive,
        median: values.quantiles().map(|q| q.p50),
        mean: any.then_some(mean),
        sum: any.then(|| i64::try_from(about.sum).unwrap_or(i64::MAX)),
    })
}

fn params(models: &Models, suspects: &ModelSet, set: &ModelSet) -> Params {
    let Some(sources) = models.words(Field::ParamsSource) else {
        return Params::default();
    };
    let all = Values::of(models, Field::Params, set, ALL);
    let code = sources.names().position(|name| name == Some("safetensors"));
    let code = code.and_then(|code| u32::try_from(code).ok());
    let mut suspect = suspects.clone();
    suspect.and(set);
    let codes = Column::codes(sources);
    let mut counted = set.clone();
    counted.retain_words(|start| codes.having(start, |own| Some(own) == code));
    let safetensors = Values::of(models, Field::Params, &counted, ALL);
    let [known, of_safetensors] = [&all, &safetensors].map(|values| values.about().count);
    Params {
        known: Some(known),
        known_safetensors: Some(of_safetensors),
        known_gguf_only: Some(known - of_safetensors),
        suspect: Some(suspect.count()),
        safetensors: safetensors.quantiles(),
        all: all.quantiles(),
    }
}

/// Counts while it walks: the words of relations by their numbers, `""` after all others.
fn lineage(models: &Models, graph: &Graph, set: &ModelSet) -> Lineage {
    let words = models.words(Field::Relation);
    let names: Vec<&str> = words
        .into_iter()
        .flat_map(|words| words.names().map(Option::unwrap_or_default))
        .collect();
    let downloads = reader(models, Field::Downloads);
    let codes = words.map(Column::codes);
    let start = || (Lineage::default(), vec![Tally::default(); names.len() + 1]);
    let take = |(all, how): &mut (Lineage, Vec<Tally>), rows: Rows| {
        for model in rows.and(graph.with_base_mask(rows.start)).models() {
            let node = Node::from(model);
            let bases = graph.bases(node);
            let word = codes.as_ref().and_then(|codes| codes.get(model));
            let how = &mut how[word.map_or(names.len(), |word| word as usize)];
            how.take(downloads(model).unwrap_or(0));
            all.with_base += 1;
            all.multi_base += usize::from(bases.len() > 1);
            all.edges += bases.len();
            all.self_edges += bases.iter().filter(|base| **base == node).count();
            let ghosts = bases.iter().filter(|base| graph.model(**base).is_none());
            all.ghost_edges += ghosts.count();
        }
    };
    let join = |(a, how): (Lineage, Vec<Tally>), (b, more): (Lineage, Vec<Tally>)| {
        let how = how.into_iter().zip(more).map(|(how, more)| how.with(more));
        let how = how.collect();
        let all = Lineage {
            relations: Vec::new(),
            with_base: a.with_base + b.with_base,
            edges: a.edges + b.edges,
            ghost_edges: a.ghost_edges + b.ghost_edges,
            self_edges: a.self_edges + b.self_edges,
            multi_base: a.multi_base + b.multi_base,
        };
        (all, how)
    };
    let (mut all, how) = walk(set, start, take, join);
    let named = names.iter().copied().chain([""]).zip(how);
    let mut relations: Vec<(String, Tally)> = named
        .filter(|(_, tally)| tally.models > 0)
        .map(|(name, tally)| (name.to_owned(), tally))
        .collect();
    relations.sort_by(|a, b| b.1.models.cmp(&a.1.models).then_with(|| a.0.cmp(&b.0)));
    all.relations = relations;
    all
}

/// The first few of many models: those of the highest rank; an unknown rank is the lowest, and of
/// equal ones the earlier in the file comes first.
#[derive(Clone, Default)]
struct Top<const FEW: usize> {
    ranked: Vec<(Option<i64>, ModelId)>,
    /// The last rank once there are so many that a model needs a higher one.
    bar: Option<Option<i64>>,
}

impl<const FEW: usize> Top<FEW> {
    /// Takes a model that comes after all others so far. Hardly any has a rank that is high enough.
    fn take(&mut self, rank: Option<i64>, model: ModelId) {
        if self.bar.is_none_or(|bar| rank > bar) {
            self.insert(rank, model);
        }
    }

    #[cold]
    fn insert(&mut self, rank: Option<i64>, model: ModelId) {
        let at = self.ranked.partition_point(|(other, _)| *other >= rank);
        self.ranked.insert(at, (rank, model));
        self.ranked.truncate(FEW);
        self.bar = self.ranked.get(FEW - 1).map(|(rank, _)| *rank);
    }

    /// Takes in those that come after all its own.
    fn with(mut self, later: Top<FEW>) -> Top<FEW> {
        let later = later.ranked.into_iter();
        later.for_each(|(rank, model)| self.take(rank, model));
        self
    }

    fn models(self) -> Vec<ModelId> {
        self.ranked.into_iter().map(|(_, model)| model).collect()
    }
}

fn top_by_size(models: &Models, set: &ModelSet) -> TopBySize {
    let popular = match models.has(Field::DownloadsAllTime) {
        true => Field::DownloadsAllTime,
        false => Field::Downloads,
    };
    let popular = reader(models, popular);
    let Some(params) = Column::numbers(models, Field::Params) else {
        return TopBySize::default();
    };
    let take = |[under, from, over]: &mut [Top<LARGEST>; 3], rows: Rows| {
        let values = params.all_from(rows.start);
        for model in params.known(rows).models() {
            let class = match values[model.row() - rows.start] {
                ..SMALL => &mut *under,
                LARGE.. => &mut *over,
                params if (MIDDLING.0..=MIDDLING.1).contains(&params) => &mut *from,
                _ => continue,
            };
            class.take(popular(model), model);
        }
    };
    let join = |[a, b, c]: [Top<LARGEST>; 3], [d, e, f]: [Top<LARGEST>; 3]| {
        [a.with(d), b.with(e), c.with(f)]
    };
    let classes = walk(set, Default::default, take, join);
    let [under_1b, from_7b_to_15b, over_100b] = classes.map(Top::models);
    TopBySize {
        under_1b,
        from_7b_to_15b,
        over_100b,
    }
}

/// The models whose share of recent downloads is out of the common.
#[derive(Clone, Default)]
struct Moves {
    rising: (usize, Top<MOVING>),
    falling: (usize, Top<MOVING>),
    more_than_ever: usize,
}

impl Moves {
    fn of(models: &Models, set: &ModelSet) -> Moves {
        let downloads = [Field::Downloads, Field::DownloadsAllTime];
        let [Some(recent), Some(ever)] = downloads.map(|field| Column::numbers(models, field))
        else {
            return Moves::default();
        };
        let take = |all: &mut Moves, rows: Rows| {
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
            all.more_than_ever += rows.and(beyond).count();
            let moving = [
                (&mut all.rising, rising, recent),
                (&mut all.falling, falling, ever),
            ];
            for ((count, top), moving, ranks) in moving {
                let rows = rows.and(moving);
                *count += rows.count();
                for model in rows.models() {
                    top.take(Some(ranks[model.row() - start]), model);
                }
            }
        };
        let join = |a: Moves, b: Moves| Moves {
            rising: (a.rising.0 + b.rising.0, a.rising.1.with(b.rising.1)),
            falling: (a.falling.0 + b.falling.0, a.falling.1.with(b.falling.1)),
            more_than_ever: a.more_than_ever + b.more_than_ever,
        };
        walk(set, Moves::default, take, join)
    }
}

impl From<(usize, Top<MOVING>)> for Movers {
    fn from((models, top): (usize, Top<MOVING>)) -> Movers {
        Movers {
            models,
            first: top.models(),
        }
    }
}
