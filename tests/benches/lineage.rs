//! What families cost: the graph and all totals of a synthetic hub of the report's 2,161,698
//! models, opening large nodes, drawing long trees; and hubs of a million models made to be hard.
//! `cargo bench --bench lineage`; prints tables. 200 families, drawn at random and by size, are
//! compared with a walk that remembers where it was.

mod hubs;

use std::fs::File;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use hubscope::engine::Hub;
use hubscope::engine::lineage::graph::{Graph, Node};
use hubscope::engine::lineage::quantizations::Quantizations;
use hubscope::engine::lineage::rollup::Rollup;
use hubscope::engine::lineage::tree::LineageTree;
use hubscope::engine::lineage::tree::TreeOptions;
use hubscope::engine::source::Source;
use hubscope::engine::table::edge_list::EdgeList;
use hubscope::engine::table::field::Field;
use hubscope::engine::table::models::{ModelId, Models};
use hubscope::engine::table::order::Order;
use hubscope::tui::headless::Headless;
use hubscope::tui::theme::Palette;
use polars::prelude::*;
use rand::{RngExt, SeedableRng};

/// As in the program.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let hub = hubs::hub(2_161_698);
    making(&hub);
    families(&hub);
    opening();
    hard_hubs();
}

/// The least and the median of so many runs.
fn timed<T>(runs: usize, mut run: impl FnMut() -> T) -> (Duration, Duration) {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            let made = black_box(run());
            let took = start.elapsed();
            drop(made);
            took
        })
        .collect();
    times.sort_unstable();
    (times[0], times[runs / 2])
}

fn reported(what: &str, (least, median): (Duration, Duration)) {
    println!("{what:<58} {median:>10.1?} median, {least:.1?} least");
}

/// Returns the edge list that a graph was made from.
fn edges_of(graph: &Graph, models: &Models) -> EdgeList {
    let mut edges = EdgeList::default();
    for model in models.all() {
        for base in graph.bases(model.into()) {
            let how = graph.relation(model.into(), *base);
            let name = graph.name(*base, models);
            edges.push(model.0, how, name).unwrap();
        }
    }
    edges
}

fn making(hub: &Hub) {
    let edges = edges_of(&hub.graph, &hub.models);
    let models = &hub.models;
    println!(
        "{} models, {} nodes, {} edges",
        models.len(),
        hub.graph.node_count(),
        hub.graph.edge_count()
    );
    let graph = || Graph::new(models, &edges, &hub.by_downloads);
    reported("graph", timed(7, graph));
    reported("rollup", timed(7, || Rollup::new(&hub.graph, models)));
    reported(
        "quantizations",
        timed(7, || Quantizations::new(&hub.graph, models)),
    );
    let all = || {
        let graph = graph();
        let rollup = Rollup::new(&graph, models);
        (graph, rollup)
    };
    reported("graph and rollup", timed(7, all));
    println!();
}

/// Half of them by size, half at random among the nodes that have children.
fn families(hub: &Hub) {
    let lineage = hub.lineage();
    let size = |node: &Node| lineage.number(Field::Descendants, *node).unwrap_or(0);
    let mut parents: Vec<Node> = hub
        .graph
        .nodes()
        .filter(|node| !hub.graph.children(*node).is_empty())
        .collect();
    parents.sort_by_key(|node| std::cmp::Reverse(size(node)));
    let mut dice = rand_pcg::Pcg64::seed_from_u64(4);
    let random: Vec<Node> = (0..100)
        .map(|_| parents[dice.random_range(0..parents.len())])
        .collect();
    let mut members = 0;
    for &node in parents[..100].iter().chain(&random) {
        let walked = hub.family(node);
        let known = [
            Field::Descendants,
            Field::FamilyDownloads,
            Field::FamilyDownloadsAllTime,
        ]
        .map(|field| lineage.number(field, node));
        let descendants = i64::try_from(walked.descendants).ok();
        assert_eq!(
            known,
            [descendants, walked.downloads, walked.downloads_all_time]
        );
        members += walked.descendants;
    }
    let unknown = hub
        .models
        .all()
        .filter(|m| hub.models.number(Field::Descendants, *m).is_none());
    println!(
        "200 families of {} equal the walk; {members} members in all; {} totals are on demand\n",
        parents.len(),
        unknown.count()
    );
}

/// Models named by their numbers, with as many downloads.
fn numbered(count: u32) -> Models {
    let ids = StringChunked::from_iter_values("id".into(), (0..count).map(|n| n.to_string()));
    let downloads = |factor: i64| {
        let all: Vec<i64> = (0..i64::from(count))
            .map(|n| n * factor % 1_000_003)
            .collect();
        Series::new("downloads".into(), all)
    };
    let models = Models::new(&ids).unwrap();
    let models = models.with(Field::Downloads, &downloads(7_919)).unwrap();
    models
        .with(Field::DownloadsAllTime, &downloads(104_729))
        .unwrap()
}

