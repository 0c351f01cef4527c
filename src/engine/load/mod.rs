//! Staged loading: a hub that can be used after each stage, while the next one is read.

pub mod columns;
pub mod used;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result};

use crate::engine::guard::guarded;
use crate::engine::hub::Hub;
use crate::engine::lineage::graph::Graph;
use crate::engine::lineage::quantizations::Quantizations;
use crate::engine::lineage::rollup::Rollup;
use crate::engine::lineage::suspect::suspects;
use crate::engine::load::columns::Loader;
use crate::engine::search::index::IdIndex;
use crate::engine::source::Source;
use crate::engine::table::arrange::arrange;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::edge_list::EdgeList;
use crate::engine::table::field::{FIELDS, Field};
use crate::engine::table::models::{Columns, Models};
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::engine::tags::Tags;

/// An event of loading.
pub enum LoadEvent {
    /// The part that is done, from 0 to 1.
    Progress(f32),
    /// A hub that can be used already.
    Usable(Box<Hub>),
}

/// The share of each stage in the whole time, roughly; only the progress bar depends on it.
const WEIGHTS: [f32; 4] = [0.1, 0.3, 0.1, 0.5];

/// Maximum number of progress events.
const REPORTS: f32 = 50.0;

impl Hub {
    /// Loads a whole hub. `report` gets the progress, from several threads, and the hub of each
    /// stage but the last, which is returned.
    ///
    /// # Errors
    /// With one line that names the file, what is wrong with it and what to do.
    pub fn open(source: &Source, report: &(dyn Fn(LoadEvent) + Sync)) -> Result<Hub> {
        Hub::open_to(source, Stage::Complete, report)
    }

    /// Loads a hub up to a stage: who needs no tags need not wait for them.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub fn open_to(
        source: &Source,
        stage: Stage,
        report: &(dyn Fn(LoadEvent) + Sync),
    ) -> Result<Hub> {
        guarded(source, || {
            let loading = Loading::new(source, report)?;
            loading.load_on(loading.names(source)?, stage)
        })
    }

    /// Returns the hub with the stages that are missing.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub fn complete(&self) -> Result<Hub> {
        guarded(&self.source, || {
            let loading = Loading::new(&self.source, &|_| {})?;
            self.require_same(&loading.loader.files())?;
            loading.load_on(self.clone(), Stage::Complete)
        })
    }

    /// Adds the columns of the next stage, and the indexes that follow from them.
    fn add_stage(&mut self, stage: StageData) -> Result<()> {
        let models = self.models.clone();
        match stage {
            StageData::Lineage(columns, bases) => {
                let models = models.with_all(columns)?;
                self.add_lineage(models, bases);
            }
            StageData::Fields(columns) => {
                self.models = models.with_all(columns)?;
                self.newest = self.models.newest();
                self.suspects = Arc::new(suspects(&self.models, &self.graph));
                self.stage = Stage::Fields;
                self.note_lacking();
            }
            StageData::Tags(columns, tags) => {
                self.models = models.with_all(columns)?;
                self.tags = Arc::new(tags);
                self.stage = Stage::Complete;
                self.note_lacking();
            }
        }
        Ok(())
    }

    /// Adds the fields to the lacking ones that were read and are known of no model.
    fn note_lacking(&mut self) {
        let loaded = FIELDS.iter().map(|info| info.field);
        let loaded = loaded.filter(|f| !f.is_derived() && Stage::of(*f) <= self.stage);
        let is_unknown = |field: &Field| match field {
            // Bases may be stated without a relation.
            Field::Relation if self.graph.edge_count() > 0 => false,
            field => !self.models.has(*field),
        };
        let unknown: Vec<Field> = loaded.filter(is_unknown).collect();
        self.lacking.extend(unknown);
        self.lacking.sort_unstable();
        self.lacking.dedup();
    }

    /// Adds the graph of these edges, and the indexes that follow from it.
    fn add_lineage(&mut self, models: Models, bases: EdgeList) {
        let graph = Graph::new(&models, &bases, &self.by_downloads);
        drop(bases);
        let (rollup, quantizations) = rayon::join(
            || Rollup::new(&graph, &models),
            || Quantizations::new(&graph, &models),
        );
        self.models = models;
        self.graph = Arc::new(graph);
        self.rollup = Arc::new(rollup);
        self.quantizations = Arc::new(quantizations);
        self.stage = Stage::Lineage;
        self.note_lacking();
        self.models = self.with_totals();
    }
}

