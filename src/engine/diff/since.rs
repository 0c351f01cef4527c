//! Changes of a hub's models since an older snapshot: as a [`Comparison`] and a column of deltas,
//! and as lists of the models that changed most.

use rayon::prelude::*;

use super::change::{Change, Measure, NodeChange, TopChanges};
use super::fault::faults;
use super::join::{Join, NEW, OLD};
use crate::engine::lineage::graph::Node;
use crate::engine::source::Source;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::comparison::Comparison;
use crate::engine::table::field::Field;
use crate::engine::table::models::{ModelId, Models};

impl Join<'_> {
    /// The comparison of the new snapshot with the old one, which has this source and newest
    /// modification.
    pub fn comparison(&self, source: Source, newest: Option<i64>) -> Comparison {
        let [old, new] = self.sides;
        let mut added = ModelSet::none(new.models().len());
        let lone: Vec<Node> = self.unshared(NEW).collect();
        let lone = lone.into_iter().filter_map(|node| new.model(node));
        lone.for_each(|model| added.add(model));
        let renamed = self.shared().filter(|pair| self.is_renamed(*pair));
        let former =
            |pair: [Node; 2]| Some((new.model(pair[NEW])?, old.name(pair[OLD]).to_owned()));
        Comparison {
            source,
            newest,
            by_key: self.by_key,
            gone: self.unshared(OLD).count(),
            faults: faults(self),
            new: added,
            renamed: renamed.filter_map(former).collect(),
        }
    }

    /// The change of the downloads of every model of the new snapshot, in row order.
    pub fn deltas(&self) -> impl Iterator<Item = Option<i64>> {
        let [old, new] = self.sides;
        new.models().all().map(Node::from).map(move |after| {
            let before = self.counterpart(NEW, after)?;
            let (before, after) = (old.downloads(before), new.downloads(after));
            Change { before, after }.delta()
        })
    }
}

/// The models of a set that changed since an older snapshot.
pub struct ChangesSince {
    pub risen: TopChanges,
    pub fallen: TopChanges,
    pub new: TopChanges,
    /// The number of renamed models.
    pub renamed: usize,
}

impl ChangesSince {
    /// Lists at most `limit` models of each kind: the largest changes of downloads, and the most
    /// downloaded new models.
    pub fn of(models: &Models, comparison: &Comparison, set: &ModelSet, limit: usize) -> Self {
        let change = |model: ModelId| {
            let after = models.number(Field::Downloads, model);
            let delta = models.number(Field::Delta, model);
            let before = after.zip(delta).map(|(after, delta)| after - delta);
            NodeChange {
                before: None,
                after: Some(model.into()),
                change: Change { before, after },
            }
        };
        let all: Vec<ModelId> = set.iter().collect();
        let moved = |direction| {
            let changes = all.par_iter().map(|model| change(*model));
            let moved = changes.filter(|c| c.change.direction() == Some(direction));
            TopChanges::of(moved, Measure::Delta, limit)
        };
        let new = all.par_iter().filter(|model| comparison.is_new(**model));
        ChangesSince {
            risen: moved(1),
            fallen: moved(-1),
            new: TopChanges::of(new.map(|model| change(*model)), Measure::Now, limit),
            renamed: comparison.renamed.keys().filter(|m| set.has(**m)).count(),
        }
    }
}
