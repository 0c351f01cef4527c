//! The list as a table: whatever its size and its columns, each cell holds the value that the hub has.

use std::cmp::Reverse;
use std::ops::Range;

use hubscope::engine::lineage::graph::Node;
use hubscope::engine::query::memory::bytes;
use hubscope::engine::table::field::{Field, Kind};
use hubscope::engine::table::models::ModelId;
use hubscope::engine::table::order::Order;
use hubscope::present::figures::{in_short, of_model};
use hubscope::tui::app::Event;
use hubscope::tui::headless::Headless;
use hubscope::tui::layout::Pane;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::sample::{after, after_at, hub};

const SIZES: [(u16, u16); 5] = [(50, 15), (80, 24), (100, 30), (120, 40), (200, 60)];

/// The text of some cells of a line of a screen.
fn cells(picture: &Buffer, columns: Range<u16>, y: u16) -> String {
    columns.map(|x| picture[(x, y)].symbol()).collect()
}

fn list(stage: &Headless) -> Rect {
    stage.app.layout().inside(Pane::Models)
}

/// The headings of the list, and each field among them with the column after its last cell.
fn headings(stage: &Headless) -> (String, Vec<(Field, u16)>) {
    let area = list(stage);
    let line = cells(&stage.picture(), area.x..area.right(), area.y + 1);
    let order = stage.app.session.query.order();
    let keys = order.keys().map(|key| key.field);
    let fields = stage.app.session.settings.columns.iter().copied();
    let mut fields: Vec<Field> = fields.chain(keys).collect();
    // A title may be the end of another.
    fields.sort_by_key(|field| Reverse(field.info().title.len()));
    let mut left = line.clone();
    let mut found: Vec<(Field, u16)> = Vec::new();
    for field in fields {
        let title = format!(" {}", field.info().title);
        let Some(at) = left.find(&title) else {
            continue;
        };
        let before = left[..at].chars().count() + title.chars().count();
        // The arrow of the order is part of the heading.
        let after = left.chars().skip(before);
        let marks = after.take_while(|c| "↑↓1234".contains(*c)).count();
        left.replace_range(at..at + title.len(), &" ".repeat(title.len()));
        let end = area.x + u16::try_from(before + marks).unwrap();
        found.push((field, end));
    }
    found.sort_by_key(|(_, end)| *end);
    (line, found)
}

/// Returns true if a text is another, or its beginning and its end.
fn is_shortened(text: &str, whole: &str) -> bool {
    match text.split_once('…') {
        None => text == whole,
        Some((head, tail)) => {
            let is_part = whole.starts_with(head) && whole.ends_with(tail);
            is_part && !head.is_empty() && head.len() + tail.len() < whole.len()
        }
    }
}

/// Compares every row on the screen with the hub; returns the number of shortened names.
fn check(stage: &Headless) -> usize {
    let models = &hub().models;
    let (line, columns) = headings(stage);
    assert!(!columns.is_empty(), "{line}");
    let area = list(stage);
    let hits = stage.app.session.hits.as_ref().unwrap();
    let shown: Vec<ModelId> = hits
        .models
        .iter()
        .skip(stage.app.list.cursor.top)
        .copied()
        .collect();
    let picture = stage.picture();
    let mut shortened = 0;
    for (model, y) in shown.into_iter().zip(area.y + 2..area.bottom()) {
        let width = |field: Field| {
            let heading = u16::try_from(field.info().title.chars().count() + 1).unwrap();
            field.info().width.max(heading)
        };
        let mut start = columns[0].1 - width(columns[0].0);
        let id = models.id(model);
        let name = cells(&picture, area.x + 2..start, y);
        let name = name.strip_suffix(' ').unwrap_or_else(|| panic!("{name}|"));
        assert!(is_shortened(name.trim_end(), id), "{name} {id}");
        shortened += usize::from(name.contains('…'));
        for (field, end) in &columns {
            let text = cells(&picture, start..*end, y);
            let value = of_model(models, *field, model);
            assert!(
                is_shortened(text.trim(), &value),
                "{field:?} of {id}: {text} {value}"
            );
            // Numbers are never cut.
            assert!(
                field.info().kind == Kind::Word || !text.contains('…'),
                "{text}"
            );
            start = end + 1;
        }
    }
    shortened
}

