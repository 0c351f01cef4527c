//! The bytes that keys cost on the terminal at 120×40.

use std::num::NonZeroU16;

use hubscope::engine::Hub;
use hubscope::engine::source::Source;
use hubscope::tui::app::Event;
use hubscope::tui::headless::{Headless, render};
use hubscope::tui::keys::keys_of;
use hubscope::tui::terminal::backend::CompactBackend;
use hubscope::tui::theme::Palette;
use ratatui::Terminal;

use crate::common::real_file;
use crate::sample::hub;

const SIZE: (u16, u16) = (120, 40);

/// An explorer and the terminal that it draws on.
struct Drawn {
    stage: Headless,
    terminal: Terminal<CompactBackend<Vec<u8>>>,
    shown: vt100::Parser,
}

impl Drawn {
    /// Returns an explorer of which nothing is drawn yet.
    fn new(hub: Hub) -> Drawn {
        let backend = CompactBackend::new(Vec::new(), SIZE.into());
        let cells = |cells: u16| NonZeroU16::new(cells).unwrap();
        Drawn {
            stage: Headless::new(hub, SIZE, Palette::Dark),
            terminal: Terminal::new(backend).unwrap(),
            shown: vt100::Parser::new(cells(SIZE.1), cells(SIZE.0), 0),
        }
    }

    /// Draws a frame, and returns the number of its bytes. The terminal must show what is drawn.
    fn draw(&mut self) -> usize {
        let app = &self.stage.app;
        self.terminal
            .draw(|frame| render(app, frame.buffer_mut()))
            .unwrap();
        let bytes = std::mem::take(self.terminal.backend_mut().writer_mut());
        self.shown.process(&bytes);
        let rows = self.shown.screen().rows(0, SIZE.0);
        let text: String = rows.map(|row| row.trim_end().to_owned() + "\n").collect();
        assert_eq!(text, self.stage.text());
        bytes.len()
    }

    /// Types keys, and returns the bytes of each.
    fn keys(&mut self, script: &str) -> Vec<usize> {
        let keys = keys_of(script).unwrap();
        let typed = keys.into_iter().map(|key| {
            self.stage.happen(Event::Key(key));
            self.draw()
        });
        typed.collect()
    }
}

fn median(mut bytes: Vec<usize>) -> usize {
    bytes.sort_unstable();
    bytes[bytes.len() / 2]
}

/// Checks the bytes of a start, of `j`, of a change of the pane, of help, and of a typed letter. The tree and
/// the details of another model are other text, which is most of what `j` costs.
fn assert_few(hub: Hub, start: usize, down: usize) {
    let mut drawn = Drawn::new(hub);
    let first = drawn.draw();
    assert!(first <= start, "start: {first}");
    let moved = drawn.keys("jjjjjjjjjjjjjjj");
    assert!(median(moved.clone()) <= down, "j: {moved:?}");
    let focused = drawn.keys("<tab><tab><tab><tab>");
    assert!(
        focused.iter().all(|bytes| *bytes <= 770),
        "tab: {focused:?}"
    );
    let help = drawn.keys("?<esc>")[0];
    assert!(help <= 4_400, "help: {help}");
    let typed = drawn.keys("/llama 7b instruct");
    assert!(median(typed.clone()) <= 1_500, "typed: {typed:?}");
    println!("{first} {moved:?} {focused:?} {help} {typed:?}");
}

#[test]
fn keys_cost_few_bytes() {
    assert_few(hub().clone(), 6_500, 2_300);
}

#[test]
fn keys_cost_few_bytes_on_real_rows() {
    if let Some(path) = real_file() {
        let hub = Hub::open(&Source::File(path), &|_| ()).unwrap();
        assert_few(hub, 4_700, 1_450);
    }
}
