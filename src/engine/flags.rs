//! The words that mark odd models.

use crate::engine::Hub;
use crate::engine::lineage::family;
use crate::engine::lineage::graph::Node;
use crate::engine::table::field::Field;

/// The flag of a base that is missing from the table: its name is all that is known.
pub const GHOST: &str = "ghost";

/// The flag of a model whose parameter count is suspect.
pub const SUSPECT: &str = "suspect";

/// Returns the flags of a node's lineage: `ghost`, `self_base` (it states itself as a base),
/// `ghost_base` (one of its bases is missing), `circular` (it descends from itself).
pub fn flags(hub: &Hub, node: Node) -> Vec<&'static str> {
    let graph = &hub.graph;
    if graph.model(node).is_none() {
        return vec![GHOST];
    }
    let bases = graph.bases(node);
    let mut flags = Vec::new();
    if bases.contains(&node) {
        flags.push("self_base");
    }
    if bases.iter().any(|base| graph.model(*base).is_none()) {
        flags.push("ghost_base");
    }
    if graph.has_children(node) && is_in_cycle(hub, node) {
        flags.push("circular");
    }
    flags
}

/// Returns true if a node descends from itself by way of others. A base outside its cycle has at
/// least one descendant more, the node itself; a base inside has equally many. So counts decide,
/// and only where they are unknown is the graph walked.
fn is_in_cycle(hub: &Hub, node: Node) -> bool {
    let descendants = |node| hub.lineage().number(Field::Descendants, node);
    let own = descendants(node);
    let mut others = hub.graph.distinct_bases(node);
    others.any(|base| descendants(base) == own)
        && (own.is_some() || family::is_in_cycle(&hub.graph, node))
}
