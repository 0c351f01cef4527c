//! Answers questions. No thread and no clock: [`super::threads`] runs it off the UI thread, tests
//! and `hubscope screen` in place.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};

use super::topics::{Answer, Finding, Question, Scope, Topic};
use anyhow::{Context, Result, ensure};

use crate::engine::Hub;
use crate::engine::history::History;
use crate::engine::history::curve::CurvePoint;
use crate::engine::lineage::family;
use crate::engine::lineage::graph::Node;
use crate::engine::parquet::files::Files;
use crate::engine::parquet::schema::Schema;
use crate::engine::search::completions::Completer;
use crate::engine::search::facets;
use crate::engine::search::index::IdIndex;
use crate::engine::search::relax::relaxations;
use crate::engine::search::searcher::Searcher;
use crate::engine::source::history_file;
use crate::engine::stats::density::density;
use crate::engine::stats::histogram::{Binning, Histogram, histogram_of};
use crate::engine::stats::percentile::percentile_rank;
use crate::engine::stats::summary::summary;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::Models;
use crate::hub::ModelApi;
use crate::panics::reading;
use crate::present::report::{self, KnownAuthors};

/// The maximum number of values of a filter that are listed; longer lists are searched by typing.
const VALUES: usize = 2_000;

/// Answers questions, and keeps what the next question of its lane may need again.
#[derive(Default)]
pub struct Answerer {
    /// The hub of the last question.
    hub: Weak<Hub>,
    /// Its ids, which all stages of a hub share.
    ids: Weak<IdIndex>,
    searcher: Searcher,
    completer: Completer,
    /// The last answer that is [settled](Topic::is_settled).
    settled: Option<(Topic, Finding)>,
    /// The histogram over all models, which depends neither on the query nor on the stage.
    histogram: Option<(Binning, Histogram)>,
    authors: KnownAuthors,
    /// The file of the history; `None` without one.
    history: Option<PathBuf>,
}

impl Answerer {
    /// Returns an answerer that knows the user's history.
    pub fn of_user() -> Answerer {
        Answerer {
            history: history_file().map(|located| located.path),
            ..Answerer::default()
        }
    }

    /// Answers a question; `None` when `cancel` was set meanwhile. Partial answers of searches and
    /// schemas are given to `report`.
    pub fn answer(
        &mut self,
        question: &Question,
        cancel: &AtomicBool,
        mut report: impl FnMut(Answer),
    ) -> Option<Answer> {
        self.change_hub(&question.hub);
        let stamp = question.stamp;
        let settled = self.settled.as_ref();
        if let Some((_, finding)) = settled.filter(|(topic, _)| *topic == question.topic) {
            let finding = finding.clone();
            return Some(Answer { stamp, finding });
        }
        let mut report = |finding| report(Answer { stamp, finding });
        let finding = self.find(&question.hub, &question.topic, cancel, &mut report)?;
        if question.topic.is_settled(question.hub.stage) {
            self.settled = Some((question.topic.clone(), finding.clone()));
        }
        Some(Answer { stamp, finding })
    }

    /// Drops what does not hold for another hub.
    fn change_hub(&mut self, hub: &Arc<Hub>) {
        if self.hub.as_ptr() == Arc::as_ptr(hub) {
            return;
        }
        match self.ids.as_ptr() == Arc::as_ptr(&hub.id_index) {
            true => {
                self.searcher.forget_values();
                self.histogram.take_if(|(_, of)| of.field.is_compared());
            }
            false => {
                self.searcher = Searcher::default();
                self.settled = None;
                self.histogram = None;
            }
        }
        self.hub = Arc::downgrade(hub);
        self.ids = Arc::downgrade(&hub.id_index);
        self.authors = KnownAuthors::new();
        self.completer = Completer::default();
    }

