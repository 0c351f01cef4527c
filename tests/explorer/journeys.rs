//! What a person does with the keyboard, and what comes of it: on the built-in sample, without a
//! terminal, threads or clocks. The facts about the sample are those of the report it is shaped on.

use crate::sample::{after, hub};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use hubscope::engine::Hub;
use hubscope::engine::source::Source;
use hubscope::engine::table::clean::is_clean;
use hubscope::engine::table::field::Field;
use hubscope::sample::{Recipe, write};
use hubscope::tui::app::{App, Effect, Event};
use hubscope::tui::headless::Headless;
use hubscope::tui::keys::key_of;
use hubscope::tui::layout::Pane;
use hubscope::tui::queries::{QueryChange, SavedQuery};
use hubscope::tui::theme::{Palette, Theme};
use ratatui::layout::Rect;

fn current(stage: &Headless) -> String {
    let hub = stage.app.session.hub.as_ref().unwrap();
    hub.name(stage.app.session.current.unwrap()).to_owned()
}

fn listed(stage: &Headless) -> Vec<String> {
    let hub = stage.app.session.hub.as_ref().unwrap();
    let hits = stage.app.session.hits.as_ref().unwrap();
    hits.models
        .iter()
        .map(|m| hub.models.id(*m).to_owned())
        .collect()
}

#[test]
fn it_opens_on_the_most_downloaded_model() {
    let stage = after("");
    let hub = hub();
    let most = hub
        .models
        .all()
        .max_by_key(|m| hub.models.number(Field::Downloads, *m))
        .unwrap();
    assert_eq!(current(&stage), hub.models.id(most));
    assert_eq!(listed(&stage).len(), 20_000);
}

#[test]
fn it_can_be_left_before_anything_is_loaded() {
    for name in ["q", "ctrl-c"] {
        let mut app = App::new(
            Rect::new(0, 0, 80, 24),
            Theme::of(Palette::None),
            "a hub".to_owned(),
        );
        app.update(Event::Progress(0.1));
        for key in ["j", "/", "esc", "tab", "z", "?", "esc"] {
            assert!(
                app.update(Event::Key(key_of(key).unwrap())).is_empty(),
                "{key}"
            );
        }
        let effects = app.update(Event::Key(key_of(name).unwrap()));
        match name {
            "q" => assert!(matches!(effects.as_slice(), [Effect::Quit])),
            _ => assert!(matches!(effects.as_slice(), [Effect::Interrupt])),
        }
    }
}

#[test]
fn a_query_finds_the_exact_name_first() {
    let stage = after("/qwen3-vl-8b-instruct<enter>");
    assert_eq!(listed(&stage)[0], "Qwen/Qwen3-VL-8B-Instruct");
    assert_eq!(current(&stage), "Qwen/Qwen3-VL-8B-Instruct");
    let hits = stage.app.session.hits.as_ref().unwrap();
    let naive = hub()
        .models
        .ids()
        .filter(|id| id.to_lowercase().contains("qwen3-vl-8b-instruct"))
        .count();
    assert_eq!(hits.exact(), naive);
}

#[test]
fn the_report_family_is_walked_as_it_tells() {
    // 23 derivatives in two relations; the first two by downloads are named in the report.
    let stage = after("/qwen3-vl-8b-instruct<enter><enter>");
    assert_eq!(stage.app.focus, Pane::Tree);
    let family = stage.app.details.family.clone().unwrap();
    assert_eq!(family.children.iter().map(|(_, n)| n).sum::<usize>(), 23);
    assert_eq!(family.children.len(), 2);
    let stage = after("/qwen3-vl-8b-instruct<enter><enter>l");
    assert_eq!(current(&stage), "NexaAI/Qwen3-VL-8B-Instruct-GGUF");
    let stage = after("/qwen3-vl-8b-instruct<enter><enter>lj");
    assert_eq!(
        current(&stage),
        "unsloth/Qwen3-VL-8B-Instruct-unsloth-bnb-4bit"
    );
    // Its parent again, folded, and back to the list.
    let mut stage = after("/qwen3-vl-8b-instruct<enter><enter>ljh");
    assert_eq!(current(&stage), "Qwen/Qwen3-VL-8B-Instruct");
    let open = stage.app.tree.rows();
    stage.keys("h").unwrap();
    assert_eq!(stage.app.tree.rows(), open - 23);
    stage.keys("<esc>").unwrap();
    assert_eq!(stage.app.focus, Pane::Models);
}

