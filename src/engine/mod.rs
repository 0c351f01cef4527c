//! What the data says. Knows no terminal, prints nothing, reads no clock, and can be used as a
//! library: [`Hub::open`] is the way in.

pub mod cache;
pub mod data;
pub mod diff;
pub mod lineage;
pub mod search;
pub mod stats;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow, ensure};
use rustc_hash::FxHashMap;

use data::bases::Bases;
use data::bundle::Buffer;
use data::field::Field;
use data::identity::Identity;
use data::load::{Columns, Loader, Stage};
use data::models::{ModelId, Models};
use data::order::{Order, arrange};
use data::parquet::Parquet;
use data::record::{self, Record};
use data::set::ModelSet;
use data::source::Source;
use data::tags::Tags;
use diff::against::Against;
use lineage::copies::Copies;
use lineage::doubt::suspects;
use lineage::family::{self, Family};
use lineage::graph::{Graph, Node};
use lineage::siblings::Lineage;
use lineage::totals::Totals;
use search::Corpus;
use search::arena::Arena;

/// The models of a hub and what is derived from them. It does not change: each stage of loading
/// makes a new one, which shares the columns of the one before.
#[derive(Clone)]
pub struct Hub {
    pub source: Source,
    /// How much of it is loaded.
    pub stage: Stage,
    pub models: Models,
    /// Without edges before [`Stage::Lineage`].
    pub graph: Arc<Graph>,
    /// What families add up to; nothing before [`Stage::Lineage`].
    pub totals: Arc<Totals>,
    /// What is the same model in other files; nothing before [`Stage::Lineage`].
    pub copies: Arc<Copies>,
    /// Whose parameter count is suspect; nothing before [`Stage::Fields`].
    pub suspects: Arc<ModelSet>,
    pub arena: Arc<Arena>,
    /// None before [`Stage::Complete`].
    pub tags: Arc<Tags>,
    /// What changed since an older snapshot, where it is compared with one.
    pub against: Option<Arc<Against>>,
    /// All models, the most downloaded first.
    pub by_downloads: Buffer<ModelId>,
    newest: Option<i64>,
    /// The fields that the files have no column for.
    lacking: Vec<Field>,
    /// The files as they were before they were read; nothing for the built-in sample.
    identity: Option<Identity>,
    /// Nothing where the hub comes from the cache.
    files: Option<Arc<Parquet>>,
}

/// What [`Hub::open`] tells while it works.
pub enum Step {
    /// So much of the whole is done, from 0 to 1.
    Progress(f32),
    /// A hub that can be used already.
    Usable(Box<Hub>),
}

