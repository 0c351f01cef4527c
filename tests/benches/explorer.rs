//! What a person waits for: opening a hub, a search, a key in each pane. On synthetic hubs of
//! 100,000 models and of the report's 2,161,698, so that it shows what grows with the hub and what
//! does not. `cargo bench`; the hubs are written to the target folder once.

mod hubs;

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use divan::{Bencher, black_box};
use hubscope::engine::Hub;
use hubscope::engine::lineage::graph::Node;
use hubscope::engine::lineage::tree::LineageTree;
use hubscope::engine::lineage::tree::TreeOptions;
use hubscope::engine::stats::histogram::histogram;
use hubscope::engine::table::field::Field;
use hubscope::tui::answers::Lane;
use hubscope::tui::app::Event;
use hubscope::tui::keys::key_of;
use hubscope::tui::screen::Stage;
use hubscope::tui::theme::Palette;

/// As in the program.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: [usize; 2] = [100_000, 2_161_698];
/// A frame must cost the same for a hub of the years to come.
const FRAMES: [usize; 3] = [100_000, 2_161_698, 10_000_000];

fn main() {
    divan::main();
}

/// The hub of so many models, opened once.
fn hub(rows: usize) -> Hub {
    static HUBS: OnceLock<Mutex<HashMap<usize, Hub>>> = OnceLock::new();
    let mut hubs = HUBS.get_or_init(Mutex::default).lock().unwrap();
    let open = || hubs::hub(rows);
    hubs.entry(rows).or_insert_with(open).clone()
}

/// The explorer on it, after these keys, at 120×40.
fn stage(rows: usize, keys: &str) -> Stage {
    let mut stage = Stage::new(hub(rows), (120, 40), Palette::Dark);
    stage.keys(keys).unwrap();
    stage
}

/// The key `j` and what follows, but for the file's record, which the explorer reads beside its
/// loop when the cursor rests.
fn press_down(stage: &mut Stage) {
    let key = Event::Key(key_of("j").unwrap());
    stage.happen_asking(key, |lane| lane != Lane::Record);
}

#[divan::bench(args = ROWS, sample_count = 5, sample_size = 1)]
fn open_from_page_cache(bencher: Bencher, rows: usize) {
    hubs::file(rows);
    bencher.bench_local(|| std::mem::ManuallyDrop::new(hubs::hub(rows)));
}

#[divan::bench(args = ROWS)]
fn key_down_in_the_list(bencher: Bencher, rows: usize) {
    let mut stage = stage(rows, "");
    bencher.bench_local(|| {
        press_down(&mut stage);
        black_box(stage.picture())
    });
}

#[divan::bench(args = ROWS)]
fn key_down_in_the_tree(bencher: Bencher, rows: usize) {
    let mut stage = stage(rows, "2");
    bencher.bench_local(|| {
        press_down(&mut stage);
        black_box(stage.picture())
    });
}

#[divan::bench(args = FRAMES)]
fn frame(bencher: Bencher, rows: usize) {
    let stage = stage(rows, "/llama<enter>");
    bencher.bench_local(|| black_box(stage.picture()));
}

#[divan::bench(args = ROWS)]
fn histogram_of_downloads(bencher: Bencher, rows: usize) {
    let hub = hub(rows);
    bencher.bench_local(|| histogram(&hub.models, Field::DownloadsAllTime));
}

/// The tree of the base with the most children, and what its family adds up to.
fn largest_base(hub: &Hub) -> Node {
    let nodes = hub.models.all().map(Node::from);
    nodes
        .max_by_key(|node| hub.graph.children(*node).len())
        .unwrap()
}

#[divan::bench(args = ROWS)]
fn tree_of_the_largest_base(bencher: Bencher, rows: usize) {
    let hub = hub(rows);
    let node = largest_base(&hub);
    bencher.bench_local(|| LineageTree::around(hub.lineage(), node, TreeOptions::default()));
}

#[divan::bench(args = ROWS)]
fn family_of_the_largest_base(bencher: Bencher, rows: usize) {
    let hub = hub(rows);
    let node = largest_base(&hub);
    bencher.bench_local(|| hub.family(node));
}
