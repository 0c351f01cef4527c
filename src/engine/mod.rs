//! What the data says. Knows no terminal, prints nothing, reads no clock, and can be used as a
//! library: [`Hub::open`] is the way in.

pub mod cache;
pub mod diff;
pub mod lineage;
pub mod load;
pub mod parquet;
pub mod persist;
pub mod query;
pub mod search;
pub mod source;
pub mod stats;
pub mod table;
pub mod tags;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use anyhow::{Result, anyhow, ensure};
use rustc_hash::FxHashMap;

use crate::engine::cache::archive::Buffer;
pub use crate::engine::load::Step;
use crate::engine::parquet::files::Files;
use crate::engine::parquet::record;
use crate::engine::parquet::record::Record;
use crate::engine::search::index::IdIndex;
use crate::engine::source::Source;
use crate::engine::source::fingerprint::Fingerprint;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models};
use crate::engine::table::stage::Stage;
use crate::engine::tags::Tags;
use diff::against::Against;
use lineage::family::{self, Family};
use lineage::graph::{Graph, Node};
use lineage::quantizations::Quantizations;
use lineage::rollup::Rollup;
use lineage::view::LineageView;
use search::Corpus;

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
    pub rollup: Arc<Rollup>,
    /// What is the same model in other files; nothing before [`Stage::Lineage`].
    pub quantizations: Arc<Quantizations>,
    /// Whose parameter count is suspect; nothing before [`Stage::Fields`].
    pub suspects: Arc<ModelSet>,
    pub id_index: Arc<IdIndex>,
    /// None before [`Stage::Complete`].
    pub tags: Arc<Tags>,
    /// What changed since an older snapshot, where it is compared with one.
    pub against: Option<Arc<Against>>,
    /// All models, the most downloaded first.
    pub by_downloads: Buffer<ModelId>,
    newest: Option<i64>,
    /// The fields that the files have no column for.
    lacking: Vec<Field>,
    /// Of the files, when they were opened; `None` for the built-in sample.
    fingerprint: Option<Fingerprint>,
    /// `None` where the hub comes from the cache.
    files: Option<Arc<Files>>,
}

impl Hub {
    /// The models with what their families add up to, unless the files say nothing of families.
    fn with_totals(&self) -> Models {
        let models = self.models.clone();
        match self.lacks(Field::Relation) {
            true => models,
            false => self
                .quantizations
                .add_fields(self.rollup.add_fields(models)),
        }
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
        self.source == *source && self.fingerprint == Fingerprint::of(source)
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
        self.of_file(|files| record::read(files, model, self.tags.first_rows()))
    }

    /// The licence that a model's tags state, else its card. What [`Hub::record`] has besides takes
    /// longer to read.
    ///
    /// # Errors
    /// When the files cannot be read any more.
    pub fn license(&self, model: ModelId) -> Result<Option<String>> {
        match self.models.word(Field::License, model) {
            Some(license) => Ok(Some(license.to_owned())),
            None => self.of_file(|files| record::license(files, model, self.tags.first_rows())),
        }
    }

    fn of_file<T>(&self, read: impl FnOnce(&Files) -> Result<T>) -> Result<T> {
        let read = AssertUnwindSafe(|| read(&*self.files()?));
        catch_unwind(read).unwrap_or_else(|_| {
            Err(anyhow!(
                "{}: the file is damaged or has changed",
                self.source
            ))
        })
    }

    /// What trees are made from.
    pub fn lineage(&self) -> LineageView<'_> {
        LineageView {
            graph: &self.graph,
            models: &self.models,
            rollup: &self.rollup,
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
            quantizations: &self.quantizations,
            suspects: &self.suspects,
            index: &self.id_index,
            tags: &self.tags,
            against: self.against.as_deref(),
            by_downloads: &self.by_downloads,
        }
    }

    /// The files that the hub was read from.
    ///
    /// # Errors
    /// When they are not what they were.
    pub fn files(&self) -> Result<Arc<Files>> {
        if let Some(files) = &self.files {
            return Ok(files.clone());
        }
        let files = Files::open(&self.source)?;
        self.require_same(&files)?;
        Ok(Arc::new(files))
    }

    /// # Errors
    /// When these are not the files that the hub was read from.
    fn require_same(&self, files: &Files) -> Result<()> {
        let same = files.fingerprint() == self.fingerprint && files.rows == self.models.len();
        ensure!(
            same,
            "{}: the file has changed since it was read",
            self.source
        );
        Ok(())
    }

    /// The newest change that the data tells of, and so how old it is, in microseconds since 1970
    /// UTC; `None` before [`Stage::Fields`] or where the files have no such column.
    pub fn newest(&self) -> Option<i64> {
        self.newest
    }
}
