//! `hubscope tree ID`: the models derived from a model, or its base models, as a tree.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use rustc_hash::FxHashSet;
use serde::Serialize;

use super::suggestions::did_you_mean;
use crate::cli::context::{CommandContext, Found};
use crate::cli::output::format::{Format, ListOutput, parse_limit};
use crate::cli::output::record::JsonRecord;
use crate::cli::output::{json, nodes, table};
use crate::cli::within::{Within, check_order};
use crate::engine::Hub;
use crate::engine::export::{ExtraColumn, ModelTable};
use crate::engine::lineage::family;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::tree::TreeOptions;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::order::Order;
use crate::engine::table::stage::Stage;
use crate::present::figures;
use crate::present::format::count;

/// The largest depth; trees are printed by recursion, and none is deeper but in files made to be.
const MAX_DEPTH: usize = 1_000;

#[derive(Clone, Debug, Args)]
pub struct TreeArgs {
    /// Id of the model, such as `google/gemma-7b`, or of a missing base model
    pub id: String,
    /// Maximum number of generations
    #[arg(long, default_value_t = 2, value_parser = parse_depth)]
    pub depth: usize,
    /// Maximum number of children per model (0 = all)
    #[arg(long, default_value = "20", value_parser = parse_limit)]
    pub limit: usize,
    /// Sort by a field, or by `FIELD:asc` for the smallest first [default: family_downloads]
    #[arg(long, value_name = "FIELD", value_parser = Order::parse)]
    pub sort: Option<Order>,
    /// Only models of this relation to their base, such as `quantized`
    #[arg(long, value_name = "WORD")]
    pub relation: Option<String>,
    /// Only models that match a query, and their ancestors
    #[arg(
        long = "where",
        value_name = "QUERY",
        allow_hyphen_values = true,
        conflicts_with = "up"
    )]
    pub query: Option<String>,
    /// Print the base models instead, their base models, …
    #[arg(long)]
    pub up: bool,
    #[command(flatten)]
    pub output: ListOutput,
}

fn parse_depth(text: &str) -> Result<usize, String> {
    let parsed = text.parse().ok().filter(|depth| *depth <= MAX_DEPTH);
    parsed.ok_or_else(|| format!("not a number from 0 to {MAX_DEPTH}"))
}

/// A node and the branches below it.
struct Branch {
    node: Node,
    mark: Mark,
    below: Vec<Branch>,
    /// The number of nodes below it that are not printed.
    hidden: usize,
}

/// The reason why a node is not expanded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    /// It is expanded elsewhere.
    Again,
    /// It is its own ancestor: the cycle is cut here.
    Cycle,
}

impl Mark {
    fn word(self) -> Option<&'static str> {
        match self {
            Mark::None => None,
            Mark::Again => Some("again"),
            Mark::Cycle => Some("cycle"),
        }
    }
}

/// The answer as JSON.
#[derive(Serialize)]
struct TreeJson<'h> {
    root: BranchJson<'h>,
}

#[derive(Serialize)]
struct BranchJson<'h> {
    #[serde(flatten)]
    node: JsonRecord<'h>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<&'static str>,
    children: Vec<BranchJson<'h>>,
}

