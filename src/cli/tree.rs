//! `hubscope tree ID`: what was made from a model, or what it was made from, as a tree.

use std::io::Write;

use anyhow::Result;
use rustc_hash::FxHashSet;
use serde::Serialize;

use super::Found;
use super::args::{Format, TreeArgs};
use super::model::ModelJson;
use super::node::{self, NodeJson};
use super::table;
use super::within::{self, Within};
use crate::engine::Hub;
use crate::engine::export::ExtraColumn;
use crate::engine::lineage::family;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::tree::TreeOptions;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::stage::Stage;
use crate::present::format;

/// What is asked for.
pub struct Tree {
    args: TreeArgs,
    within: Option<Within>,
}

/// A node, and what is printed below it.
struct Branch {
    node: Node,
    mark: Mark,
    below: Vec<Branch>,
    /// So many hang from it that are not printed.
    hidden: usize,
}

/// Why nothing is printed below a node, though something hangs from it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    /// It stands further up already.
    Again,
    /// It stands on its own way up: here a circle is cut.
    Circle,
}

impl Mark {
    fn word(self) -> &'static str {
        match self {
            Mark::None => "",
            Mark::Again => "again",
            Mark::Circle => "circle",
        }
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    root: BranchJson<'a>,
}

#[derive(Serialize)]
struct BranchJson<'a> {
    #[serde(flatten)]
    node: NodeJson<'a>,
    hidden: usize,
    /// `again` or `circle` where it is not expanded for standing elsewhere.
    #[serde(skip_serializing_if = "str::is_empty")]
    mark: &'static str,
    children: Vec<BranchJson<'a>>,
}

impl Tree {
    /// The tree that the arguments ask for.
    ///
    /// # Errors
    /// When the text of `--where` is no query, with the column and the reason.
    pub fn new(args: TreeArgs) -> Result<Tree> {
        let query = args.filter.as_deref();
        let within = query.map(|query| Within::new(Some(query))).transpose()?;
        Ok(Tree { args, within })
    }

    /// How much of a hub must be loaded to answer in this form.
    pub fn stage(&self, format: Format) -> Stage {
        let within = self.within.as_ref().map_or(Stage::Names, Within::stage);
        node::stage(format, self.args.sort).max(within)
    }
}

/// Prints a tree. Without a node of that name: nothing on `out`, and the nearest names on `err`.
///
/// # Errors
/// When nothing can be written.
pub fn run(
    hub: &Hub,
    tree: &Tree,
    format: Format,
    out: &mut impl Write,
    err: &mut impl Write,
) -> Result<Found> {
    let Some(root) = hub.find(&tree.args.id) else {
        let why = super::show::offer(hub, &tree.args.id);
        writeln!(
            err,
            "hubscope: no model `{}` in {}{why}",
            tree.args.id, hub.source
        )?;
        return Ok(Found::Nothing);
    };
    within::check_order(hub, tree.args.sort.unwrap_or(TreeOptions::DEFAULT_ORDER))?;
    let kept = tree
        .within
        .as_ref()
        .map(|within| within.models(hub))
        .transpose()?;
    let mut grower = Grower {
        hub,
        args: &tree.args,
        kept: kept.map(|set| family::with_ancestors(&hub.graph, &set)),
        seen: FxHashSet::default(),
        way: Vec::new(),
    };
    let branch = grower.grow(root);
    match format {
        Format::Json => {
            let root = json(hub, branch);
            serde_json::to_writer_pretty(&mut *out, &Answer { root })?;
            writeln!(out)?;
        }
        Format::Ids => {
            let mut written = FxHashSet::default();
            for (branch, ..) in flat(&branch) {
                if written.insert(branch.node) {
                    writeln!(out, "{}", hub.name(branch.node))?;
                }
            }
        }
        Format::Text => for_people(hub, &tree.args, &branch, out)?,
        Format::Parquet => {
            let rows = flat(&branch);
            let nodes = rows.iter().map(|(branch, ..)| branch.node).collect();
            let number = |number: usize| i64::try_from(number).ok();
            let hidden = rows.iter().map(|(branch, ..)| number(branch.hidden));
            let depth = rows.iter().map(|(_, depth, _)| number(*depth));
            let parent = rows.iter().map(|(.., above)| above.map(|n| hub.name(n)));
            let mark = rows.iter().map(|(branch, ..)| Some(branch.mark.word()));
            let own = vec![
                ExtraColumn::numbers("hidden", hidden.collect()),
                ExtraColumn::numbers("depth", depth.collect()),
                ExtraColumn::texts("parent", parent.collect()),
                ExtraColumn::texts("mark", mark.map(|m| m.filter(|m| !m.is_empty())).collect()),
            ];
            NodeJson::parquet(hub, nodes, own, out)?;
        }
        Format::Tsv | Format::Csv => {
            let model = ModelJson::header(hub);
            let own = ["hidden", "depth", "parent", "mark"];
            let header = [&model[..], &NodeJson::HEADER[..], &own[..]].concat();
            let rows = flat(&branch).into_iter().map(|(branch, depth, above)| {
                let mut cells = NodeJson::new(hub, branch.node).cells();
                cells.push(branch.hidden.to_string());
                cells.push(depth.to_string());
                cells.push(above.map_or("", |node| hub.name(node)).to_owned());
                cells.push(branch.mark.word().to_owned());
                cells
            });
            table::write(format, &header, rows, out)?;
        }
    }
    Ok(Found::Something)
}

