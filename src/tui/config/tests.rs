//! Every setting read, printed and read again; every mistake at its place.

use crossterm::event::KeyCode;
use proptest::prelude::*;
use ratatui::style::{Color, Style};

use super::print;
use super::read::{Config, read};
use super::settings::SETTINGS;
use crate::tui::keymap::{Action, KEYMAP, KeyContext};
use crate::tui::keys::key_of;
use crate::tui::settings::Settings;
use crate::tui::theme::{Palette, Theme};

/// A value of each setting that is not its default.
const OTHERS: [(&str, &str); 12] = [
    ("theme", "\"light\""),
    ("columns", "[\"likes\", \"created\"]"),
    ("sort", "\"likes:asc\""),
    ("mouse", "false"),
    ("panes.focus", "\"histogram\""),
    ("panes.zoom", "true"),
    ("panes.hidden", "[\"tree\", \"details\"]"),
    ("panes.left", "41"),
    ("panes.models", "42"),
    ("panes.details", "43"),
    ("panes.upper", "44"),
    ("units.memory", "\"GiB\""),
];

/// Reads a file without mistakes.
fn right(text: &str) -> Config {
    let (config, mistakes) = read(text);
    assert_eq!(mistakes, [], "{text}");
    config
}

#[test]
fn every_setting_is_read_printed_and_read_again() {
    let written =
        |settings: &Settings| SETTINGS.each_ref().map(|s| (s.write)(settings).to_string());
    let defaults = written(&Settings::default());
    for (at, setting) in SETTINGS.iter().enumerate() {
        let (name, value) = OTHERS[at];
        assert_eq!(setting.full_name(), name);
        assert_ne!(value, defaults[at]);
        let file = match setting.table {
            "" => format!("{} = {value}", setting.name),
            table => format!("[{table}]\n{} = {value}", setting.name),
        };
        let config = right(&file);
        let mut wanted = defaults.clone();
        value.clone_into(&mut wanted[at]);
        assert_eq!(written(&config.settings), wanted, "{name}");
        let printed = print::text(&config);
        let line = format!("\n{} = {value}\n", setting.name);
        assert_eq!(printed.matches(&line).count(), 1, "{name}:\n{printed}");
        let again = right(&printed);
        assert_eq!(again.settings, config.settings, "{name}");
        assert_eq!(print::text(&again), printed);
    }
}

#[test]
fn printed_defaults_are_the_defaults() {
    let printed = print::text(&Config::default());
    assert_eq!(right(&printed).settings, Settings::default());
    let uncommented = printed.lines().map(|line| match line.strip_prefix('#') {
        Some(set) if !set.starts_with(' ') => set,
        _ => line,
    });
    let uncommented: String = uncommented.map(|line| format!("{line}\n")).collect();
    let config = right(&uncommented);
    assert_eq!(config.settings, Settings::default());
    assert_eq!(config.keymap, &*KEYMAP);
    let settings = uncommented
        .lines()
        .filter(|line| line.contains(" = ") && !line.starts_with('#'));
    let bindings = KEYMAP.contexts().iter().map(|keys| keys.bindings.len());
    assert_eq!(settings.count(), SETTINGS.len() + bindings.sum::<usize>());
}

