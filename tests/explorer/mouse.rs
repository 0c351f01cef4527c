//! The mouse on the sample at 120×40: the panes begin where `at` finds their texts.

use hubscope::engine::table::field::Field;
use hubscope::tui::headless::Headless;
use hubscope::tui::layout::Pane;

use crate::sample::after;

/// Returns the column and line of the first place of a text on the screen.
fn at(stage: &Headless, text: &str) -> (usize, usize) {
    let screen = stage.text();
    let lines = screen.lines().enumerate();
    let found = lines.filter_map(|(y, line)| {
        let start = line.find(text)?;
        Some((line[..start].chars().count(), y))
    });
    let found = found.min_by_key(|(_, y)| *y);
    found.unwrap_or_else(|| panic!("no {text:?} in\n{screen}"))
}

fn mouse(stage: &mut Headless, action: &str, (x, y): (usize, usize)) {
    stage.keys(&format!("<{action}:{x},{y}>")).unwrap();
}

fn selected(stage: &Headless) -> (usize, usize) {
    (stage.app.list.cursor.at, stage.app.list.cursor.top)
}

#[test]
fn a_click_selects_as_the_keys_do() {
    let mut stage = after("");
    let (x, y) = at(&stage, "▶");
    mouse(&mut stage, "click", (x + 5, y + 3));
    assert_eq!(stage.text(), after("jjj").text());
    // The selected row again opens it, as Enter does.
    mouse(&mut stage, "click", (x + 5, y + 3));
    assert_eq!(stage.text(), after("jjj<enter>").text());
}

#[test]
fn a_click_on_another_pane_only_selects_there() {
    let mut stage = after("/qwen3-vl-8b-instruct<enter>");
    let (x, y) = at(&stage, "▷");
    mouse(&mut stage, "click", (x + 20, y));
    assert_eq!(stage.app.focus, Pane::Tree);
    assert_eq!(stage.text(), after("/qwen3-vl-8b-instruct<enter>2").text());
    let title = at(&stage, "4 Details");
    mouse(&mut stage, "click", title);
    assert_eq!(stage.app.focus, Pane::Details);
    // A place without anything changes nothing.
    let before = stage.text();
    mouse(&mut stage, "click", (0, 0));
    mouse(&mut stage, "click", (119, 39));
    mouse(&mut stage, "click", (65_535, 65_535));
    assert_eq!(stage.text(), before);
}

#[test]
fn a_click_on_the_sign_of_a_node_opens_and_closes_it() {
    let mut stage = after("/qwen3-vl-8b-instruct<enter>");
    let rows = stage.app.tree.rows();
    let sign = at(&stage, "▾");
    mouse(&mut stage, "click", sign);
    assert_eq!(stage.app.tree.rows(), 1, "{}", stage.text());
    assert_eq!(stage.app.focus, Pane::Tree);
    let sign = at(&stage, "▸");
    mouse(&mut stage, "click", sign);
    assert_eq!(stage.app.tree.rows(), rows);
}

#[test]
fn a_click_on_a_heading_sorts_and_reverses() {
    let mut stage = after("");
    let heading = at(&stage, "all-time");
    mouse(&mut stage, "click", heading);
    let order = stage.app.session.query.order();
    assert_eq!(
        (order.field, order.ascending),
        (Field::DownloadsAllTime, false)
    );
    let heading = at(&stage, "all-time↓");
    mouse(&mut stage, "click", heading);
    let order = stage.app.session.query.order();
    assert_eq!(
        (order.field, order.ascending),
        (Field::DownloadsAllTime, true)
    );
    mouse(&mut stage, "click", (3, heading.1));
    let order = stage.app.session.query.order();
    assert_eq!((order.field, order.ascending), (Field::Id, true));
    // The tree has an order of its own.
    let mut stage = after("/qwen3-vl-8b-instruct<enter>");
    let heading = at(&stage, "family↓");
    mouse(&mut stage, "click", heading);
    assert!(stage.app.tree.order().ascending);
    assert!(!stage.app.session.query.order().ascending);
}

#[test]
fn a_click_in_the_query_line_edits_it_there() {
    let mut stage = after("/qwen模<enter>j");
    let (x, y) = at(&stage, "qwen");
    mouse(&mut stage, "click", (x + 2, y));
    stage.keys("_").unwrap();
    assert_eq!(stage.app.session.query.text(), "qw_en模");
    // Beyond its end, and after a wide character.
    for place in [x + 40, x + 7] {
        mouse(&mut stage, "click", (place, y));
        stage.keys("!<backspace>").unwrap();
        assert_eq!(stage.app.session.query.text(), "qw_en模");
        assert_eq!(stage.app.session.query.input.cursor(), 6);
    }
    // A click elsewhere leaves it.
    mouse(&mut stage, "click", (x, y + 10));
    assert!(!stage.app.session.query.editing);
}