/// The graph of what `bases_of` names for each model.
fn graph(models: &Models, bases_of: impl Fn(u32, &mut dyn FnMut(u32))) -> (Graph, Duration) {
    let mut edges = EdgeList::default();
    for model in models.all() {
        bases_of(model.0, &mut |base| {
            edges
                .push(model.0, Some("merge"), &base.to_string())
                .unwrap();
        });
    }
    let order: Vec<ModelId> = models.all().collect();
    let start = Instant::now();
    let graph = Graph::new(models, &edges, &order);
    (graph, start.elapsed())
}

/// A hub of one root with 100,000 children, each with ten of its own: all as a file has it.
fn wide() -> Hub {
    let base = |model: u32| match model {
        0 => None,
        1..=100_000 => Some(0),
        _ => Some((model - 100_001) / 10 + 1),
    };
    let models = numbered(1_100_001);
    let mut tags = ListStringChunkedBuilder::new("tags".into(), models.len(), models.len());
    for model in models.all() {
        let tag = base(model.0).map(|base| format!("base_model:finetune:wide/{base}"));
        tags.append_values_iter(tag.as_deref().into_iter());
    }
    let ids = (0..models.len()).map(|n| format!("wide/{n}"));
    let ids = StringChunked::from_iter_values("id".into(), ids);
    let downloads = models.frame().column("downloads").unwrap().clone();
    let columns = vec![ids.into_column(), downloads, tags.finish().into_column()];
    let mut frame = DataFrame::new_infer_height(columns).unwrap();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-wide.parquet");
    let file = File::create(&path).unwrap();
    ParquetWriter::new(file).finish(&mut frame).unwrap();
    Hub::open(&Source::named(Some(&path)).unwrap(), &|_| {}).unwrap()
}

/// A node with 100,000 children, listed by each total; and a tree of a million lines.
fn opening() {
    let hub = wide();
    let lineage = hub.lineage();
    let root = hub.find("wide/0").unwrap();
    for field in [
        Field::FamilyDownloads,
        Field::Descendants,
        Field::Children,
        Field::Depth,
        Field::Downloads,
        Field::Id,
    ] {
        let listing = TreeOptions {
            order: Order::by(field, false),
            ..TreeOptions::default()
        };
        let open = || LineageTree::around(lineage, root, listing.clone());
        reported(
            &format!("100,000 children by {}", field.info().key),
            timed(21, open),
        );
    }
    let mut stage = Headless::new(hub, (120, 40), Palette::Dark);
    stage.keys("R<enter>").unwrap();
    for keys in ["", "G<enter>", "G<enter>", "G<enter>", "+G"] {
        stage.keys(keys).unwrap();
        let lines = stage.app.tree.rows();
        reported(
            &format!("frame of a tree of {lines} lines"),
            timed(101, || stage.picture()),
        );
    }
    println!();
}

/// Whose totals are to be right, or on demand, in two seconds.
fn hard_hubs() {
    const ROWS: u32 = 1_000_000;
    let models = numbered(ROWS);
    type Shape = fn(u32, &mut dyn FnMut(u32));
    let shapes: [(&str, Shape); 5] = [
        ("a chain", |model, push| {
            if model > 0 {
                push(model - 1);
            }
        }),
        ("a ring", |model, push| push((model + ROWS - 1) % ROWS)),
        (
            "47 under 47 under 999,906, all of all",
            |model, push| match model {
                0..47 => {}
                47..94 => (0..47).for_each(push),
                _ => (47..94).for_each(push),
            },
        ),
        (
            "three layers, each of 47 of the one above",
            |model, push| {
                let layer = ROWS / 3;
                if model >= layer {
                    let above = model / layer * layer - layer;
                    let first = u64::from(model) * 2_654_435_761 % u64::from(layer);
                    let first = u32::try_from(first).unwrap();
                    (0..47).for_each(|n| push(above + (first + n * 7_001) % layer));
                }
            },
        ),
        ("a star, each a base of itself", |model, push| {
            push(model);
            push(0);
        }),
    ];
    for (name, shape) in shapes {
        let (graph, built) = graph(&models, shape);
        let start = Instant::now();
        let rollup = Rollup::new(&graph, &models);
        let took = start.elapsed();
        let known = graph
            .nodes()
            .filter(|node| rollup.total(Field::Descendants, *node) != Some(None))
            .count();
        let most = graph
            .nodes()
            .filter_map(|node| rollup.total(Field::Descendants, node).flatten())
            .max();
        println!(
            "{name:<42} {} edges: graph {built:.1?}, rollup {took:.1?}; {known} known, most descendants {}",
            graph.edge_count(),
            most.unwrap_or(0)
        );
    }
}
