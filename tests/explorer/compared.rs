//! The explorer on a hub that is compared with an older snapshot, which comes after the hub.

use hubscope::engine::Hub;
use hubscope::tui::app::Event;
use hubscope::tui::headless::Headless;
use hubscope::tui::theme::Palette;

use crate::common::diff::{Since, since};
use crate::common::snapshots::{Files, new_rows, old_rows};

/// The hub before and after the older snapshot has come.
fn hubs(files: &Files) -> [Hub; 2] {
    let [old, new] = files.paths_opened();
    let compared = new.compared(&old).unwrap();
    [new, compared]
}

/// The explorer while the older snapshot is awaited.
fn awaiting(hub: Hub) -> Headless {
    let mut stage = Headless::new(hub, (120, 40), Palette::Dark);
    stage.app.session.against = Some("the old.parquet".to_owned());
    stage
}

fn listed(stage: &Headless) -> Vec<&str> {
    let models = &stage.app.session.hub.as_ref().unwrap().models;
    let hits = stage.app.session.hits.as_ref().unwrap();
    hits.models.iter().map(|model| models.id(*model)).collect()
}

#[track_caller]
fn assert_shows(stage: &Headless, reported: &[&str]) {
    let text = stage.text();
    for reported in reported {
        assert!(text.contains(reported), "{reported}: {text}");
    }
}

#[test]
fn what_changed_is_listed_sorted_filtered_and_reported() {
    let files = Files::new(&old_rows(), &new_rows());
    let [_, compared] = hubs(&files);
    let mut stage = Headless::new(compared, (120, 40), Palette::Dark);
    assert_shows(&stage, &["growth   delta downloads↓", "against 20"]);
    stage.keys("/delta:>1000 sort:delta<enter>").unwrap();
    assert_eq!(listed(&stage), ["many/m1", "meta/llama"]);
    assert_shows(&stage, &["+2.15B", "+10K"]);
    stage.keys("<esc>/^meta/llama$<enter>").unwrap();
    assert_shows(&stage, &["before      50,000 (+10,000, +20%)"]);
    stage.keys("<esc>/is:renamed tuned<enter>").unwrap();
    assert_eq!(listed(&stage), ["ann/llama-tuned"]);
    assert_shows(&stage, &["renamed from ann/llama-ft"]);
    stage.keys("<esc>/^new/llama$<enter>").unwrap();
    assert_shows(&stage, &["before      new since 20"]);
    stage.keys("<esc>sdelta<enter>S").unwrap();
    assert_eq!(listed(&stage)[0], "many/m7");
}

#[test]
fn the_statistics_count_it() {
    let files = Files::new(&old_rows(), &new_rows());
    let [plain, compared] = hubs(&files);
    let tables = |hub: Hub| {
        let mut stage = Headless::new(hub, (120, 150), Palette::Dark);
        stage.keys("%").unwrap();
        stage.text()
    };
    let reported = tables(compared);
    let line = |head: &str| {
        let line = reported.lines().find(|line| line.trim().starts_with(head));
        let is_number = |cell: &&str| cell.chars().all(|c| c.is_ascii_digit());
        let mut cells = line.unwrap().split_whitespace();
        cells.find(is_number).unwrap().to_owned()
    };
    let (rows, gone) = since(&old_rows(), &new_rows());
    let count =
        |wanted: fn(&Since) -> bool| rows.iter().filter(|row| wanted(row)).count().to_string();
    let risen = count(|row| row.delta.is_some_and(|delta| delta > 0));
    let fallen = count(|row| row.delta.is_some_and(|delta| delta < 0));
    assert_eq!(line("more downloads"), risen);
    assert_eq!(line("fewer downloads"), fallen);
    assert_eq!(line("new "), count(|row| row.is_new));
    assert_eq!(line("renamed "), count(|row| row.was.is_some()));
    assert!(
        reported.contains(&format!("{gone} models are gone")),
        "{reported}"
    );
    assert!(!tables(plain).contains("fewer downloads"));
}

#[test]
fn nothing_of_it_is_offered_without_an_older_snapshot() {
    let files = Files::new(&old_rows(), &new_rows());
    let [plain, _] = hubs(&files);
    let mut stage = Headless::new(plain, (120, 80), Palette::Dark);
    let before = listed(&stage).len();
    for keys in ["", "s", "<esc>?", "<esc>%", "<esc> j c"] {
        stage.keys(keys).unwrap();
        let text = stage.text();
        assert!(
            !text.contains("delta") && !text.contains("growth"),
            "{text}"
        );
        assert!(!text.contains("against"), "{text}");
    }
    stage.keys("<esc>").unwrap();
    stage.happen(Event::Paste("delta:>1000".to_owned()));
    assert_shows(
        &stage,
        &["`delta:` compares with a", "start with --against OLD"],
    );
    assert_eq!(listed(&stage).len(), before);
}

#[test]
fn it_comes_after_the_hub_and_all_stays_where_it_is() {
    let files = Files::new(&old_rows(), &new_rows());
    let [plain, compared] = hubs(&files);
    let mut stage = awaiting(plain);
    stage.keys("/many<enter>jj j").unwrap();
    assert_shows(&stage, &["comparing…"]);
    let before = (
        listed(&stage).len(),
        stage.app.list.selected(&stage.app.session),
    );
    // Reading again waits until it is there.
    stage.keys("<ctrl-r>").unwrap();
    assert_shows(&stage, &["Already loading"]);
    stage.happen(Event::Loaded(Box::new(compared)));
    assert_eq!(
        (
            listed(&stage).len(),
            stage.app.list.selected(&stage.app.session)
        ),
        before
    );
    assert_eq!(stage.app.session.marks.len(), 1);
    stage.keys("k").unwrap();
    let text = stage.text();
    assert!(!text.contains("comparing"), "{text}");
    assert_shows(&stage, &["against 20", "growth   delta"]);
    stage.keys("$<enter>").unwrap();
    let command = stage.asked_for.pop().unwrap();
    assert_eq!(
        command,
        "copy hubscope search --against 'the old.parquet' many"
    );
}

#[test]
fn a_query_that_compares_waits_for_it() {
    let files = Files::new(&old_rows(), &new_rows());
    let [plain, compared] = hubs(&files);
    let mut stage = awaiting(plain.clone());
    stage.keys("/delta:>1000<enter>").unwrap();
    assert_eq!(listed(&stage).len(), 0);
    assert_shows(&stage, &["It is still loading"]);
    stage.happen(Event::Loaded(Box::new(compared)));
    assert_eq!(listed(&stage), ["many/m1", "meta/llama"]);
    // It does not come: the query is none, and the explorer goes on.
    let mut stage = awaiting(plain);
    stage.keys("/llama is:new<enter>").unwrap();
    stage.happen(Event::Uncompared("old.parquet: no such file".to_owned()));
    assert_shows(
        &stage,
        &[
            "Not compared: old.parquet: no such file",
            "`is:new` compares",
        ],
    );
    stage.keys("<esc>/meta<enter>").unwrap();
    assert_eq!(listed(&stage), ["meta/llama"]);
    assert!(!stage.text().contains("comparing"));
}
