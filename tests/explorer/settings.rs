//! The settings, keys and themes of a config file, as the explorer has them.

use hubscope::tui::Setup;
use hubscope::tui::config::file::ConfigFile;
use hubscope::tui::headless::Headless;
use hubscope::tui::layout::Pane;
use hubscope::tui::theme::{Palette, Theme};
use ratatui::style::Color;

use crate::sample::hub;

/// Returns an explorer with this config file, after these keys.
fn with(config: &str, keys: &str) -> Headless {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, config).unwrap();
    let config = ConfigFile::named(&path).unwrap();
    let theme = config.config.theme_or(None).unwrap();
    let setup = Setup {
        config,
        theme,
        ..Setup::default()
    };
    let mut stage = Headless::set_up(hub().clone(), (120, 40), &setup);
    stage.keys(keys).unwrap();
    stage
}

/// Returns an explorer without a config file, after these keys.
fn plain(keys: &str) -> Headless {
    let mut stage = Headless::new(hub().clone(), (120, 40), Palette::Dark);
    stage.keys(keys).unwrap();
    stage
}

fn status(stage: &Headless) -> String {
    stage.text().lines().last().unwrap_or_default().to_owned()
}

#[test]
fn settings_are_effective_from_the_start() {
    assert_eq!(with("# nothing\n", "?").text(), plain("?").text());
    assert_eq!(
        with("sort = 'likes'", "").text(),
        plain("slikes<enter>g").text()
    );
    let zoomed = with("panes = { focus = 'histogram', zoom = true }", "");
    assert_eq!(zoomed.text(), plain("3z").text());
    let split = with("[panes]\nleft = 30", "").app.layout();
    let width = |pane| split.inside(pane).width;
    // 30 % of 120 columns, and the rest without the line between.
    assert_eq!((width(Pane::Models), width(Pane::Details)), (36, 83));
    let columns = with(
        "columns = ['memory']\nunits.memory = 'GiB'",
        "/^qwen/qwen3-vl-8b-i",
    );
    // ⌈8,767,123,696 × 4 / 8⌉ bytes are 4.08 × 2³⁰.
    let row = columns.text().lines().nth(4).unwrap().to_owned();
    assert!(
        row.contains("Qwen3-VL-8B-Instruct") && row.contains("4.08 GiB"),
        "{row}"
    );
    let id = "/^qwen/qwen3-vl-8b-instruct$<enter>";
    let bits = |stage: Headless| {
        let text = stage.text();
        let line = text.lines().find(|line| line.contains("16/8/4 bits"));
        line.unwrap()
            .split("bits")
            .nth(1)
            .unwrap()
            .trim_matches([' ', '▐'])
            .to_owned()
    };
    assert_eq!(bits(plain(id)), "17.5 GB, 8.77 GB, 4.38 GB");
    assert_eq!(
        bits(with("units.memory = 'GiB'", id)),
        "16.3 GiB, 8.17 GiB, 4.08 GiB"
    );
}

#[test]
fn keys_of_the_file_reach_keys_hints_help_and_palette() {
    let file =
        "[keys.panes]\nquery = ['f7']\nhelp = ['f1']\nzoom = []\n[keys.menu]\nclose = ['ctrl-x']\n";
    // Keys.
    assert_eq!(
        with(file, "<f7>llama<enter>").app.session.query.text(),
        "llama"
    );
    assert!(plain("/").app.session.query.editing && !with(file, "/").app.session.query.editing);
    assert!(with(file, ":<esc>").app.menu().is_some());
    assert!(with(file, ":<ctrl-x>").app.menu().is_none());
    // Hints.
    let (before, after) = (status(&plain("")), status(&with(file, "")));
    assert!(
        before.starts_with("? help") && before.contains("/ search"),
        "{before}"
    );
    assert!(
        after.starts_with("f1 help") && after.contains("f7 search"),
        "{after}"
    );
    assert!(
        before.contains("z zoom") && !after.contains("zoom"),
        "{after}"
    );
    // Help and palette.
    for menu in ["<f1>", ":"] {
        let keys_of = |stage: Headless, name: &str| {
            let items = stage.app.menu().unwrap().items.iter();
            let found = items.filter(|item| item.name == name);
            found.map(|item| item.keys.clone()).collect::<Vec<_>>()
        };
        assert_eq!(keys_of(plain(menu), "search"), ["/"]);
        assert_eq!(keys_of(with(file, menu), "search"), ["f7"]);
        assert_eq!(keys_of(with(file, menu), "zoom"), [""]);
    }
    // An action without a key is run by its name.
    assert_eq!(with(file, ":zoom<enter>").app.layout().panes.len(), 1);
    // Messages.
    let message = status(&with("[keys.panes]\nquery = ['f7']", "w"));
    assert_eq!(message, "No query to save; `f7` types one");
}

#[test]
fn a_theme_of_the_file_is_drawn() {
    let stage = with(
        "theme = 'mine'\n[themes.mine]\nbase = 'light'\naccent = '#0000ff on 230'\n",
        "",
    );
    let screen = stage.picture();
    // The first hint is a key.
    let hint = &screen[(0, 39)];
    assert_eq!(
        (hint.symbol(), hint.fg, hint.bg),
        ("?", Color::Rgb(0, 0, 255), Color::Indexed(230))
    );
    let title = &screen[(0, 0)];
    assert_eq!(Some(title.fg), Theme::of(Palette::Light).focused.fg);
}

#[test]
fn a_mistake_is_said_and_stops_nothing() {
    let stage = with("mouse = false\nthem = 'dark'\n", "");
    assert_eq!(
        status(&stage),
        "config.toml:2: there is no setting `them`; did you mean `theme`? (`hubscope config --check`)"
    );
    assert!(!stage.app.session.settings.mouse);
    let stage = with("columns = ['nothing']\nsort = 'x'\nsort = 'likes'\n", "");
    assert_eq!(
        status(&stage),
        "config.toml:1: there is no column `nothing` (3 mistakes, `hubscope config --check`)"
    );
    // The next key brings the hints back.
    assert_eq!(status(&with("them = 'dark'\n", "j")), status(&plain("j")));
}