#[test]
fn details_and_histogram_follow_the_tree() {
    let stage = after("/qwen3-vl-8b-instruct<enter><enter>l");
    let text = stage.text();
    assert!(text.contains("22,391 in 30 days"), "{text}");
    let bar = text
        .lines()
        .find(|line| line.contains("◆") && line.contains("10K–100K"));
    assert!(bar.is_some(), "{text}");
}

#[test]
fn enter_in_the_tree_draws_it_around_the_line_and_back_returns() {
    let mut stage = after("/qwen3-vl-8b-instruct<enter><enter>l<enter>");
    let focus = stage.app.tree.outline.as_ref().unwrap().focus().unwrap();
    assert_eq!(hub().name(focus), "NexaAI/Qwen3-VL-8B-Instruct-GGUF");
    // The list has it too: it matches the query.
    assert_eq!(
        stage
            .app
            .list
            .selected(&stage.app.session)
            .map(|m| hub().models.id(m).to_owned()),
        Some(current(&stage))
    );
    // Undo restores the tree, then the model before.
    stage.keys("H").unwrap();
    assert_eq!(current(&stage), "NexaAI/Qwen3-VL-8B-Instruct-GGUF");
    let focus = stage.app.tree.outline.as_ref().unwrap().focus().unwrap();
    assert_eq!(hub().name(focus), "Qwen/Qwen3-VL-8B-Instruct");
    stage.keys("H").unwrap();
    assert_eq!(current(&stage), "Qwen/Qwen3-VL-8B-Instruct");
    stage.keys("LL").unwrap();
    assert_eq!(current(&stage), "NexaAI/Qwen3-VL-8B-Instruct-GGUF");
}

#[test]
fn ancestors_stand_above_with_their_other_children_counted() {
    let mut stage = after("/NexaAI/Qwen3-VL-8B-Instruct-GGUF<enter><enter>");
    let text = stage.text();
    assert!(
        text.contains("… 22 more children of Qwen/Qwen3-VL-8B-Instruct"),
        "{text}"
    );
    stage.keys("j<enter>").unwrap();
    assert_eq!(stage.app.tree.rows(), 24);
}

#[test]
fn escape_goes_back_and_never_quits() {
    let mut stage = after("/llama<esc>");
    assert!(!stage.app.session.query.editing);
    assert_eq!(stage.app.session.query.input.value(), "llama");
    stage.keys("<esc>").unwrap();
    assert_eq!(listed(&stage).len(), 20_000);
    stage.keys("<esc><esc>?<esc>:<esc>z<esc><esc>").unwrap();
    assert!(stage.asked_for.is_empty());
    stage.keys("q").unwrap();
    assert_eq!(stage.asked_for, ["quit"]);
}

#[test]
fn sorting_by_likes_and_turning_round() {
    let likes = |stage: &Headless| {
        let models = &stage.app.session.hub.as_ref().unwrap().models;
        let hits = stage.app.session.hits.clone().unwrap();
        hits.models
            .iter()
            .map(|m| models.number(Field::Likes, *m))
            .collect::<Vec<_>>()
    };
    let mut stage = after("slikes<enter>");
    let down = likes(&stage);
    assert!(down.windows(2).all(|w| w[0] >= w[1]));
    stage.keys("S").unwrap();
    let up = likes(&stage);
    let known = up.iter().take_while(|l| l.is_some()).count();
    assert!(
        up[..known].windows(2).all(|w| w[0] <= w[1]) && up[known..].iter().all(Option::is_none)
    );
}

