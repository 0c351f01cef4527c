//! Making the rows from what is open. Without recursion downwards: chains can be a million long.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashSet, FxHasher};

use super::{Kind, Outline, PAGE, Row, SHORT_PAGE};
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::siblings::Lineage;
use crate::engine::table::edges::Relation;

/// What is still to be done, the next one last.
enum Step {
    Visit(Place),
    Group {
        how: Relation,
        members: Vec<Node>,
        place: Place,
    },
    Tell(Row),
    /// All below this node is listed.
    Leave(Node),
}

/// Where a node is to stand.
#[derive(Clone, Copy)]
struct Place {
    node: Node,
    up: Option<usize>,
    depth: usize,
    /// The path of what it hangs from.
    path: u64,
    on_trail: bool,
}

/// What is kept in mind while rows are made.
#[derive(Default)]
struct Layout {
    rows: Vec<Row>,
    steps: Vec<Step>,
    seen: FxHashSet<Node>,
    above_here: FxHashSet<Node>,
    /// What is closed is opened as long as there are no more lines.
    room: usize,
}

impl Outline {
    /// Makes the rows, and opens what is closed below the focus as long as there are no more
    /// lines than `room`.
    pub(super) fn lay_out(&mut self, lineage: Lineage, room: usize) {
        let mut layout = Layout {
            room,
            ..Layout::default()
        };
        match self.trail.first() {
            Some(&root) => layout.steps.push(Step::Visit(Place {
                node: root,
                up: None,
                depth: 0,
                path: 0,
                on_trail: true,
            })),
            None => self.begin_families(lineage, &mut layout),
        }
        while let Some(step) = layout.steps.pop() {
            match step {
                Step::Leave(node) => drop(layout.above_here.remove(&node)),
                Step::Tell(row) => layout.rows.push(row),
                Step::Visit(place) => self.visit(lineage, place, &mut layout),
                Step::Group {
                    how,
                    members,
                    place,
                } => self.visit_group(how, &members, place, &mut layout),
            }
        }
        self.rows = layout.rows;
    }

    fn begin_families(&mut self, lineage: Lineage, layout: &mut Layout) {
        let roots = self.lists.roots(lineage, &self.listing);
        let place = Place {
            node: Node(u32::MAX),
            up: None,
            depth: 0,
            path: 0,
            on_trail: false,
        };
        let unrelated = lineage.totals.unrelated;
        let beside = [Kind::Folded(roots.hidden), Kind::Unrelated(unrelated)];
        for kind in beside.into_iter().rev() {
            push_count(kind, place, layout);
        }
        let limit = self.limit(place.path, PAGE);
        self.push_list(&roots.nodes, place, limit, layout);
    }

    fn visit(&mut self, lineage: Lineage, place: Place, layout: &mut Layout) {
        if place.on_trail {
            self.push_bases_beside(lineage, place, layout);
        }
        let node = place.node;
        let mut row = Row {
            children: lineage.graph.children(node).len(),
            cycle: layout.above_here.contains(&node),
            ..new_row(Kind::Node, place)
        };
        row.again = !layout.seen.insert(node) && !row.cycle;
        row.open = self.is_open(&row);
        let lines = layout.rows.len() + layout.steps.len() + row.children;
        if lines < layout.room && self.can_be_opened(&row) {
            self.flip(row.path);
            row.open = true;
        }
        if row.open && lines < layout.room && row.children > PAGE && !self.is_on_the_way(&row) {
            self.limits.insert(row.path, row.children);
        }
        let at = layout.rows.len();
        layout.rows.push(row);
        if row.open {
            layout.above_here.insert(node);
            layout.steps.push(Step::Leave(node));
            self.push_children(lineage, &row, at, layout);
        }
    }

    /// What is on the way and the focus start open, all else closed.
    fn is_open(&self, row: &Row) -> bool {
        let open =
            self.is_on_the_way(row) || self.is_focus(row) != self.toggled.contains(&row.path);
        open && !row.cycle && row.children > 0
    }

    fn limit(&self, path: u64, usual: usize) -> usize {
        self.limits.get(&path).copied().unwrap_or(usual)
    }

    /// What comes below an open row; on the way to the focus only its next step, unless more was
    /// asked for.
    fn push_children(&mut self, lineage: Lineage, row: &Row, at: usize, layout: &mut Layout) {
        let siblings = self.lists.children(lineage, &self.listing, row.node);
        let place = Place {
            node: row.node,
            up: Some(at),
            depth: row.depth + 1,
            path: row.path,
            on_trail: row.on_trail,
        };
        let on_the_way = self.is_on_the_way(row);
        let limit = self.limit(row.path, if on_the_way { 0 } else { PAGE });
        if limit > 0 {
            // The next step is listed even where the listing leaves it out.
            let next = self.next_step(place);
            let kept_anyway = next.is_some_and(|next| !siblings.nodes.contains(&next));
            let hidden = siblings.hidden - usize::from(kept_anyway);
            push_count(Kind::Folded(hidden), place, layout);
        }
        if on_the_way || siblings.groups.len() < 2 {
            self.push_list(&siblings.nodes, place, limit, layout);
            return;
        }
        let mut end = siblings.nodes.len();
        for (how, count) in siblings.groups.iter().rev() {
            let members = siblings.nodes[end - count..end].to_vec();
            end -= count;
            layout.steps.push(Step::Group {
                how: *how,
                members,
                place,
            });
        }
    }

