//! The words that mark odd models.

use crate::engine::Hub;
use crate::engine::lineage::graph::Node;

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
    if hub.rollup.is_in_cycle(node) {
        flags.push("circular");
    }
    flags
}
