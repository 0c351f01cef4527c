//! Layout: the rows of a tree, from its open state. It does not recurse downwards, as chains may be a
//! million nodes long.

use rustc_hash::FxHashSet;

use super::children::ChildLists;
use super::expansion::Expansion;
use super::row::{RowList, TreeRow, TreeRowKind};
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::view::LineageView;

/// The usual length of a list of children. It grows tenfold when more are asked for.
pub(super) const PAGE: usize = 100;
/// The usual length of a group, so that the first members of all groups are in sight, and of a list of
/// bases.
pub(super) const SHORT_PAGE: usize = 10;

/// A step of the layout.
enum Task {
    /// Push the row of a node and what is below it.
    Visit(TreeRow),
    /// Push the row of a group and its members.
    VisitGroup(TreeRow, Vec<Node>),
    /// Push a row.
    Push(TreeRow),
    /// Leave the path of a node, all below which is laid out.
    Leave(Node),
}

/// The state of a layout.
struct Layout<'t> {
    lineage: LineageView<'t>,
    expansion: &'t mut Expansion,
    lists: &'t mut ChildLists,
    /// Closed rows below the focus are opened up to this number of rows.
    max_rows: usize,
    rows: Vec<TreeRow>,
    /// A stack: the next task is the last.
    tasks: Vec<Task>,
    seen: FxHashSet<Node>,
    on_path: FxHashSet<Node>,
}

/// Returns the rows of a tree. Closed rows below the focus are opened, for good, as long as there are
/// fewer than `max_rows`.
pub(super) fn rows(
    lineage: LineageView,
    expansion: &mut Expansion,
    lists: &mut ChildLists,
    max_rows: usize,
) -> Vec<TreeRow> {
    let mut layout = Layout {
        lineage,
        expansion,
        lists,
        max_rows,
        rows: Vec::new(),
        tasks: Vec::new(),
        seen: FxHashSet::default(),
        on_path: FxHashSet::default(),
    };
    match layout.expansion.trail.first() {
        Some(&root) => layout.tasks.push(Task::Visit(TreeRow {
            on_trail: true,
            ..RowList::ROOTS.row(TreeRowKind::Node, root, 0)
        })),
        None => layout.push_families(),
    }
    while let Some(task) = layout.tasks.pop() {
        match task {
            Task::Visit(row) => layout.visit(row),
            Task::VisitGroup(row, members) => layout.visit_group(row, &members),
            Task::Push(row) => layout.rows.push(row),
            Task::Leave(node) => drop(layout.on_path.remove(&node)),
        }
    }
    layout.rows
}

