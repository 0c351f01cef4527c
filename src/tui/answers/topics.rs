//! The table of questions, from which lanes and findings follow.

use std::sync::Arc;

use crate::engine::Hub;
use crate::engine::history::curve::CurvePoint;
use crate::engine::lineage::family::Family;
use crate::engine::lineage::graph::Node;
use crate::engine::parquet::record::Record;
use crate::engine::parquet::schema::Schema;
use crate::engine::query::ast::Query;
use crate::engine::query::keys::FilterKey;
use crate::engine::query::partial::Partial;
use crate::engine::search::completions::Completion;
use crate::engine::search::facets::FacetValue;
use crate::engine::search::hits::{Completeness, Hits};
use crate::engine::search::relax::Relaxation;
use crate::engine::stats::density::Density;
use crate::engine::stats::histogram::{Binning, Histogram};
use crate::engine::stats::percentile::PercentileRank;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::field::Field;
use crate::engine::table::models::ModelId;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::hub::LiveModel;
use crate::present::report::Section;

/// A set of models; `None` for all of them.
pub type Scope = Option<Arc<ModelSet>>;

/// Declares [`Topic`], [`Finding`] and [`Lane`] from one list: a question with its parts, the
/// answer, and `true` if that arrives within a frame, so that one may wait for it.
macro_rules! topics {
    ($($(#[doc = $doc:literal])+ $name:ident $(($($part:ty),+))? => $answer:ty, $quick:literal;)*) => {
        /// A question.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Topic {
            $($(#[doc = $doc])+ $name $(($($part),+))?,)*
        }

        /// The answer to a question of the same name.
        #[derive(Clone)]
        pub enum Finding {
            $($name($answer),)*
        }

        /// Questions of one lane replace each other: only the newest is answered.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Lane {
            $($name,)*
        }

        impl Lane {
            pub const ALL: [Lane; [$(Lane::$name),*].len()] = [$(Lane::$name),*];

            /// Returns true if answers arrive within a frame.
            pub fn is_quick(self) -> bool {
                match self {
                    $(Lane::$name => $quick,)*
                }
            }
        }

        impl Topic {
            /// Returns the lane of the question.
            pub fn lane(&self) -> Lane {
                match self {
                    $(Topic::$name { .. } => Lane::$name,)*
                }
            }
        }

        impl Finding {
            /// Returns the lane of the question that it answers.
            pub fn lane(&self) -> Lane {
                match self {
                    $(Finding::$name(_) => Lane::$name,)*
                }
            }
        }
    };
}

topics! {
    /// The models that match a query, in an order.
    Search(Query, Order) => Hits, true;
    /// What a query would find without each of its filters.
    Relaxed(Query) => Vec<Relaxation>, true;
    /// The totals of the family of a node.
    Family(Node) => Family, true;
    /// The wide columns of a model; read from the file.
    Record(ModelId) => Result<Arc<Record>, String>, false;
    /// The histogram of a field over all models, and over some.
    Histogram(Field, Binning, Scope) => (Histogram, Option<Histogram>), true;
    /// The percentile rank of a model in a field, among some models; `None` where its value is
    /// unknown.
    Rank(Field, ModelId, Scope) => (ModelId, Option<PercentileRank>), true;
    /// The tables of the report, or the whole table of a title. Authors are numbered the first
    /// time.
    Statistics(Option<String>, Scope) => (Option<String>, Vec<Section>), false;
    /// The two-dimensional histogram of two fields.
    Density([Field; 2], Scope) => Density, true;
    /// The columns of the files; false while nulls and samples are missing.
    Schema => (Result<Schema, String>, bool), false;
    /// The words that complete a partial one in a query.
    Completions(Partial, Query) => (Partial, Vec<Completion>), true;
    /// The values of a filter that the models of a query have.
    Facet(FilterKey, Query) => (FilterKey, Vec<FacetValue>), true;
    /// The models of a set and all their ancestors.
    Ancestors(Arc<ModelSet>) => Arc<ModelSet>, true;
    /// A node as the Hub describes it now, asked over the network.
    Live(Node) => (Node, Result<Arc<LiveModel>, String>), false;
    /// The curves of nodes over the history, or those of their families.
    Curves(Vec<Node>, bool) => ((Vec<Node>, bool), Result<Arc<Vec<Vec<CurvePoint>>>, String>), false;
    /// The model card of a node, asked over the network.
    Card(Node) => (Node, Result<Arc<str>, String>), false;
}

impl Topic {
    /// Returns true if the hubs of later stages, which know more of the same models, have the same
    /// answer.
    pub fn is_settled(&self, stage: Stage) -> bool {
        match self {
            Topic::Search(query, order) => query.filters.is_empty() && *order == Order::default(),
            Topic::Histogram(field, ..) | Topic::Rank(field, ..) => {
                stage >= Stage::of(*field) && !field.is_compared()
            }
            _ => false,
        }
    }
}

/// A topic, the hub that it is about, and the stamp of its answer.
#[derive(Clone)]
pub struct Question {
    pub stamp: u64,
    pub hub: Arc<Hub>,
    pub topic: Topic,
}

/// The answer to the question with this stamp.
pub struct Answer {
    pub stamp: u64,
    pub finding: Finding,
}

impl Answer {
    /// Returns true if a more complete answer follows.
    pub fn is_partial(&self) -> bool {
        match &self.finding {
            Finding::Search(hits) => hits.completeness < Completeness::Complete,
            Finding::Schema((_, is_whole)) => !is_whole,
            _ => false,
        }
    }
}
