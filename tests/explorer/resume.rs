//! Sessions that are stored at their end and resumed, in one explorer after another.

use hubscope::tui::Setup;
use hubscope::tui::app::Event;
use hubscope::tui::headless::Headless;
use hubscope::tui::sessions::{Opening, StoredSession};
use hubscope::tui::theme::Palette;

use crate::sample::{after, hub, loaded};

/// Returns a session as the file has it.
fn stored(stage: &Headless) -> StoredSession {
    let stored = stage.app.stored("sample".to_owned()).unwrap();
    let line = serde_json::to_string(&stored).unwrap();
    assert!(!line.contains('\n') && line.len() < 10_000, "{line}");
    serde_json::from_str(&line).unwrap()
}

/// Returns a new explorer that has resumed a session by its key.
fn resumed(session: StoredSession) -> Headless {
    let mut stage = Headless::new(hub().clone(), (120, 40), Palette::None);
    stage.app.session.resumable = Some(session);
    assert!(stage.text().contains("? help  . resume  enter tree"));
    stage.keys(".").unwrap();
    stage
}

/// Returns an explorer that was started with these options.
fn started(query: Option<&str>, view: Option<&str>) -> Headless {
    let owned = |text: &str| text.to_owned();
    let setup = Setup {
        theme: Palette::None.into(),
        opening: Opening::new(query.map(owned), view.map(owned), false).unwrap(),
        ..Setup::default()
    };
    Headless::set_up(hub().clone(), (120, 40), &setup)
}

fn status(stage: &Headless) -> String {
    stage.text().lines().last().unwrap_or_default().to_owned()
}

/// The place, by other words than the stored ones.
fn place(stage: &Headless) -> String {
    let (app, session) = (&stage.app, &stage.app.session);
    let id = |node| hub().name(node).to_owned();
    let rows = app.tree.outline.iter().flat_map(|outline| outline.rows());
    let rows = rows
        .map(|row| (id(row.node), row.depth, row.open))
        .collect::<Vec<_>>();
    let marks = session
        .marks
        .iter()
        .map(|mark| id((*mark).into()))
        .collect::<Vec<_>>();
    format!(
        "{} {:?} {:?} {marks:?} {:?} {} {:?} {rows:?}",
        session.query.text(),
        session.query.order(),
        session.current.map(id),
        app.focus,
        app.layout().panes.len(),
        app.overlay().map(|view| view.context()),
    )
}

#[test]
fn a_session_is_resumed_as_it_was() {
    for (query, keys) in [
        ("llama 8b", "jj"),
        ("qwen license:apache-2.0", "slikes<enter>Sjj"),
        ("^qwen/qwen3-vl-8b-instruct$", "<enter>jljl"),
        ("", "Rjljjl"),
        ("llama", "3z"),
        ("llama", "j%"),
        ("qwen3-vl-8b", "<space><space>c"),
        ("qwen3-vl-8b", "ju P"),
        ("llama", "2z"),
        ("", "4C"),
        ("", "<space>"),
        // A query that is none leaves the list of the last one.
        ("params:", ""),
    ] {
        let mut before = started(Some(query), None);
        before.keys(keys).unwrap();
        let session = stored(&before);
        let later = resumed(session.clone());
        assert_eq!(place(&later), place(&before), "{keys}");
        assert_eq!(stored(&later), session, "{keys}");
    }
    // One key undoes it.
    let mut stage = resumed(stored(&after("/llama<enter>j<space>")));
    stage.keys("H").unwrap();
    assert_eq!(stage.text(), after("").text());
    stage.keys(".").unwrap();
    assert_eq!(status(&stage), "There is no session to resume");
}

#[test]
fn a_session_is_resumed_while_the_file_is_loading() {
    let session = stored(&after("/qwen3-vl-8b<enter><space><space>2jl%"));
    let opening = Opening {
        resumes: true,
        ..Opening::default()
    };
    let stages = &loaded().0;
    let mut stage = Headless::new(stages[0].clone(), (120, 40), Palette::None);
    stage.app.begin(&opening, Some(session.clone()));
    for hub in stages {
        stage.happen(Event::Loaded(Box::new(hub.clone())));
    }
    assert_eq!(stored(&stage), session);
    // Before its models are listed, nothing would be stored in its place.
    let mut early = Headless::new(stages[0].clone(), (120, 40), Palette::None);
    early.app.begin(&opening, Some(session.clone()));
    assert_eq!(early.app.stored("sample".to_owned()), None);
    // Another query that is typed meanwhile stays.
    early.keys("/<ctrl-u>gpt2<enter>").unwrap();
    for hub in stages {
        early.happen(Event::Loaded(Box::new(hub.clone())));
    }
    assert_eq!(early.app.session.query.text(), "gpt2");
    assert!(early.app.session.marks.is_empty() && early.app.overlay().is_none());
}

#[test]
fn what_is_not_in_the_file_any_more_is_said() {
    let mut session = stored(&after("/qwen3-vl-8b<enter><space><space>2"));
    let marks = session.marks.clone();
    session.marks.insert(1, "gone/one".to_owned());
    session.current = Some("gone/two".to_owned());
    let stage = resumed(session.clone());
    assert_eq!(
        status(&stage),
        "Not in this file any more: gone/one, gone/two"
    );
    assert_eq!(stored(&stage).marks, marks);
    session
        .marks
        .extend(["gone/three", "gone/\x1b[2Jfour"].map(str::to_owned));
    let stage = resumed(session.clone());
    let said = status(&stage);
    assert_eq!(
        said,
        "Not in this file any more: 4 models, such as gone/one, gone/three, gone/�[2Jfour"
    );
    session.tree.as_mut().unwrap().focus = Some("gone/five".to_owned());
    assert!(status(&resumed(session)).contains("5 models"));
}

#[test]
fn a_session_in_which_nothing_was_done_is_not_stored() {
    for keys in ["", "j", "<esc>", "2", "?<esc>"] {
        assert_eq!(after(keys).app.stored("sample".to_owned()), None, "{keys}");
    }
    // The hint is there until something is done.
    let mut stage = Headless::new(hub().clone(), (120, 40), Palette::None);
    stage.app.session.resumable = Some(StoredSession::default());
    for (keys, hinted) in [("", true), ("j", true), ("/<esc>", false)] {
        stage.keys(keys).unwrap();
        assert_eq!(status(&stage).contains(". resume"), hinted, "{keys}");
    }
    assert!(!status(&after("")).contains("resume"));
}

#[test]
fn query_and_view_are_those_of_the_command_line() {
    let cases = [
        (Some("llama 8b"), None, "/llama 8b<enter>"),
        (
            Some("-author:google"),
            Some("models"),
            "/-author:google<enter>",
        ),
        (None, Some("tree"), "2"),
        (None, Some("histogram"), "3"),
        (Some("llama"), Some("details"), "/llama<enter>4"),
        (Some("llama"), Some("statistics"), "/llama<enter>%"),
        (None, Some("density"), "D"),
        (None, Some("schema"), "C"),
        (Some("llama"), Some("path"), "/llama<enter>P"),
        (None, Some("compare"), "c"),
    ];
    for (query, view, keys) in cases {
        let stage = started(query, view);
        assert_eq!(stage.text(), after(keys).text(), "{query:?} {view:?}");
    }
    // A mistake is shown as in a query that is typed, over the list of all models.
    let wrong = started(Some("params:x"), None);
    assert!(wrong.app.session.query.mistake.is_some());
    assert_eq!(wrong.app.session.found(), hub().models.len());
}