/// The loading of one hub.
struct Loading<'a> {
    loader: Loader,
    report: &'a (dyn Fn(LoadEvent) + Sync),
}

impl<'a> Loading<'a> {
    fn new(source: &Source, report: &'a (dyn Fn(LoadEvent) + Sync)) -> Result<Loading<'a>> {
        let loader = Loader::open(source)?;
        Ok(Loading { loader, report })
    }

    /// Returns a counter of the rows of a stage. It reports only visible progress: a frame may be
    /// drawn for each event.
    fn counter(&self, stage: Stage) -> impl Fn(usize) + Sync {
        let done = AtomicUsize::new(0);
        let before: f32 = WEIGHTS[..stage as usize].iter().sum();
        let rows = self.loader.rows();
        #[expect(clippy::cast_precision_loss, reason = "a progress bar")]
        let whole = move |done: usize| before + done as f32 / rows as f32 * WEIGHTS[stage as usize];
        let steps = move |done: usize| (whole(done) * REPORTS).floor();
        move |more: usize| {
            let before = done.fetch_add(more, Ordering::Relaxed);
            let done = before + more;
            if steps(done) > steps(before) {
                (self.report)(LoadEvent::Progress(whole(done)));
            }
        }
    }

    /// Returns the hub of the first stage.
    fn names(&self, source: &Source) -> Result<Hub> {
        let models = self.loader.names(&self.counter(Stage::Names))?;
        let never = AtomicBool::new(false);
        let (id_index, order) = rayon::join(
            || IdIndex::new(&models),
            || arrange(&models, Order::default(), models.par_all(), &never),
        );
        let lacking = FIELDS
            .iter()
            .map(|i| i.field)
            .filter(|f| !f.is_derived() && !self.loader.offers(*f))
            .collect();
        let mut hub = Hub {
            source: source.clone(),
            stage: Stage::Names,
            graph: Arc::new(Graph::without_edges(&models)),
            rollup: Arc::default(),
            quantizations: Arc::default(),
            suspects: Arc::new(ModelSet::none(models.len())),
            tags: Arc::new(Tags::none(models.len())),
            comparison: None,
            models,
            id_index: Arc::new(id_index?),
            by_downloads: order.context("left off")?.into(),
            newest: None,
            lacking,
            fingerprint: self.loader.files().fingerprint(),
            files: Some(self.loader.files()),
        };
        hub.note_lacking();
        Ok(hub)
    }

    /// Loads the stages up to one, and reports the hub of each before it. The next stage is read
    /// while the indexes of the last are built.
    fn load_on(&self, mut hub: Hub, last: Stage) -> Result<Hub> {
        let after = |stage: Stage| stage.next().filter(|next| *next <= last);
        let Some(next) = after(hub.stage) else {
            return Ok(hub);
        };
        (self.report)(LoadEvent::Usable(Box::new(hub.clone())));
        let mut read = Some(self.read(next)?);
        while let Some(columns) = read {
            let next = hub.stage.next().and_then(after);
            let take = || -> Result<()> {
                hub.add_stage(columns)?;
                if next.is_some() {
                    (self.report)(LoadEvent::Usable(Box::new(hub.clone())));
                }
                Ok(())
            };
            let ahead = || next.map(|next| self.read(next)).transpose();
            let (taken, ahead) = rayon::join(take, ahead);
            taken?;
            read = ahead?;
        }
        Ok(hub)
    }

    fn read(&self, stage: Stage) -> Result<StageData> {
        let (loader, done) = (&self.loader, self.counter(stage));
        Ok(match stage {
            // Names are loaded before.
            Stage::Names | Stage::Lineage => {
                let (columns, bases) = loader.lineage(&done)?;
                StageData::Lineage(columns, bases)
            }
            Stage::Fields => StageData::Fields(loader.fields(&done)?),
            Stage::Complete => {
                let (columns, tags) = loader.tags(&done)?;
                StageData::Tags(columns, tags)
            }
        })
    }
}

/// The data that a stage adds to a hub.
enum StageData {
    Lineage(Columns, EdgeList),
    Fields(Columns),
    Tags(Columns, Tags),
}