/// Prints a tree. Without a node of that name, suggests the nearest ones.
///
/// # Errors
/// When the query is malformed, or anything compares without an older snapshot.
pub fn run(context: &mut CommandContext, args: &TreeArgs) -> Result<Found> {
    let query = args.query.as_deref();
    let within = query.map(|query| Within::new(Some(query))).transpose()?;
    let stage = within.as_ref().map_or(Stage::Names, Within::stage);
    let hub = context.open(stage.max(nodes::stage(context.format, args.sort)))?;
    let Some(root) = hub.find(&args.id) else {
        let (id, source, hint) = (&args.id, &hub.source, did_you_mean(hub, &args.id));
        context.explain(&format!("no model `{id}` in {source}{hint}"))?;
        return Ok(Found::Nothing);
    };
    let mut grower = Grower::new(hub, args, within.as_ref())?;
    let root = grower.grow(root);
    let branches = flat(&root);
    match context.format {
        Format::Text => {
            let drawing = Drawing { hub, up: args.up };
            drawing.write(&root, context.out)?;
        }
        Format::Json => {
            let table = table(hub, &branches);
            let root = json_of(&root, &table, &mut 0);
            json::write_sourced(&TreeJson { root }, &hub.source, context.out)?;
        }
        Format::Ids => {
            let mut written = FxHashSet::default();
            let nodes = branches.iter().map(|(branch, ..)| branch.node);
            for node in nodes.filter(|node| written.insert(*node)) {
                writeln!(context.out, "{}", hub.name(node))?;
            }
        }
        format => {
            let mut table = table(hub, &branches);
            table.extra.extend(places(hub, &branches));
            table::write_models(format, &table, context.out)?;
        }
    }
    Ok(Found::Something)
}

/// Builds the branches of a tree.
struct Grower<'a> {
    hub: &'a Hub,
    args: &'a TreeArgs,
    order: Order,
    /// The models that are printed; `None` for all.
    shown: Option<ModelSet>,
    seen: FxHashSet<Node>,
    path: Vec<Node>,
}

impl<'a> Grower<'a> {
    fn new(hub: &'a Hub, args: &'a TreeArgs, within: Option<&Within>) -> Result<Grower<'a>> {
        let order = args.sort.unwrap_or(TreeOptions::DEFAULT_ORDER);
        check_order(hub, order)?;
        let matching = within.map(|within| within.models(hub)).transpose()?;
        Ok(Grower {
            hub,
            args,
            order,
            shown: matching.map(|set| family::with_ancestors(&hub.graph, &set)),
            seen: FxHashSet::default(),
            path: Vec::new(),
        })
    }

    /// Returns a node with its branches; the depth bounds the recursion.
    fn grow(&mut self, node: Node) -> Branch {
        let mark = match (self.path.contains(&node), self.seen.insert(node)) {
            (true, _) => Mark::Cycle,
            (false, false) => Mark::Again,
            (false, true) => Mark::None,
        };
        let all = match self.args.up {
            true => self.hub.graph.distinct_bases(node).count(),
            false => self.hub.graph.children(node).len(),
        };
        let mut below = Vec::new();
        if mark == Mark::None && self.path.len() < self.args.depth {
            self.path.push(node);
            let next = self.next(node).into_iter();
            below = next.map(|next| self.grow(next)).collect();
            self.path.pop();
        }
        Branch {
            node,
            mark,
            hidden: all - below.len(),
            below,
        }
    }

    /// Returns the children, or bases, that are printed below a node.
    fn next(&self, node: Node) -> Vec<Node> {
        let graph = &self.hub.graph;
        let relation = self.args.relation.as_deref();
        let is_related = |child, base| {
            relation.is_none_or(|relation| graph.relation(child, base) == Some(relation))
        };
        let mut next: Vec<Node> = match self.args.up {
            true => {
                let bases = graph.distinct_bases(node);
                bases.filter(|base| is_related(node, *base)).collect()
            }
            false => {
                let children = graph.children(node).iter().copied();
                let children =
                    children.filter(|child| self.shows(*child) && is_related(*child, node));
                self.hub.lineage().sorted(self.order, children.collect())
            }
        };
        next.truncate(self.args.limit);
        next
    }

    fn shows(&self, node: Node) -> bool {
        let model = self.hub.graph.model(node);
        let shown = self.shown.as_ref();
        shown.is_none_or(|set| model.is_some_and(|model| set.has(model)))
    }
}

/// A branch, its depth, and the node above it.
type FlatBranch<'b> = (&'b Branch, usize, Option<Node>);

