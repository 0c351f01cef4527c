//! The history of places, for undo and redo.

use crate::engine::lineage::graph::Node;
use crate::engine::lineage::tree::OpenRows;
use crate::engine::table::models::ModelId;

/// A place: the query, the model that was looked at, the marks, and the open rows of the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryEntry {
    pub query: String,
    pub node: Node,
    pub marks: Vec<ModelId>,
    /// `None` where no tree was drawn, or where its nodes have got other numbers since.
    pub open: Option<OpenRows>,
}

/// The places before and after this one.
#[derive(Default)]
pub struct History {
    back: Vec<HistoryEntry>,
    forward: Vec<HistoryEntry>,
}

impl History {
    /// Remembers a place; what lay ahead is forgotten.
    pub fn push(&mut self, place: HistoryEntry) {
        if self.back.last() != Some(&place) {
            self.back.push(place);
        }
        self.forward.clear();
    }

    /// Returns true if there is no place.
    pub fn is_empty(&self) -> bool {
        self.back.is_empty() && self.forward.is_empty()
    }

    /// The nodes of all places.
    pub fn nodes(&self) -> impl Iterator<Item = Node> {
        let places = self.back.iter().chain(&self.forward);
        places.flat_map(|place| {
            let marks = place.marks.iter().map(|mark| Node::from(*mark));
            marks.chain([place.node])
        })
    }

    /// Gives every node its new number; places of those that have none are forgotten.
    pub fn renumber(
        &mut self,
        moved: impl Fn(Node) -> Option<Node>,
        moved_model: impl Fn(ModelId) -> Option<ModelId>,
    ) {
        let keep = |place: &mut HistoryEntry| match moved(place.node) {
            Some(node) => {
                let marks = place.marks.iter();
                place.marks = marks.filter_map(|mark| moved_model(*mark)).collect();
                (place.node, place.open) = (node, None);
                true
            }
            None => false,
        };
        self.back.retain_mut(keep);
        self.forward.retain_mut(keep);
    }

    /// The place before (or after) this one, and this one remembered on the other side.
    pub fn travel(&mut self, here: Option<HistoryEntry>, forward: bool) -> Option<HistoryEntry> {
        let (from, to) = match forward {
            true => (&mut self.forward, &mut self.back),
            false => (&mut self.back, &mut self.forward),
        };
        let mut place = from.pop()?;
        if Some(&place) == here.as_ref() {
            place = match from.pop() {
                Some(further) => further,
                None => {
                    from.push(place);
                    return None;
                }
            };
        }
        to.extend(here.filter(|h| to.last() != Some(h)));
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(node: u32) -> HistoryEntry {
        HistoryEntry {
            query: String::new(),
            node: Node(node),
            marks: Vec::new(),
            open: None,
        }
    }

    #[test]
    fn back_and_forward() {
        let mut history = History::default();
        history.push(place(1));
        history.push(place(2));
        assert_eq!(history.travel(Some(place(2)), false), Some(place(1)));
        assert_eq!(history.travel(Some(place(1)), false), None);
        assert_eq!(history.travel(Some(place(1)), true), Some(place(2)));
        assert_eq!(history.travel(Some(place(2)), true), None);
    }
}
