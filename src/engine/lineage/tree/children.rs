//! The children of a node as lists: filtered, sorted and grouped. Lists are cached, as rows are laid out
//! anew after every key.

use std::cmp::Reverse;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::engine::lineage::graph::Node;
use crate::engine::lineage::view::LineageView;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::edge_list::RelationCode;
use crate::engine::table::field::Field;
use crate::engine::table::order::Order;

/// The order, grouping and filter of children.
#[derive(Clone)]
pub struct TreeOptions {
    pub order: Order,
    /// True if children are grouped by relation.
    pub grouped: bool,
    /// The only models that are listed, if not all are.
    pub filter: Option<Arc<ModelSet>>,
}

impl TreeOptions {
    /// The largest families first.
    pub const DEFAULT_ORDER: Order = Order::by(Field::FamilyDownloads, false);

    /// Returns whether a node passes the filter; a ghost does if one of its children does.
    fn shows(&self, lineage: LineageView, node: Node) -> bool {
        let Some(filter) = &self.filter else {
            return true;
        };
        let passes = |node| lineage.graph.model(node).map(|model| filter.has(model));
        passes(node).unwrap_or_else(|| {
            let mut children = lineage.graph.children(node).iter();
            children.any(|child| passes(*child) == Some(true))
        })
    }
}

impl Default for TreeOptions {
    fn default() -> TreeOptions {
        TreeOptions {
            order: TreeOptions::DEFAULT_ORDER,
            grouped: false,
            filter: None,
        }
    }
}

/// The listed children of a node, or the listed roots.
pub(super) struct ChildList {
    /// The nodes in order, group by group.
    pub nodes: Vec<Node>,
    /// The relation and size of each group, the largest first; at most one where there are no groups.
    pub groups: Vec<(RelationCode, usize)>,
    /// The number of children that the filter hides.
    pub hidden: usize,
}

impl ChildList {
    /// Lists the children of a node; the roots if there is none.
    fn new(lineage: LineageView, options: &TreeOptions, base: Option<Node>) -> ChildList {
        let all = match base {
            Some(base) => lineage.graph.children(base),
            None => &lineage.rollup.roots,
        };
        let shown = all.iter().copied();
        let shown: Vec<Node> = shown.filter(|node| options.shows(lineage, *node)).collect();
        let hidden = all.len() - shown.len();
        let mut nodes = lineage.sorted(options.order, shown);
        let mut groups = Vec::new();
        if let Some(base) = base.filter(|_| options.grouped) {
            let relation = |child: &Node| lineage.graph.relation_code(*child, base);
            let mut sizes: FxHashMap<RelationCode, usize> = FxHashMap::default();
            for code in nodes.iter().filter_map(relation) {
                *sizes.entry(code).or_default() += 1;
            }
            let rank = |code: &RelationCode| (Reverse(sizes[code]), *code);
            nodes.sort_by_cached_key(|child| relation(child).as_ref().map(rank));
            groups = sizes.iter().map(|(code, size)| (*code, *size)).collect();
            groups.sort_unstable_by_key(|(code, _)| rank(code));
        }
        ChildList {
            nodes,
            groups,
            hidden,
        }
    }
}

/// A cache of lists with the same options.
#[derive(Default)]
pub(super) struct ChildLists {
    options: TreeOptions,
    lists: FxHashMap<Option<Node>, Arc<ChildList>>,
}

impl ChildLists {
    /// Creates an empty cache.
    pub fn new(options: TreeOptions) -> ChildLists {
        ChildLists {
            options,
            ..ChildLists::default()
        }
    }

    /// Returns the options.
    pub fn options(&self) -> &TreeOptions {
        &self.options
    }

    /// Returns the children of a node; the roots if there is none.
    pub fn children(&mut self, lineage: LineageView, base: Option<Node>) -> Arc<ChildList> {
        let list = || Arc::new(ChildList::new(lineage, &self.options, base));
        self.lists.entry(base).or_insert_with(list).clone()
    }
}
