//! The explorer without a terminal: keys in, a picture out. For documentation, tests and reports.

use std::sync::atomic::AtomicBool;

use anyhow::{Result, anyhow};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::action::keys_of;
use super::app::{App, Effect, Event};
use super::queries::Note;
use super::question::{Clerk, Lane};
use super::terminal::wide;
use super::theme::{Palette, Theme};
use super::{svg, view};
use crate::engine::Hub;

/// Draws the screen into an empty buffer of its size.
pub fn render(app: &App, buffer: &mut Buffer) {
    view::draw(app, buffer);
    wide::cover(buffer);
}

/// An explorer that answers its own questions at once.
pub struct Stage {
    pub app: App,
    clerk: Clerk,
    /// What would have been copied, visited or done, in order.
    pub asked_for: Vec<String>,
    /// What would have been kept for the next time; here nothing is.
    pub noted: Vec<Note>,
}

impl Stage {
    /// The explorer on a loaded hub.
    pub fn new(hub: Hub, (width, height): (u16, u16), palette: Palette) -> Stage {
        let screen = Rect::new(0, 0, width, height);
        let app = App::new(screen, Theme::of(palette), hub.source.title());
        let mut stage = Stage {
            app,
            clerk: Clerk::default(),
            asked_for: Vec::new(),
            noted: Vec::new(),
        };
        stage.happen(Event::Loaded(Box::new(hub)));
        stage
    }

    /// Lets something happen, and all that follows from it.
    pub fn happen(&mut self, event: Event) {
        self.happen_asking(event, |_| true);
    }

    /// The same, answering only the questions of lanes that `wanted` holds for.
    pub fn happen_asking(&mut self, event: Event, wanted: impl Fn(Lane) -> bool) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for effect in self.app.update(event) {
                match effect {
                    Effect::Ask(question) if !wanted(question.topic.lane()) => {}
                    Effect::Ask(question) => {
                        let mut early = Vec::new();
                        let stop = AtomicBool::new(false);
                        let answer = self.clerk.answer(&question, &stop, |a| early.push(a));
                        // What is pushed last happens first.
                        let answers = answer.into_iter().chain(early.into_iter().rev());
                        events.extend(answers.map(Event::Answer));
                    }
                    Effect::Copy(text) => self.asked_for.push(format!("copy {text}")),
                    Effect::Keep(note) => self.noted.push(note),
                    Effect::Visit(link) => self.asked_for.push(format!("visit {link}")),
                    Effect::Reload(_) => self.asked_for.push("reload".to_owned()),
                    Effect::Redraw => self.asked_for.push("redraw".to_owned()),
                    Effect::Suspend => self.asked_for.push("suspend".to_owned()),
                    Effect::Pick(ids) => self.asked_for.push(format!("pick {}", ids.join("\n"))),
                    Effect::Quit => self.asked_for.push("quit".to_owned()),
                    Effect::Interrupt => self.asked_for.push("interrupt".to_owned()),
                }
            }
        }
    }

    /// Types keys, written as in [`keys_of`].
    ///
    /// # Errors
    /// When a name between `<` and `>` is no key's.
    pub fn keys(&mut self, script: &str) -> Result<()> {
        for key in keys_of(script).map_err(|e| anyhow!("--keys: {e}"))? {
            self.happen(Event::Key(key));
        }
        Ok(())
    }

    /// The picture.
    pub fn picture(&self) -> Buffer {
        let mut buffer = Buffer::empty(self.app.screen);
        render(&self.app, &mut buffer);
        buffer
    }

    /// The picture as lines of text.
    pub fn text(&self) -> String {
        let picture = self.picture();
        let mut text = String::new();
        for y in picture.area.y..picture.area.bottom() {
            let mut line = String::new();
            let mut x = picture.area.x;
            while x < picture.area.right() {
                let symbol = picture[(x, y)].symbol();
                line.push_str(symbol);
                x += u16::try_from(super::rows::width(symbol))
                    .unwrap_or(1)
                    .max(1);
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// The picture as an SVG document.
    pub fn svg(&self) -> String {
        svg::document(&self.picture(), self.app.theme.palette)
    }
}
