//! What a person does in the tree: on a hub with a merge of 47 bases, a circle, a ghost and a root
//! with 50,000 children. The screens are kept as snapshots.

use std::sync::OnceLock;

use hubscope::engine::Hub;
use hubscope::engine::lineage::tree::{TreeRow, TreeRowKind};
use hubscope::engine::table::field::Field;
use hubscope::engine::table::order::Order;
use hubscope::tui::headless::Headless;
use hubscope::tui::theme::Palette;
use serde_json::{Value, json};

use crate::common::{frame_of, layout, open, write};

const CHILDREN: usize = 50_000;

/// A model made from these bases.
fn model(id: &str, downloads: usize, how: &str, bases: &[String]) -> Value {
    let bases: Vec<Value> = bases
        .iter()
        .map(|id| json!({"_id": "0", "id": id}))
        .collect();
    json!({
        "id": id, "downloads": downloads, "downloadsAllTime": downloads * 10, "likes": 1,
        "tags": ["license:mit"], "pipeline_tag": "text-generation",
        "baseModels": {"relation": how, "models": bases},
        "safetensors": {"parameters": null, "total": 1_000_000 + downloads},
    })
}

fn hub() -> Hub {
    static HUB: OnceLock<Hub> = OnceLock::new();
    HUB.get_or_init(make).clone()
}

fn make() -> Hub {
    let of = |id: &str| vec![id.to_owned()];
    let mut rows = vec![
        json!({"id": "big/root", "downloads": 1_000_000, "downloadsAllTime": 5_000_000,
        "tags": ["license:apache-2.0"], "pipeline_tag": "fill-mask"}),
    ];
    let how = ["finetune", "adapter", "quantized"];
    rows.extend((0..CHILDREN).map(|n| {
        model(
            &format!("kid/n{n:05}"),
            CHILDREN - n,
            how[n % 3],
            &of("big/root"),
        )
    }));
    let merged: Vec<String> = (0..47).map(|n| format!("kid/n{n:05}")).collect();
    rows.push(model("mix/forty-seven", 70, "merge", &merged));
    rows.push(model(
        "mix/forty-seven-GGUF",
        30,
        "quantized",
        &of("mix/forty-seven"),
    ));
    rows.push(model("ring/a", 9, "finetune", &of("ring/b")));
    rows.push(model("ring/b", 8, "finetune", &of("ring/a")));
    rows.push(model("gone/child", 7, "finetune", &of("gone/ghost")));
    rows.push(model("gone/grandchild", 6, "quantized", &of("gone/child")));
    rows.push(json!({"id": "al/one", "downloads": 5}));
    // Its name stands on the screens.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("families.parquet");
    write(&mut frame_of(&rows, &layout()), &path);
    open(&path)
}

fn after(keys: &str) -> Headless {
    let mut stage = Headless::new(hub(), (120, 40), Palette::None);
    stage.keys(keys).unwrap();
    stage
}

fn rows(stage: &Headless) -> Vec<TreeRow> {
    stage.app.tree.outline.as_ref().unwrap().rows().to_vec()
}

fn name(row: &TreeRow) -> String {
    hub().name(row.node).to_owned()
}

fn selected(stage: &Headless) -> String {
    name(&stage.app.tree.row().unwrap())
}

fn names(stage: &Headless, depth: usize) -> Vec<String> {
    let rows = rows(stage);
    let nodes = rows
        .iter()
        .filter(|row| row.kind == TreeRowKind::Node && row.depth == depth);
    nodes.map(name).collect()
}

fn snap(what: &str, keys: &str) {
    for size in [(80, 24), (120, 40), (50, 15)] {
        let mut stage = Headless::new(hub(), size, Palette::Dark);
        stage.keys(keys).unwrap();
        insta::assert_snapshot!(format!("{what}-{}x{}", size.0, size.1), stage.text());
    }
}