#[test]
fn marked_models_are_copied_together() {
    let mut stage = after("y");
    let first = current(&stage);
    stage.keys("<space><space>y").unwrap();
    let both = [first.clone(), listed(&stage)[1].clone()];
    let mut copied: Vec<&str> = stage.asked_for[1]
        .strip_prefix("copy ")
        .unwrap()
        .lines()
        .collect();
    let mut wanted: Vec<&str> = both.iter().map(String::as_str).collect();
    copied.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(copied, wanted);
    assert_eq!(stage.asked_for[0], format!("copy {first}"));
    stage.keys("gYlink<enter>o").unwrap();
    assert_eq!(
        stage.asked_for[2],
        format!("copy https://huggingface.co/{first}")
    );
    assert_eq!(
        stage.asked_for[3],
        format!("visit https://huggingface.co/{first}")
    );
}

#[test]
fn the_help_is_searched_and_does_what_it_lists() {
    let stage = after("?zoom");
    let found = stage.app.menu().unwrap().found();
    assert_eq!(
        found.iter().map(|i| i.name.as_str()).collect::<Vec<_>>(),
        ["zoom", "whole table"]
    );
    let stage = after(":zoom<enter>");
    assert_eq!(stage.app.layout().panes.len(), 1);
}

#[test]
fn every_pane_is_a_key_away_on_a_small_screen() {
    let mut stage = Headless::new(hub().clone(), (40, 10), Palette::None);
    for (key, pane) in ["1", "2", "3", "4"].into_iter().zip(Pane::ALL) {
        stage.keys(key).unwrap();
        let shown = stage.app.layout().panes;
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].0, pane);
    }
}

#[test]
fn histograms_turn_and_count_every_model() {
    let mut stage = after("3");
    for field in Field::histograms() {
        let bins = stage.app.chart.bins.clone().unwrap();
        assert_eq!(bins.field, field);
        assert_eq!(
            bins.zero + bins.unknown + bins.bins.iter().map(|b| b.count).sum::<usize>(),
            20_000
        );
        stage.keys("l").unwrap();
    }
    assert_eq!(stage.app.chart.field, Field::Downloads);
}

#[test]
fn pasted_text_becomes_the_query() {
    let mut stage = after("");
    stage.happen(Event::Paste("Qwen3-VL-8B\x1b[31m\n".to_owned()));
    assert!(stage.app.session.query.editing);
    assert!(!stage.app.session.query.input.value().contains('\x1b'));
}

#[test]
fn hostile_strings_never_reach_the_screen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile.parquet");
    let recipe = Recipe {
        rows: 2_000,
        seed: 7,
        hostile: true,
    };
    write(&recipe, std::fs::File::create(&path).unwrap(), |_| {}).unwrap();
    let hub = Hub::open(&Source::named(Some(&path)).unwrap(), &|_| {}).unwrap();
    assert!(hub.models.ids().all(is_clean));
    assert!(
        hub.models.ids().any(|id| id.contains('\u{FFFD}')),
        "the sample is not hostile"
    );
    let mut stage = Headless::new(hub, (120, 40), Palette::None);
    for keys in [
        "",
        "jjjj",
        "<pagedown><pagedown>",
        "2=jjj",
        "4jjjj",
        "3lll",
        "1/\u{FFFD}<enter>",
    ] {
        stage.keys(keys).unwrap();
        let picture = stage.picture();
        assert!(
            picture.content.iter().all(|cell| is_clean(cell.symbol())),
            "after {keys}"
        );
    }
}

#[test]
fn what_is_selected_in_the_list_is_meant_there() {
    // In the tree another model is looked at; back in the list it is the list's again.
    let stage = after("/qwen3-vl-8b-instruct<enter><enter>lj<esc><space>");
    let hub = hub();
    let marked: Vec<&str> = stage
        .app
        .session
        .marks
        .iter()
        .map(|m| hub.models.id(*m))
        .collect();
    assert_eq!(marked, ["Qwen/Qwen3-VL-8B-Instruct"]);
}

