//! The models of a hub with their indexes: the facade of the engine.

use std::sync::Arc;

use anyhow::{Result, ensure};
use rustc_hash::FxHashMap;

use crate::engine::cache::archive::Buffer;
use crate::engine::diff::join::{Join, Snapshot};
use crate::engine::guard::guarded;
use crate::engine::lineage::family::{self, Family};
use crate::engine::lineage::graph::{Graph, Node};
use crate::engine::lineage::quantizations::Quantizations;
use crate::engine::lineage::rollup::Rollup;
use crate::engine::lineage::view::LineageView;
use crate::engine::parquet::files::Files;
use crate::engine::parquet::keys::Keys;
use crate::engine::parquet::record;
use crate::engine::parquet::record::Record;
use crate::engine::query::reference::id_of_address;
use crate::engine::search::index::IdIndex;
use crate::engine::search::{Corpus, filters};
use crate::engine::source::Source;
use crate::engine::source::fingerprint::Fingerprint;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::comparison::Comparison;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models};
use crate::engine::table::stage::Stage;
use crate::engine::tags::Tags;

/// The models of a hub and their indexes. A hub is immutable: each stage of loading makes a new
/// one, which shares the columns of the one before.
#[derive(Clone)]
pub struct Hub {
    pub source: Source,
    /// The last stage that is loaded.
    pub stage: Stage,
    pub models: Models,
    /// The lineage graph; without edges before [`Stage::Lineage`].
    pub graph: Arc<Graph>,
    /// Family totals; empty before [`Stage::Lineage`].
    pub rollup: Arc<Rollup>,
    /// Quantizations and mirrors by their originals; empty before [`Stage::Lineage`].
    pub quantizations: Arc<Quantizations>,
    /// The models with a suspect parameter count; empty before [`Stage::Fields`].
    pub suspects: Arc<ModelSet>,
    pub id_index: Arc<IdIndex>,
    /// The inverted index of tags; empty before [`Stage::Complete`].
    pub tags: Arc<Tags>,
    /// The comparison with an older snapshot, if there is one.
    pub comparison: Option<Arc<Comparison>>,
    /// All models, the most downloaded first.
    pub by_downloads: Buffer<ModelId>,
    pub(super) newest: Option<i64>,
    /// The fields without a value in the files, as far as they are loaded.
    pub(super) lacking: Vec<Field>,
    /// Of the files, when they were opened; `None` for the built-in sample.
    pub(super) fingerprint: Option<Fingerprint>,
    /// `None` where the hub is from the cache.
    pub(super) files: Option<Arc<Files>>,
}

impl Hub {
    /// Returns the models with family totals, unless the files state no lineage.
    pub(super) fn with_totals(&self) -> Models {
        let models = self.models.clone();
        match self.lacks(Field::Relation) {
            true => models,
            false => self
                .quantizations
                .add_fields(self.rollup.add_fields(models)),
        }
    }

    /// Returns the node of this name, a model or a ghost; of an address of the Hub, the one that it names;
    /// else the most downloaded model whose id differs in case only.
    pub fn find(&self, name: &str) -> Option<Node> {
        let of_address = id_of_address(name);
        let name = of_address.as_deref().unwrap_or(name);
        let exact = self.models.find(name).map(Node::from);
        let exact = exact.or_else(|| self.graph.ghost(name));
        exact.or_else(|| filters::node(self.corpus(), name))
    }

    /// Returns the nodes of these names, found in one pass.
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

    /// Returns true if its files are unchanged since it was read.
    pub fn is_current(&self, source: &Source) -> bool {
        self.source == *source && self.fingerprint == Fingerprint::of(source)
    }

    /// Returns the name of a node.
    pub fn name(&self, node: Node) -> &str {
        self.graph.name(node, &self.models)
    }

    /// Returns true if the files have no value for the field, or there is no snapshot to compare
    /// with.
    pub fn lacks(&self, field: Field) -> bool {
        let lacks = |field: &Field| self.lacking.contains(field);
        match field.sources() {
            _ if field.is_compared() => !self.models.has(field),
            [] => lacks(&field),
            sources => sources.iter().any(lacks),
        }
    }

