//! Answers that arrive late, early in part, or out of order: what the explorer shows in the end is
//! what it shows when each question is answered at once.

use std::sync::atomic::AtomicBool;

use hubscope::tui::answers::answerer::Answerer;
use hubscope::tui::answers::{Answer, Question};
use hubscope::tui::app::{App, Effect, Event};
use hubscope::tui::headless::{Headless, render};
use hubscope::tui::keys::keys_of;
use hubscope::tui::theme::{Palette, Theme};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::sample::hub;

const SIZE: (u16, u16) = (120, 40);

/// Keys that do not depend on what is shown while answers are missing. The last one clears the
/// status message, which does.
const SCRIPTS: [&str; 8] = [
    "/llama<ctrl-u>gguf<enter>",
    "/qwen<enter>3llrl",
    "/gguf<enter>2v4",
    "/gguf<enter>2vv4",
    "/gguf<enter>2v/<ctrl-u>qwen<enter>4",
    "/qwen<enter>%",
    "/qwen<enter>%D",
    "/llama<enter>ftask<enter>",
];

/// An explorer whose answers are held back.
struct Delayed {
    app: App,
    answerer: Answerer,
    /// Answers that have not been delivered.
    held: Vec<Answer>,
}

impl Delayed {
    fn new() -> Delayed {
        let screen = Rect::new(0, 0, SIZE.0, SIZE.1);
        let app = App::new(screen, Theme::of(Palette::Dark), hub().source.title());
        Delayed {
            app,
            answerer: Answerer::default(),
            held: Vec::new(),
        }
    }

    fn happen(&mut self, event: Event) {
        for effect in self.app.update(event) {
            if let Effect::Ask(question) = effect {
                self.find(&question);
            }
        }
    }

    /// Finds the answers to a question, partial ones first, and holds them back.
    fn find(&mut self, question: &Question) {
        let never = AtomicBool::new(false);
        let held = &mut self.held;
        let answer = self.answerer.answer(question, &never, |a| held.push(a));
        self.held.extend(answer);
    }

    /// Delivers one of the answers. The answers to one question stay in order, as a thread gives
    /// them; those of different questions do not.
    fn deliver(&mut self, pick: usize) {
        let stamp = self.held[pick % self.held.len()].stamp;
        let first = self.held.iter().position(|answer| answer.stamp == stamp);
        let answer = self.held.remove(first.unwrap());
        self.happen(Event::Answer(answer));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_answers_does_not_matter(
        script in prop::sample::select(SCRIPTS.to_vec()),
        picks in prop::collection::vec((0..100_usize, 0..3_usize), 60),
    ) {
        let mut at_once = Headless::new(hub().clone(), SIZE, Palette::Dark);
        at_once.keys(script).unwrap();

        let mut delayed = Delayed::new();
        delayed.happen(Event::Loaded(Box::new(hub().clone())));
        let mut picks = picks.into_iter();
        while !delayed.held.is_empty() {
            delayed.deliver(0);
        }
        for key in keys_of(script).unwrap() {
            delayed.happen(Event::Key(key));
            let (pick, count) = picks.next().unwrap_or((0, 0));
            for _ in 0..count.min(delayed.held.len()) {
                delayed.deliver(pick);
            }
        }
        while !delayed.held.is_empty() {
            let (pick, _) = picks.next().unwrap_or((0, 0));
            delayed.deliver(pick);
        }
        prop_assert!(!delayed.app.is_waiting());
        let mut shown = Buffer::empty(delayed.app.screen);
        render(&delayed.app, &mut shown);
        prop_assert_eq!(text(&shown), at_once.text(), "{}", script);
    }
}

fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let lines = buffer.content.chunks(width).map(|line| {
        let line: String = line.iter().map(ratatui::buffer::Cell::symbol).collect();
        format!("{}\n", line.trim_end())
    });
    lines.collect()
}