#[test]
fn every_cell_is_a_value_of_the_hub_at_every_size() {
    for size in SIZES {
        let mut shortened = 0;
        for query in ["", "bnb 4bit", "sort:age_days,memory"] {
            let mut stage = after_at(size, "");
            stage.happen(Event::Paste(query.to_owned()));
            stage.keys("<enter>").unwrap();
            for _ in 0..2 {
                shortened += check(&stage);
                stage.keys("<ctrl-d>").unwrap();
            }
        }
        assert!(shortened > 0 || size.0 == 200, "{size:?}");
    }
}

#[test]
fn the_field_of_the_order_is_shown_at_every_width_and_no_heading_covers_another() {
    for size in [(50, 15), (80, 24)] {
        let mut stage = after_at(size, "");
        let fields = Order::fields().filter(|info| info.field != Field::Id);
        for info in fields.filter(|info| !info.field.is_compared()) {
            stage.happen(Event::Paste(format!("sort:{}:asc", info.name)));
            stage.keys("<enter>").unwrap();
            let (line, columns) = headings(&stage);
            assert!(line.contains(&format!(" {}↑", info.title)), "{line}");
            // Nothing else is there, and a title that is covered would not be found.
            let titles = columns.iter().map(|(field, _)| field.info().title);
            let mut letters: Vec<char> = titles
                .flat_map(str::chars)
                .chain("model↑".chars())
                .collect();
            let mut drawn: Vec<char> = line.chars().collect();
            for text in [&mut letters, &mut drawn] {
                text.retain(|c| *c != ' ');
                text.sort_unstable();
            }
            assert_eq!(drawn, letters, "{line}");
            check(&stage);
        }
    }
}

#[test]
fn a_shortened_id_is_whole_in_the_title_or_in_the_details() {
    let id = "unsloth/Qwen3-VL-8B-Instruct-unsloth-bnb-4bit";
    let query = "unsloth/qwen3-vl-8b bnb-4bit$";
    let after_paste = |size| {
        let mut stage = after_at(size, "");
        stage.happen(Event::Paste(query.to_owned()));
        stage.keys("<enter>").unwrap();
        stage
    };
    let text = after_paste((76, 24)).text();
    assert!(text.lines().nth(1).unwrap().contains(id), "{text}");
    for size in SIZES {
        let mut stage = after_paste(size);
        stage.keys("4z").unwrap();
        let text: String = stage.text().split_whitespace().collect();
        assert!(text.contains(id), "{size:?} {text}");
    }
}

#[test]
fn columns_are_chosen_and_ordered_in_a_menu() {
    let mut stage = after_at((200, 60), ",license<tab>");
    assert_eq!(
        stage.app.session.settings.columns.last(),
        Some(&Field::License)
    );
    assert_eq!(stage.asked_for, ["keep settings"]);
    stage
        .keys("<ctrl-u>memory<tab><ctrl-u>days<tab><esc>")
        .unwrap();
    assert!(
        headings(&stage).0.ends_with("license 4-bit size days old "),
        "{}",
        stage.text()
    );
    check(&stage);
    // The last one goes to the left of all that are offered, and another one goes away.
    let left = "<shift-up>".repeat(20);
    stage
        .keys(&format!(
            ",days<space>{left}<tab>{left}<ctrl-u>downloads<tab><enter>"
        ))
        .unwrap();
    assert_eq!(stage.app.menu().map(|menu| menu.title), None);
    let columns = &stage.app.session.settings.columns;
    assert_eq!(columns[0], Field::Age);
    assert!(!columns.contains(&Field::Downloads), "{columns:?}");
    // The list is sorted by it, and so it is shown nevertheless.
    assert!(
        headings(&stage).0.contains("downloads↓"),
        "{}",
        stage.text()
    );
    check(&stage);
}

