//! What a figure costs on a synthetic hub of the report's 2,161,698 models: histograms and frequency
//! tables over all of them, over what a query leaves, and over every third; the whole summary.
//! `cargo bench --bench stats`.

mod hubs;

use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use divan::Bencher;
use hubscope::engine::Hub;
use hubscope::engine::query::parse::parse;
use hubscope::engine::search::searcher::Searcher;
use hubscope::engine::stats::density::density;
use hubscope::engine::stats::edges::Scale;
use hubscope::engine::stats::frequency::{self, Authors};
use hubscope::engine::stats::histogram::{Binning, histogram_of};
use hubscope::engine::stats::percentile::percentile_rank;
use hubscope::engine::stats::summary;
use hubscope::engine::table::bitset::ModelSet;
use hubscope::engine::table::field::Field;
use hubscope::present::report::{KnownAuthors, WORDS, sections};

/// As in the program.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: usize = 2_161_698;

/// The sets that figures are worked out over.
const SETS: [&str; 3] = ["all", "llama", "every third"];

fn main() {
    divan::main();
}

fn hub() -> &'static Hub {
    static HUB: OnceLock<Hub> = OnceLock::new();
    HUB.get_or_init(|| hubs::hub(ROWS))
}

fn set(name: &str) -> ModelSet {
    match name {
        "all" => ModelSet::all(ROWS),
        "every third" => ModelSet::of(ROWS, |row| row % 3 == 0),
        query => {
            let query = parse(query).unwrap().query;
            let never = AtomicBool::new(false);
            let found = Searcher::default().matching(hub().corpus(), &query, &never);
            found.unwrap()
        }
    }
}

fn of_field(bencher: Bencher, field: Field, name: &str, binning: Binning) {
    let set = set(name);
    bencher.bench_local(|| histogram_of(&hub().models, field, &set, binning));
}

#[divan::bench(args = SETS)]
fn downloads(bencher: Bencher, set: &str) {
    of_field(
        bencher,
        Field::Downloads,
        set,
        Binning::of(Field::Downloads),
    );
}

#[divan::bench(args = SETS)]
fn all_time(bencher: Bencher, set: &str) {
    let field = Field::DownloadsAllTime;
    of_field(bencher, field, set, Binning::of(field));
}

#[divan::bench(args = SETS)]
fn all_time_linear(bencher: Bencher, set: &str) {
    let binning = Binning {
        scale: Scale::Linear,
        bins: None,
    };
    of_field(bencher, Field::DownloadsAllTime, set, binning);
}

#[divan::bench(args = SETS)]
fn recent_share(bencher: Bencher, set: &str) {
    let field = Field::RecentShare;
    of_field(bencher, field, set, Binning::of(field));
}

#[divan::bench(args = SETS)]
fn params(bencher: Bencher, set: &str) {
    of_field(bencher, Field::Params, set, Binning::of(Field::Params));
}

#[divan::bench(args = SETS)]
fn created(bencher: Bencher, set: &str) {
    let field = Field::CreatedAt;
    of_field(bencher, field, set, Binning::of(field));
}

#[divan::bench(args = SETS)]
fn tasks(bencher: Bencher, name: &str) {
    let set = set(name);
    bencher.bench_local(|| frequency::words(&hub().models, Field::Task, &set, 20));
}

#[divan::bench(args = SETS)]
fn months(bencher: Bencher, name: &str) {
    let set = set(name);
    bencher.bench_local(|| frequency::months(&hub().models, &set, |micros| micros.to_string()));
}

/// The authors are numbered once.
#[divan::bench]
fn authors_numbered(bencher: Bencher) {
    bencher.bench_local(|| Authors::of(&hub().models));
}

#[divan::bench(args = SETS)]
fn authors(bencher: Bencher, name: &str) {
    let (set, authors) = (set(name), Authors::of(&hub().models));
    bencher.bench_local(|| authors.frequency(&hub().models, &set, 20));
}

#[divan::bench(args = SETS)]
fn coverage(bencher: Bencher, name: &str) {
    let set = set(name);
    bencher.bench_local(|| summary::coverage(&hub().models, &set));
}

#[divan::bench(args = SETS)]
fn summary_of(bencher: Bencher, name: &str) {
    let set = set(name);
    bencher.bench_local(|| summary::summary(&hub().models, &hub().graph, &hub().suspects, &set));
}

/// All tables of the report, as the explorer shows them.
#[divan::bench(args = SETS)]
fn tables(bencher: Bencher, name: &str) {
    let (set, authors) = (set(name), KnownAuthors::from(Authors::of(&hub().models)));
    bencher.bench_local(|| {
        let summary = summary::summary(&hub().models, &hub().graph, &hub().suspects, &set);
        sections(hub(), &authors, &set, &summary, WORDS)
    });
}

/// The plot of downloads by parameters.
#[divan::bench(args = SETS)]
fn density_of(bencher: Bencher, name: &str) {
    let (set, fields) = (set(name), [Field::Params, Field::Downloads]);
    bencher.bench_local(|| density(&hub().models, fields, &set));
}

/// Where a model stands, which every step in the list asks.
#[divan::bench(args = SETS)]
fn rank_of(bencher: Bencher, name: &str) {
    let set = set(name);
    bencher.bench_local(|| percentile_rank(&hub().models, Field::Downloads, &set, 1_000));
}
