//! A hub whose models know what changed since an older snapshot: how many more downloads they have,
//! whether they are new, what they were named. Only that is kept, and nothing else of the older
//! snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use rayon::prelude::*;

use super::change::{Change, Entry, List, Measure};
use super::join::{Pairs, Side};
use super::nodes;
use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::load::guarded;
use crate::engine::parquet::keys::Keys;
use crate::engine::source::Source;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;

/// What is known of an older snapshot, beside the fields that compare with it.
pub struct Against {
    pub source: Source,
    /// How old it is, as [`Hub::newest`].
    pub newest: Option<i64>,
    /// Whether renamed models were followed.
    pub by_key: bool,
    /// How many of its models are there no more.
    pub gone: usize,
    new: ModelSet,
    renamed: BTreeMap<ModelId, String>,
}

impl Against {
    /// Compares an older snapshot with a newer one, both loaded to their lineage or further.
    fn new(old: &Hub, new: &Hub, pairs: &Pairs) -> Against {
        let before = |model: ModelId| old.graph.model(pairs.before(model.into())?);
        let is_new = |model: ModelId| before(model).is_none() && !pairs.repeated[1].has(model);
        let was = |model: ModelId| {
            let was = old.models.id(before(model)?);
            (was != new.models.id(model)).then(|| (model, was.to_owned()))
        };
        let is_gone = |node: &Node| {
            let after = pairs.after(*node);
            after.is_none_or(|after| new.graph.model(after).is_none())
        };
        let mut added = ModelSet::none(new.models.len());
        let found = new.models.all().filter(|model| is_new(*model));
        found.for_each(|model| added.add(model));
        Against {
            source: old.source.clone(),
            newest: old.newest(),
            by_key: pairs.by_key,
            gone: nodes(old, &pairs.repeated[0]).filter(is_gone).count(),
            new: added,
            renamed: new.models.all().filter_map(was).collect(),
        }
    }

    /// Whether a model was not there before.
    pub fn is_new(&self, model: ModelId) -> bool {
        self.new.has(model)
    }

    /// What a model was named, where that was another name.
    pub fn was(&self, model: ModelId) -> Option<&str> {
        self.renamed.get(&model).map(String::as_str)
    }
}

/// How a model changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// It has more downloads.
    Risen,
    /// It has fewer.
    Fallen,
    /// It was not there.
    New,
    /// It had another name.
    Renamed,
}

impl Hub {
    /// The models of a set that changed so since the older snapshot, and the first of them: by how
    /// much, new and renamed ones by their downloads. None without an older snapshot.
    pub fn since(&self, since: Since, set: &ModelSet, limit: usize) -> List {
        let Some(against) = &self.against else {
            return List::default();
        };
        let entry = |model: ModelId| {
            let number = |field| self.models.number(field, model);
            let (after, delta) = (number(Field::Downloads), number(Field::Delta));
            let before = after.zip(delta).map(|(after, delta)| after - delta);
            let change = Change { before, after };
            let changed = match since {
                Since::Risen => change.direction() == Some(1),
                Since::Fallen => change.direction() == Some(-1),
                Since::New => against.is_new(model),
                Since::Renamed => against.was(model).is_some(),
            };
            changed.then_some(Entry {
                before: None,
                after: Some(model.into()),
                change,
            })
        };
        let measure = match since {
            Since::Risen | Since::Fallen => Measure::Delta,
            Since::New | Since::Renamed => Measure::Now,
        };
        let models: Vec<ModelId> = set.iter().collect();
        List::of(models.into_par_iter().filter_map(entry), measure, limit)
    }

    /// The same hub with what changed since an older snapshot: [`Field::Delta`], [`Field::Growth`],
    /// and which models are new or renamed. Both are loaded to their lineage or further.
    ///
    /// # Errors
    /// When the files of either cannot be read any more.
    pub fn compared(&self, old: &Hub) -> Result<Hub> {
        let keys = |hub: &Hub| guarded(&hub.source, || Keys::read(&*hub.files()?));
        let keys = [keys(old)?, keys(self)?];
        let side = |hub, at: usize| Side {
            hub,
            keys: keys[at].as_ref(),
        };
        let pairs = Pairs::new(side(old, 0), side(self, 1));
        let downloads = |hub: &Hub, model| hub.models.number(Field::Downloads, model);
        let delta = |model: ModelId| {
            let before = old.graph.model(pairs.before(model.into())?)?;
            let change = Change {
                before: downloads(old, before),
                after: downloads(self, model),
            };
            change.delta()
        };
        let deltas = self.models.all().map(delta);
        Ok(Hub {
            models: self.models.clone().with_deltas(deltas),
            against: Some(Arc::new(Against::new(old, self, &pairs))),
            ..self.clone()
        })
    }
}
