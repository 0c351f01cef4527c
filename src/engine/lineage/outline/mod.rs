//! The tree as rows: around one node, with the way down to it from its root and whatever is opened
//! below it, or of all families. A node can stand in several places, so what is open is remembered
//! by the path that leads to it. The graph may be circular: a path ends where it meets itself.
//!
//! ```text
//! root                      the way to the focus, of each step only the next …
//!   … 52 more               … until the others are asked for
//!   ↖ another base          a base beside the one it hangs from, with its own bases below
//!     focus
//!       finetune 1,200      a group, if the children are grouped
//!         child
//!         … 1,190 more
//! ```

mod layout;
#[cfg(test)]
mod tests;

use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::Node;
use super::siblings::{Lineage, Listing, Lists};
use super::way;
use crate::engine::table::edges::Relation;

/// [`Outline::open_all`] opens nothing that would make more lines: nobody reads so many.
pub const OPEN_ALL_ROWS: usize = 20_000;
/// Of a longer list the first ones are listed, and ten times as many each time more are asked for.
pub const PAGE: usize = 100;
/// The same of a group, so that the first ones of all groups are seen, and of bases.
const SHORT_PAGE: usize = 10;

/// What a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A node below one of its bases.
    Node,
    /// One more base of the node below it, beside the one that it hangs from; or a base of that.
    Base,
    /// The children of the node that were made in this way.
    Group(Relation),
    /// So many more in the list that ends here.
    More(usize),
    /// So many more bases of the node.
    MoreBases(usize),
    /// So many that the listing leaves out.
    Folded(usize),
    /// So many models that are of no family.
    Unrelated(usize),
}

/// A line of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub kind: Kind,
    /// The node; the one whose list it is about in all rows that are of no node.
    pub node: Node,
    /// The row it hangs from.
    pub up: Option<usize>,
    /// How deep it stands, 0 for a root.
    pub depth: usize,
    /// Whether what hangs from it is listed.
    pub open: bool,
    /// How many children it has; of a [`Kind::Base`] how many bases, of a group how many members.
    pub children: usize,
    /// Whether it stands further up already, elsewhere in the tree.
    pub again: bool,
    /// Whether it stands on its own path: here a circle is cut.
    pub cycle: bool,
    /// The path, by which what is open is remembered.
    path: u64,
    /// Whether it is a step of the way from the root to the focus, or the focus itself.
    on_trail: bool,
}

impl Row {
    /// Whether it shows a node.
    pub fn is_node(&self) -> bool {
        matches!(self.kind, Kind::Node | Kind::Base)
    }
}

/// The rows of a tree.
pub struct Outline {
    /// From the root down to the focus; nothing where all families are listed.
    trail: Vec<Node>,
    listing: Listing,
    /// Paths whose state is not the one they start with.
    toggled: FxHashSet<u64>,
    /// Lists of which more or less is seen than at the start, by the path that they hang from.
    limits: FxHashMap<u64, usize>,
    lists: Lists,
    rows: Vec<Row>,
}

impl Outline {
    /// The tree around this node: its ancestors along first bases, the other bases beside them,
    /// and its children.
    pub fn around(lineage: Lineage, focus: Node, listing: Listing) -> Outline {
        let trail = way::from_root(lineage.graph, focus);
        Outline::new(lineage, trail, listing)
    }

    /// All families, and how many models are of none.
    pub fn families(lineage: Lineage, listing: Listing) -> Outline {
        Outline::new(lineage, Vec::new(), listing)
    }

    fn new(lineage: Lineage, trail: Vec<Node>, listing: Listing) -> Outline {
        let mut outline = Outline {
            trail,
            listing,
            toggled: FxHashSet::default(),
            limits: FxHashMap::default(),
            lists: Lists::default(),
            rows: Vec::new(),
        };
        outline.flatten(lineage);
        outline
    }

    /// Lists children in another way from now on; what is open stays open.
    pub fn list(&mut self, lineage: Lineage, listing: Listing) {
        self.listing = listing;
        self.lists = Lists::default();
        self.flatten(lineage);
    }

