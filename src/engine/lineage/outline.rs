//! The tree around one node as rows: the way down to it from its root, the node, and below it
//! whatever is opened. A node can stand in several places, so what is open is remembered by the
//! path that leads to it. The graph may be circular: a path ends where it meets itself.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::{FxHashSet, FxHasher};

use super::graph::{Graph, Node};
use crate::engine::data::set::ModelSet;

/// [`Outline::open_all`] opens nothing that would make more lines: nobody reads so many.
pub const OPEN_ALL_ROWS: usize = 20_000;

/// What a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A node below the one above it.
    Child,
    /// One more base of the focus, beside the one that the tree hangs from.
    OtherBase,
    /// So many children of the base that are not listed.
    More(usize),
    /// So many children that are folded away.
    Folded(usize),
}

/// A line of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub kind: Kind,
    /// The node; the base whose children are left out in a [`Kind::More`] or
    /// [`Kind::Folded`] row.
    pub node: Node,
    /// The node it hangs from.
    pub above: Option<Node>,
    /// How deep it stands, 0 for the root.
    pub depth: usize,
    /// Whether its children are listed.
    pub open: bool,
    /// How many children it has.
    pub children: usize,
    /// Whether it stands further up already, elsewhere in the tree.
    pub again: bool,
    /// Whether it stands on its own path: here a circle is cut.
    pub cycle: bool,
    path: u64,
    /// Whether it is a step of the way from the root to the focus, or the focus itself.
    on_trail: bool,
}

/// The rows of the tree around a focus.
pub struct Outline {
    /// From the root down to the focus.
    trail: Vec<Node>,
    /// Paths whose state is not the one they start with.
    toggled: FxHashSet<u64>,
    /// The only models that are listed as children, if not all are.
    kept: Option<Arc<ModelSet>>,
    rows: Vec<Row>,
}

/// What is still to be done while the rows are made.
enum Step {
    Visit {
        node: Node,
        above: Option<Node>,
        depth: usize,
        path: u64,
        on_trail: bool,
    },
    /// All below this node is listed.
    Leave(Node),
    Tell(Row),
}

impl Outline {
    /// The tree around this node: its ancestors along first bases, and its children, or those of
    /// them that are `kept`.
    pub fn new(graph: &Graph, focus: Node, kept: Option<Arc<ModelSet>>) -> Outline {
        let mut trail = vec![focus];
        let mut seen = FxHashSet::from_iter([focus]);
        let above = |node| graph.bases(node).iter().copied().find(|&base| base != node);
        while let Some(base) = above(trail[trail.len() - 1]).filter(|&base| seen.insert(base)) {
            trail.push(base);
        }
        trail.reverse();
        let mut outline = Outline {
            trail,
            toggled: FxHashSet::default(),
            kept,
            rows: Vec::new(),
        };
        outline.flatten(graph);
        outline
    }

    /// Lists these children only, or all again.
    pub fn keep(&mut self, graph: &Graph, kept: Option<Arc<ModelSet>>) {
        self.kept = kept;
        self.flatten(graph);
    }

    /// The lines, from top to bottom.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The node that the tree is drawn around.
    pub fn focus(&self) -> Node {
        self.trail[self.trail.len() - 1]
    }

    /// The line of the focus.
    pub fn focus_row(&self) -> usize {
        self.rows
            .iter()
            .position(|row| self.is_focus(row))
            .unwrap_or(0)
    }

    /// The line that the one at `at` hangs from.
    pub fn parent_row(&self, at: usize) -> Option<usize> {
        let depth = self.rows.get(at)?.depth.checked_sub(1)?;
        self.rows[..at]
            .iter()
            .rposition(|r| r.depth == depth && r.kind == Kind::Child)
    }

    /// Lists the children of the line at `at`, or hides them; a line "more" lists what it stands
    /// for. `false` when there is nothing to list.
    pub fn toggle(&mut self, graph: &Graph, at: usize) -> bool {
        let Some(row) = self.rows.get(at) else {
            return false;
        };
        if matches!(row.kind, Kind::OtherBase | Kind::Folded(_)) || row.cycle || row.children == 0 {
            return false;
        }
        self.flip(row.path);
        self.flatten(graph);
        true
    }

    /// Whether the line at `at` can be made to show less: a step of the trail only when all its
    /// children are listed.
    pub fn is_foldable(&self, at: usize) -> bool {
        let on_the_way = |row: &Row| row.on_trail && !self.is_focus(row);
        self.rows
            .get(at)
            .is_some_and(|row| row.open && (!on_the_way(row) || self.toggled.contains(&row.path)))
    }

    fn is_focus(&self, row: &Row) -> bool {
        row.kind == Kind::Child && row.on_trail && row.depth + 1 == self.trail.len()
    }

    fn flip(&mut self, path: u64) {
        if !self.toggled.remove(&path) {
            self.toggled.insert(path);
        }
    }

    /// Lists everything below the focus, but for what would make more than [`OPEN_ALL_ROWS`]
    /// lines.
    pub fn open_all(&mut self, graph: &Graph) {
        self.lay_out(graph, OPEN_ALL_ROWS);
    }

