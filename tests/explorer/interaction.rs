//! One model of interaction: words find, filters scope; the model under the cursor stays; undo and redo.

use hubscope::engine::lineage::family;
use hubscope::engine::lineage::tree::TreeRowKind;
use hubscope::engine::table::field::Field;
use hubscope::tui::headless::Headless;
use hubscope::tui::keymap::KeyContext;
use hubscope::tui::layout::Pane;

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
    let tree = after("/^qwen/qwen3-vl-8b-instruct$<enter><enter>");
    let folded = after("/^qwen/qwen3-vl-8b-instruct$<enter><enter>v");
    assert_eq!(tree.app.tree.rows(), 24);
    assert_eq!(folded.app.tree.rows(), 24);
    // No child of it has both, so a filter hides them all.
    let scoped = after("/^qwen/qwen3-vl-8b-instruct$ downloads:>40K<enter><enter>v");
    let downloads = |id: &str| {
        hub()
            .models
            .number(Field::Downloads, hub().models.find(id)?)
    };
    assert!(downloads(QWEN) > Some(40_000));
    let children = hub().graph.children(hub().find(QWEN).unwrap()).iter();
    let many = children.filter(|child| downloads(hub().name(**child)) > Some(40_000));
    // The model itself, the children that pass, and a line that counts the others.
    assert_eq!(scoped.app.tree.rows(), 2 + many.count());
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
    let keys = "/^qwen/qwen3-vl-8b-instruct$<enter><enter>ljl";
    let before = after(keys);
    let rows = |stage: &Headless| stage.app.tree.outline.as_ref().unwrap().rows().to_vec();
    for (more, undo) in [
        ("t", "H"),
        ("<enter>", "H"),
        ("a", "H"),
        ("tt", ""),
        ("ta", "HH"),
    ] {
        let stage = after(&format!("{keys}{more}{undo}"));
        assert_eq!(query(&stage), query(&before), "{more}");
        assert_eq!(current(&stage), current(&before), "{more}");
        assert_eq!(rows(&stage), rows(&before), "{more}");
    }
}

#[test]
fn views_are_no_dead_ends() {
    for view in ["%", "D", "C", "P"] {
        let keys = format!("/qwen3-vl-8b-instruct-gguf<enter>{view}");
        assert_eq!(after(&keys).app.contexts().len(), 3, "{view}");
        for key in ["?", "f", "Y", ":"] {
            let mut stage = after(&format!("{keys}{key}"));
            assert_eq!(stage.app.contexts()[0], KeyContext::MENU, "{view}{key}");
            stage.keys("<esc>").unwrap();
            assert_eq!(stage.app.contexts().len(), 3, "{view}{key}");
        }
        let stage = after(&format!("{keys}/<ctrl-u>likes:>5<enter>"));
        assert_eq!(query(&stage), "likes:>5");
        let stage = after(&format!("/author:google qwen<enter>{view}x"));
        assert_eq!(query(&stage), "qwen");
    }
}

#[test]
fn enter_opens_the_model_of_a_row() {
    // The first table of models begins with the most downloaded one under 1B.
    let mut stage = after("%");
    for _ in 0..60 {
        stage.keys("j").unwrap();
        let text = stage.text();
        let line = text
            .lines()
            .find(|line| line.contains('▶'))
            .unwrap_or_default();
        if line.contains("under 1B") {
            break;
        }
    }
    stage.keys("<enter>").unwrap();
    assert!(stage.app.contexts().len() > 3, "the panes are back");
    let model = stage.app.session.current_model().unwrap();
    let small = |m| {
        hub()
            .models
            .number(Field::Params, m)
            .is_some_and(|p| p < 1_000_000_000)
    };
    assert!(small(model));
}

#[test]
fn no_results_explain_themselves() {
    let keys = "/qwen license:apache downloads:>1<enter>";
    let stage = after(keys);
    assert_eq!(found(&stage), 0);
    let with = after("/qwen license:apache-2.0 downloads:>1<enter>");
    let without = after("/qwen downloads:>1<enter>");
    let text = stage.text();
    let meant = format!("{} with `license:apache-2.0`", found(&with));
    let dropped = format!("{} without `license:apache`", found(&without));
    assert!(text.contains(&meant) && text.contains(&dropped), "{text}");
    assert!(!text.contains("without `downloads"), "{text}");
    // They are a key away.
    let stage = after(&format!("{keys}x<enter>"));
    assert_eq!(query(&stage), "qwen license:apache-2.0 downloads:>1");
    let stage = after(&format!("{keys}xwithout<enter>"));
    assert_eq!(query(&stage), "qwen downloads:>1");
}

