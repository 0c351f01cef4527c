//! What the explorer asks of the engine, and the answers. Answering touches no thread and no
//! clock: the worker does it beside the explorer, tests and `screen` do it in place.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};

use crate::engine::Hub;
use crate::engine::lineage::family::{self, Family};
use crate::engine::lineage::graph::Node;
use crate::engine::parquet::record::Record;
use crate::engine::parquet::schema::Schema;
use crate::engine::query::ast::Query;
use crate::engine::query::keys::FilterKey;
use crate::engine::search::facets::{self, FacetValue};
use crate::engine::search::hits::{Completeness, Hits};
use crate::engine::search::index::IdIndex;
use crate::engine::search::searcher::Searcher;
use crate::engine::stats::density::{Density, density};
use crate::engine::stats::frequency::Authors;
use crate::engine::stats::histogram::{Binning, Histogram, histogram_of};
use crate::engine::stats::percentile::{PercentileRank, percentile_rank};
use crate::engine::stats::summary::summary;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models};
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::report;
use crate::present::report::Section;

/// Questions of one lane replace each other: only the newest is worth answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    Search,
    Family,
    Record,
    Histogram,
    Rank,
    Statistics,
    Density,
    Schema,
    Facet,
    Kin,
}

impl Lane {
    /// All of them.
    pub const ALL: [Lane; 10] = [
        Lane::Search,
        Lane::Family,
        Lane::Record,
        Lane::Histogram,
        Lane::Rank,
        Lane::Statistics,
        Lane::Density,
        Lane::Schema,
        Lane::Facet,
        Lane::Kin,
    ];

    /// Whether its answers come at once. A record comes from the file, and only when the cursor
    /// rests; for the statistics, authors are numbered the first time; for the schema, nulls may have to
    /// be counted.
    pub fn is_quick(self) -> bool {
        !matches!(self, Lane::Record | Lane::Statistics | Lane::Schema)
    }
}

/// Something to find out.
#[derive(Clone, Debug, PartialEq)]
pub enum Topic {
    /// The models that a query finds.
    Search { query: Query, order: Order },
    /// What the family of a node adds up to.
    Family(Node),
    /// What the files hold of a model.
    Record(ModelId),
    /// How a field is spread over all models, and over some of them.
    Histogram {
        field: Field,
        binning: Binning,
        within: Option<Arc<ModelSet>>,
    },
    /// Where a model stands in a field among all models, or among some.
    Rank {
        field: Field,
        model: ModelId,
        within: Option<Arc<ModelSet>>,
    },
    /// The report's tables on all models, or on some; or just the whole table of a title.
    Statistics {
        within: Option<Arc<ModelSet>>,
        whole: Option<String>,
    },
    /// How two fields go together in all models, or in some.
    Density {
        fields: [Field; 2],
        within: Option<Arc<ModelSet>>,
    },
    /// What columns the files have.
    Schema,
    /// The words of a key that the models of a query have.
    Facet { key: FilterKey, query: Query },
    /// The models of a set and all their ancestors.
    Kin(Arc<ModelSet>),
}

impl Topic {
    /// The lane it belongs to.
    pub fn lane(&self) -> Lane {
        match self {
            Topic::Search { .. } => Lane::Search,
            Topic::Family(_) => Lane::Family,
            Topic::Record(_) => Lane::Record,
            Topic::Histogram { .. } => Lane::Histogram,
            Topic::Rank { .. } => Lane::Rank,
            Topic::Statistics { .. } => Lane::Statistics,
            Topic::Density { .. } => Lane::Density,
            Topic::Schema => Lane::Schema,
            Topic::Facet { .. } => Lane::Facet,
            Topic::Kin(_) => Lane::Kin,
        }
    }
}

impl Topic {
    /// Whether later stages of a hub that is loaded so far, which know more of the same models, have
    /// the same answer.
    fn is_settled(&self, stage: Stage) -> bool {
        match self {
            Topic::Search { query, order } => {
                query.filters.is_empty() && *order == Order::default()
            }
            Topic::Histogram { field, .. } | Topic::Rank { field, .. } => {
                stage >= Stage::of(*field) && !field.is_compared()
            }
            _ => false,
        }
    }
}

/// A topic, the hub it is about, and a number by which its answer is known.
#[derive(Clone)]
pub struct Question {
    pub stamp: u64,
    pub hub: Arc<Hub>,
    pub topic: Topic,
}

/// What was found out.
#[derive(Clone)]
pub enum Finding {
    Hits(Hits),
    Family(Family),
    Record(Result<Record, String>),
    Histogram {
        all: Histogram,
        within: Option<Histogram>,
    },
    /// Nothing where the field is not known of the model.
    Rank(ModelId, Option<PercentileRank>),
    Statistics {
        whole: Option<String>,
        sections: Vec<Section>,
    },
    Density(Density),
    /// Without nulls and samples first, for those are read from the files.
    Schema {
        schema: Result<Schema, String>,
        is_whole: bool,
    },
    Facet(FilterKey, Vec<FacetValue>),
    Kin(ModelSet),
}

/// The answer to the question with this stamp.
pub struct Answer {
    pub stamp: u64,
    pub lane: Lane,
    pub finding: Finding,
}

impl Answer {
    /// Whether the rest of it is still to come.
    pub fn is_early(&self) -> bool {
        match &self.finding {
            Finding::Hits(hits) => hits.completeness < Completeness::Complete,
            Finding::Schema { is_whole, .. } => !is_whole,
            _ => false,
        }
    }
}