#[test]
fn back_leads_to_the_place_before_the_first_query_and_to_what_no_query_lists() {
    let mut stage = after("jj");
    let before = current(&stage);
    stage.keys("/llama<enter>H").unwrap();
    assert_eq!(current(&stage), before);
    assert_eq!(listed(&stage).len(), 20_000);
    // A base that the query after it does not list.
    let mut stage =
        after("/NexaAI/Qwen3-VL-8B-Instruct-GGUF<enter><enter>k<enter>/<ctrl-u>gpt2<enter>H");
    assert_eq!(current(&stage), "Qwen/Qwen3-VL-8B-Instruct");
    assert_eq!(
        stage.app.session.query.input.value(),
        "NexaAI/Qwen3-VL-8B-Instruct-GGUF"
    );
    stage.keys("L").unwrap();
    assert_eq!(stage.app.session.query.input.value(), "gpt2");
}

#[test]
fn loading_on_keeps_the_place() {
    let mut stage = after("jjj2jj");
    let (selected, line, node) = (
        stage.app.list.selected(&stage.app.session),
        stage.app.tree.cursor,
        current(&stage),
    );
    stage.happen(Event::Loaded(Box::new(hub().clone())));
    assert_eq!(stage.app.list.selected(&stage.app.session), selected);
    assert_eq!(stage.app.tree.cursor, line);
    assert_eq!(current(&stage), node);
}

#[test]
fn menus_know_names_before_meanings_and_actions_their_panes() {
    let stage = after("screated<enter>");
    assert_eq!(
        stage.app.session.query.default_order.field,
        Field::CreatedAt
    );
    assert!(stage.text().contains("created↓"), "{}", stage.text());
    let stage = after("/qwen3-vl-8b-instruct<enter>:next field<enter>");
    assert_eq!(stage.app.focus, Pane::Histogram);
    assert_eq!(stage.app.chart.field, Field::DownloadsAllTime);
}

#[test]
fn keys_with_alt_are_nobodys() {
    let mut stage = after("");
    let alt_q = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::ALT);
    stage.happen(Event::Key(alt_q));
    assert!(stage.asked_for.is_empty());
    stage.keys("/").unwrap();
    stage.happen(Event::Key(alt_q));
    assert_eq!(stage.app.session.query.input.value(), "");
}

/// The explorer as `hubscope --pick` starts it, after these keys.
fn picking(keys: &str) -> Headless {
    let mut stage = after("");
    stage.app.picking = true;
    stage.keys(keys).unwrap();
    stage
}

#[test]
fn picking_ends_with_the_selected_model_or_all_marked_ones() {
    // The first Enter leaves the query line, as always.
    let stage = picking("/qwen3-vl-8b-instruct<enter>");
    assert!(stage.asked_for.is_empty());
    let status = stage.text().lines().last().unwrap().to_owned();
    assert!(
        status.contains("enter pick") && status.contains("l tree"),
        "{status}"
    );
    let stage = picking("/qwen3-vl-8b-instruct<enter><enter>");
    assert_eq!(stage.asked_for, ["pick Qwen/Qwen3-VL-8B-Instruct"]);
    // Elsewhere Enter does what it always does.
    let mut stage = picking("/qwen3-vl-8b-instruct<enter>lj<enter>");
    assert_eq!(stage.app.focus, Pane::Tree);
    assert!(stage.asked_for.is_empty());
    stage.keys("<esc>:pick<enter>").unwrap();
    assert_eq!(stage.asked_for.len(), 1);
    let stage = picking("<space><space>G<enter>");
    let marked: Vec<&str> = stage.asked_for[0].lines().collect();
    assert_eq!(marked.len(), 2);
    let first = listed(&stage)[..2].to_vec();
    assert!(first.iter().all(|id| stage.asked_for[0].contains(id)));
    // Where nothing is listed, there is nothing to pick.
    let stage = picking("/zzzzqqqq<enter><enter>q");
    assert_eq!(stage.asked_for, ["quit"]);
}