/// What each stage takes of the whole, about; only the progress bar depends on it.
const WEIGHTS: [f32; 4] = [0.1, 0.3, 0.1, 0.5];

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
            // Looked at first: what changes from here on is not what is read.
            let identity = Identity::of(source);
            let loading = Loading::new(source, tell)?;
            loading.on(loading.names(source, identity)?, stage)
        })
    }

    /// The models with what their families add up to, unless the files say nothing of families.
    fn with_totals(&self) -> Models {
        let models = self.models.clone();
        match self.lacks(Field::Relation) {
            true => models,
            false => self.copies.tell(self.totals.tell(models)),
        }
    }

    /// The same hub with all that later stages know.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub fn complete(&self) -> Result<Hub> {
        guarded(&self.source, || {
            self.files()?;
            Loading::new(&self.source, &|_| {})?.on(self.clone(), Stage::Complete)
        })
    }

    /// The node with this name, model or ghost.
    pub fn find(&self, name: &str) -> Option<Node> {
        self.models
            .find(name)
            .map(Node::from)
            .or_else(|| self.graph.ghost(name))
    }

    /// The nodes with these names, found in one pass.
    pub fn find_all(&self, names: &[&str]) -> Vec<Option<Node>> {
        let mut wanted: FxHashMap<&str, Option<ModelId>> = FxHashMap::default();
        wanted.extend(names.iter().map(|name| (*name, None)));
        let downloads = |model| self.models.number(Field::Downloads, model);
        for (model, id) in self.models.all().zip(self.models.ids()) {
            if let Some(found) = wanted.get_mut(id)
                && found.is_none_or(|found| downloads(model) > downloads(found))
            {
                *found = Some(model);
            }
        }
        let node = |name: &&str| match wanted[name] {
            Some(model) => Some(model.into()),
            None => self.graph.ghost(name),
        };
        names.iter().map(node).collect()
    }

    /// Whether its files are as they were when it was read.
    pub fn is_current(&self, source: &Source) -> bool {
        self.source == *source && self.identity == Identity::of(source)
    }

    /// The name of a node.
    pub fn name(&self, node: Node) -> &str {
        self.graph.name(node, &self.models)
    }

    /// Whether the files have no column for the field, or there is nothing to compare with.
    pub fn lacks(&self, field: Field) -> bool {
        let lacks = |field: Field| self.lacking.contains(&field);
        match field {
            Field::RecentShare => lacks(Field::Downloads) || lacks(Field::DownloadsAllTime),
            _ if field.is_compared() => !self.models.has(field),
            _ => lacks(field),
        }
    }

    /// Whether the field is to be listed among others: all are, but what compares with an older
    /// snapshot only where there is one.
    pub fn offers(&self, field: Field) -> bool {
        self.against.is_some() || !field.is_compared()
    }

    /// Every field that the files have no column for.
    pub fn lacking(&self) -> &[Field] {
        &self.lacking
    }

    /// The wide columns of a model, read from the files.
    ///
    /// # Errors
    /// When they cannot be read any more.
    pub fn record(&self, model: ModelId) -> Result<Record> {
        self.of_file(|files| record::read(files, model, self.tags.pages()))
    }

    /// The licence that a model's tags state, else its card. What [`Hub::record`] has besides takes
    /// longer to read.
    ///
    /// # Errors
    /// When the files cannot be read any more.
    pub fn license(&self, model: ModelId) -> Result<Option<String>> {
        match self.models.word(Field::License, model) {
            Some(license) => Ok(Some(license.to_owned())),
            None => self.of_file(|files| record::license(files, model, self.tags.pages())),
        }
    }

    fn of_file<T>(&self, read: impl FnOnce(&Parquet) -> Result<T>) -> Result<T> {
        let read = AssertUnwindSafe(|| read(&*self.files()?));
        catch_unwind(read).unwrap_or_else(|_| {
            Err(anyhow!(
                "{}: the file is damaged or has changed",
                self.source
            ))
        })
    }

    /// What trees are made from.
    pub fn lineage(&self) -> Lineage<'_> {
        Lineage {
            graph: &self.graph,
            models: &self.models,
            totals: &self.totals,
        }
    }

    /// What the family of a node adds up to.
    pub fn family(&self, node: Node) -> Family {
        family::family(&self.graph, &self.models, node)
    }

    /// What queries are asked of.
    pub fn corpus(&self) -> Corpus<'_> {
        Corpus {
            models: &self.models,
            graph: &self.graph,
            copies: &self.copies,
            suspects: &self.suspects,
            arena: &self.arena,
            tags: &self.tags,
            against: self.against.as_deref(),
            by_downloads: &self.by_downloads,
        }
    }

    /// Takes in what was read of the next stage, and what follows from it.
    fn take(&mut self, read: Read) -> Result<()> {
        let models = self.models.clone();
        match read {
            Read::Lineage(columns, bases) => {
                self.take_lineage(models.with_all(&columns)?, &bases);
            }
            Read::Fields(columns) => {
                self.models = models.with_all(&columns)?;
                let changes = self.models.numbers(Field::LastModified);
                self.newest = changes.and_then(|column| column.iter().flatten().max());
                self.suspects = Arc::new(suspects(&self.models, &self.graph));
                self.stage = Stage::Fields;
            }
            Read::Tags(columns, tags) => {
                self.models = models.with_all(&columns)?;
                self.tags = Arc::new(tags);
                self.stage = Stage::Complete;
            }
        }
        Ok(())
    }

    /// The graph of these bases, and all that follows from it.
    fn take_lineage(&mut self, models: Models, bases: &Bases) {
        let graph = Graph::new(&models, bases, &self.by_downloads);
        let (totals, copies) = rayon::join(
            || Totals::new(&graph, &models),
            || Copies::new(&graph, &models),
        );
        self.models = models;
        self.graph = Arc::new(graph);
        self.totals = Arc::new(totals);
        self.copies = Arc::new(copies);
        self.models = self.with_totals();
        self.stage = Stage::Lineage;
    }

    /// The files that the hub was read from.
    ///
    /// # Errors
    /// When they are not what they were.
    pub fn files(&self) -> Result<Arc<Parquet>> {
        if let Some(files) = &self.files {
            return Ok(files.clone());
        }
        let files = Parquet::open(&self.source)?;
        let same = Identity::of(&self.source) == self.identity && files.rows == self.models.len();
        ensure!(
            same,
            "{}: the file has changed since it was read",
            self.source
        );
        Ok(Arc::new(files))
    }

    /// The newest change that the data tells of, and so how old it is, in microseconds since 1970
    /// UTC; `None` before [`Stage::Fields`] or where the files have no such column.
    pub fn newest(&self) -> Option<i64> {
        self.newest
    }
}

/// Reads files; the parquet reader panics on some damaged ones.
fn guarded<T>(source: &Source, read: impl FnOnce() -> Result<T>) -> Result<T> {
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

    /// Hears how many more rows of a stage are done.
    fn done(&self, stage: Stage) -> impl Fn(usize) + Sync {
        let done = AtomicUsize::new(0);
        let before: f32 = WEIGHTS[..stage as usize].iter().sum();
        let rows = self.loader.rows();
        move |more: usize| {
            let done = done.fetch_add(more, Ordering::Relaxed) + more;
            #[expect(clippy::cast_precision_loss, reason = "a progress bar")]
            let part = done as f32 / rows as f32;
            (self.tell)(Step::Progress(before + part * WEIGHTS[stage as usize]));
        }
    }

    /// The hub of the first stage.
    fn names(&self, source: &Source, identity: Option<Identity>) -> Result<Hub> {
        let models = self.loader.names(&self.done(Stage::Names))?;
        let never = AtomicBool::new(false);
        let (arena, order) = rayon::join(
            || Arena::new(&models),
            || arrange(&models, Order::default(), models.par_all(), &never),
        );
        let lacking = data::field::FIELDS
            .iter()
            .map(|i| i.field)
            .filter(|f| !f.is_derived() && !self.loader.offers(*f))
            .collect();
        Ok(Hub {
            source: source.clone(),
            stage: Stage::Names,
            graph: Arc::new(Graph::without_edges(&models)),
            totals: Arc::default(),
            copies: Arc::default(),
            suspects: Arc::new(ModelSet::none(models.len())),
            tags: Arc::new(Tags::none(models.len())),
            against: None,
            models,
            arena: Arc::new(arena?),
            by_downloads: order.context("left off")?.into(),
            newest: None,
            lacking,
            identity,
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
    Lineage(Columns, Bases),
    Fields(Columns),
    Tags(Columns, Tags),
}