/// No more authors or tags are listed to choose from; a longer name is typed sooner.
const VALUES: usize = 2_000;

/// Answers questions; remembers what the next one of its kind may need again.
#[derive(Default)]
pub struct Clerk {
    /// The hub that was asked about last.
    hub: Weak<Hub>,
    /// Its ids, which it shares with earlier stages of the same hub.
    ids: Weak<IdIndex>,
    searcher: Searcher,
    /// What was found out last, if it [is settled](Topic::is_settled).
    settled: Option<(Topic, Finding)>,
    /// The spread of a field over all models does not change with the query, nor with the stage.
    spread: Option<(Binning, Histogram)>,
    /// Nor do the authors.
    authors: Option<Authors>,
}

impl Clerk {
    /// Finds it out; `None` when `stop` was set meanwhile. Of a search and of a schema the better
    /// part may be told `early`, as an answer with the same stamp.
    pub fn answer(
        &mut self,
        question: &Question,
        stop: &AtomicBool,
        mut early: impl FnMut(Answer),
    ) -> Option<Answer> {
        let hub = &question.hub;
        let every = || Arc::new(ModelSet::all(hub.models.len()));
        if self.hub.as_ptr() != Arc::as_ptr(hub) {
            match self.ids.as_ptr() == Arc::as_ptr(&hub.id_index) {
                true => {
                    self.searcher.forget_values();
                    self.spread.take_if(|(_, of)| of.field.is_compared());
                }
                false => {
                    self.searcher = Searcher::default();
                    self.settled = None;
                    self.spread = None;
                }
            }
            self.hub = Arc::downgrade(hub);
            self.ids = Arc::downgrade(&hub.id_index);
            self.authors = None;
        }
        let answer = |finding| Answer {
            stamp: question.stamp,
            lane: question.topic.lane(),
            finding,
        };
        let settled = self.settled.as_ref();
        if let Some((_, finding)) = settled.filter(|(topic, _)| *topic == question.topic) {
            return Some(answer(finding.clone()));
        }
        let finding = match &question.topic {
            Topic::Search { query, order } => {
                let mut early = |hits| early(answer(Finding::Hits(hits)));
                let corpus = hub.corpus();
                Finding::Hits(self.searcher.search(
                    corpus,
                    query,
                    *order,
                    stop,
                    Some(&mut early),
                )?)
            }
            Topic::Family(node) => Finding::Family(hub.family(*node)),
            Topic::Record(model) => {
                Finding::Record(hub.record(*model).map_err(|e| format!("{e:#}")))
            }
            Topic::Histogram {
                field,
                binning,
                within,
            } => {
                let all = self.spread(&hub.models, *field, *binning);
                let within = within.as_ref().map(|set| all.within(&hub.models, set));
                Finding::Histogram { all, within }
            }
            Topic::Rank {
                field,
                model,
                within,
            } => {
                let set = within.as_ref().map_or_else(every, Arc::clone);
                let value = hub.models.number(*field, *model);
                let rank = value.map(|value| percentile_rank(&hub.models, *field, &set, value));
                Finding::Rank(*model, rank)
            }
            Topic::Statistics { within, whole } => {
                let models = &hub.models;
                let set = within.as_ref().map_or_else(every, Arc::clone);
                let authors = self.authors.get_or_insert_with(|| Authors::of(models));
                let sections = match whole {
                    Some(title) => report::whole(hub, authors, &set, title)
                        .into_iter()
                        .collect(),
                    None => {
                        let summary = summary(models, &hub.graph, &hub.suspects, &set);
                        report::sections(hub, authors, &set, &summary)
                    }
                };
                Finding::Statistics {
                    whole: whole.clone(),
                    sections,
                }
            }
            Topic::Density { fields, within } => {
                let set = within.as_ref().map_or_else(every, Arc::clone);
                Finding::Density(density(&hub.models, *fields, &set))
            }
            Topic::Schema => {
                let schema = hub.files().and_then(|files| {
                    early(answer(Finding::Schema {
                        schema: Ok(Schema::outline(&hub.source, &files)),
                        is_whole: false,
                    }));
                    Schema::of(&hub.source, &files)
                });
                Finding::Schema {
                    schema: schema.map_err(|e| format!("{e:#}")),
                    is_whole: true,
                }
            }
            Topic::Facet { key, query } => {
                let set = self.searcher.matching(hub.corpus(), query, stop)?;
                Finding::Facet(*key, facets::values(hub.corpus(), *key, &set, VALUES))
            }
            Topic::Kin(set) => Finding::Kin(family::with_ancestors(&hub.graph, set)),
        };
        if question.topic.is_settled(hub.stage) {
            self.settled = Some((question.topic.clone(), finding.clone()));
        }
        Some(answer(finding))
    }

    /// How a field is spread over all models.
    fn spread(&mut self, models: &Models, field: Field, binning: Binning) -> Histogram {
        let is_known = |(by, of): &(Binning, Histogram)| *by == binning && of.field == field;
        let known = self.spread.take().filter(is_known);
        let (_, all) = known.unwrap_or_else(|| {
            let set = ModelSet::all(models.len());
            (binning, histogram_of(models, field, &set, binning))
        });
        self.spread = Some((binning, all.clone()));
        all
    }
}