    fn find(
        &mut self,
        hub: &Hub,
        topic: &Topic,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(Finding),
    ) -> Option<Finding> {
        let models = &hub.models;
        Some(match topic {
            Topic::Search(query, order) => {
                let mut preview = |hits| report(Finding::Search(hits));
                let (searcher, corpus) = (&mut self.searcher, hub.corpus());
                let hits = searcher.search(corpus, query, *order, cancel, Some(&mut preview));
                Finding::Search(hits?)
            }
            Topic::Relaxed(query) => {
                let relaxed = relaxations(&mut self.searcher, hub.corpus(), query, cancel);
                Finding::Relaxed(relaxed?)
            }
            Topic::Family(node) => Finding::Family(hub.family(*node)),
            Topic::Record(model) => {
                let record = reading(|| hub.record(*model).map(Arc::new));
                Finding::Record(record.map_err(|e| format!("{e:#}")))
            }
            Topic::Histogram(field, binning, scope) => {
                let all = self.histogram(models, *field, *binning);
                let within = scope.as_ref().map(|set| all.within(models, set));
                Finding::Histogram((all, within))
            }
            Topic::Rank(field, model, scope) => {
                let set = set_of(hub, scope);
                let value = models.number(*field, *model);
                let rank = value.map(|value| percentile_rank(models, *field, &set, value));
                Finding::Rank((*model, rank))
            }
            Topic::Statistics(whole, scope) => {
                Finding::Statistics(self.statistics(hub, whole.as_ref(), scope))
            }
            Topic::Density(fields, scope) => {
                Finding::Density(density(models, *fields, &set_of(hub, scope)))
            }
            Topic::Schema => Finding::Schema((schema(hub, report), true)),
            Topic::Completions(partial, rest) => {
                let (completer, searcher) = (&mut self.completer, &mut self.searcher);
                let found = completer.completions(searcher, hub.corpus(), partial, rest, cancel);
                Finding::Completions((partial.clone(), found?))
            }
            Topic::Facet(key, query) => {
                let set = self.searcher.matching(hub.corpus(), query, cancel)?;
                Finding::Facet((*key, facets::values(hub.corpus(), *key, &set, VALUES)))
            }
            Topic::Ancestors(set) => {
                Finding::Ancestors(Arc::new(family::with_ancestors(&hub.graph, set)))
            }
            Topic::Curves(nodes, of_families) => {
                let file = self.history.as_deref();
                let curves = curves(hub, nodes, *of_families, file).map(Arc::new);
                let curves = curves.map_err(|e| format!("{e:#}"));
                Finding::Curves(((nodes.clone(), *of_families), curves))
            }
            Topic::Live(node) => {
                let live = ModelApi::from_env().and_then(|api| api.model(hub.name(*node)));
                Finding::Live((*node, live.map(Arc::new).map_err(|e| format!("{e:#}"))))
            }
            Topic::Card(node) => {
                let card = ModelApi::from_env().and_then(|api| api.card(hub.name(*node)));
                Finding::Card((*node, card.map(Arc::from).map_err(|e| format!("{e:#}"))))
            }
        })
    }

    /// Returns the tables of the report, or the whole one of a title.
    fn statistics(
        &mut self,
        hub: &Hub,
        whole: Option<&String>,
        scope: &Scope,
    ) -> (Option<String>, Vec<report::Section>) {
        let models = &hub.models;
        let set = set_of(hub, scope);
        let authors = &self.authors;
        let sections = match whole {
            Some(title) => {
                let section = report::whole(hub, authors, &set, title);
                section.into_iter().collect()
            }
            None => {
                let summary = summary(models, &hub.graph, &hub.suspects, &set);
                report::sections(hub, authors, &set, &summary, report::WORDS)
            }
        };
        (whole.cloned(), sections)
    }

    /// Returns the histogram of a field over all models.
    fn histogram(&mut self, models: &Models, field: Field, binning: Binning) -> Histogram {
        let is_same = |(by, of): &(Binning, Histogram)| *by == binning && of.field == field;
        let known = self.histogram.take().filter(is_same);
        let (_, all) = known.unwrap_or_else(|| {
            let set = ModelSet::all(models.len());
            (binning, histogram_of(models, field, &set, binning))
        });
        self.histogram = Some((binning, all.clone()));
        all
    }
}

/// Returns the curves of nodes over the user's history, or those of their families.
fn curves(
    hub: &Hub,
    nodes: &[Node],
    of_families: bool,
    file: Option<&Path>,
) -> Result<Vec<Vec<CurvePoint>>> {
    let file = file.context("there is no home folder; set HUBSCOPE_HISTORY to a file")?;
    let history = History::open(file)?;
    ensure!(
        !history.is_empty(),
        "The history is empty; `hubscope history add FILE` adds a snapshot"
    );
    let curve = |node: &Node| {
        let below = match of_families {
            true => family::descendants(&hub.graph, *node),
            false => Vec::new(),
        };
        let members = below.into_iter().chain([*node]);
        let slots = history.find_all(members.map(|node| hub.name(node)));
        history.curve(&slots)
    };
    Ok(nodes.iter().map(curve).collect())
}

fn set_of(hub: &Hub, scope: &Scope) -> Arc<ModelSet> {
    let all = || Arc::new(ModelSet::all(hub.models.len()));
    scope.as_ref().map_or_else(all, Arc::clone)
}

/// Returns the columns of the files; reports them first without nulls and samples, which have to
/// be read.
fn schema(hub: &Hub, report: &mut dyn FnMut(Finding)) -> Result<Schema, String> {
    let read = |files: &Files| {
        let outline = Schema::outline(&hub.source, files);
        report(Finding::Schema((Ok(outline), false)));
        Schema::of(&hub.source, files)
    };
    let schema = reading(|| hub.of_files(read));
    schema.map_err(|e| format!("{e:#}"))
}