/// What is kept in mind while a tree grows.
struct Grower<'a> {
    hub: &'a Hub,
    args: &'a TreeArgs,
    /// The models that are printed, if not all are.
    kept: Option<ModelSet>,
    seen: FxHashSet<Node>,
    way: Vec<Node>,
}

impl Grower<'_> {
    /// A node and what hangs from it, as deep as is asked for; the arguments allow no depth that
    /// recursion could not take.
    fn grow(&mut self, node: Node) -> Branch {
        let mark = match (self.way.contains(&node), self.seen.insert(node)) {
            (true, _) => Mark::Circle,
            (false, false) => Mark::Again,
            (false, true) => Mark::None,
        };
        let all = match self.args.up {
            true => self.hub.graph.distinct_bases(node).count(),
            false => self.hub.graph.children(node).len(),
        };
        let mut below = Vec::new();
        if mark == Mark::None && self.way.len() < self.args.depth {
            self.way.push(node);
            below = self
                .listed(node)
                .into_iter()
                .map(|next| self.grow(next))
                .collect();
            self.way.pop();
        }
        Branch {
            node,
            mark,
            hidden: all - below.len(),
            below,
        }
    }

    fn listed(&self, node: Node) -> Vec<Node> {
        let graph = &self.hub.graph;
        let made = |(child, base): (Node, Node)| {
            let how = self.args.relation.as_deref();
            how.is_none_or(|how| graph.relation(child, base) == Some(how))
        };
        let mut listed: Vec<Node> = match self.args.up {
            true => graph
                .distinct_bases(node)
                .filter(|base| made((node, *base)))
                .collect(),
            false => {
                let children = graph.children(node).iter().copied();
                let children = children.filter(|child| self.keeps(*child) && made((*child, node)));
                let order = self.args.sort.unwrap_or(TreeOptions::DEFAULT_ORDER);
                self.hub.lineage().sorted(order, children.collect())
            }
        };
        listed.truncate(match self.args.limit {
            0 => usize::MAX,
            limit => limit,
        });
        listed
    }

    fn keeps(&self, node: Node) -> bool {
        let model = self.hub.graph.model(node);
        let kept = self.kept.as_ref();
        kept.is_none_or(|set| model.is_some_and(|model| set.has(model)))
    }
}

fn json(hub: &Hub, branch: Branch) -> BranchJson<'_> {
    BranchJson {
        node: NodeJson::new(hub, branch.node),
        hidden: branch.hidden,
        mark: branch.mark.word(),
        children: branch
            .below
            .into_iter()
            .map(|below| json(hub, below))
            .collect(),
    }
}

/// Every branch from the top down, with its depth and the node that it hangs from.
fn flat(root: &Branch) -> Vec<(&Branch, usize, Option<Node>)> {
    let mut all = Vec::new();
    let mut next = vec![(root, 0, None)];
    while let Some((branch, depth, above)) = next.pop() {
        all.push((branch, depth, above));
        let below = branch.below.iter().rev();
        next.extend(below.map(|below| (below, depth + 1, Some(branch.node))));
    }
    all
}

/// A line for each node, drawn as a tree, and one for what is hidden.
fn for_people(hub: &Hub, args: &TreeArgs, root: &Branch, out: &mut impl Write) -> Result<()> {
    let mut rows = Vec::new();
    draw(hub, args, (root, None), ["", ""], &mut rows);
    let header = [&["model", "made by"], &NodeJson::TITLES[..]].concat();
    table::write(Format::Text, &header, rows.into_iter(), out)
}

/// The rows of a branch; `before` stands before its own line and before those below it.
fn draw(
    hub: &Hub,
    args: &TreeArgs,
    (branch, above): (&Branch, Option<Node>),
    before: [&str; 2],
    rows: &mut Vec<Vec<String>>,
) {
    let pair = |above| {
        if args.up {
            (above, branch.node)
        } else {
            (branch.node, above)
        }
    };
    let how = above.and_then(|above| {
        let (child, base) = pair(above);
        hub.graph.relation(child, base)
    });
    let mut name = format!("{}{}", before[0], hub.name(branch.node));
    if hub.graph.model(branch.node).is_none() {
        name.push_str(" (not in the table)");
    }
    if branch.mark != Mark::None {
        name.push_str(&format!(" ({})", branch.mark.word()));
    }
    let how = if how == Some("") {
        "unstated"
    } else {
        how.unwrap_or_default()
    };
    let mut cells = vec![name, how.to_owned()];
    cells.extend(NodeJson::new(hub, branch.node).for_people());
    rows.push(cells);
    // What is only too deep to be printed is told by the number of children.
    let hidden = if branch.below.is_empty() {
        0
    } else {
        branch.hidden
    };
    for (at, below) in branch.below.iter().enumerate() {
        let is_last = at + 1 == branch.below.len() && hidden == 0;
        let (own, rest) = if is_last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        let before = [own, rest].map(|part| format!("{}{part}", before[1]));
        let before = [before[0].as_str(), before[1].as_str()];
        draw(hub, args, (below, Some(branch.node)), before, rows);
    }
    if hidden > 0 {
        let text = format!("{}└─ … {} more", before[1], format::count(hidden));
        let blank = NodeJson::TITLES.map(|_| String::new());
        rows.push([vec![text, String::new()], blank.to_vec()].concat());
    }
}