    /// Back to the state the tree starts in.
    pub fn close_all(&mut self, graph: &Graph) {
        self.toggled.clear();
        self.flatten(graph);
    }

    /// Makes the rows anew.
    fn flatten(&mut self, graph: &Graph) {
        self.lay_out(graph, 0);
    }

    /// Makes the rows anew, and opens what is closed below the focus as long as there are no more
    /// lines than `room`. Without recursion: chains can be a million long.
    fn lay_out(&mut self, graph: &Graph, room: usize) {
        self.rows.clear();
        let mut seen = FxHashSet::default();
        let mut above_here = FxHashSet::default();
        let root = Step::Visit {
            node: self.trail[0],
            above: None,
            depth: 0,
            path: 0,
            on_trail: true,
        };
        let mut steps = vec![root];
        while let Some(step) = steps.pop() {
            match step {
                Step::Leave(node) => {
                    above_here.remove(&node);
                }
                Step::Tell(row) => self.rows.push(row),
                Step::Visit {
                    node,
                    above,
                    depth,
                    path,
                    on_trail,
                } => {
                    let mut row = Row {
                        kind: Kind::Child,
                        node,
                        above,
                        depth,
                        open: false,
                        children: graph.children(node).len(),
                        again: false,
                        cycle: above_here.contains(&node),
                        path: step_down(path, node),
                        on_trail,
                    };
                    row.again = !seen.insert(node) && !row.cycle;
                    row.open = self.is_open(&row);
                    let lines = self.rows.len() + steps.len() + row.children;
                    if lines < room && self.may_open(&row) {
                        self.flip(row.path);
                        row.open = true;
                    }
                    if self.is_focus(&row) {
                        self.push_other_bases(graph, &row);
                    }
                    self.rows.push(row);
                    if row.open {
                        above_here.insert(node);
                        steps.push(Step::Leave(node));
                        self.push_children(graph, &row, &mut steps);
                    }
                }
            }
        }
    }

    /// The trail and the focus start open, all else closed.
    fn is_open(&self, row: &Row) -> bool {
        let toggled = self.toggled.contains(&row.path);
        let focus = self.is_focus(row);
        let on_the_way = row.on_trail && !focus;
        !row.cycle && row.children > 0 && (on_the_way || focus != toggled)
    }

    /// Whether a closed row is the focus or below it, and tells something new when opened.
    fn may_open(&self, row: &Row) -> bool {
        let below = row.depth + 1 >= self.trail.len();
        below && !row.open && !row.again && !row.cycle && row.children > 0
    }

    /// The focus's bases beside the one above it, as lines of their own.
    fn push_other_bases(&mut self, graph: &Graph, focus: &Row) {
        let mut told = vec![focus.node];
        told.extend(focus.above);
        for &base in graph.bases(focus.node) {
            if !told.contains(&base) {
                told.push(base);
                let children = graph.children(base).len();
                self.rows.push(Row {
                    kind: Kind::OtherBase,
                    node: base,
                    depth: focus.depth.saturating_sub(1),
                    children,
                    open: false,
                    ..*focus
                });
            }
        }
    }

    /// What comes below an open row; on the trail only its next step, unless it was opened.
    fn push_children(&self, graph: &Graph, row: &Row, steps: &mut Vec<Step>) {
        let next = self
            .trail
            .get(row.depth + 1)
            .filter(|_| row.on_trail)
            .copied();
        let visit = |node, on_trail| Step::Visit {
            node,
            above: Some(row.node),
            depth: row.depth + 1,
            path: row.path,
            on_trail,
        };
        match next {
            Some(next) if !self.toggled.contains(&row.path) => {
                if row.children > 1 {
                    let kind = Kind::More(row.children - 1);
                    steps.push(Step::Tell(Row {
                        kind,
                        depth: row.depth + 1,
                        open: false,
                        ..*row
                    }));
                }
                steps.push(visit(next, true));
            }
            _ => {
                let kept = |child: &Node| {
                    let stays = |kept: &Arc<ModelSet>| {
                        graph.model(*child).is_some_and(|model| kept.has(model))
                    };
                    Some(*child) == next || self.kept.as_ref().is_none_or(stays)
                };
                let last = steps.len();
                let children = graph.children(row.node).iter().rev();
                let children = children.filter(|child| kept(child));
                steps.extend(children.map(|&child| visit(child, Some(child) == next)));
                let folded = row.children - (steps.len() - last);
                if folded > 0 {
                    let told = Row {
                        kind: Kind::Folded(folded),
                        depth: row.depth + 1,
                        open: false,
                        ..*row
                    };
                    steps.insert(last, Step::Tell(told));
                }
            }
        }
    }
}

