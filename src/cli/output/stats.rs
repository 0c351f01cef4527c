//! The statistics of a set of models as JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::json::{self, QuantilesJson};
use super::record::JsonRecord;
use crate::engine::Hub;
use crate::engine::stats::frequency::{self, Frequency, Tally};
use crate::engine::stats::summary::{Amounts, LineageCounts, Movers, Params, Summary, coverage};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::present::figures;
use crate::present::format::{self, share};
use crate::present::report::{self, KnownAuthors};

/// The answer as JSON.
#[derive(Serialize)]
pub struct StatsJson<'h> {
    models: usize,
    downloads: AmountsJson,
    downloads_all_time: AmountsJson,
    recent_share: Option<f64>,
    lineage: LineageJson,
    params: ParamsJson,
    top_by_size: TopJson<'h>,
    /// The number of models of which each field is known.
    coverage: BTreeMap<&'static str, Value>,
    rising: MoversJson<'h>,
    falling: MoversJson<'h>,
    #[serde(flatten)]
    tables: BTreeMap<&'static str, FrequencyJson>,
    quality: BTreeMap<&'static str, Value>,
}

/// Models with an unusual share of recent downloads: their number, and the most downloaded ones.
#[derive(Serialize)]
struct MoversJson<'h> {
    models: usize,
    first: Vec<JsonRecord<'h>>,
}

/// A frequency table.
#[derive(Serialize)]
struct FrequencyJson {
    words: Vec<TallyJson>,
    /// All words that are not named.
    others: TallyJson,
    unknown: TallyJson,
}

#[derive(Serialize)]
struct TallyJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    word: Option<String>,
    /// The number of words.
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<usize>,
    models: usize,
    downloads: i64,
}

impl From<Tally> for TallyJson {
    fn from(tally: Tally) -> TallyJson {
        TallyJson {
            word: None,
            words: None,
            models: tally.models,
            downloads: tally.downloads,
        }
    }
}

impl From<Frequency> for FrequencyJson {
    fn from(table: Frequency) -> FrequencyJson {
        let (words, others) = table.others;
        let named = table.words.into_iter().map(|(word, tally)| TallyJson {
            word: Some(word),
            ..tally.into()
        });
        FrequencyJson {
            words: named.collect(),
            others: TallyJson {
                words: Some(words),
                ..others.into()
            },
            unknown: table.none.into(),
        }
    }
}

#[derive(Default, Serialize)]
struct AmountsJson {
    positive: Option<usize>,
    /// Their share in all models of the set.
    positive_share: Option<f64>,
    median: Option<Value>,
    mean: Option<f64>,
    sum: Option<i64>,
}

#[derive(Default, Serialize)]
struct LineageJson {
    with_base: Option<usize>,
    relations: Option<Map<String, Value>>,
    edges: Option<usize>,
    ghost_edges: Option<usize>,
    self_edges: Option<usize>,
    multi_base: Option<usize>,
}

#[derive(Serialize)]
struct ParamsJson {
    known: Option<usize>,
    known_safetensors: Option<usize>,
    known_gguf_only: Option<usize>,
    /// Models without a parameter count from safetensors, and their share.
    without_safetensors: Option<usize>,
    without_safetensors_share: Option<f64>,
    suspect: Option<usize>,
    safetensors: QuantilesJson,
    all: QuantilesJson,
}

#[derive(Serialize)]
struct TopJson<'h> {
    under_1b: Vec<JsonRecord<'h>>,
    #[serde(rename = "7b_to_15b")]
    from_7b_to_15b: Vec<JsonRecord<'h>>,
    over_100b: Vec<JsonRecord<'h>>,
}

impl<'h> StatsJson<'h> {
    /// Computes the figures of a set of models that the summary leaves out, with at most `limit` words
    /// in each table.
    pub fn new(hub: &'h Hub, set: &ModelSet, summary: &Summary, limit: usize) -> StatsJson<'h> {
        let lineage = summary.lineage.as_ref();
        let amounts = |amounts: Option<Amounts>| {
            let amounts = amounts.map(|own| AmountsJson::new(own, summary.models));
            amounts.unwrap_or_default()
        };
        let models = |models: &[ModelId]| {
            let models = models.iter();
            models
                .map(|model| JsonRecord::new(hub, (*model).into()))
                .collect()
        };
        let movers = |movers: &Movers| MoversJson {
            models: movers.models,
            first: models(&movers.first),
        };
        let top = &summary.top_by_size;
        let known = coverage(&hub.models, set).into_iter();
        let (tables, months) = rayon::join(
            || report::frequencies(hub, &KnownAuthors::new(), set, limit),
            || frequency::months(&hub.models, set, format::month),
        );
        let tables = tables.into_iter();
        let quality = report::quality_notes(summary).into_iter();
        StatsJson {
            models: summary.models,
            downloads: amounts(summary.downloads),
            downloads_all_time: amounts(summary.downloads_all_time),
            recent_share: summary.recent_share,
            lineage: lineage.map(LineageJson::from).unwrap_or_default(),
            params: ParamsJson::new(&summary.params, summary.models),
            top_by_size: TopJson {
                under_1b: models(&top.under_1b),
                from_7b_to_15b: models(&top.from_7b_to_15b),
                over_100b: models(&top.over_100b),
            },
            coverage: known
                .map(|(field, known)| (field.info().key, known.into()))
                .collect(),
            rising: movers(&summary.rising),
            falling: movers(&summary.falling),
            tables: tables
                .map(|(table, counts)| (table.key, FrequencyJson::from(counts)))
                .chain([("months", FrequencyJson::from(months))])
                .collect(),
            quality: quality.map(|note| (note.key, note.models.into())).collect(),
        }
    }
}

impl AmountsJson {
    fn new(amounts: Amounts, models: usize) -> AmountsJson {
        AmountsJson {
            positive: Some(amounts.positive),
            positive_share: Some(share(amounts.positive, models)),
            median: amounts.median.map(json::number),
            mean: amounts.mean,
            sum: amounts.sum,
        }
    }
}

impl From<&LineageCounts> for LineageJson {
    fn from(lineage: &LineageCounts) -> LineageJson {
        let relations = lineage.relations.iter();
        let relations = relations
            .map(|(how, tally)| (figures::relation(how).to_owned(), Value::from(tally.models)));
        LineageJson {
            with_base: Some(lineage.with_base),
            relations: Some(relations.collect()),
            edges: Some(lineage.edges),
            ghost_edges: Some(lineage.ghost_edges),
            self_edges: Some(lineage.self_edges),
            multi_base: Some(lineage.multi_base),
        }
    }
}

impl ParamsJson {
    fn new(params: &Params, models: usize) -> ParamsJson {
        let without = params.known_safetensors.map(|known| models - known);
        ParamsJson {
            without_safetensors: without,
            without_safetensors_share: without.map(|without| share(without, models)),
            known: params.known,
            known_safetensors: params.known_safetensors,
            known_gguf_only: params.known_gguf_only,
            suspect: params.suspect,
            safetensors: QuantilesJson::new(Field::Params, params.safetensors.as_ref()),
            all: QuantilesJson::new(Field::Params, params.all.as_ref()),
        }
    }
}
