//! One model of interaction: words find, filters scope; the model under the cursor stays; undo and redo.

use hubscope::engine::lineage::family;
use hubscope::engine::table::field::Field;
use hubscope::tui::headless::Headless;

use crate::sample::{after, hub};

const QWEN: &str = "Qwen/Qwen3-VL-8B-Instruct";

fn current(stage: &Headless) -> &str {
    let session = &stage.app.session;
    session.hub.as_ref().unwrap().name(session.current.unwrap())
}

fn query(stage: &Headless) -> &str {
    stage.app.session.query.text()
}

fn found(stage: &Headless) -> usize {
    stage.app.session.hits.as_ref().unwrap().exact()
}

#[test]
fn a_key_about_the_model_replaces_the_words() {
    let family = family::descendants(&hub().graph, hub().find(QWEN).unwrap()).len();
    let stage = after("/^qwen/qwen3-vl-8b-instruct$<enter>F");
    assert_eq!(query(&stage), format!("family:{QWEN}"));
    assert_eq!(found(&stage), family);
    // Filters stay, and so does the order.
    let stage = after("/qwen3-vl-8b-instruct likes:>=0 sort:likes<enter>F");
    assert_eq!(query(&stage), format!("likes:>=0 sort:likes family:{QWEN}"));
    let children = hub().graph.children(hub().find(QWEN).unwrap()).len();
    let stage = after("/^qwen/qwen3-vl-8b-instruct$<enter><enter>ljb");
    assert_eq!(query(&stage), format!("base:{QWEN}"));
    assert_eq!(found(&stage), children);
}

#[test]
fn the_same_key_again_changes_nothing() {
    for key in ["a", "F", "t"] {
        let before = after("/qwen3-vl-8b-instruct<enter>");
        let stage = after(&format!("/qwen3-vl-8b-instruct<enter>{key}{key}"));
        assert_eq!(query(&stage), query(&before), "{key}");
        assert_eq!(current(&stage), current(&before), "{key}");
    }
}

#[test]
fn words_scope_no_tree() {
    // No child of it has this word, and yet none is hidden or dimmed.
    let stage = after("/^qwen/qwen3-vl-8b-instruct$<enter><enter>f<esc>v");
    let all = after("<enter>").app.tree.rows();
    assert!(all > 0 && stage.app.session.passing.is_none());
    let tree = after("/^qwen/qwen3-vl-8b-instruct$<enter><enter>");
    let folded = after("/^qwen/qwen3-vl-8b-instruct$<enter><enter>m");
    assert_eq!(tree.app.tree.rows(), folded.app.tree.rows());
    let scoped = after("/qwen3-vl-8b-instruct likes:>1000000<enter>");
    assert_eq!(scoped.app.session.passing.as_ref().unwrap().count(), 0);
}

#[test]
fn the_model_under_the_cursor_stays() {
    let stage = after("/llama<enter>jjj");
    let chosen = current(&stage).to_owned();
    for keys in ["<esc>", "s<enter>", "r"] {
        let stage = after(&format!("/llama<enter>jjj{keys}"));
        assert_eq!(current(&stage), chosen, "{keys}");
        let listed = stage.app.list.selected(&stage.app.session);
        assert_eq!(listed.map(|m| hub().models.id(m)), Some(&*chosen), "{keys}");
    }
    // While a query is typed, the best match leads.
    let stage = after("/llama<enter>jjj/ sort:likes");
    let most = stage.app.session.hits.as_ref().unwrap().models[0];
    assert_eq!(current(&stage), hub().models.id(most));
}

#[test]
fn marks_keep_their_order_and_are_undone() {
    let stage = after("jj kk jj ");
    let ids: Vec<&str> = stage
        .app
        .session
        .marks
        .iter()
        .map(|m| hub().models.id(*m))
        .collect();
    let by_downloads = |at: usize| hub().models.id(hub().by_downloads[at]);
    assert_eq!(ids, [by_downloads(2), by_downloads(1), by_downloads(4)]);
    assert_eq!(after("jj kk jj <esc><esc>").app.session.marks.len(), 3);
    assert!(after("jj kk U").app.session.marks.is_empty());
    assert_eq!(after("jj kk UH").app.session.marks.len(), 2);
    assert!(after("jj kk UHL").app.session.marks.is_empty());
}

#[test]
fn undo_restores_query_model_and_open_rows() {
    let before = after("/^qwen/qwen3-vl-8b-instruct$<enter><enter>ljl");
    let (rows, node) = (before.app.tree.rows(), current(&before).to_owned());
    let stage = after("/^qwen/qwen3-vl-8b-instruct$<enter><enter>ljltH");
    assert_eq!(query(&stage), query(&before));
    assert_eq!(current(&stage), node);
    let stage = after("/^qwen/qwen3-vl-8b-instruct$<enter><enter>hFH");
    assert_eq!(stage.app.tree.rows(), rows.min(stage.app.tree.rows()));
    let likes = hub().models.has(Field::Likes);
    assert!(likes);
}
