//! What a person waits for: opening a hub, a search, a key in each pane. On synthetic hubs of
//! 100,000 models and of the report's 2,161,698, so that it shows what grows with the hub and what
//! does not. `cargo bench`; the hubs are written to the target folder once.
//!
//! It begins with the bytes that a key costs on the terminal, with the explorer's backend and with
//! that of ratatui.

mod hubs;

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::{Mutex, OnceLock};

use divan::{Bencher, black_box};
use hubscope::engine::Hub;
use hubscope::engine::lineage::graph::Node;
use hubscope::engine::lineage::tree::LineageTree;
use hubscope::engine::lineage::tree::TreeOptions;
use hubscope::engine::source::Source;
use hubscope::engine::stats::histogram::histogram;
use hubscope::engine::table::field::Field;
use hubscope::tui::answers::Lane;
use hubscope::tui::app::Event;
use hubscope::tui::headless::{Headless, render};
use hubscope::tui::keys::{key_of, keys_of};
use hubscope::tui::terminal::backend::CompactBackend;
use hubscope::tui::theme::Palette;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

/// As in the program.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: [usize; 2] = [100_000, 2_161_698];
/// A frame must cost the same for a hub of the years to come.
const FRAMES: [usize; 3] = [100_000, 2_161_698, 10_000_000];

/// Keys as a person types them, by what they do.
const KEYS: [(&str, &str); 6] = [
    (
        "moving in the list",
        "jjjjjjjjjj<down><down><down><ctrl-d>kkkkGg",
    ),
    (
        "typing a query",
        "/llama 7b<enter>/<ctrl-u>qwen !gguf<enter>",
    ),
    ("walking the tree", "2jjjlljjhjkkj"),
    ("the histogram", "3llllhh<space>"),
    ("menus and other views", "?<esc>:<esc>D<esc>C<esc>Y<esc>"),
    ("zooming and panes", "zz<tab><tab><tab><tab>zz"),
];

fn main() {
    bytes_per_key();
    divan::main();
}

/// Prints the bytes that keys cost on the terminal, one frame each, with either backend.
fn bytes_per_key() {
    let hub = Hub::open(&Source::Sample, &|_| {}).unwrap();
    println!("bytes per key on the sample");
    println!(
        "{:24}{:>8}{:>10}{:>10}{:>8}",
        "", "screen", "ratatui", "hubscope", "ratio"
    );
    for size in [(80, 24), (120, 40)] {
        let mut total = [0, 0, 0];
        for (what, script) in KEYS {
            let mut stage = Headless::new(hub.clone(), size, Palette::Dark);
            let (ours, theirs) = (Counter::default(), Counter::default());
            let compact = CompactBackend::new(ours.clone(), size.into());
            let mut compact = terminal(compact, size);
            let mut crossterm = terminal(CrosstermBackend::new(theirs.clone()), size);
            let mut draw = |stage: &Headless| {
                compact
                    .draw(|f| render(&stage.app, f.buffer_mut()))
                    .unwrap();
                crossterm
                    .draw(|f| render(&stage.app, f.buffer_mut()))
                    .unwrap();
            };
            draw(&stage);
            let first = [theirs.get(), ours.get()];
            let keys = keys_of(script).unwrap();
            for key in &keys {
                stage.happen(Event::Key(*key));
                draw(&stage);
            }
            // The synchronized update that ours has already.
            let around = keys.len() * "\x1b[?2026h\x1b[?2026l".len();
            let bytes = [theirs.get() - first[0] + around, ours.get() - first[1]];
            report(what, size, keys.len(), bytes);
            total = [
                total[0] + keys.len(),
                total[1] + bytes[0],
                total[2] + bytes[1],
            ];
        }
        report("all", size, total[0], [total[1], total[2]]);
    }
    println!();
}

fn report(what: &str, (width, height): (u16, u16), keys: usize, [theirs, ours]: [usize; 2]) {
    let ratio = theirs as f64 / ours as f64;
    let (theirs, ours) = (theirs / keys, ours / keys);
    println!("{what:24}{width:>5}x{height:<2}{theirs:>10}{ours:>10}{ratio:>8.2}");
}

fn terminal<B: Backend<Error: 'static>>(backend: B, (width, height): (u16, u16)) -> Terminal<B> {
    let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
    Terminal::with_options(backend, TerminalOptions { viewport }).unwrap()
}

/// A writer that counts bytes.
#[derive(Clone, Default)]
struct Counter(Rc<Cell<usize>>);

impl Counter {
    fn get(&self) -> usize {
        self.0.get()
    }
}

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The hub of so many models, opened once.
fn hub(rows: usize) -> Hub {
    static HUBS: OnceLock<Mutex<HashMap<usize, Hub>>> = OnceLock::new();
    let mut hubs = HUBS.get_or_init(Mutex::default).lock().unwrap();
    let open = || hubs::hub(rows);
    hubs.entry(rows).or_insert_with(open).clone()
}

/// The explorer on it, after these keys, at 120×40.
fn stage(rows: usize, keys: &str) -> Headless {
    let mut stage = Headless::new(hub(rows), (120, 40), Palette::Dark);
    stage.keys(keys).unwrap();
    stage
}

/// The key `j` and what follows, but for the file's record, which the explorer reads beside its
/// loop when the cursor rests.
fn press_down(stage: &mut Headless) {
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