/// The path one step further down. Two paths with one hash would open together: with 64 bits that
/// is not going to happen, and would do no harm.
fn step_down(path: u64, node: Node) -> u64 {
    let mut hasher = FxHasher::default();
    (path, node).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::data::bases::Bases;
    use crate::engine::data::models::{ModelId, Models};
    use polars::prelude::{NewChunkedArray, StringChunked};
    use proptest::prelude::*;

    /// A graph of `count` models named 0, 1, …, with these (model, base) pairs.
    fn graph(count: u32, pairs: &[(u32, u32)]) -> Graph {
        let ids: Vec<String> = (0..count).map(|n| n.to_string()).collect();
        let models = Models::new(StringChunked::from_slice("id".into(), &ids)).unwrap();
        let mut pairs = pairs.to_vec();
        pairs.sort_by_key(|p| p.0);
        let mut bases = Bases::default();
        for (model, base) in pairs {
            bases.push(model, Some("finetune"), &base.to_string());
        }
        let order: Vec<ModelId> = models.all().collect();
        Graph::new(&models, &bases, &order)
    }

    fn drawn(outline: &Outline) -> Vec<String> {
        let line = |r: &Row| {
            let what = match r.kind {
                Kind::More(n) => format!("+{n}"),
                Kind::Folded(n) => format!("-{n}"),
                Kind::OtherBase => format!("^{}", r.node.0),
                Kind::Child => r.node.0.to_string(),
            };
            format!(
                "{}{what}{}{}",
                " ".repeat(r.depth),
                if r.again { "=" } else { "" },
                if r.cycle { "@" } else { "" }
            )
        };
        outline.rows().iter().map(line).collect()
    }

    #[test]
    fn ancestors_stand_above_and_siblings_are_counted() {
        // 0 <- 1, 2, 3;  2 <- 4, 5;  9 is a ghost and another base of 2.
        let graph = graph(6, &[(1, 0), (2, 0), (3, 0), (4, 2), (5, 2), (2, 9)]);
        let mut outline = Outline::new(&graph, Node(2), None);
        assert_eq!(drawn(&outline), ["0", "^6", " 2", "  4", "  5", " +2"]);
        assert_eq!(outline.focus_row(), 2);
        assert_eq!(outline.parent_row(4), Some(2));
        assert!(outline.toggle(&graph, 5));
        assert_eq!(drawn(&outline), ["0", " 1", "^6", " 2", "  4", "  5", " 3"]);
        assert!(outline.toggle(&graph, 0));
        assert_eq!(drawn(&outline), ["0", "^6", " 2", "  4", "  5", " +2"]);
        assert!(outline.toggle(&graph, 2));
        assert_eq!(drawn(&outline), ["0", "^6", " 2", " +2"]);
    }

    #[test]
    fn circles_are_cut_and_second_places_marked() {
        let graph = graph(4, &[(0, 2), (1, 0), (2, 1), (3, 1), (3, 0), (3, 3)]);
        let mut outline = Outline::new(&graph, Node(0), None);
        outline.open_all(&graph);
        // 0 hangs from 2, that from 1, and 1 from 0 again, where the circle is cut.
        assert_eq!(drawn(&outline), ["1", " 2", "  0", "   1@", "   3", " +1"]);
    }

    #[test]
    fn what_is_not_kept_is_counted() {
        let graph = graph(6, &[(1, 0), (2, 0), (3, 0), (4, 2), (5, 2)]);
        let kept = |rows: &[u32]| {
            Some(Arc::new(ModelSet::of(6, |row| {
                rows.contains(&u32::try_from(row).unwrap())
            })))
        };
        let mut outline = Outline::new(&graph, Node(0), kept(&[0, 2, 5]));
        outline.open_all(&graph);
        assert_eq!(drawn(&outline), ["0", " 2", "  5", "  -1", " -2"]);
        assert!(!outline.toggle(&graph, 3));
        outline.keep(&graph, kept(&[]));
        assert_eq!(drawn(&outline), ["0", " -3"]);
        outline.keep(&graph, None);
        assert_eq!(drawn(&outline), ["0", " 1", " 2", "  4", "  5", " 3"]);
    }

    proptest! {
        #[test]
        fn opening_everything_ends_and_counts_every_path_once(
            pairs in prop::collection::vec((0..8_u32, 0..8_u32), 0..14),
            focus in 0..8_u32,
            toggles in prop::collection::vec(0..30_usize, 0..12),
        ) {
            let graph = graph(8, &pairs);
            let mut outline = Outline::new(&graph, Node(focus), None);
            for at in toggles {
                outline.toggle(&graph, at);
                prop_assert_eq!(outline.rows().iter().filter(|r| r.node == outline.focus() && r.kind == Kind::Child && !r.again && !r.cycle).count(), 1);
            }
            outline.open_all(&graph);
            let rows = outline.rows();
            prop_assert!(rows.len() <= OPEN_ALL_ROWS + 8);
            for (at, row) in rows.iter().enumerate() {
                if let Some(above) = row.above && row.kind == Kind::Child {
                    prop_assert_eq!(rows[outline.parent_row(at).unwrap()].node, above);
                    prop_assert!(graph.children(above).contains(&row.node));
                }
            }
        }
    }
}