impl Layout<'_> {
    fn push_families(&mut self) {
        let roots = self.lists.children(self.lineage, None);
        let unrelated = self.lineage.rollup.unrelated;
        self.push_count(TreeRowKind::Unrelated(unrelated), &RowList::ROOTS);
        self.push_count(TreeRowKind::Hidden(roots.hidden), &RowList::ROOTS);
        let limit = self.expansion.limit(RowList::ROOTS.path, PAGE);
        self.push_list(&roots.nodes, &RowList::ROOTS, limit);
    }

    fn visit(&mut self, mut row: TreeRow) {
        if row.on_trail {
            self.add_other_bases(&row);
        }
        row.children = self.lineage.graph.children(row.node).len();
        row.cycle = self.on_path.contains(&row.node);
        row.again = !self.seen.insert(row.node) && !row.cycle;
        row.open = self.expansion.is_open(&row);
        if self.rows.len() + self.tasks.len() + row.children < self.max_rows {
            if self.expansion.can_expand(&row) {
                self.expansion.flip(row.path);
                row.open = true;
            }
            if row.open && row.children > PAGE && !self.expansion.is_above_focus(&row) {
                self.expansion.limits.insert(row.path, row.children);
            }
        }
        let list = self.add(row);
        if row.open {
            self.on_path.insert(row.node);
            self.tasks.push(Task::Leave(row.node));
            self.push_children(&row, &list);
        }
    }

    fn visit_group(&mut self, mut row: TreeRow, members: &[Node]) {
        row.open = !self.expansion.toggled.contains(&row.path);
        let list = self.add(row);
        if row.open {
            let limit = self.expansion.limit(row.path, SHORT_PAGE);
            self.push_list(members, &list, limit);
        }
    }

    /// Adds a row and returns the list below it.
    fn add(&mut self, row: TreeRow) -> RowList {
        self.rows.push(row);
        RowList {
            node: row.node,
            parent: Some(self.rows.len() - 1),
            depth: row.depth + 1,
            path: row.path,
            on_trail: row.on_trail,
        }
    }

    /// Pushes the tasks for the children of an open row. Above the focus, only the next node on the
    /// path to it is listed until more are asked for.
    fn push_children(&mut self, row: &TreeRow, list: &RowList) {
        let children = self.lists.children(self.lineage, Some(row.node));
        let is_above_focus = self.expansion.is_above_focus(row);
        let usual = if is_above_focus { 0 } else { PAGE };
        let limit = self.expansion.limit(row.path, usual);
        if limit > 0 {
            // The path to the focus is listed even where the filter hides it.
            let next = self.expansion.next_on_trail(list);
            let is_listed_anyway = next.is_some_and(|next| !children.nodes.contains(&next));
            let hidden = children.hidden - usize::from(is_listed_anyway);
            self.push_count(TreeRowKind::Hidden(hidden), list);
        }
        if is_above_focus || children.groups.len() < 2 {
            self.push_list(&children.nodes, list, limit);
            return;
        }
        let mut end = children.nodes.len();
        for &(relation, size) in children.groups.iter().rev() {
            let members = children.nodes[end - size..end].to_vec();
            let row = list.row(TreeRowKind::Group(relation), row.node, size);
            self.tasks.push(Task::VisitGroup(row, members));
            end -= size;
        }
    }

    /// Pushes the tasks for the first nodes of a list, for the one on the path to the focus wherever it
    /// is in the list, and for the row that counts the others.
    fn push_list(&mut self, nodes: &[Node], list: &RowList, limit: usize) {
        let next = self.expansion.next_on_trail(list);
        let mut listed: Vec<Node> = nodes.iter().copied().take(limit).collect();
        listed.extend(next.filter(|next| !listed.contains(next)));
        let is_hidden = next.is_some_and(|next| !nodes.contains(&next));
        let left = nodes.len() + usize::from(is_hidden) - listed.len();
        if left > 0 {
            let more = list.row(TreeRowKind::More(left), list.node, nodes.len());
            self.tasks.push(Task::Push(more));
        }
        let visits = listed.into_iter().rev().map(|node| {
            let on_trail = Some(node) == next;
            Task::Visit(TreeRow {
                on_trail,
                ..list.row(TreeRowKind::Node, node, 0)
            })
        });
        self.tasks.extend(visits);
    }

    /// Pushes the task for a row that counts nodes outside of the list, if there are any.
    fn push_count(&mut self, kind: TreeRowKind, list: &RowList) {
        if !matches!(kind, TreeRowKind::Hidden(0) | TreeRowKind::Unrelated(0)) {
            self.tasks.push(Task::Push(list.row(kind, list.node, 0)));
        }
    }

    /// Adds the bases of a row on the path to the focus but for the one that it is below. A base of the
    /// root is in a cycle with it, which is cut further down.
    fn add_other_bases(&mut self, row: &TreeRow) {
        let list = RowList {
            node: row.node,
            parent: row.parent,
            depth: row.depth,
            path: row
                .parent
                .map_or(RowList::ROOTS.path, |at| self.rows[at].path),
            on_trail: false,
        };
        match row.parent {
            None => self.add_bases(&list, &self.expansion.trail.clone()),
            Some(parent) => self.add_bases(&list, &[self.rows[parent].node, row.node]),
        }
    }

    /// Adds the bases of the list's node but for some, each with its own below it if it is open. It
    /// recurses as deep as bases were opened one below another, by hand.
    fn add_bases(&mut self, list: &RowList, except: &[Node]) {
        let graph = self.lineage.graph;
        let others = |node| {
            graph
                .distinct_bases(node)
                .filter(|base| !except.contains(base))
        };
        let bases: Vec<Node> = others(list.node).collect();
        let limit = TreeRowKind::MoreBases(0).path(list.path, list.node);
        let limit = self.expansion.limit(limit, SHORT_PAGE);
        for &base in bases.iter().take(limit) {
            let mut row = list.row(TreeRowKind::OtherBase, base, others(base).count());
            row.again = self.expansion.trail.contains(&base);
            row.open = row.children > 0 && self.expansion.toggled.contains(&row.path);
            let below = self.add(row);
            if row.open {
                self.add_bases(&below, &[except, &[base]].concat());
            }
        }
        if bases.len() > limit {
            let more = TreeRowKind::MoreBases(bases.len() - limit);
            self.rows.push(list.row(more, list.node, bases.len()));
        }
    }
}