#[test]
fn a_merge_of_47_bases() {
    let keys = "/forty-seven$<enter><enter>";
    let mut stage = after(keys);
    let bases = |stage: &Headless| {
        rows(stage)
            .iter()
            .filter(|row| row.kind == TreeRowKind::OtherBase)
            .count()
    };
    assert_eq!(names(&stage, 1), ["kid/n00000"]);
    assert_eq!(bases(&stage), 10);
    let more = rows(&stage)
        .iter()
        .position(|row| row.kind == TreeRowKind::MoreBases(36))
        .unwrap();
    let at = stage.app.tree.cursor.at;
    stage.keys(&"k".repeat(at - more)).unwrap();
    stage.keys("<enter>").unwrap();
    assert_eq!(bases(&stage), 46);
    // Each of them leads further up.
    stage.keys("kl").unwrap();
    let above = rows(&stage)[stage.app.tree.cursor.at + 1];
    assert_eq!(
        (above.kind, name(&above).as_str()),
        (TreeRowKind::OtherBase, "big/root")
    );
    snap("merge", &format!("{keys}z"));
}

#[test]
fn a_circle() {
    let keys = "/ring/a<enter><enter>=";
    let stage = after(keys);
    let cut: Vec<String> = rows(&stage)
        .iter()
        .filter(|row| row.cycle)
        .map(name)
        .collect();
    assert_eq!(cut, ["ring/b"]);
    snap("circle", &format!("{keys}z"));
}

#[test]
fn a_ghost() {
    let keys = "/gone/child<enter><enter>";
    let mut stage = after(keys);
    assert_eq!(name(&rows(&stage)[0]), "gone/ghost");
    stage.keys("p").unwrap();
    assert_eq!(selected(&stage), "gone/ghost");
    stage.keys("<enter>+").unwrap();
    assert_eq!(names(&stage, 2), ["gone/grandchild"]);
    snap("ghost", &format!("{keys}z"));
}

/// Far down a list of which a page is shown, and back.
#[test]
fn names_are_found_among_fifty_thousand_that_are_folded_away() {
    let mut stage = after("/n4999<enter>2");
    assert_eq!(selected(&stage), "kid/n49990");
    stage.keys("nn").unwrap();
    assert_eq!(selected(&stage), "kid/n49992");
    // The list of the children now goes as far as that one.
    assert!(rows(&stage).len() > 49_992);
    assert!(
        stage.text().contains("49,993 of 50,000"),
        "{}",
        stage.text()
    );
    stage.keys("9N").unwrap();
    assert_eq!(selected(&stage), "kid/n49990");
    assert!(
        stage
            .text()
            .contains("No row of this tree before has the words")
    );
    stage.keys("<esc><esc>2n").unwrap();
    assert!(
        stage.text().contains("Find in this tree"),
        "{}",
        stage.text()
    );
}

#[test]
fn fifty_thousand_children() {
    let keys = "/big/root<enter><enter>";
    let mut stage = after(keys);
    // A page of them, the largest family first; the merge counts for each of its bases.
    let children = names(&stage, 1);
    assert_eq!(children.len(), 100);
    assert_eq!(children[..2], ["kid/n00000", "kid/n00001"]);
    assert_eq!(
        rows(&stage).last().unwrap().kind,
        TreeRowKind::More(CHILDREN - 100)
    );
    for listed in [1_000, 10_000, CHILDREN] {
        stage.keys("G<enter>").unwrap();
        assert_eq!(names(&stage, 1).len(), listed);
    }
    stage.keys("G").unwrap();
    assert_eq!(selected(&stage), format!("kid/n{:05}", CHILDREN - 1));
    stage.keys("^").unwrap();
    assert_eq!(selected(&stage), "big/root");
    // In another order, and in groups.
    stage.keys("-S").unwrap();
    assert_eq!(names(&stage, 1)[0], format!("kid/n{:05}", CHILDREN - 1));
    stage.keys("Sr").unwrap();
    let groups: Vec<usize> = rows(&stage)
        .iter()
        .filter(|row| matches!(row.kind, TreeRowKind::Group(_)))
        .map(|row| row.children)
        .collect();
    assert_eq!(groups, [16_667, 16_667, 16_666]);
    assert_eq!(names(&stage, 2).len(), 30);
    snap("children", &format!("{keys}rz"));
}

#[test]
fn siblings_generations_and_the_sort_menu() {
    let mut stage = after("/big/root<enter><enter>l");
    assert_eq!(selected(&stage), "kid/n00000");
    stage.keys("]]").unwrap();
    assert_eq!(selected(&stage), "kid/n00002");
    stage.keys("[").unwrap();
    assert_eq!(selected(&stage), "kid/n00001");
    // The merge stands under each of its bases, and is itself opened only where it stands first.
    stage.keys("++").unwrap();
    assert_eq!(names(&stage, 2).len(), 47);
    assert_eq!(names(&stage, 3), ["mix/forty-seven-GGUF"]);
    stage.keys("_").unwrap();
    assert_eq!((names(&stage, 2).len(), names(&stage, 3).len()), (47, 0));
    assert_eq!(selected(&stage), "kid/n00001");
    stage.keys("sdownloads<enter>").unwrap();
    assert_eq!(stage.app.tree.order().field, Field::Downloads);
    assert_eq!(stage.app.session.query.order(), Order::default());
}