/// Each file has one mistake, whose line and column are counted by hand.
#[test]
fn a_mistake_has_its_line_and_column() {
    let cases = [
        (
            "theme = \"drak\"",
            "1:9: there is no theme `drak`; did you mean `dark`?",
        ),
        (
            "\n\n  theme = 3",
            "3:11: an integer in place of a string in quotes",
        ),
        ("mouse = \"no\"", "1:9: a string in place of true or false"),
        ("mouse = no", "1:9: invalid float, expected `nan`"),
        (
            "mouse = off",
            "1:9: string values must be quoted, expected literal string",
        ),
        (
            "mosue = true",
            "1:1: there is no setting `mosue`; did you mean `mouse`?",
        ),
        (
            "# ää\nwrap = 3",
            "2:1: there is no setting `wrap`; one of theme, columns, sort, mouse, panes, units, keys, themes",
        ),
        (
            "columns = \"likes\"",
            "1:11: a string in place of a list in brackets",
        ),
        (
            "columns = [\n  \"likes\",\n  3,\n]",
            "3:3: an integer in place of a string in quotes",
        ),
        (
            "columns = [\"ä\", \"lkes\"]",
            "1:12: there is no column `ä`; one of",
        ),
        (
            "columns = [\"likes\", \"lkes\"]",
            "1:21: there is no column `lkes`; did you mean `likes`?",
        ),
        (
            "columns = [\"all\", \"downloads_all_time\"]",
            "1:19: column `downloads_all_time` is listed twice",
        ),
        (
            "sort = \"lieks\"",
            "1:8: unknown field `lieks` to sort by; one of",
        ),
        (
            "sort = \"likes:up\"",
            "1:8: `up` is neither `asc` nor `desc`",
        ),
        (
            "sort = \"growth\"",
            "1:8: `growth` compares with an older snapshot",
        ),
        (
            "panes.hidden = [\"tree\", \"trie\"]",
            "1:25: there is no pane `trie`; did you mean `tree`?",
        ),
        ("panes = 3", "1:9: an integer in place of a table"),
        (
            "[panes]\nleft = 101",
            "2:8: 101 in place of a whole number from 0 to 100",
        ),
        (
            "[panes]\nleft = -1",
            "2:8: -1 in place of a whole number from 0 to 100",
        ),
        (
            "[panes]\nleft = 0.5",
            "2:8: a float in place of a whole number from 0 to 100",
        ),
        (
            "panes.lft = 40",
            "1:7: there is no setting `lft`; did you mean `left`?",
        ),
        (
            "panes.focus = \"trees\"",
            "1:15: there is no value `trees`; did you mean `tree`?",
        ),
        (
            "units = { memory = \"MB\" }",
            "1:20: there is no value `MB`; did you mean `GB`?",
        ),
        ("mouse = true\nmouse = true", "2:1: duplicate key"),
        ("[panes", "1:7: unclosed table, expected `]`"),
        (
            "[keys.pains]\nmark = [\"x\"]",
            "1:7: there is no context `pains`; did you mean `panes`?",
        ),
        (
            "[keys.panes]\nmrak = [\"f5\"]",
            "2:1: there is no action `mrak`; did you mean `mark`?",
        ),
        (
            "[keys.panes]\nquit = [\"f7\"]",
            "2:1: `quit` is an action of `program`, not of `panes`",
        ),
        (
            "[keys.panes]\nmark = \"f7\"",
            "2:8: a string in place of a list in brackets",
        ),
        (
            "[keys.panes]\nmark = [\"f7\", \"contrl-x\"]",
            "2:15: there is no key `contrl-x`",
        ),
        (
            "[keys.panes]\nmark = [\"shift-tab\"]",
            "2:9: there is no key `shift-tab`",
        ),
        (
            "[keys.panes]\nmark = [\"f7\", \"f7\"]",
            "2:15: `f7` is listed twice",
        ),
        (
            "[keys.panes]\nmark = [\"x\"]",
            "2:9: `x` is a key of `remove-filter` already; give that another one, or `remove-filter = []`",
        ),
        (
            "[keys.panes]\nmark = [\"f5\"]\nzoom = [\"f6\", \"f5\"]",
            "3:15: `f5` is a key of `mark` already",
        ),
        (
            "[keys.menu]\nclose = [\"q\"]",
            "2:10: `q` is text in `menu`; choose one such as `ctrl-x`",
        ),
        (
            "[keys.query]\naccept = [\"space\"]",
            "2:11: `space` is text in `query`",
        ),
        (
            "[keys.program]\ninterrupt = []",
            "2:13: `interrupt` needs a key",
        ),
        ("keys = []", "1:8: an array in place of a table"),
        (
            "[themes.dark]\n",
            "1:9: `dark` is a built-in theme; choose another name",
        ),
        (
            "[themes.mine]\nbase = \"drk\"",
            "2:8: there is no built-in theme `drk`; did you mean `dark`?",
        ),
        (
            "[themes.mine]\nselectd = \"red\"",
            "2:1: there is no style `selectd`; did you mean `selected`?",
        ),
        (
            "[themes.mine]\nselected = \"bold blak\"",
            "2:12: `blak` is no color, such as",
        ),
        ("[themes]\nmine = 3", "2:8: an integer in place of a table"),
        ("\u{FEFF}mosue = true", "1:1: there is no setting `mosue`"),
        (
            "mouse = true\r\nthem = 1\r\n",
            "2:1: there is no setting `them`",
        ),
    ];
    for (text, wanted) in cases {
        let (_, mistakes) = read(text);
        let found = mistakes.iter().map(ToString::to_string);
        let found = found.collect::<Vec<_>>();
        assert!(
            found.len() == 1 && found[0].starts_with(wanted),
            "{text:?}: {found:#?}, not {wanted}"
        );
    }
}

#[test]
fn what_is_right_counts_beside_mistakes() {
    let (config, mistakes) = read(
        "mouse = false\ncolumns = [\"lkes\"]\n[panes]\nleft = 40\nmodels = 400\n[themes.a]\nbase = \"light\"\nbar = \"blak\"\ndim = \"8\"\n[keys.panes]\nmark = [\"spce\", \"f5\"]\nzoom = [\"x\"]\n",
    );
    assert_eq!(mistakes.len(), 5, "{mistakes:#?}");
    let Settings { shares, mouse, .. } = config.settings;
    let default = Settings::default();
    assert_eq!(
        (shares.left, shares.models, mouse),
        (40, default.shares.models, false)
    );
    assert_eq!(config.settings.columns, default.columns);
    let styles = &config.themes[0].styles;
    assert_eq!(styles.len(), 1);
    let keys = |action| {
        let mut bindings = config.keymap.bindings(KeyContext::PANES).iter();
        &bindings
            .find(|binding| binding.action == action)
            .unwrap()
            .keys
    };
    assert_eq!(keys(Action::Mark), &["f5"]);
    // Its only key is taken, so that it keeps its own.
    assert_eq!(keys(Action::Zoom), &["z"]);
    assert_eq!(keys(Action::RemoveFilter), &["x"]);
}

