//! Frames: the expected screen after keys and at any size, in few bytes.

use std::time::Duration;

use hubscope::present::charset::Charset;
use hubscope::tui::app::Event;

use crate::session::{HUBSCOPE, Session, stage};

/// Returns the bytes of each frame since the last [`Session::forget`]. Panics if there are bytes
/// outside of frames.
fn frames(session: &Session) -> Vec<usize> {
    let text = String::from_utf8(session.bytes.clone()).unwrap();
    let mut rest = text.as_str();
    let mut frames = Vec::new();
    while let Some(frame) = rest.strip_prefix("\x1b[?2026h") {
        let (frame, after) = frame.split_once("\x1b[?2026l").expect("the frame ends");
        frames.push(frame.len() + 16);
        rest = after;
    }
    assert_eq!(rest, "", "bytes outside of a frame");
    frames
}

#[test]
fn shows_four_panes_and_the_models() {
    let mut session = Session::loaded();
    let text = session.text();
    for part in ["1 Models", "2 Tree", "3 Histogram", "4 Details", " models"] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    session.send("q");
    assert_eq!(session.exit(), 0);
}

#[test]
fn without_a_utf_8_locale_the_screen_is_ascii() {
    let mut session = Session::start(HUBSCOPE, &[], &[("LC_ALL", "C")]);
    let mut stage = stage("");
    stage.app.charset = Charset::Ascii;
    session.wait_drawn(&stage);
    assert!(session.bytes.is_ascii());
    session.send("q");
    assert_eq!(session.exit(), 0);
}

#[test]
fn a_query_filters_the_list() {
    let mut session = Session::loaded();
    session.send("/llama\r");
    session.wait_keys("/llama<enter>");
    assert!(session.text().contains(" of 20,000 models"));
    session.send("\x1b[200~ chat\n\x1b[201~");
    let mut stage = stage("/llama<enter>");
    stage.happen(Event::Paste("chat".to_owned()));
    session.wait_drawn(&stage);
}

#[test]
fn every_size_is_redrawn_once() {
    let mut session = Session::loaded();
    session.send("jj");
    let mut stage = stage("jj");
    session.wait_drawn(&stage);
    for (width, height) in [(80, 24), (40, 10), (10, 3), (1, 1), (300, 90), (120, 40)] {
        session.forget();
        session.resize(width, height);
        stage.happen(Event::Resize(width, height));
        session.wait_drawn(&stage);
        assert_eq!(session.count("\x1b[2J"), 1, "redrawn once");
    }
    session.send("\x0c");
    session.wait_for("another frame", |s| s.count("\x1b[2J") == 2);
    session.wait_drawn(&stage);
}

#[test]
fn a_burst_of_thousands_of_keys_is_handled() {
    let mut session = Session::loaded();
    session.send(&"z".repeat(2_001));
    session.wait_keys("z");
}

#[test]
fn a_key_costs_few_bytes_and_few_frames() {
    let mut session = Session::loaded();
    session.wait_idle();
    for (key, most) in [("j", 4_096), ("j", 4_096), ("\t", 4_096), ("z", 16_384)] {
        session.forget();
        session.send(key);
        session.wait_for("a frame", |s| !s.bytes.is_empty());
        session.wait_idle();
        let frames = frames(&session);
        println!("{key:?}: frames of {frames:?} bytes");
        assert!(
            frames.iter().all(|bytes| *bytes < most),
            "{key:?}: {frames:?}"
        );
        // One for the key, one for the family, one for the record when the cursor rests.
        assert!(frames.len() <= 3, "{key:?}: {frames:?}");
    }
}

#[test]
fn keys_that_change_nothing_write_nothing() {
    let mut session = Session::loaded();
    session.wait_idle();
    session.forget();
    session.send("kgk\x1b[A\x1b[H");
    // The mouse moves, drags nothing, scrolls beyond the top and clicks beside everything.
    session.send("\x1b[<35;10;20M\x1b[<32;10;20M\x1b[<64;10;20M\x1b[<0;1;1M\x1b[<0;1;1m");
    assert!(!session.read(Duration::from_secs(1)), "{:?}", session.bytes);
    // The keys were handled: the next one moves from the first line to the second.
    session.send("j");
    session.wait_keys("j");
}

#[test]
fn an_idle_explorer_writes_nothing_and_uses_no_cpu() {
    let mut session = Session::loaded();
    session.wait_idle();
    session.forget();
    let before = session.ticks();
    assert!(!session.read(Duration::from_secs(2)), "{:?}", session.bytes);
    assert!(session.ticks() - before <= 1);
}