    /// How children are listed.
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// The lines, from top to bottom.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The node that the tree is drawn around, if it is around one.
    pub fn focus(&self) -> Option<Node> {
        self.trail.last().copied()
    }

    /// The line of the focus, else the first.
    pub fn focus_row(&self) -> usize {
        let place = self.rows.iter().position(|row| self.is_focus(row));
        place.unwrap_or(0)
    }

    /// The node that a line hangs from.
    pub fn above(&self, row: &Row) -> Option<Node> {
        self.rows.get(row.up?).map(|above| above.node)
    }

    /// The line that the one at `at` hangs from.
    pub fn parent_row(&self, at: usize) -> Option<usize> {
        self.rows.get(at)?.up
    }

    /// A line and all that it hangs from, up to the root.
    pub fn way_up(&self, at: usize) -> Vec<Row> {
        let up = |row: &Row| self.rows.get(row.up?).copied();
        std::iter::successors(self.rows.get(at).copied(), up).collect()
    }

    /// Where a line stands that may have moved since.
    pub fn place_of(&self, row: &Row) -> Option<usize> {
        let is_it = |other: &Row| other.path == row.path && other.kind == row.kind;
        self.rows.iter().position(is_it)
    }

    /// The same tree of another hub, where nodes have other numbers: what is open is open there.
    /// `None` where the node that it is around is gone.
    pub fn renumbered(
        &self,
        lineage: Lineage,
        listing: Listing,
        moved: impl Fn(Node) -> Option<Node>,
    ) -> Option<Outline> {
        let mut other = match self.focus() {
            Some(focus) => Outline::around(lineage, moved(focus)?, listing),
            None => Outline::families(lineage, listing),
        };
        for (at, row) in self.rows.iter().enumerate() {
            let (toggled, limit) = (self.toggled.contains(&row.path), self.limits.get(&row.path));
            let own = row.is_node() || matches!(row.kind, Kind::Group(_));
            if !own || (!toggled && limit.is_none()) {
                continue;
            }
            if let Some(place) = other.place_of_way(&self.way_up(at), &moved) {
                let path = other.rows[place].path;
                if toggled {
                    other.toggled.insert(path);
                }
                other.limits.extend(limit.map(|limit| (path, *limit)));
                other.flatten(lineage);
            }
        }
        Some(other)
    }

    /// Where the line stands that is reached over these, the last one first, once their nodes have
    /// other numbers.
    pub fn place_of_way(&self, way: &[Row], moved: impl Fn(Node) -> Option<Node>) -> Option<usize> {
        let way = way.iter().map(|row| Some((row.kind, moved(row.node)?)));
        let way: Vec<(Kind, Node)> = way.collect::<Option<_>>()?;
        let is_it = |at: &usize| {
            let own = self.way_up(*at);
            own.iter()
                .map(|row| (row.kind, row.node))
                .eq(way.iter().copied())
        };
        (0..self.rows.len()).find(is_it)
    }

    /// The next line, or the one before, that hangs from the same one, is as deep and of a node.
    pub fn sibling_row(&self, at: usize, forward: bool) -> Option<usize> {
        let row = self.rows.get(at)?;
        let inside = |other: &&(usize, &Row)| other.1.depth >= row.depth;
        let is_it = |other: &(usize, &Row)| {
            other.1.depth == row.depth && other.1.up == row.up && other.1.kind == Kind::Node
        };
        let numbered = || self.rows.iter().enumerate();
        let found = match forward {
            true => numbered()
                .skip(at + 1)
                .take_while(|o| inside(&o))
                .find(is_it),
            false => numbered()
                .take(at)
                .rev()
                .take_while(|o| inside(&o))
                .find(is_it),
        };
        found.map(|(at, _)| at)
    }

    /// The nodes from the root down to the one at `at`, that one included.
    pub fn crumbs(&self, at: usize) -> Vec<Node> {
        let mut crumbs: Vec<Node> = self.way_up(at).iter().map(|row| row.node).collect();
        // A group stands between a node and the one that it hangs from.
        crumbs.dedup();
        crumbs.reverse();
        crumbs
    }

