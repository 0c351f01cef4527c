//! Filters in the explorer: typed, picked, taken from a model and away again; and what the other
//! panes make of them. On the built-in sample, without a terminal.

use crate::sample::after;
use hubscope::engine::Hub;
use hubscope::engine::lineage::tree::{TreeRow, TreeRowKind};
use hubscope::engine::table::field::Field;
use hubscope::engine::table::models::ModelId;
use hubscope::present::format;
use hubscope::tui::headless::Headless;

fn hub(stage: &Headless) -> &Hub {
    stage.app.session.hub.as_ref().unwrap()
}

/// The models that a condition holds for, one after another.
fn counted(stage: &Headless, holds: impl Fn(&Hub, ModelId) -> bool) -> usize {
    let hub = hub(stage);
    hub.models.all().filter(|m| holds(hub, *m)).count()
}

fn listed(stage: &Headless) -> usize {
    stage.app.session.hits.as_ref().unwrap().models.len()
}

fn query(stage: &Headless) -> &str {
    stage.app.session.query.input.value()
}

fn has_task(hub: &Hub, model: ModelId, task: &str) -> bool {
    hub.models.word(Field::Task, model) == Some(task)
}

#[test]
fn what_filters_hide_is_reported_and_one_key_takes_the_filter_away() {
    let mut stage = after("/bert task:fill-mask<enter>");
    let bert = |hub: &Hub, m: ModelId| hub.models.id(m).to_lowercase().contains("bert");
    let hits = stage.app.session.hits.clone().unwrap();
    let passing = counted(&stage, |h, m| bert(h, m) && has_task(h, m, "fill-mask"));
    assert_eq!(hits.exact(), passing);
    let reported = format!("{} hidden by filters", format::count(hits.hidden));
    assert!(stage.text().contains(&reported), "{}", stage.text());
    stage.keys("x").unwrap();
    assert_eq!(query(&stage), "bert");
    let without = stage.app.session.hits.clone().unwrap();
    assert_eq!(without.exact(), counted(&stage, bert));
    assert_eq!(without.models.len(), hits.models.len() + hits.hidden);
    stage.keys("x").unwrap();
    assert!(stage.text().contains("No filter is set"));
}

#[test]
fn of_several_filters_one_is_chosen_to_go() {
    let mut stage = after("/-license:mit bert !gguf likes:>2<enter>x");
    let names = |stage: &Headless| -> Vec<String> {
        let found = stage.app.menu().unwrap().found();
        found.iter().map(|item| item.name.clone()).collect()
    };
    assert_eq!(names(&stage), ["-license:mit", "!gguf", "likes:>2"]);
    stage.keys("gguf<enter>").unwrap();
    assert_eq!(query(&stage), "-license:mit bert likes:>2");
}

#[test]
fn the_picker_counts_what_would_be_listed() {
    let mut stage = after("ftask<enter>");
    let item = stage.app.menu().unwrap().found()[0].clone();
    assert_eq!(
        item.keys,
        format::count(counted(&stage, |h, m| has_task(h, m, &item.name)))
    );
    stage.keys("<enter>").unwrap();
    assert_eq!(query(&stage), format!("task:{}", item.name));
    assert_eq!(format::count(listed(&stage)), item.keys);
    // A second word of the same key widens the filter, and the picker stays open for it.
    stage.keys("ftask<enter><down><tab>").unwrap();
    let menu = stage.app.menu().unwrap();
    assert!(menu.found()[0].keys.starts_with('✓') && menu.found()[1].keys.starts_with('✓'));
    let second = menu.found()[1].name.clone();
    stage.keys("<esc>").unwrap();
    let either = |h: &Hub, m| has_task(h, m, &item.name) || has_task(h, m, &second);
    assert_eq!(listed(&stage), counted(&stage, either));
}