#[test]
fn keys_can_be_exchanged_added_and_taken_away() {
    let config = right(
        "[keys.panes]\nmark = [\"x\"]\nremove-filter = [\"space\", \"delete\"]\nshow-density = []\n[keys.moves]\ndown = [\"ctrl-J\"]\n",
    );
    let action = |name: &str, context| config.keymap.action(key_of(name).unwrap(), &[context]);
    assert_eq!(action("x", KeyContext::PANES), Some(Action::Mark));
    assert_eq!(
        action("space", KeyContext::PANES),
        Some(Action::RemoveFilter)
    );
    assert_eq!(
        action("delete", KeyContext::PANES),
        Some(Action::RemoveFilter)
    );
    assert_eq!(action("D", KeyContext::PANES), None);
    assert_eq!(action("j", KeyContext::MOVES), None);
    assert_eq!(action("ctrl-j", KeyContext::MOVES), Some(Action::Down));
    assert_eq!(key_of("ctrl-J").unwrap().code, KeyCode::Char('J'));
    // Everything else is as before.
    let others = |keymap: &crate::tui::keymap::Keymap| {
        let bindings = keymap
            .contexts()
            .iter()
            .flat_map(|keys| keys.bindings.clone());
        let changed = ["mark", "remove-filter", "show-density", "down"];
        bindings
            .filter(|b| !changed.contains(&b.action.name().as_str()))
            .collect::<Vec<_>>()
    };
    assert_eq!(others(config.keymap), others(&KEYMAP));
    // What is printed is read as the same keymap.
    assert_eq!(right(&print::text(&config)).keymap, config.keymap);
}

#[test]
fn a_theme_replaces_styles_of_its_base() {
    let config =
        right("theme = \"mine\"\n[themes.mine]\nbase = \"light\"\nbar = \"#0000ff on 230\"\n");
    let theme = config.theme_or(None).unwrap().on(Palette::Dark);
    let light = Theme::of(Palette::Light);
    assert_eq!(
        theme.bar,
        Style::new()
            .fg(Color::Rgb(0, 0, 255))
            .bg(Color::Indexed(230))
    );
    assert_eq!((theme.dim, theme.palette), (light.dim, Palette::Light));
    // The command line wins over the file.
    let theme = config.theme_or(Some("none")).unwrap().on(Palette::Dark);
    assert_eq!((theme.bar, theme.palette), (Style::new(), Palette::None));
    let error = config.theme_or(Some("mien")).unwrap_err().to_string();
    assert_eq!(
        error,
        "--theme: there is no theme `mien`; did you mean `mine`?"
    );
    assert_eq!(right(&print::text(&config)).themes, config.themes);
}

#[test]
fn the_guide_lists_every_setting_and_style() {
    let guide = include_str!("../../../assets/guide/config.md");
    let defaults = Settings::default();
    let mut missing = String::new();
    for setting in &SETTINGS {
        let (name, help) = (setting.full_name(), setting.help);
        let (values, default) = (setting.values, (setting.write)(&defaults).to_string());
        let line = format!("| `{name}` | {values} | `{}` | {help} |\n", default.trim());
        if !guide.contains(&line) {
            missing.push_str(&line);
        }
    }
    for role in super::themes::ROLES {
        let line = format!("| `{}` | {} |\n", role.name, role.help);
        if !guide.contains(&line) {
            missing.push_str(&line);
        }
    }
    assert!(
        missing.is_empty(),
        "assets/guide/config.md lacks\n{missing}"
    );
}

proptest! {
    /// Mistakes of any kind are reported at a place of the file, and never end the program.
    #[test]
    fn any_damage_is_reported_in_the_file(at in 0..2_000_usize, cut in 0..40_usize, put in "[\\[\\]\"'={},.# \n\u{e4}a-z0-9]{0,12}") {
        let mut text = print::text(&Config::default());
        text.truncate(text.floor_char_boundary(2_000));
        let text: String = text.lines().map(|line| line.trim_start_matches('#').to_owned() + "\n").collect();
        let (from, to) = (text.floor_char_boundary(at), text.floor_char_boundary(at + cut));
        let damaged = format!("{}{put}{}", &text[..from], &text[to..]);
        let (_, mistakes) = read(&damaged);
        let lines = damaged.split('\n').count();
        for mistake in mistakes {
            prop_assert!((1..=lines).contains(&mistake.line), "{mistake}");
            prop_assert!(!mistake.reason.contains('\n') && !mistake.reason.is_empty());
        }
    }
}
