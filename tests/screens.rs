//! The screens as they are, at three sizes, kept as snapshots: a change is to be looked at before
//! it is accepted (`cargo insta review`).

use hubscope::engine::Hub;
use hubscope::engine::data::source::Source;
use hubscope::tui::screen::Stage;
use hubscope::tui::theme::Palette;

/// The screen of the built-in sample after some keys, at each size.
fn snap(name: &str, keys: &str) {
    let hub = Hub::open(&Source::Sample, &|_| {}).unwrap();
    for size in [(80, 24), (120, 40), (50, 15)] {
        let mut stage = Stage::new(hub.clone(), size, Palette::Dark);
        stage.keys(keys).unwrap();
        insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), stage.text());
    }
}

#[test]
fn start() {
    snap("start", "");
}

#[test]
fn query() {
    snap("query", "/qwen3 vl");
}

#[test]
fn nothing_found() {
    snap("nothing", "/zzzz qqqq license:mit<enter>");
}

#[test]
fn tree() {
    snap("tree", "/qwen3-vl-8b-instruct<enter><enter>lj");
}

#[test]
fn details() {
    snap("details", "/qwen3-vl-8b-instruct<enter>4");
}

#[test]
fn histogram() {
    snap("histogram", "/qwen3-vl-8b-instruct<enter>3lll");
}

#[test]
fn statistics() {
    snap("statistics", "/qwen<enter>%<tab><tab><tab>jjj");
}

#[test]
fn help() {
    snap("help", "?");
}

#[test]
fn sort_menu() {
    snap("sort", "s");
}

#[test]
fn compare() {
    snap(
        "compare",
        "/qwen3-vl-8b-instruct<enter><space><space><space><space>c",
    );
}

#[test]
fn save_query() {
    snap("save-query", "/qwen3 vl<enter>slikes<enter>wvision");
}

#[test]
fn saved_queries() {
    snap(
        "saved-queries",
        "/qwen3 vl<enter>wvision<enter>/<ctrl-u>gpt2<enter>wsmall<enter>'",
    );
}

#[test]
fn command() {
    snap("command", "/qwen3 vl<enter>slikes<enter>$");
}

#[test]
fn mistake() {
    snap("mistake", "/llama licence:mit");
}

#[test]
fn filters() {
    snap("filters", "/llama task:text-generation -license:mit<enter>");
}

#[test]
fn picker() {
    snap("picker", "/llama<enter>flicense<enter>");
}

#[test]
fn folded_tree() {
    snap(
        "folded",
        "/qwen3-vl-8b-instruct<enter><enter>/<ctrl-u>gguf<enter>2v",
    );
}