#[test]
fn nothing_is_picked_where_nobody_asked_for_it() {
    let stage = after("<enter>");
    assert!(stage.asked_for.is_empty());
    assert_eq!(stage.app.focus, Pane::Tree);
    let stage = after("?print the id");
    assert!(stage.app.menu().unwrap().found().is_empty());
}

#[test]
fn marked_models_are_compared_and_what_differs_is_marked() {
    let line = |stage: &Headless, label: &str| {
        let text = stage.text();
        let mut lines = text.lines();
        let found = lines.find(|l| l.trim_start_matches(['≠', ' ']).starts_with(label));
        found
            .unwrap_or_else(|| panic!("no {label} in\n{text}"))
            .to_owned()
    };
    let mut stage = after("/qwen3-vl-8b-instruct<enter><enter>l<space><space>c");
    let text = stage.text();
    assert!(text.contains("● Compare 2 models"), "{text}");
    assert!(line(&stage, "downloads").starts_with("≠"), "{text}");
    assert!(line(&stage, "downloads").contains("22,391"), "{text}");
    // Both are made from the same model, in the same way.
    let bases = line(&stage, "bases");
    assert!(bases.starts_with(' '), "{text}");
    assert_eq!(bases.matches("Qwen/Qwen3-VL-8B-Instruct").count(), 2);
    // Panes below get no keys, and the way back is short.
    stage.keys("jk<pagedown>G2z").unwrap();
    assert!(stage.app.is_covered());
    for close in ["<esc>", "c"] {
        stage.keys(close).unwrap();
        assert!(!stage.app.is_covered());
        assert_eq!(stage.app.focus, Pane::Tree);
        stage.keys("c").unwrap();
    }
    stage.keys("q").unwrap();
    assert_eq!(stage.asked_for, ["quit"]);
}

#[test]
fn the_most_of_a_count_stands_out_and_what_is_unknown_is_not_the_least() {
    let stage = after("<space><space>c");
    let picture = stage.picture();
    let bold = ratatui::style::Modifier::BOLD;
    let text = stage.text();
    let y = text
        .lines()
        .position(|l| l.starts_with("≠ downloads"))
        .unwrap();
    let cells = |from: u16| (from..from + 9).map(move |x| (x, u16::try_from(y).unwrap()));
    // The list is by downloads: one of the two has more, wherever its row stands.
    let is_bold = |from| cells(from).any(|at| picture[at].modifier.contains(bold));
    assert_ne!(is_bold(15), is_bold(15 + 44), "{text}");
}

#[test]
fn one_marked_model_is_compared_with_the_current_one() {
    let mut stage = after("c");
    assert!(!stage.app.is_covered());
    assert!(stage.text().contains("Mark models with `space`"));
    stage.keys("<space>k").unwrap();
    stage.keys("c").unwrap();
    assert!(!stage.app.is_covered(), "the marked one is the current one");
    stage.keys("jc").unwrap();
    let text = stage.text();
    assert!(text.contains("● Compare 2 models"), "{text}");
    assert!(text.contains(&listed(&stage)[0][..12]) && text.contains(&listed(&stage)[1][..12]));
}

#[test]
fn models_without_room_are_reached_sideways() {
    let mut stage = Headless::new(hub().clone(), (50, 15), Palette::None);
    stage.keys("<space><space><space><space>c").unwrap();
    assert!(stage.text().contains("2 more →"), "{}", stage.text());
    let first = stage.text();
    stage.keys("l").unwrap();
    assert!(
        stage.text().contains("← 1 more · 1 more →"),
        "{}",
        stage.text()
    );
    stage.keys("<right>l").unwrap();
    assert!(stage.text().contains(" ← 2 more "), "{}", stage.text());
    stage.keys("h<left>h").unwrap();
    assert_eq!(stage.text(), first);
    // With room for all, nothing is left over at the side.
    stage.keys("ll").unwrap();
    stage.happen(Event::Resize(120, 40));
    assert!(!stage.text().contains(" more"), "{}", stage.text());
    // All properties can be read on a low screen.
    stage.happen(Event::Resize(50, 15));
    assert!(!stage.text().contains("modified"));
    stage.keys("G").unwrap();
    assert!(stage.text().contains("modified"), "{}", stage.text());
}

