//! Ctrl-R: another file in the place of the one that is shown, and all stays where it is.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use hubscope::engine::Hub;
use hubscope::sample::{Recipe, write};
use hubscope::tui::app::Event;
use hubscope::tui::headless::Headless;
use hubscope::tui::theme::Palette;
use polars::prelude::*;

use crate::common::{self, open};

/// A hub, and the same with its rows in another order and without one model.
fn hubs(folder: &Path, without: &str) -> (Hub, Hub) {
    let path = folder.join("models.parquet");
    let recipe = Recipe {
        rows: 3_000,
        ..Recipe::BUILT_IN
    };
    write(&recipe, File::create(&path).unwrap(), |_| {}).unwrap();
    let old = open(&path);
    let frame = ParquetReader::new(File::open(&path).unwrap())
        .finish()
        .unwrap();
    let keep: BooleanChunked = frame
        .column("id")
        .unwrap()
        .str()
        .unwrap()
        .iter()
        .map(|id| id != Some(without))
        .collect();
    let mut frame = frame.filter(&keep).unwrap().reverse();
    common::write(&mut frame, &path);
    (old, open(&path))
}

fn stage(hub: Hub) -> Headless {
    Headless::new(hub, (120, 40), Palette::Dark)
}

/// What the person sees of where they are, by names.
fn place(stage: &Headless) -> (String, String, Vec<(String, bool, usize)>) {
    let app = &stage.app;
    let hub = app.session.hub.as_ref().unwrap();
    let selected = app
        .list
        .selected(&app.session)
        .map(|model| hub.models.id(model));
    let outline = app.tree.outline.as_ref().unwrap();
    let mut rows: Vec<_> = outline
        .rows()
        .iter()
        .map(|row| (hub.name(row.node).to_owned(), row.open, row.depth))
        .collect();
    // Equal models are listed in the order of the file.
    rows.sort();
    (
        app.session.query.input.value().to_owned(),
        selected.unwrap().to_owned(),
        rows,
    )
}

fn marks(stage: &Headless) -> BTreeSet<String> {
    let models = &stage.app.session.hub.as_ref().unwrap().models;
    let marks = stage.app.session.marks.iter();
    marks.map(|mark| models.id(*mark).to_owned()).collect()
}

#[test]
fn query_selection_marks_and_open_nodes_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = hubs(folder.path(), "");
    let mut stage = stage(old);
    stage.keys("/llama-3.1-8b<enter> j j <enter>Gl").unwrap();
    let (before, marked) = (place(&stage), marks(&stage));
    assert!(
        before.2.iter().filter(|row| row.1).count() > 1 && before.2.len() > 6,
        "nothing is open"
    );
    assert_eq!(marked.len(), 3);
    let line = |stage: &Headless| {
        let hub = stage.app.session.hub.as_ref().unwrap();
        stage.app.tree.node().map(|node| hub.name(node).to_owned())
    };
    let selected = line(&stage);
    stage.keys("<ctrl-r>").unwrap();
    stage.happen(Event::Reloaded(Ok(Some(Box::new(new)))));
    assert_eq!(place(&stage), before);
    assert_eq!(marks(&stage), marked);
    assert_eq!(line(&stage), selected);
    assert!(stage.text().contains("Reloaded: 3,000 models"));
    // Back is where it was, too.
    stage.keys("HHHH").unwrap();
    assert_eq!(stage.app.session.query.input.value(), "");
}

#[test]
fn what_is_gone_is_gone_and_the_rest_stays() {
    let folder = tempfile::tempdir().unwrap();
    let gone = {
        let (old, _) = hubs(folder.path(), "");
        let mut stage = stage(old);
        stage.keys("/llama<enter>").unwrap();
        place(&stage).1
    };
    let (old, new) = hubs(folder.path(), &gone);
    let mut stage = stage(old);
    stage.keys("/llama<enter> j <ctrl-r>").unwrap();
    let marked = marks(&stage);
    assert!(marked.contains(&gone));
    let found = stage.app.session.found();
    stage.keys("g").unwrap();
    stage.happen(Event::Reloaded(Ok(Some(Box::new(new)))));
    assert_eq!(stage.app.session.query.input.value(), "llama");
    assert_eq!(stage.app.session.found(), found - 1);
    assert_ne!(place(&stage).1, gone);
    let mut left = marked.clone();
    left.remove(&gone);
    assert_eq!(marks(&stage), left);
}

#[test]
fn the_same_file_and_a_broken_one_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (old, _) = hubs(folder.path(), "");
    let mut stage = stage(old);
    stage.keys("/llama<enter>jj<ctrl-r>").unwrap();
    assert!(stage.asked_for.contains(&"reload".to_owned()));
    let before = place(&stage);
    stage.happen(Event::Reloaded(Ok(None)));
    assert!(stage.text().contains("has not changed"));
    stage.keys("<ctrl-r>").unwrap();
    stage.happen(Event::Reloaded(Err(
        "models.parquet: the file is damaged".to_owned()
    )));
    assert!(
        stage
            .text()
            .contains("Not reloaded: models.parquet: the file is damaged")
    );
    assert_eq!(place(&stage), before);
}

#[test]
fn the_age_is_reported_and_an_old_one_stands_out() {
    const DAY: i64 = 86_400_000_000;
    let folder = tempfile::tempdir().unwrap();
    let (old, _) = hubs(folder.path(), "");
    let newest = old.newest().unwrap();
    let mut stage = stage(old);
    for (days, reported) in [
        (0, "from today"),
        (1, "1 day old"),
        (30, "30 days old"),
        (1_200, "1,200 days old"),
    ] {
        stage.app.now = Some(newest + days * DAY);
        assert!(stage.text().contains(reported), "{days}");
    }
    // Without a clock, or with one that is behind the data, there is no age.
    for now in [
        None,
        Some(newest - 1),
        Some(newest - 400 * DAY),
        Some(i64::MIN),
    ] {
        stage.app.now = now;
        let text = stage.text();
        assert!(!text.contains("today") && !text.contains(" old"), "{now:?}");
    }
}