    /// Returns true if the field is listed among others: comparisons with an older snapshot only
    /// where there is one.
    pub fn offers(&self, field: Field) -> bool {
        self.comparison.is_some() || !field.is_compared()
    }

    /// The fields without a value in the files, as far as they are loaded.
    pub fn lacking(&self) -> &[Field] {
        &self.lacking
    }

    /// Reads the wide columns of a model from the files.
    ///
    /// # Errors
    /// When they cannot be read any more.
    pub fn record(&self, model: ModelId) -> Result<Record> {
        self.of_files(|files| record::read(files, model, self.tags.first_rows()))
    }

    /// Reads from the files of the hub.
    ///
    /// # Errors
    /// As [`Hub::files`] and `read`; when they are damaged.
    pub fn of_files<T>(&self, read: impl FnOnce(&Files) -> Result<T>) -> Result<T> {
        guarded(&self.source, || read(&*self.files()?))
    }

    /// The view that lineage trees are built from.
    pub fn lineage(&self) -> LineageView<'_> {
        LineageView {
            graph: &self.graph,
            models: &self.models,
            rollup: &self.rollup,
        }
    }

    /// This hub as one side of a comparison, with the keys of its models.
    pub fn snapshot<'h>(&'h self, keys: Option<&'h Keys>) -> Snapshot<'h> {
        Snapshot {
            lineage: self.lineage(),
            keys,
        }
    }

    /// Returns this hub with its changes since an older snapshot: [`Field::Delta`],
    /// [`Field::Growth`], and the models that are new or renamed. Both are loaded to
    /// [`Stage::Lineage`] or further.
    ///
    /// # Errors
    /// When the files of either have changed or are damaged.
    pub fn compared(&self, old: &Hub) -> Result<Hub> {
        let keys = |hub: &Hub| hub.of_files(Keys::read);
        let [before, after] = [keys(old)?, keys(self)?];
        let join = Join::new(old.snapshot(before.as_ref()), self.snapshot(after.as_ref()));
        let comparison = join.comparison(old.source.clone(), old.newest);
        Ok(Hub {
            models: self.models.clone().with_deltas(join.deltas()),
            comparison: Some(Arc::new(comparison)),
            ..self.clone()
        })
    }

    /// Returns the totals of a node's family.
    pub fn family(&self, node: Node) -> Family {
        family::family(&self.graph, &self.models, node)
    }

    /// The parts that queries search.
    pub fn corpus(&self) -> Corpus<'_> {
        Corpus {
            models: &self.models,
            graph: &self.graph,
            quantizations: &self.quantizations,
            suspects: &self.suspects,
            index: &self.id_index,
            tags: &self.tags,
            comparison: self.comparison.as_deref(),
            newest: self.newest,
            by_downloads: &self.by_downloads,
        }
    }

    /// Returns the files that the hub was read from.
    ///
    /// # Errors
    /// When they are not what they were.
    pub fn files(&self) -> Result<Arc<Files>> {
        if let Some(files) = &self.files {
            return Ok(files.clone());
        }
        // A file that is being written says nothing of its own.
        ensure!(self.is_current(&self.source), self.changed());
        let files = Files::open(&self.source)?;
        self.require_same(&files)?;
        Ok(Arc::new(files))
    }

    /// # Errors
    /// When these are not the files that the hub was read from.
    pub(super) fn require_same(&self, files: &Files) -> Result<()> {
        let same = files.fingerprint() == self.fingerprint && files.rows == self.models.len();
        ensure!(same, self.changed());
        Ok(())
    }

    fn changed(&self) -> String {
        format!("{}: the file has changed since it was read", self.source)
    }

    /// Returns the latest modification of any model, which dates the snapshot, in microseconds
    /// since 1970 UTC; `None` before [`Stage::Fields`] or without such a column.
    pub fn newest(&self) -> Option<i64> {
        self.newest
    }
}