#[test]
fn the_arrows_call_older_queries_into_the_line_and_lead_out_of_it() {
    let line = |stage: &Headless| stage.app.session.query.input.value().to_owned();
    let mut stage = after("/llama<enter>/<ctrl-u>qwen3 vl<tab>/<ctrl-u>llama<esc>/<ctrl-u>gem");
    let typed = stage.noted.iter().map(|note| match note {
        QueryChange::Entered(query) => query.as_str(),
        other => panic!("{other:?}"),
    });
    assert_eq!(typed.collect::<Vec<_>>(), ["llama", "qwen3 vl", "llama"]);
    for (key, query) in [
        ("<up>", "llama"),
        ("<up>", "qwen3 vl"),
        ("<up>", "qwen3 vl"),
        ("<down>", "llama"),
        ("<down>", "gem"),
    ] {
        stage.keys(key).unwrap();
        assert_eq!(line(&stage), query);
        assert!(stage.app.session.query.editing);
        let found = listed(&stage);
        assert_eq!(found, listed(&after(&format!("/{query}"))), "{query}");
    }
    let first = current(&stage);
    stage.keys("<ctrl-n>").unwrap();
    assert_ne!(current(&stage), first);
    // Out of the line, and the selection stays where it was.
    let chosen = current(&stage);
    stage.keys("<down>").unwrap();
    assert!(!stage.app.session.query.editing);
    assert_eq!(current(&stage), chosen);
    stage.keys("<down>").unwrap();
    assert_ne!(current(&stage), chosen);
}

#[test]
fn an_older_query_that_is_changed_is_a_new_one() {
    let mut stage = after("/llama<enter>/<ctrl-u><up>-7b<down>");
    assert!(!stage.app.session.query.editing);
    assert_eq!(stage.app.session.query.input.value(), "llama-7b");
    // An empty line is nothing to remember.
    let noted = stage.noted.len();
    stage.keys("/<ctrl-u><enter>").unwrap();
    assert_eq!(stage.noted.len(), noted);
}

#[test]
fn queries_of_the_time_before_are_called_too() {
    let mut stage = after("");
    stage.app.restore(["a", "b"].map(str::to_owned), Vec::new());
    stage.keys("/<up><up>").unwrap();
    assert_eq!(stage.app.session.query.input.value(), "a");
}

#[test]
fn a_query_is_saved_under_a_name_and_recalled_with_its_order() {
    let mut stage = after("/qwen3 vl<enter>slikes<enter>w");
    assert!(
        stage.text().contains("Save the query as"),
        "{}",
        stage.text()
    );
    stage.keys("vision<enter>").unwrap();
    let saved = SavedQuery {
        name: "vision".to_owned(),
        query: "qwen3 vl sort:likes".to_owned(),
    };
    assert_eq!(stage.noted.last(), Some(&QueryChange::Saved(saved.clone())));
    let found = listed(&stage);
    stage.keys("<esc>/llama<enter>sdownloads<enter>'").unwrap();
    assert!(
        stage.text().contains("qwen3 vl sort:likes"),
        "{}",
        stage.text()
    );
    stage.keys("<enter>").unwrap();
    assert_eq!(stage.app.session.query.input.value(), "qwen3 vl sort:likes");
    assert_eq!(stage.app.session.query.order().field, Field::Likes);
    assert_eq!(listed(&stage), found);
    assert_eq!(stage.app.focus, Pane::Models);
    // The same name again replaces; other names are kept.
    stage
        .keys("/<ctrl-u>gpt<enter>wvision<enter>wother<enter>")
        .unwrap();
    let names: Vec<&str> = stage
        .app
        .session
        .saved
        .iter()
        .map(|n| n.name.as_str())
        .collect();
    assert_eq!(names, ["vision", "other"]);
    assert_eq!(stage.app.session.saved[0].query, "gpt");
}