/// Returns every branch from the top down.
fn flat(root: &Branch) -> Vec<FlatBranch<'_>> {
    let mut all = Vec::new();
    let mut next = vec![(root, 0, None)];
    while let Some((branch, depth, above)) = next.pop() {
        all.push((branch, depth, above));
        let below = branch.below.iter().rev();
        next.extend(below.map(|below| (below, depth + 1, Some(branch.node))));
    }
    all
}

/// Returns the branches as rows.
fn table<'h>(hub: &'h Hub, branches: &[FlatBranch]) -> ModelTable<'h> {
    let nodes = branches.iter().map(|(branch, ..)| branch.node);
    let hidden = branches
        .iter()
        .map(|(branch, ..)| i64::try_from(branch.hidden).ok());
    let hidden = ExtraColumn::numbers("hidden", hidden.collect());
    nodes::table(hub, nodes.collect(), vec![hidden])
}

/// Returns the columns that describe a branch's place in the tree, which JSON shows by nesting.
fn places<'h>(hub: &'h Hub, branches: &[FlatBranch]) -> [ExtraColumn<'h>; 3] {
    let depths = branches
        .iter()
        .map(|(_, depth, _)| i64::try_from(*depth).ok());
    let parents = branches
        .iter()
        .map(|(.., above)| above.map(|above| hub.name(above)));
    let marks = branches.iter().map(|(branch, ..)| branch.mark.word());
    [
        ExtraColumn::numbers("depth", depths.collect()),
        ExtraColumn::texts("parent", parents.collect()),
        ExtraColumn::texts("mark", marks.collect()),
    ]
}

/// Nests the rows of a table, from the row `next` on.
fn json_of<'h>(branch: &Branch, table: &ModelTable<'h>, next: &mut usize) -> BranchJson<'h> {
    let row = *next;
    *next += 1;
    let below = branch.below.iter();
    BranchJson {
        node: JsonRecord::of_row(table, row),
        mark: branch.mark.word(),
        children: below.map(|below| json_of(below, table, next)).collect(),
    }
}

/// A tree for people.
struct Drawing<'h> {
    hub: &'h Hub,
    up: bool,
}

impl Drawing<'_> {
    fn write(&self, root: &Branch, out: &mut dyn Write) -> Result<()> {
        let mut rows = Vec::new();
        self.draw((root, None), ["", ""], &mut rows);
        let header = [&["model", "relation"], &nodes::TITLES[..]].concat();
        table::write_aligned(&header, rows.into_iter(), out)
    }

    /// Adds the rows of a branch, with one text before its own and another before those below it.
    fn draw(
        &self,
        (branch, above): (&Branch, Option<Node>),
        before: [&str; 2],
        rows: &mut Vec<Vec<String>>,
    ) {
        let relation = above.map_or(String::new(), |above| self.relation(branch.node, above));
        let mut name = format!("{}{}", before[0], nodes::name(self.hub, branch.node));
        if let Some(mark) = branch.mark.word() {
            name.push_str(&format!(" ({mark})"));
        }
        let numbers = nodes::for_people(self.hub, branch.node);
        rows.push([&[name, relation], &numbers[..]].concat());
        // Where the depth alone hides nodes, the number of children says so.
        let hidden = match branch.below.is_empty() {
            true => 0,
            false => branch.hidden,
        };
        for (at, below) in branch.below.iter().enumerate() {
            let is_last = at + 1 == branch.below.len() && hidden == 0;
            let lines = match is_last {
                true => ["└─ ", "   "],
                false => ["├─ ", "│  "],
            };
            let lines = lines.map(|line| format!("{}{line}", before[1]));
            self.draw(
                (below, Some(branch.node)),
                lines.each_ref().map(|l| &**l),
                rows,
            );
        }
        if hidden > 0 {
            let text = format!("{}└─ … {} more", before[1], count(hidden));
            let blanks = vec![String::new(); 1 + nodes::TITLES.len()];
            rows.push([vec![text], blanks].concat());
        }
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