    fn visit_group(&mut self, how: Relation, members: &[Node], place: Place, layout: &mut Layout) {
        let mut row = new_row(Kind::Group(how), place);
        row.children = members.len();
        row.path = step_down(place.path, (u32::MAX, how.0));
        row.open = !self.toggled.contains(&row.path);
        let at = layout.rows.len();
        layout.rows.push(row);
        if row.open {
            let place = Place {
                up: Some(at),
                depth: row.depth + 1,
                path: row.path,
                ..place
            };
            let limit = self.limit(row.path, SHORT_PAGE);
            self.push_list(members, place, limit, layout);
        }
    }

    /// The first nodes of a list, the next step of the way wherever it stands, and how many more.
    fn push_list(&self, nodes: &[Node], place: Place, limit: usize, layout: &mut Layout) {
        let next = self.next_step(place);
        let mut listed: Vec<Node> = nodes.iter().copied().take(limit).collect();
        if let Some(next) = next.filter(|next| !listed.contains(next)) {
            listed.push(next);
        }
        let counted = listed
            .iter()
            .filter(|node| Some(**node) != next || nodes.contains(node));
        let left = nodes.len() - counted.count();
        if left > 0 {
            let mut row = new_row(Kind::More(left), place);
            (row.path, row.children) = (place.path, nodes.len());
            layout.steps.push(Step::Tell(row));
        }
        layout.steps.extend(listed.into_iter().rev().map(|node| {
            Step::Visit(Place {
                node,
                on_trail: Some(node) == next,
                ..place
            })
        }));
    }

    /// The step of the way to the focus that comes at this place.
    fn next_step(&self, place: Place) -> Option<Node> {
        let next = self.trail.get(place.depth).copied();
        next.filter(|_| place.on_trail)
    }

    /// The bases of a step of the way beside the one that it hangs from, as lines before it.
    /// Where the root of the way has a base, it is in a circle with it: that is cut further down.
    fn push_bases_beside(&mut self, lineage: Lineage, place: Place, layout: &mut Layout) {
        let above = match place.depth {
            0 => return self.push_bases(lineage, place, &self.trail.clone(), layout),
            depth => self.trail[depth - 1],
        };
        self.push_bases(lineage, place, &[above, place.node], layout);
    }

    /// The bases of a node but for those left out, each with its own below it if it is open.
    /// Nobody opens so many, one after another, that recursion could go deep.
    fn push_bases(&mut self, lineage: Lineage, of: Place, but: &[Node], layout: &mut Layout) {
        let path = step_down(of.path, (of.node.0, u16::MAX));
        let bases = lineage
            .graph
            .others(of.node)
            .filter(|base| !but.contains(base));
        let bases: Vec<Node> = bases.collect();
        let limit = self.limit(path, SHORT_PAGE);
        let place = |node| Place {
            node,
            path,
            on_trail: false,
            ..of
        };
        for &base in bases.iter().take(limit) {
            let mut row = new_row(Kind::Base, place(base));
            let own = lineage.graph.others(base).filter(|own| !but.contains(own));
            row.children = own.count();
            row.again = self.trail.contains(&base);
            row.open = row.children > 0 && self.toggled.contains(&row.path);
            let at = layout.rows.len();
            layout.rows.push(row);
            if row.open {
                let below = Place {
                    node: base,
                    up: Some(at),
                    depth: of.depth + 1,
                    path: row.path,
                    on_trail: false,
                };
                self.push_bases(lineage, below, &[but, &[base]].concat(), layout);
            }
        }
        if bases.len() > limit {
            let mut row = new_row(Kind::MoreBases(bases.len() - limit), place(of.node));
            (row.path, row.children) = (path, bases.len());
            layout.rows.push(row);
        }
    }
}

/// A closed row of no children.
fn new_row(kind: Kind, place: Place) -> Row {
    Row {
        kind,
        node: place.node,
        up: place.up,
        depth: place.depth,
        open: false,
        children: 0,
        again: false,
        cycle: false,
        path: step_down(place.path, (place.node.0, 0)),
        on_trail: place.on_trail,
    }
}

/// A line at the end of a list that says how many there are beside it, if any.
fn push_count(kind: Kind, place: Place, layout: &mut Layout) {
    if !matches!(kind, Kind::Folded(0) | Kind::Unrelated(0)) {
        layout.steps.push(Step::Tell(new_row(kind, place)));
    }
}

/// The path one step further down. Two paths with one hash would open together: with 64 bits that
/// is not going to happen, and would do no harm.
fn step_down(path: u64, step: (u32, u16)) -> u64 {
    let mut hasher = FxHasher::default();
    (path, step).hash(&mut hasher);
    hasher.finish()
}
