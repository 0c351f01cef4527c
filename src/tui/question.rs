//! What the explorer asks of the engine, and the answers. Answering touches no thread and no
//! clock: the worker does it beside the explorer, tests and `screen` do it in place.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::engine::Hub;
use crate::engine::data::field::Field;
use crate::engine::data::load::Stage;
use crate::engine::data::models::ModelId;
use crate::engine::data::record::Record;
use crate::engine::lineage::family::Family;
use crate::engine::lineage::graph::Node;
use crate::engine::search::matcher::{Hits, search};
use crate::engine::search::rank::{Order, arrange};
use crate::engine::stats::histogram::{Histogram, histogram};

/// Questions of one lane replace each other: only the newest is worth answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    Search,
    Family,
    Record,
    Histogram,
}

impl Lane {
    /// All of them.
    pub const ALL: [Lane; 4] = [Lane::Search, Lane::Family, Lane::Record, Lane::Histogram];

    /// Whether its answers come from memory. A record comes from the file, and only when the
    /// cursor rests.
    pub fn is_quick(self) -> bool {
        self != Lane::Record
    }
}

/// Something to find out.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    Search { text: String, order: Order },
    Family(Node),
    Record(ModelId),
    Histogram(Field),
}

impl Query {
    /// The lane it belongs to.
    pub fn lane(&self) -> Lane {
        match self {
            Query::Search { .. } => Lane::Search,
            Query::Family(_) => Lane::Family,
            Query::Record(_) => Lane::Record,
            Query::Histogram(_) => Lane::Histogram,
        }
    }
}

/// A query, the hub it is about, and a number by which its answer is known.
#[derive(Clone)]
pub struct Question {
    pub stamp: u64,
    pub hub: Arc<Hub>,
    pub query: Query,
}

/// What was found out.
pub enum Finding {
    Hits(Hits),
    Family(Family),
    Record(Result<Record, String>),
    Histogram(Histogram),
}

/// The answer to the question with this stamp.
pub struct Answer {
    pub stamp: u64,
    pub lane: Lane,
    pub finding: Finding,
}

/// Answers questions; remembers the orders that lists were sorted in.
#[derive(Default)]
pub struct Clerk {
    stage: Option<Stage>,
    orders: HashMap<Order, Arc<[ModelId]>>,
}

impl Clerk {
    /// Finds it out; `None` when `stop` was set meanwhile.
    pub fn answer(&mut self, question: &Question, stop: &AtomicBool) -> Option<Answer> {
        let hub = &question.hub;
        let finding = match &question.query {
            Query::Search { text, order } => {
                let order = self.order(hub, *order);
                Finding::Hits(search(&hub.models, &hub.arena, text, &order, stop)?)
            }
            Query::Family(node) => Finding::Family(hub.family(*node)),
            Query::Record(model) => {
                Finding::Record(hub.record(*model).map_err(|e| format!("{e:#}")))
            }
            Query::Histogram(field) => Finding::Histogram(histogram(&hub.models, *field)),
        };
        Some(Answer {
            stamp: question.stamp,
            lane: question.query.lane(),
            finding,
        })
    }

    fn order(&mut self, hub: &Hub, order: Order) -> Arc<[ModelId]> {
        if order == Order::default() {
            return hub.by_downloads.clone();
        }
        // What was not loaded at an earlier stage could not be sorted by.
        if self.stage.replace(hub.stage) != Some(hub.stage) {
            self.orders.clear();
        }
        self.orders
            .entry(order)
            .or_insert_with(|| arrange(&hub.models, order).into())
            .clone()
    }
}