#[test]
fn borders_move_and_stop_where_a_pane_would_be_too_small() {
    let mut stage = after("");
    let before = list(&stage);
    stage.keys("<ctrl-right>>}").unwrap();
    let after = list(&stage);
    assert_eq!(
        (after.width, after.height),
        (before.width + 8, before.height + 2)
    );
    assert_eq!(stage.asked_for, ["keep settings"; 3]);
    stage.keys(&"<ctrl-left><ctrl-up>".repeat(30)).unwrap();
    assert_eq!((list(&stage).width, list(&stage).height), (31, 4));
    assert!(stage.text().contains("The border cannot go further"));
    // Of the details, the border above the histogram.
    let above = stage.app.layout().inside(Pane::Histogram);
    stage.keys("4{").unwrap();
    assert_eq!(
        stage.app.layout().inside(Pane::Histogram).height,
        above.height + 2
    );
    let mut stage = after_at((80, 24), "}");
    assert_eq!(list(&stage).height, 12);
    stage.keys("z{").unwrap();
    assert!(stage.text().contains("No border is there"));
}

#[test]
fn a_hidden_pane_gives_its_room_away_until_one_goes_to_it() {
    let mut stage = after("4Z3Z");
    assert_eq!(stage.app.focus, Pane::Models);
    assert_eq!(list(&stage).width, 120);
    // The next pane is one that is shown.
    stage.keys("<tab>").unwrap();
    assert_eq!(stage.app.focus, Pane::Tree);
    stage.keys("<tab>").unwrap();
    assert_eq!(stage.app.focus, Pane::Models);
    stage.keys("3").unwrap();
    assert!(list(&stage).width < 120);
    assert_eq!(stage.app.layout().inside(Pane::Details), Rect::default());
    stage.keys("zZ").unwrap();
    assert!(stage.text().contains("No other pane is on the screen"));
}

#[test]
fn counts_repeat_moves() {
    let at = |keys: &str| {
        let stage = after(keys);
        (stage.app.focus, stage.app.list.cursor.at)
    };
    for (keys, line) in [
        ("10j", 10),
        ("10j5k", 5),
        ("7<down>", 7),
        ("012G", 11),
        ("20g", 19),
        ("0999999j", 19_999),
        ("104j", 104),
        ("9<esc>j", 1),
        ("9zj", 1),
        ("1jj", 2),
        ("12jj1", 0),
    ] {
        assert_eq!(at(keys), (Pane::Models, line), "{keys}");
    }
    // A digit that goes to a pane is taken back, with all that followed it.
    let mut stage = after("/qwen3-vl-8b-instruct<enter><enter>llj");
    let before = (stage.app.tree.cursor.at, stage.app.session.current);
    stage.keys("10").unwrap();
    assert_eq!(stage.app.focus, Pane::Tree);
    assert_eq!(
        (stage.app.tree.cursor.at, stage.app.session.current),
        before
    );
    stage.keys("]").unwrap();
    assert_eq!(stage.app.tree.cursor.at, before.0 + 10);
    stage.keys("3").unwrap();
    assert_eq!(stage.app.focus, Pane::Histogram);
    // Over a view, no digit goes to a pane.
    let stage = after("%3j");
    let other = after("%jjj");
    assert_eq!(stage.text(), other.text());
}

#[test]
fn the_menu_adds_fields_to_the_order() {
    let mut stage = after("slikes<enter>sdownloads<tab>");
    assert_eq!(
        stage.app.session.query.order().to_string(),
        "likes,downloads"
    );
    let numbers = |m: &ModelId| {
        let number = |field| hub().models.number(field, *m);
        (number(Field::Likes), number(Field::Downloads))
    };
    let sorted = |turned: bool| {
        let mut all: Vec<ModelId> = hub().models.all().collect();
        all.sort_by(|a, b| {
            let (a, b) = (numbers(a), numbers(b));
            let downloads = if turned { a.1.cmp(&b.1) } else { b.1.cmp(&a.1) };
            b.0.cmp(&a.0).then(downloads)
        });
        all
    };
    let known = |m: &ModelId| numbers(m).0.is_some() && numbers(m).1.is_some();
    assert!(hub().models.all().all(|m| known(&m)));
    assert_eq!(
        stage.app.session.hits.as_ref().unwrap().models[..],
        sorted(false)
    );
    // Again, the field is turned round.
    stage.keys("<tab><esc>").unwrap();
    assert_eq!(
        stage.app.session.hits.as_ref().unwrap().models[..],
        sorted(true)
    );
    let (line, _) = headings(&stage);
    assert!(
        line.contains("likes↓1") && line.contains("downloads↑2"),
        "{line}"
    );
    check(&stage);
    let typed = after("/sort:likes,downloads:asc<enter>");
    assert_eq!(
        typed.app.session.hits.as_ref().unwrap().models[..],
        sorted(true)
    );
}

