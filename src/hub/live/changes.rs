//! The values of a model in the snapshot beside those that the Hub has now.

use serde::{Serialize, Serializer};

use super::LiveModel;
use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::models::billionths;
use crate::present::{figures, format};

/// A known value.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveValue {
    Number(i64),
    Score(f64),
    /// In microseconds since 1970 UTC.
    Time(i64),
    Text(String),
    Names(Vec<String>),
}

/// A value of a model then, in the snapshot, and now.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueChange {
    /// The name in JSON.
    pub key: &'static str,
    /// The name on the screen.
    pub title: &'static str,
    kind: Kind,
    /// False where the snapshot has no such value for any model.
    is_in_snapshot: bool,
    pub then: Option<LiveValue>,
    pub now: Option<LiveValue>,
}

impl Serialize for LiveValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            LiveValue::Number(number) => serializer.serialize_i64(*number),
            LiveValue::Score(score) => serializer.serialize_f64(*score),
            LiveValue::Time(micros) => format::rfc3339(*micros).serialize(serializer),
            LiveValue::Text(text) => serializer.serialize_str(text),
            LiveValue::Names(names) => names.serialize(serializer),
        }
    }
}

/// Returns the values of a model then and now, in the order of the fields; `node` is the model in the
/// snapshot, if it is there.
pub fn changes(hub: &Hub, node: Option<Node>, live: &LiveModel) -> Vec<ValueChange> {
    let model = node.and_then(|node| hub.graph.model(node));
    let is_known = |field: Field| match field {
        // A total of the lineage.
        Field::Children => !hub.lacks(Field::Relation),
        field => !hub.lacks(field),
    };
    let field = |field: Field, now: Option<LiveValue>| {
        let info = field.info();
        let number = || hub.models.number(field, model?);
        ValueChange {
            key: info.key,
            title: info.title,
            kind: info.kind,
            // Without a model, there is nothing that could have changed.
            is_in_snapshot: model.is_some() && is_known(field),
            then: match info.kind {
                Kind::Score => model
                    .and_then(|model| hub.models.score(field, model))
                    .map(LiveValue::Score),
                Kind::Time => number().map(LiveValue::Time),
                _ => number().map(LiveValue::Number),
            },
            now,
        }
    };
    let lineage = |key, title, then: Option<LiveValue>, now: LiveValue| ValueChange {
        key,
        title,
        kind: Kind::Text,
        is_in_snapshot: model.is_some() && is_known(Field::Relation),
        then,
        now: Some(now),
    };
    let only_now = |key, title, kind, now| ValueChange {
        key,
        title,
        kind,
        is_in_snapshot: false,
        then: None,
        now,
    };
    let number = |number: Option<i64>| number.map(LiveValue::Number);
    let text = |text: Option<&str>| LiveValue::Text(text.unwrap_or_default().to_owned());
    let bases = model.map(|model| LiveValue::Names(names_of_bases(hub, model.into())));
    let relation = model.map(|model| text(relation_of(hub, model.into())));
    // A model that names itself has no base by that.
    let mut now = live.bases.clone();
    now.retain(|base| *base != live.id && Some(&**base) != model.map(|model| hub.models.id(model)));
    let relation_now = live.relation.as_deref().filter(|_| !now.is_empty());
    vec![
        field(Field::Downloads, number(live.downloads)),
        field(Field::DownloadsAllTime, number(live.downloads_all_time)),
        field(Field::Likes, number(live.likes)),
        field(
            Field::TrendingScore,
            live.trending_score.map(LiveValue::Score),
        ),
        field(Field::Params, number(live.params)),
        field(Field::LastModified, live.last_modified.map(LiveValue::Time)),
        lineage("relation", "relation", relation, text(relation_now)),
        lineage("bases", "bases", bases, LiveValue::Names(sorted(now))),
        field(Field::Children, number(live.children)),
        only_now(
            "gated",
            "gated",
            Kind::Word,
            live.gated.clone().map(LiveValue::Text),
        ),
        only_now(
            "context_length",
            "context",
            Kind::Count,
            number(live.context_length),
        ),
        only_now(
            "used_storage",
            "storage",
            Kind::Bytes,
            number(live.used_storage),
        ),
    ]
}

impl ValueChange {
    /// Returns true if the Hub states another value than the snapshot.
    pub fn is_change(&self) -> bool {
        let seconds = |value: &Option<LiveValue>| match value {
            // Writers keep times in seconds, milliseconds or microseconds.
            Some(LiveValue::Time(micros)) => Some(LiveValue::Time(micros.div_euclid(1_000_000))),
            value => value.clone(),
        };
        self.is_in_snapshot && self.now.is_some() && seconds(&self.then) != seconds(&self.now)
    }

    /// Returns the value in the snapshot as text; `None` where it is unknown or empty.
    pub fn then(&self) -> Option<String> {
        self.text(self.then.as_ref()?)
    }

    /// Returns the value that the Hub has now as text; `None` where it is unknown or empty.
    pub fn now(&self) -> Option<String> {
        self.text(self.now.as_ref()?)
    }

    /// Returns the difference of two numbers.
    pub fn delta(&self) -> Option<i64> {
        match (&self.then, &self.now) {
            (Some(LiveValue::Number(then)), Some(LiveValue::Number(now))) => {
                Some(now.saturating_sub(*then))
            }
            _ => None,
        }
    }

    fn text(&self, value: &LiveValue) -> Option<String> {
        match value {
            LiveValue::Number(number) if self.kind == Kind::Bytes => Some(format::bytes(*number)),
            LiveValue::Number(number) => Some(format::grouped(*number)),
            LiveValue::Score(score) => Some(score.to_string()),
            LiveValue::Time(micros) => Some(format::day(*micros)),
            LiveValue::Text(text) => (!text.is_empty()).then(|| text.clone()),
            LiveValue::Names(names) => (!names.is_empty()).then(|| names.join(", ")),
        }
    }

    /// Returns the change as text: the difference of two numbers with its share, or the value in the
    /// snapshot; `None` without a change.
    pub fn difference(&self) -> Option<String> {
        if !self.is_change() {
            return None;
        }
        let Some((delta, LiveValue::Number(then))) = self.delta().zip(self.then.as_ref()) else {
            return Some(match self.then() {
                Some(then) => format!("was {then}"),
                None => "was unknown".to_owned(),
            });
        };
        let signed = format::signed(delta, format::grouped(delta));
        let growth = billionths(delta, *then).map(|share| figures::in_short(Field::Growth, share));
        Some(growth.map_or_else(|| signed.clone(), |growth| format!("{signed}, {growth}")))
    }
}

/// Returns the names of the base models, sorted.
fn names_of_bases(hub: &Hub, node: Node) -> Vec<String> {
    let bases = hub.graph.distinct_bases(node);
    sorted(bases.map(|base| hub.name(base).to_owned()).collect())
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names.dedup();
    names
}

/// Returns the relation to the first base that has one.
fn relation_of(hub: &Hub, node: Node) -> Option<&str> {
    let mut bases = hub.graph.distinct_bases(node);
    bases.find_map(|base| hub.graph.relation(node, base))
}
