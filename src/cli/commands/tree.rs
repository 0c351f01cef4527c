//! `hubscope tree ID`: the models derived from a model, or its base models, as a tree.

mod args;
mod branch;
mod drawing;
mod nested;

use anyhow::Result;
use rustc_hash::FxHashSet;

pub use self::args::TreeArgs;
use self::branch::{FlatBranch, Grower, flat};
use self::drawing::Drawing;
use self::nested::{NestedRow, TreeJson};
use super::suggestions::did_you_mean;
use crate::cli::context::{CommandContext, Found};
use crate::cli::output::format::Format;
use crate::cli::output::{json, nodes, table};
use crate::cli::within::Within;
use crate::engine::Hub;
use crate::engine::export::{ExtraColumn, ModelTable};
use crate::engine::table::stage::Stage;

/// The deepest tree whose JSON is indented; deeper ones are only in files made to be.
const PRETTY: usize = 32;

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
    let root = Grower::new(hub, args, within.as_ref())?.grow(root);
    let branches = flat(&root);
    match context.format {
        Format::Text => {
            let drawing = Drawing { hub, up: args.up };
            drawing.write(&root, context.width, context.out)?;
        }
        Format::Json => {
            let table = table(hub, &branches);
            let root = NestedRow::root(&root, &table);
            let is_deep = branches.iter().any(|(_, depth, _)| *depth > PRETTY);
            let write = match is_deep {
                true => json::write_compact,
                false => json::write_sourced,
            };
            write(&TreeJson { root }, &hub.source, context.out)?;
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