#[test]
fn several_fields_order_what_a_filter_leaves_and_the_children_of_a_node() {
    let models = &hub().models;
    let number = |field, model| models.number(field, model);
    let mut stage = after("");
    let query = "task:text-generation sort:likes:asc,downloads";
    stage.happen(Event::Paste(query.to_owned()));
    stage.keys("<enter>").unwrap();
    let found = &stage.app.session.hits.as_ref().unwrap().models;
    let mut wanted: Vec<ModelId> = models.all().collect();
    wanted.retain(|m| models.word(Field::Task, *m) == Some("text-generation"));
    wanted.sort_by_key(|m| {
        (
            number(Field::Likes, *m),
            Reverse(number(Field::Downloads, *m)),
        )
    });
    assert_eq!(found[..], wanted);
    let keys = "/qwen3-vl-8b-instruct<enter><enter>slikes<enter>screated<tab><esc>";
    let stage = after(keys);
    let tree = stage.app.tree.outline.as_ref().unwrap();
    let node = tree.focus().unwrap();
    let rows = tree
        .rows()
        .iter()
        .filter(|row| row.depth == 1 && row.is_node());
    let found: Vec<Node> = rows.map(|row| row.node).collect();
    let mut wanted = hub().graph.children(node).to_vec();
    wanted.sort_by_key(|child| {
        let model = hub().graph.model(*child).unwrap();
        let keys = [Field::Likes, Field::CreatedAt].map(|field| number(field, model));
        (Reverse(keys), *child)
    });
    assert!(found.len() > 20);
    assert_eq!(found, wanted);
}

#[test]
fn a_count_is_on_the_screen_once_and_filters_are_not_repeated() {
    let text = after_at((80, 24), "").text();
    assert_eq!(text.matches("20,000 models").count(), 1, "{text}");
    let stage = after_at((80, 24), "/qwen task:text-generation<enter>");
    let text = stage.text();
    assert_eq!(text.matches("task:text-generation").count(), 1, "{text}");
    assert_eq!(text.matches("hidden by filters").count(), 1, "{text}");
    // One line more for the list: below the query and the headings are models.
    let first = stage.app.session.hits.as_ref().unwrap().models[0];
    let line = text.lines().nth(4).unwrap();
    assert!(line.contains(&hub().models.id(first)[..12]), "{line}");
}

#[test]
fn memory_and_age_follow_from_other_fields() {
    let models = &hub().models;
    let changes = models
        .all()
        .filter_map(|m| models.number(Field::LastModified, m));
    let newest = changes.max().unwrap();
    let mut known = 0;
    for model in models.all() {
        let number = |field| models.number(field, model);
        let memory = number(Field::Params).filter(|params| *params > 0);
        assert_eq!(number(Field::Memory), memory.map(|params| bytes(params, 4)));
        let day = |time| chrono::DateTime::from_timestamp_micros(time).unwrap();
        let age = number(Field::CreatedAt).map(|created| (day(newest) - day(created)).num_days());
        assert_eq!(number(Field::Age), age);
        known += usize::from(memory.is_some() && age.is_some());
    }
    assert!(known > 1_000, "{known}");
    let stage = after("/sort:memory params:8B<enter>");
    let listed = stage.app.session.hits.as_ref().unwrap().models.iter();
    let memory = |model: &ModelId| models.number(Field::Memory, *model);
    let listed: Vec<_> = listed.map(memory).collect();
    assert!(listed.is_sorted_by(|a, b| a >= b), "{listed:?}");
    assert_eq!(in_short(Field::Memory, 4_383_561_848), "4.38 GB");
}