#[test]
fn children_and_copies_are_listed_as_models() {
    let children = hub().graph.children(hub().find(QWEN).unwrap()).len();
    let stage = after("/^qwen/qwen3-vl-8b-instruct$<enter>B");
    assert_eq!(query(&stage), format!("base:{QWEN}"));
    assert_eq!(found(&stage), children);
    // Of a copy, the others are those of its original.
    let original = hub().models.find(QWEN).unwrap();
    let copies: Vec<_> = hub()
        .models
        .all()
        .filter(|m| hub().quantizations.original(&hub().graph, *m) == Some(original))
        .collect();
    assert!(copies.len() > 3);
    let stage = after("/^qwen/qwen3-vl-8b-instruct$<enter>Q");
    assert_eq!(query(&stage), format!("copies:{QWEN}"));
    assert_eq!(found(&stage), copies.len());
    let of_copy = format!("/^{}$<enter>Q", hub().models.id(copies[0]));
    assert_eq!(found(&after(&of_copy)), copies.len());
}

#[test]
fn an_ancestor_is_expanded_as_a_whole() {
    const CHILD: &str = "/^meta-llama/llama-3.1-8b-instruct$<enter><enter>";
    let base = hub().find("meta-llama/Llama-3.1-8B").unwrap();
    let children = hub().graph.children(base).len();
    // On the way down to the child, it is the only child that is shown.
    assert!(after(&format!("{CHILD}h")).app.tree.rows() < 100);
    let stage = after(&format!("{CHILD}g+"));
    let rows = stage.app.tree.outline.as_ref().unwrap().rows();
    // Long lists end in a row that counts the others.
    let shown = rows.iter().filter(|row| row.depth == 1);
    let shown = shown.map(|row| match row.kind {
        TreeRowKind::More(more) => more,
        _ => 1,
    });
    assert_eq!(shown.sum::<usize>(), children);
    let all = after(&format!("{CHILD}g="));
    assert!(all.app.tree.rows() > stage.app.tree.rows());
    let stage = after(&format!("{CHILD}="));
    assert!(stage.app.tree.rows() < all.app.tree.rows());
}

#[test]
fn every_path_of_a_merge_is_shown_with_what_changed() {
    // The merge with the most bases in the sample.
    let graph = &hub().graph;
    let merge = hub().models.all().max_by_key(|m| {
        let bases = graph.distinct_bases((*m).into());
        bases.filter(|base| graph.bases(*base).is_empty()).count()
    });
    let id = hub().models.id(merge.unwrap());
    let bases = graph.distinct_bases(merge.unwrap().into()).count();
    let text = after(&format!("/^{id}$<enter>P")).text();
    let starts = text.lines().filter(|line| line.contains("◆")).count();
    assert!(bases > 2 && starts >= bases, "{text}");
    assert!(text.contains(&format!("paths to {id}")), "{text}");
}

#[test]
fn a_name_is_found_in_the_tree() {
    const TREE: &str = "/^meta-llama/llama-3.1-8b$<enter><enter>";
    let family = family::descendants(&hub().graph, hub().find("meta-llama/Llama-3.1-8B").unwrap());
    let named = |part: &str| {
        let names = family.iter().map(|node| hub().name(*node).to_lowercase());
        names.filter(|name| name.contains(part)).count()
    };
    // Each row of the tree that has it once, wherever it is folded away.
    let mut stage = after(&format!("{TREE}<ctrl-f>Lora<enter>"));
    let mut found = vec![current(&stage).to_owned()];
    while stage.app.status.is_none() {
        stage.keys("n").unwrap();
        found.push(current(&stage).to_owned());
    }
    found.dedup();
    assert!(
        found.iter().all(|id| id.to_lowercase().contains("lora")),
        "{found:?}"
    );
    found.sort();
    found.dedup();
    assert_eq!(found.len(), named("lora"));
    assert_eq!(query(&stage), "^meta-llama/llama-3.1-8b$");
    // Without a name or words, one is asked for.
    let stage = after("<tab>n");
    assert!(
        stage.text().contains("Find in this tree"),
        "{}",
        stage.text()
    );
}

#[test]
fn a_row_of_statistics_is_undone_by_the_same_key() {
    let mut stage = after("%");
    for _ in 0..40 {
        stage.keys("<tab>").unwrap();
        if stage
            .text()
            .lines()
            .any(|line| line.starts_with("▶Licenses"))
        {
            break;
        }
    }
    stage.keys("jj<enter>").unwrap();
    assert_eq!(query(&stage), "license:apache-2.0");
    stage.keys("<enter>").unwrap();
    assert_eq!(query(&stage), "");
}

#[test]
fn a_step_of_a_path_is_opened_in_the_tree() {
    let stage = after("/is:merge<enter>jjPj<enter>");
    let tree = stage.app.tree.node();
    assert_eq!(stage.app.focus, Pane::Tree);
    assert_eq!(tree, stage.app.session.current);
}