#[test]
fn all_families() {
    let mut stage = after("R");
    assert_eq!(names(&stage, 0), ["big/root", "ring/a", "gone/ghost"]);
    assert_eq!(rows(&stage).last().unwrap().kind, TreeRowKind::Unrelated(1));
    snap("families", "Rz");
    // What is of no family is a query away.
    stage.keys("G<enter>").unwrap();
    assert_eq!(stage.app.session.query.input.value(), "is:unrelated");
    let hits = stage.app.session.hits.as_ref().unwrap();
    assert_eq!(hits.models.len(), 1);
    // With a filter, only the families of what passes are left when the others are folded.
    stage.keys("/<ctrl-u>author:gone<enter>2v").unwrap();
    assert!(stage.app.tree.shows_families());
    assert_eq!(names(&stage, 0), ["gone/ghost"]);
    stage.keys("R").unwrap();
    assert_eq!(selected(&stage), "gone/child");
}

#[test]
fn copies_count_for_their_origin() {
    let mut stage = after("/forty<enter><enter>m");
    assert_eq!(
        stage.app.session.query.input.value(),
        "forty -is:copy sort:with_copies"
    );
    let hits = stage.app.session.hits.as_ref().unwrap();
    assert_eq!(hits.models.len(), 1);
    let model = hits.models[0];
    let hub = hub();
    assert_eq!(
        hub.models.number(Field::DownloadsWithCopies, model),
        Some(100)
    );
    // In the tree, the copy is folded away and counted.
    let folded: Vec<String> = rows(&stage)
        .iter()
        .filter(|row| row.kind == TreeRowKind::Hidden(1))
        .map(name)
        .collect();
    assert_eq!(folded, ["mix/forty-seven"]);
    stage.keys("m").unwrap();
    assert_eq!(stage.app.session.query.input.value(), "forty");
    assert_eq!(names(&stage, 2), ["mix/forty-seven"]);
    assert_eq!(names(&stage, 3), ["mix/forty-seven-GGUF"]);
}

#[test]
fn the_way_tells_what_changed() {
    let mut stage = after("/forty-seven-gguf<enter><enter>P");
    let text = stage.text();
    let line = |id: &str| {
        text.lines()
            .find(|line| line.contains(id))
            .unwrap()
            .to_owned()
    };
    assert!(line("◆ big/root").contains("apache-2.0"), "{text}");
    // Licence and task changed once, below the root; the size at each step where it is known.
    assert!(line("↓ kid/n00000").contains("≠mit"), "{text}");
    assert!(line("↓ kid/n00000").contains("≠text-generation"), "{text}");
    assert!(!line("↓ mix/forty-seven ").contains("≠mit"), "{text}");
    stage.keys("<esc>").unwrap();
    snap("way", "/forty-seven-gguf<enter><enter>P");
    // Between two that are marked: over what both were made from.
    stage
        .keys("1/<ctrl-u>kid/n00<enter><space><space>P")
        .unwrap();
    let text = stage.text();
    assert!(
        text.contains("kid/n00000 and kid/n00001, both from big/root"),
        "{text}"
    );
    stage.keys("<down><enter>").unwrap();
    assert_eq!(selected(&stage), "big/root");
    let stage = after("/ring/a<enter><space>/<ctrl-u>al/one<enter><space>P");
    assert!(stage.text().contains("no common ancestor"));
}

#[test]
fn the_most_used_descendant_that_matches() {
    let stage = after("Ru");
    assert_eq!(selected(&stage), "kid/n00000");
    let stage = after("/relation:quantized<enter>R^u");
    assert_eq!(selected(&stage), "kid/n00002");
    let stage = after("/forty-seven-gguf<enter><enter>u");
    assert!(
        stage
            .text()
            .contains("No descendant of mix/forty-seven-GGUF passes"),
        "{}",
        stage.text()
    );
}