    /// Lists what hangs from the line at `at`, or hides it; a line "more" lists more. `false` when
    /// there is nothing to list.
    pub fn toggle(&mut self, lineage: Lineage, at: usize) -> bool {
        let Some(row) = self.rows.get(at).copied() else {
            return false;
        };
        match row.kind {
            Kind::Folded(_) | Kind::Unrelated(_) => return false,
            Kind::More(left) | Kind::MoreBases(left) => {
                let listed = row.children - left;
                let more = match self.limits.get(&row.path) {
                    Some(limit) => limit.saturating_mul(10),
                    None if listed < PAGE => PAGE,
                    None => PAGE * 10,
                };
                self.limits.insert(row.path, more);
            }
            _ if row.cycle || row.children == 0 => return false,
            _ if self.is_on_the_way(&row) => match self.limits.remove(&row.path) {
                Some(_) => {}
                None => drop(self.limits.insert(row.path, PAGE)),
            },
            _ => self.flip(row.path),
        }
        self.flatten(lineage);
        true
    }

    /// Whether the line at `at` can be made to show less: a step of the way only when more than
    /// the next step is listed.
    pub fn is_foldable(&self, at: usize) -> bool {
        let Some(row) = self.rows.get(at) else {
            return false;
        };
        row.open && (!self.is_on_the_way(row) || self.limits.contains_key(&row.path))
    }

    /// Lists everything below the focus, but for what would make more than [`OPEN_ALL_ROWS`]
    /// lines.
    pub fn open_all(&mut self, lineage: Lineage) {
        self.lay_out(lineage, OPEN_ALL_ROWS);
    }

    /// Back to the state the tree starts in.
    pub fn close_all(&mut self, lineage: Lineage) {
        self.toggled.clear();
        self.limits.clear();
        self.flatten(lineage);
    }

    /// Opens what is closed in the highest generation below the focus that has anything closed;
    /// `false` where nothing has.
    pub fn deepen(&mut self, lineage: Lineage) -> bool {
        let closed = |row: &&Row| self.can_be_opened(row);
        let highest = self.rows.iter().filter(closed).map(|row| row.depth).min();
        self.flip_all(lineage, highest, |outline, row| outline.can_be_opened(row))
    }

    /// Closes what is open in the lowest generation that has anything open; `false` where nothing
    /// has.
    pub fn flatten_one(&mut self, lineage: Lineage) -> bool {
        let open = |row: &&Row| self.is_open_below(row);
        let lowest = self.rows.iter().filter(open).map(|row| row.depth).max();
        self.flip_all(lineage, lowest, |outline, row| outline.is_open_below(row))
    }

    fn flip_all(
        &mut self,
        lineage: Lineage,
        depth: Option<usize>,
        wanted: impl Fn(&Outline, &Row) -> bool,
    ) -> bool {
        let meant = |row: &&Row| Some(row.depth) == depth && wanted(self, row);
        let paths: Vec<u64> = self.rows.iter().filter(meant).map(|row| row.path).collect();
        paths.iter().for_each(|path| self.flip(*path));
        self.flatten(lineage);
        !paths.is_empty()
    }

    fn flip(&mut self, path: u64) {
        if !self.toggled.remove(&path) {
            self.toggled.insert(path);
        }
    }

    fn is_focus(&self, row: &Row) -> bool {
        row.kind == Kind::Node && row.on_trail && row.depth + 1 == self.trail.len()
    }

    /// Whether a row is a step to the focus, which is always listed.
    fn is_on_the_way(&self, row: &Row) -> bool {
        row.kind == Kind::Node && row.on_trail && !self.is_focus(row)
    }

    /// Whether a row of a node is closed, and tells something new when it is opened.
    fn can_be_opened(&self, row: &Row) -> bool {
        let below = row.depth + 1 >= self.trail.len();
        row.kind == Kind::Node && below && !row.open && !row.again && !row.cycle && row.children > 0
    }

    fn is_open_below(&self, row: &Row) -> bool {
        row.kind == Kind::Node && row.open && !row.on_trail
    }

    /// Makes the rows anew.
    fn flatten(&mut self, lineage: Lineage) {
        self.lay_out(lineage, 0);
    }
}
