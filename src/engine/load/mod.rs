//! A hub on its way from the files, stage by stage: what can be used is told as soon as it is there,
//! and while sense is made of what was read, more is read.

pub mod columns;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow};

use super::Hub;
use super::lineage::graph::Graph;
use super::lineage::quantizations::Quantizations;
use super::lineage::rollup::Rollup;
use super::lineage::suspect::suspects;
use crate::engine::load::columns::Loader;
use crate::engine::search::index::IdIndex;
use crate::engine::source::Source;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::edge_list::EdgeList;
use crate::engine::table::field::{FIELDS, Field};
use crate::engine::table::models::{Columns, Models};
use crate::engine::table::order::{Order, arrange};
use crate::engine::table::stage::Stage;
use crate::engine::tags::Tags;

/// What [`Hub::open`] tells while it works.
pub enum Step {
    /// So much of the whole is done, from 0 to 1.
    Progress(f32),
    /// A hub that can be used already.
    Usable(Box<Hub>),
}

/// What each stage takes of the whole, about; only the progress bar depends on it.
const WEIGHTS: [f32; 4] = [0.1, 0.3, 0.1, 0.5];

/// So many steps of it are told at most.
const SHOWN: f32 = 50.0;

impl Hub {
    /// Loads a hub whole. `tell` hears of the progress, from several threads, and gets the hub of each
    /// stage but the last, which is returned.
    ///
    /// # Errors
    /// With one line that names the file, what is wrong with it and what to do.
    pub fn open(source: &Source, tell: &(dyn Fn(Step) + Sync)) -> Result<Hub> {
        Hub::open_to(source, Stage::Complete, tell)
    }

    /// The same as far as a stage: who does not ask for tags need not wait for them.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub fn open_to(source: &Source, stage: Stage, tell: &(dyn Fn(Step) + Sync)) -> Result<Hub> {
        guarded(source, || {
            let loading = Loading::new(source, tell)?;
            loading.on(loading.names(source)?, stage)
        })
    }

    /// The same hub with all that later stages know.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub fn complete(&self) -> Result<Hub> {
        guarded(&self.source, || {
            let loading = Loading::new(&self.source, &|_| {})?;
            self.require_same(&loading.loader.files())?;
            loading.on(self.clone(), Stage::Complete)
        })
    }

    /// Takes in what was read of the next stage, and what follows from it.
    fn take(&mut self, read: Read) -> Result<()> {
        let models = self.models.clone();
        match read {
            Read::Lineage(columns, bases) => {
                let models = models.with_all(columns)?;
                self.take_lineage(models, bases);
            }
            Read::Fields(columns) => {
                self.models = models.with_all(columns)?;
                let changes = self.models.numbers(Field::LastModified);
                self.newest = changes.and_then(|column| column.iter().flatten().max());
                self.suspects = Arc::new(suspects(&self.models, &self.graph));
                self.stage = Stage::Fields;
            }
            Read::Tags(columns, tags) => {
                self.models = models.with_all(columns)?;
                self.tags = Arc::new(tags);
                self.stage = Stage::Complete;
            }
        }
        Ok(())
    }

    /// The graph of these bases, and all that follows from it.
    fn take_lineage(&mut self, models: Models, bases: EdgeList) {
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
        self.models = self.with_totals();
        self.stage = Stage::Lineage;
    }
}

/// Reads files; the parquet reader panics on some damaged ones.
pub(super) fn guarded<T>(source: &Source, read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let reason = panic.downcast_ref::<String>().map(String::as_str);
        let reason = reason
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no reason given");
        let reason = reason.lines().next().unwrap_or_default();
        Err(anyhow!(
            "{source}: the file is damaged ({reason}); download it again"
        ))
    })
}

/// A hub on its way from the files.
struct Loading<'a> {
    loader: Loader,
    tell: &'a (dyn Fn(Step) + Sync),
}

impl<'a> Loading<'a> {
    fn new(source: &Source, tell: &'a (dyn Fn(Step) + Sync)) -> Result<Loading<'a>> {
        let loader = Loader::open(source)?;
        Ok(Loading { loader, tell })
    }

    /// Hears how many more rows of a stage are done. It is told on when that is to be seen: for each, a
    /// frame may be drawn.
    fn done(&self, stage: Stage) -> impl Fn(usize) + Sync {
        let done = AtomicUsize::new(0);
        let before: f32 = WEIGHTS[..stage as usize].iter().sum();
        let rows = self.loader.rows();
        #[expect(clippy::cast_precision_loss, reason = "a progress bar")]
        let whole = move |done: usize| before + done as f32 / rows as f32 * WEIGHTS[stage as usize];
        let steps = move |done: usize| (whole(done) * SHOWN).floor();
        move |more: usize| {
            let before = done.fetch_add(more, Ordering::Relaxed);
            let done = before + more;
            if steps(done) > steps(before) {
                (self.tell)(Step::Progress(whole(done)));
            }
        }
    }

    /// The hub of the first stage.
    fn names(&self, source: &Source) -> Result<Hub> {
        let models = self.loader.names(&self.done(Stage::Names))?;
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
        Ok(Hub {
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
        })
    }

    /// Loads on up to a stage, and tells the hub of each before it. While sense is made of what was
    /// read of one stage, the next is read.
    fn on(&self, mut hub: Hub, last: Stage) -> Result<Hub> {
        let after = |stage: Stage| stage.next().filter(|next| *next <= last);
        let Some(next) = after(hub.stage) else {
            return Ok(hub);
        };
        (self.tell)(Step::Usable(Box::new(hub.clone())));
        let mut read = Some(self.read(next)?);
        while let Some(columns) = read {
            let next = hub.stage.next().and_then(after);
            let take = || -> Result<()> {
                hub.take(columns)?;
                if next.is_some() {
                    (self.tell)(Step::Usable(Box::new(hub.clone())));
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

    fn read(&self, stage: Stage) -> Result<Read> {
        let (loader, done) = (&self.loader, self.done(stage));
        Ok(match stage {
            // Names are there before anything is taken in.
            Stage::Names | Stage::Lineage => {
                let (columns, bases) = loader.lineage(&done)?;
                Read::Lineage(columns, bases)
            }
            Stage::Fields => Read::Fields(loader.fields(&done)?),
            Stage::Complete => {
                let (columns, tags) = loader.tags(&done)?;
                Read::Tags(columns, tags)
            }
        })
    }
}

/// What a stage adds to a hub.
enum Read {
    Lineage(Columns, EdgeList),
    Fields(Columns),
    Tags(Columns, Tags),
}