#[test]
fn saved_queries_are_removed_and_the_list_stays_open() {
    let mut stage = after("/gpt<enter>wone<enter>wtwo<enter>'<delete>");
    assert_eq!(
        stage.noted.last(),
        Some(&QueryChange::Removed("one".to_owned()))
    );
    let names = |stage: &Headless| -> Vec<String> {
        let found = stage.app.menu().unwrap().found();
        found.iter().map(|item| item.name.clone()).collect()
    };
    assert_eq!(names(&stage), ["two"]);
    stage.keys("<ctrl-x>").unwrap();
    assert!(stage.app.session.saved.is_empty() && !stage.app.is_covered());
    stage.keys("'").unwrap();
    assert!(
        stage.text().contains("No saved queries"),
        "{}",
        stage.text()
    );
    // What another explorer saved meanwhile is reported with the next that is kept.
    let theirs = SavedQuery {
        name: "theirs".to_owned(),
        query: "bert".to_owned(),
    };
    stage.happen(Event::Saved(vec![theirs]));
    stage.keys("'<enter>").unwrap();
    assert_eq!(stage.app.session.query.input.value(), "bert");
    // In other lists these keys remove nothing.
    let mut stage = after("s");
    let all = names(&stage);
    stage.keys("<delete><ctrl-x>").unwrap();
    assert_eq!(names(&stage), all);
}

#[test]
fn without_a_query_or_a_name_nothing_is_saved() {
    let stage = after("w");
    assert!(!stage.app.is_covered());
    assert!(
        stage.text().contains("No query to save"),
        "{}",
        stage.text()
    );
    let mut stage = after("/gpt<enter>w<space><enter>");
    assert!(stage.app.is_covered());
    stage.happen(Event::Paste("a\tb".to_owned()));
    stage.keys("<esc>").unwrap();
    assert!(stage.app.session.saved.is_empty() && !stage.app.is_covered());
    assert_eq!(stage.app.session.query.input.value(), "gpt");
}

#[test]
fn the_command_of_what_is_seen_is_shown_and_copied() {
    let copied = |keys: &str| {
        let mut stage = after("");
        stage.app.session.data = Some("my models.parquet".to_owned());
        stage.keys(keys).unwrap();
        let text = stage.asked_for.pop().unwrap_or_default();
        assert!(stage.asked_for.is_empty());
        text
    };
    let data = "--data 'my models.parquet'";
    assert_eq!(
        copied("/qwen3 vl<enter>$<enter>"),
        format!("copy hubscope search {data} 'qwen3 vl'")
    );
    assert_eq!(
        copied("/-author:x<enter>slikes<enter>S$<enter>"),
        format!("copy hubscope search --sort likes:asc {data} -- '-author:x'")
    );
    let shown = format!("copy hubscope show {data} Qwen/Qwen3-VL-8B-Instruct");
    let tree = format!("copy hubscope tree {data} Qwen/Qwen3-VL-8B-Instruct");
    assert_eq!(copied("/qwen3-vl-8b-instruct<enter>l$<enter>"), tree);
    assert_eq!(copied("R$<enter>"), format!("copy hubscope roots {data}"));
    assert_eq!(copied("/qwen3-vl-8b-instruct<enter>4$<enter>"), shown);
    assert_eq!(copied("/qwen3-vl-8b-instruct<enter>Yshow<enter>"), shown);
    assert_eq!(
        copied("/gpt2<enter>Ysearch<enter>"),
        format!("copy hubscope search {data} gpt2")
    );
    assert_eq!(
        copied("/gpt2 likes:>9<enter>3l$<enter>"),
        format!("copy hubscope hist --where='gpt2 likes:>9' {data} downloads_all_time")
    );
    let mut stage = after("/gpt2<enter>$");
    assert!(
        stage.text().contains("hubscope search gpt2"),
        "{}",
        stage.text()
    );
    stage.keys("<enter>").unwrap();
    assert_eq!(stage.asked_for, ["copy hubscope search gpt2"]);
}