#[test]
fn what_a_model_has_becomes_a_filter_and_none_again() {
    let mut stage = after("");
    let model = stage.app.list.selected(&stage.app.session).unwrap();
    let author = hub(&stage).models.author(model).unwrap().to_owned();
    stage.keys("a").unwrap();
    assert_eq!(query(&stage), format!("author:{author}"));
    let own = |h: &Hub, m: ModelId| {
        h.models
            .author(m)
            .is_some_and(|a| a.eq_ignore_ascii_case(&author))
    };
    assert_eq!(listed(&stage), counted(&stage, own));
    stage.keys("a").unwrap();
    assert_eq!(query(&stage), "");
    // The family of a base is all that is made from it.
    let mut stage = after("/^qwen/qwen3-vl-8b-instruct$<enter>F");
    assert!(query(&stage).contains("family:Qwen/Qwen3-VL-8B-Instruct"));
    stage
        .keys("/<ctrl-u>family:Qwen/Qwen3-VL-8B-Instruct<enter>")
        .unwrap();
    // The report counts 23 that are made from it.
    assert_eq!(listed(&stage), 23);
    stage.keys("t").unwrap();
    assert!(query(&stage).contains("task:"));
    stage.keys("H").unwrap();
    assert_eq!(query(&stage), "family:Qwen/Qwen3-VL-8B-Instruct");
}

#[test]
fn a_mistake_is_pointed_at_and_the_last_list_stays() {
    let before = listed(&after("/llama"));
    let stage = after("/llama \"two");
    assert_eq!(listed(&stage), before);
    assert!(
        stage.text().contains("column 7: this quote is not closed"),
        "{}",
        stage.text()
    );
    // It is underlined where it stands: the quote is the sixth cell after the three before it.
    let picture = stage.picture();
    let underlined = |x: u16| {
        let modifier = picture[(x, 2)].modifier;
        modifier.contains(ratatui::style::Modifier::UNDERLINED)
    };
    assert_eq!(
        (3..13).filter(|x| underlined(*x)).collect::<Vec<_>>(),
        [9, 10, 11, 12]
    );
    let stage = after("/llama \"two\"");
    assert!(!stage.text().contains("column"));
}

#[test]
fn the_histogram_counts_what_matches_beside_all() {
    let stage = after("/llama params:7B..9B<enter>");
    let within = stage.app.chart.within.clone().unwrap();
    let all = stage.app.chart.bins.clone().unwrap();
    let hits = stage.app.session.hits.as_ref().unwrap();
    let binned: usize = within.bins.iter().map(|b| b.count).sum();
    assert_eq!(within.zero + within.unknown + binned, hits.exact());
    assert_eq!(all.models, 20_000);
    assert_eq!(all.bins.len(), within.bins.len());
    assert!(after("").app.chart.within.is_none());
}

#[test]
fn the_tree_folds_what_does_not_match_and_counts_it() {
    let mut stage = after("/qwen3-vl-8b-instruct<enter><enter>");
    let rows = |stage: &Headless| stage.app.tree.outline.as_ref().unwrap().rows().to_vec();
    let all = rows(&stage);
    stage.keys("1/ downloads:>500<enter>g2v").unwrap();
    let folded = rows(&stage);
    let hub = hub(&stage);
    let passes = |row: &&TreeRow| {
        let downloads = hub.lineage().number(Field::Downloads, row.node);
        row.kind == TreeRowKind::Node && downloads > Some(500)
    };
    let passing = all.iter().filter(passes).count();
    assert_eq!(folded.iter().filter(passes).count(), passing);
    assert!((2..24).contains(&passing), "{passing}");
    let hidden = folded.iter().find_map(|r| match r.kind {
        TreeRowKind::Hidden(count) => Some(count),
        _ => None,
    });
    let children = folded
        .iter()
        .filter(|r| r.depth == 1 && r.kind == TreeRowKind::Node)
        .count();
    assert_eq!(children + hidden.unwrap(), 23);
    stage.keys("v").unwrap();
    assert_eq!(rows(&stage).len(), all.len());
}
