//! A tree for people: a row a node, joined by lines.

use std::io::Write;

use anyhow::Result;

use super::branch::Branch;
use crate::cli::output::{nodes, table};
use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::present::figures;
use crate::present::format::count;

/// The number of lines to the left of a name. Nobody follows more, and in a chain they would take more
/// room than all names.
const LINES: usize = 40;

/// A tree for people.
pub struct Drawing<'h> {
    pub hub: &'h Hub,
    pub up: bool,
}

/// What a row shows.
enum Content<'b> {
    /// A branch and the node above it.
    Branch(&'b Branch, Option<Node>),
    /// A number of nodes that are not printed.
    More(usize),
}

/// A row that is still to be printed.
struct Pending<'b> {
    content: Content<'b>,
    depth: usize,
    /// True for the last row of those below a branch.
    is_last: bool,
}

impl Drawing<'_> {
    /// Prints the tree, as many of its columns as fit in `width` cells.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, root: &Branch, width: usize, out: &mut dyn Write) -> Result<()> {
        let header = [&["model", "relation"], &nodes::TITLES[..]].concat();
        table::write_fitting(&header, self.rows(root), (width, nodes::OPTIONAL), out)
    }

    /// Returns the rows, from the top down.
    fn rows<'b>(&'b self, root: &'b Branch) -> impl Iterator<Item = Vec<String>> + 'b {
        let mut pending = vec![Pending {
            content: Content::Branch(root, None),
            depth: 0,
            is_last: true,
        }];
        // Of each branch on the way down, whether it is the last of its list.
        let mut lasts = Vec::new();
        std::iter::from_fn(move || {
            let next = pending.pop()?;
            lasts.truncate(next.depth);
            lasts.push(next.is_last);
            if let Content::Branch(branch, _) = next.content {
                pending.extend(below(branch, next.depth + 1));
            }
            Some(self.row(&next, &lasts))
        })
    }

    fn row(&self, row: &Pending, lasts: &[bool]) -> Vec<String> {
        let lines = lines(lasts);
        let (branch, above) = match row.content {
            Content::Branch(branch, above) => (branch, above),
            Content::More(hidden) => {
                let text = format!("{lines}… {} more", count(hidden));
                return [vec![text], vec![String::new(); 1 + nodes::TITLES.len()]].concat();
            }
        };
        let relation = above.map_or(String::new(), |above| self.relation(branch.node, above));
        let mark = branch.mark.word();
        let mark = mark.map_or(String::new(), |mark| format!(" ({mark})"));
        let name = format!("{lines}{}{mark}", nodes::name(self.hub, branch.node));
        let numbers = nodes::for_people(self.hub, branch.node, row.depth == 0);
        [&[name, relation], &numbers[..]].concat()
    }

    /// Returns the relation of a node to the one above it in the tree.
    fn relation(&self, node: Node, above: Node) -> String {
        let (child, base) = match self.up {
            true => (above, node),
            false => (node, above),
        };
        let relation = self.hub.graph.relation(child, base);
        relation.map_or(String::new(), |how| figures::relation(how).to_owned())
    }
}

/// Returns the rows right below a branch, the last one first. Where the depth alone hides nodes, the
/// number of children says so.
fn below(branch: &Branch, depth: usize) -> impl Iterator<Item = Pending<'_>> {
    let hidden = match branch.below.is_empty() {
        true => 0,
        false => branch.hidden,
    };
    let more = (hidden > 0).then_some(Content::More(hidden));
    let nodes = branch.below.iter().rev();
    let nodes = nodes.map(|node| Content::Branch(node, Some(branch.node)));
    let rows = more.into_iter().chain(nodes).enumerate();
    rows.map(move |(at, content)| Pending {
        content,
        depth,
        is_last: at == 0,
    })
}

/// Returns the lines before a name, given of each branch on the way down whether it is the last of its
/// list.
fn lines(lasts: &[bool]) -> String {
    // The root has none.
    let Some((own, above)) = lasts[1..].split_last() else {
        return String::new();
    };
    let left_out = above.len().saturating_sub(LINES);
    let mut lines = match left_out {
        0 => String::new(),
        levels => format!("({} levels) ", count(levels)),
    };
    let above = &above[left_out..];
    lines.extend(
        above
            .iter()
            .map(|is_last| if *is_last { "   " } else { "│  " }),
    );
    lines.push_str(if *own { "└─ " } else { "├─ " });
    lines
}
