//! The explorer without a terminal: keys in, a screen out. For documentation, tests and bug reports.

use std::sync::atomic::AtomicBool;

use anyhow::{Result, anyhow};
use crossterm::event::Event as Input;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

use super::answers::Lane;
use super::answers::answerer::Answerer;
use super::app::{App, Effect, Event};
use super::keys::events_of;
use super::queries::QueryChange;
use super::setup::Setup;
use super::terminal::wide;
use super::theme::Palette;
use super::{frame, svg};
use crate::engine::Hub;
use crate::engine::table::clean::{is_clean, judged};

/// Draws the screen into an empty buffer of its size.
pub fn render(app: &App, buffer: &mut Buffer) {
    frame::draw(app, buffer);
    buffer.content.iter_mut().for_each(clean_cell);
    wide::cover(buffer);
}

/// Returns the screen as an SVG document.
pub fn picture_of(app: &App) -> String {
    let mut buffer = Buffer::empty(app.screen);
    render(app, &mut buffer);
    svg::document(&buffer, app.theme.palette)
}

/// Cleans a cell: names of files and columns are drawn in many places. A mark in place of a
/// character without a width would move what follows it.
fn clean_cell(cell: &mut Cell) {
    if is_clean(cell.symbol()) {
        return;
    }
    let kept = judged(cell.symbol()).filter(|(_, harmful)| !harmful);
    let kept: String = kept.map(|(c, _)| c).collect();
    cell.set_symbol(if kept.is_empty() { "\u{FFFD}" } else { &kept });
}

/// An explorer that answers its own questions at once, without threads.
pub struct Headless {
    pub app: App,
    answerer: Answerer,
    /// The effects that were not performed, in order, such as `copy ID`.
    pub asked_for: Vec<String>,
    /// The changes of the queries that were not stored, in order.
    pub noted: Vec<QueryChange>,
}

impl Headless {
    /// Creates an explorer on a loaded hub, with a screen of this width and height.
    pub fn new(hub: Hub, size: (u16, u16), palette: Palette) -> Headless {
        let setup = Setup {
            theme: palette.into(),
            ..Setup::default()
        };
        Headless::set_up(hub, size, &setup)
    }

    /// Creates an explorer with settings, a theme, a query or a view.
    pub fn set_up(hub: Hub, (width, height): (u16, u16), setup: &Setup) -> Headless {
        let screen = Rect::new(0, 0, width, height);
        let theme = setup.theme.on(Palette::Dark);
        let mut app = App::new(screen, theme, hub.source.title());
        app.configure(&setup.config);
        app.begin(&setup.opening, None);
        let mut stage = Headless {
            app,
            answerer: Answerer::of_user(),
            asked_for: Vec::new(),
            noted: Vec::new(),
        };
        stage.happen(Event::Loaded(Box::new(hub)));
        stage
    }

    /// Handles an event, and the answers to all questions that it leads to.
    pub fn happen(&mut self, event: Event) {
        self.happen_asking(event, |_| true);
    }

    /// Handles an event, and answers only the questions of lanes for which `wanted` holds.
    pub fn happen_asking(&mut self, event: Event, wanted: impl Fn(Lane) -> bool) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for effect in self.app.update(event) {
                match effect {
                    Effect::Ask(question) if !wanted(question.topic.lane()) => {}
                    Effect::Ask(question) => {
                        let mut partial = Vec::new();
                        let cancel = AtomicBool::new(false);
                        let answer = self
                            .answerer
                            .answer(&question, &cancel, |a| partial.push(a));
                        // The last event is handled first.
                        let answers = answer.into_iter().chain(partial.into_iter().rev());
                        events.extend(answers.map(Event::Answer));
                    }
                    Effect::Export(export, target) => {
                        self.asked_for.push(format!("export {export:?} {target:?}"));
                    }
                    Effect::Copy(text) => self.asked_for.push(format!("copy {text}")),
                    Effect::Keep(note) => self.noted.push(note),
                    Effect::KeepSettings(_) => self.asked_for.push("keep settings".to_owned()),
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

    /// Handles keys and the mouse, written as in [`events_of`].
    ///
    /// # Errors
    /// When a name between `<` and `>` is none that it has.
    pub fn keys(&mut self, script: &str) -> Result<()> {
        for event in events_of(script).map_err(|e| anyhow!("--keys: {e}"))? {
            match event {
                Input::Key(key) => self.happen(Event::Key(key)),
                Input::Mouse(mouse) => self.happen(Event::Mouse(mouse)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Returns the screen.
    pub fn picture(&self) -> Buffer {
        let mut buffer = Buffer::empty(self.app.screen);
        render(&self.app, &mut buffer);
        buffer
    }

    /// Returns the screen as lines of text, without blanks at their ends.
    pub fn text(&self) -> String {
        let screen = self.picture();
        let mut text = String::new();
        for y in screen.area.y..screen.area.bottom() {
            let mut line = String::new();
            let mut x = screen.area.x;
            while x < screen.area.right() {
                let symbol = screen[(x, y)].symbol();
                line.push_str(symbol);
                x += u16::try_from(super::widgets::width(symbol))
                    .unwrap_or(1)
                    .max(1);
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// Returns the screen as an SVG document.
    pub fn svg(&self) -> String {
        picture_of(&self.app)
    }
}