#[test]
fn the_wheel_scrolls_what_is_under_it() {
    let mut stage = after("");
    let list = at(&stage, "▶");
    mouse(&mut stage, "wheel-down", list);
    // The selection stays on screen.
    assert_eq!(selected(&stage), (3, 3));
    mouse(&mut stage, "wheel-down", list);
    mouse(&mut stage, "wheel-up", list);
    assert_eq!(selected(&stage), (6, 3));
    assert_eq!(stage.app.focus, Pane::Models);
    // Another pane scrolls without the focus; the list stays.
    let details = at(&stage, "4 Details");
    let before = stage.text();
    mouse(&mut stage, "wheel-down", (details.0, details.1 + 3));
    assert_ne!(stage.text(), before);
    assert_eq!(selected(&stage), (6, 3));
    mouse(&mut stage, "wheel-up", (details.0, details.1 + 3));
    assert_eq!(stage.text(), before);
    // At the end it stops.
    stage.keys("G").unwrap();
    let end = selected(&stage);
    mouse(&mut stage, "wheel-down", list);
    assert_eq!(selected(&stage), end);
    mouse(&mut stage, "wheel-up", list);
    assert_eq!(selected(&stage), (end.0 - 3, end.1 - 3));
    mouse(&mut stage, "wheel-down", list);
    assert_eq!(selected(&stage), (end.0 - 3, end.1));
}

#[test]
fn menus_take_clicks_and_the_wheel() {
    let mut stage = after("s");
    let likes = at(&stage, "│ likes         number");
    mouse(&mut stage, "click", (likes.0 + 2, likes.1));
    assert!(stage.app.dialog.is_none());
    assert_eq!(stage.app.session.query.order().field, Field::Likes);
    // Beside it, it closes; the line that is typed into and the frame do nothing.
    let mut stage = after("s");
    let frame = at(&stage, "╭");
    mouse(&mut stage, "click", frame);
    mouse(&mut stage, "click", (frame.0 + 4, frame.1 + 1));
    assert!(stage.app.dialog.is_some());
    mouse(&mut stage, "click", (0, 0));
    assert!(stage.app.dialog.is_none());
    let mut stage = after("?");
    mouse(&mut stage, "wheel-down", (60, 20));
    assert_eq!(stage.app.menu().unwrap().cursor.top, 3);
}

#[test]
fn views_over_the_panes_take_clicks() {
    // A model of the statistics.
    let mut stage = after("%<tab><tab><tab>");
    let row = at(&stage, "openai/gpt-oss-20b");
    mouse(&mut stage, "click", row);
    assert!(stage.app.is_covered());
    mouse(&mut stage, "click", row);
    assert!(!stage.app.is_covered());
    let name = stage.app.session.current_name();
    assert_eq!(name.as_deref(), Some("openai/gpt-oss-20b"));
    // A heading sorts its table, or turns its order round.
    let mut stage = after("%");
    let heading = at(&stage, "models  share");
    mouse(&mut stage, "click", heading);
    assert_eq!(at(&stage, "models↓").1, heading.1);
    mouse(&mut stage, "click", heading);
    assert_eq!(at(&stage, "models↑").1, heading.1);
    // The first column has the names.
    mouse(&mut stage, "click", (2, heading.1));
    assert_eq!(at(&stage, "field↑").1, heading.1);
    // A cell of the plot.
    let mut stage = after("D");
    let (x, y) = at(&stage, "◆");
    mouse(&mut stage, "click", (x + 20, y + 3));
    assert_eq!(at(&stage, "╋"), (x + 20, y + 3));
}

#[test]
fn borders_are_dragged_and_kept_once() {
    let mut stage = after("");
    let before = stage.app.session.settings.shares;
    let width = |stage: &Headless| stage.app.layout().inside(Pane::Models).width;
    let (x, y) = (width(&stage), 10);
    let wide = usize::from(x) + 10;
    stage
        .keys(&format!("<press:{x},{y}><drag:{wide},{y}>"))
        .unwrap();
    assert!(width(&stage).abs_diff(x + 10) <= 1, "{}", stage.text());
    assert!(!stage.asked_for.contains(&"keep settings".to_owned()));
    stage
        .keys(&format!("<drag:{wide},{y}><release:{wide},{y}>"))
        .unwrap();
    assert_eq!(stage.asked_for, ["keep settings"]);
    assert_ne!(stage.app.session.settings.shares, before);
    // A press that does not move keeps nothing; a drag that began elsewhere moves nothing.
    let now = stage.app.session.settings.shares;
    stage
        .keys(&format!(
            "<click:{wide},{y}><press:5,{y}><drag:60,{y}><release:60,{y}>"
        ))
        .unwrap();
    assert_eq!(stage.asked_for, ["keep settings"]);
    assert_eq!(stage.app.session.settings.shares, now);
    // Far outside, the panes keep their minimum.
    stage
        .keys(&format!(
            "<press:{wide},{y}><drag:5000,5000><release:5000,5000>"
        ))
        .unwrap();
    assert!(width(&stage) < 100);
    // The title of a lower pane is its upper border.
    let height = |stage: &Headless| stage.app.layout().inside(Pane::Models).height;
    let (before, title) = (height(&stage), at(&stage, "2 Tree"));
    let (x, y) = (title.0, title.1 - 5);
    stage
        .keys(&format!(
            "<press:{x},{}><drag:{x},{y}><release:{x},{y}>",
            title.1
        ))
        .unwrap();
    assert_eq!(height(&stage), before - 5);
}

#[test]
fn the_mouse_can_be_switched_off() {
    let mut stage = after("M");
    assert!(stage.text().contains("The mouse is off"));
    assert_eq!(stage.asked_for, ["keep settings"]);
    let before = stage.text();
    stage
        .keys("<click:5,8><wheel-down:5,8><press:71,9><drag:60,9>")
        .unwrap();
    assert_eq!(stage.text(), before);
    stage.keys("M<click:5,8>").unwrap();
    assert_eq!(selected(&stage).0, 4);
}
