//! Views: their interface, their surroundings and their requests.

use std::any::Any;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::query::keys::FilterKey;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;
use crate::present::format::known;
use crate::present::{figures, format};
use crate::tui::answers::{Finding, Topic};
use crate::tui::command::ShellCommand;
use crate::tui::export::{Export, Target};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::queries::SavedQuery;
use crate::tui::session::Session;
use crate::tui::theme::Theme;

/// A pane or an overlay.
pub trait View: Any {
    /// The keymap context of its keys.
    fn context(&self) -> KeyContext;

    /// Runs an action of its context, or a move. `area` is where it is drawn.
    fn act(&mut self, action: Action, cx: PaneContext, area: Rect) -> Vec<Request>;

    /// Keeps the cursor among the lines, and the lines on screen around the cursor. Called after
    /// every event.
    fn settle(&mut self, _cx: PaneContext, _area: Rect) {}

    /// The questions it needs answered, now that it was opened or that the hub or the query has
    /// changed.
    fn topics(&self, _session: &Session) -> Vec<Topic> {
        Vec::new()
    }

    /// Takes the answer to one of its questions; ignores all others.
    fn take(&mut self, _finding: &Finding, _session: &Session, _area: Rect) {}

    /// Scrolls by this many lines, downwards if positive.
    fn scroll(&mut self, lines: isize, cx: PaneContext, area: Rect) {
        let action = match lines < 0 {
            true => Action::Up,
            false => Action::Down,
        };
        for _ in 0..lines.unsigned_abs() {
            self.act(action, cx, area);
        }
    }

    /// Takes a click on a cell of its area: selects what is there, and returns what that is.
    fn click(&mut self, _at: Position, _cx: PaneContext, _area: Rect) -> Clicked {
        Clicked::Nothing
    }

    /// Returns the command that prints what the view shows, if one does.
    fn command(&self, _session: &Session) -> Option<ShellCommand> {
        None
    }

    fn draw(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer);
}

/// The part of a view that was clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clicked {
    /// Nothing that a click acts on.
    Nothing,
    /// A part that is selected now, or that the view has changed.
    Selected,
    /// The part that was selected already.
    SelectedBefore,
    /// The heading of a field.
    Heading(Field),
    /// The query line, with the column of its text.
    Query(usize),
}

/// The surroundings that a view reads.
#[derive(Clone, Copy)]
pub struct PaneContext<'a> {
    pub hub: &'a Hub,
    pub session: &'a Session,
    pub theme: &'a Theme,
    /// True if keys go to this view.
    pub focused: bool,
}

impl<'a> PaneContext<'a> {
    /// Returns the surroundings in a session; `None` before anything is loaded.
    pub fn of(session: &'a Session, theme: &'a Theme, focused: bool) -> Option<PaneContext<'a>> {
        Some(PaneContext {
            hub: session.hub.as_deref()?,
            session,
            theme,
            focused,
        })
    }

    /// Returns the text of a value: `…` while it may still be loaded, `–` where it is unknown.
    pub fn value(&self, stage: Stage, text: Option<String>) -> String {
        match text {
            Some(text) => text,
            None if self.hub.stage < stage => "…".to_owned(),
            None => "–".to_owned(),
        }
    }

    /// Returns a value of a field in few characters; memory in the unit of the settings.
    pub fn in_short(&self, field: Field, value: i64) -> String {
        match field.info().kind {
            Kind::Bytes => format::memory(value, self.session.settings.memory),
            _ => figures::in_short(field, value),
        }
    }

    /// Returns the value of a field of a model in the same way.
    pub fn of_model(&self, field: Field, model: ModelId) -> String {
        let models = &self.hub.models;
        match field.info().kind {
            Kind::Bytes => known(models.number(field, model), |n| self.in_short(field, n)),
            _ => figures::of_model(models, field, model),
        }
    }

    /// Returns the style of the selected line.
    pub fn selected(&self) -> Style {
        match self.focused {
            true => self.theme.selected,
            false => self.theme.selected_elsewhere,
        }
    }
}

/// A change outside of the view that asks for it.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Run an action, in the context that it belongs to.
    Run(Action, KeyContext),
    Ask(Topic),
    /// Close the overlay.
    Close,
    Copy(String),
    /// Show this text in the query line.
    EditQuery(String),
    Export(Export, Target),
    /// Ask for a part of a name to find in the tree.
    FindName,
    /// Toggle these filters.
    Filter(Vec<String>),
    /// Forget the saved query of this name.
    Forget(String),
    /// Draw the tree around a node and select it in the list.
    Open(Node),
    /// Open the menu of the values of a filter.
    PickValue(FilterKey),
    Recall(SavedQuery),
    /// Remove the part of the query at these bytes.
    RemoveFilter(Range<usize>),
    SetQuery(String),
    SortBy(Field),
    /// Ask for the name of the file to export to.
    NameFile(Export),
    /// Show a status message.
    Status(String),
    /// Add a column to the list, or remove it.
    ToggleColumn(Field),
    /// Add a value to the filter of its key, or remove it.
    ToggleValue(FilterKey, String),
    /// Open this page in the browser.
    Visit(String),
}

impl Request {
    /// Returns a status message.
    pub fn status(text: impl Into<String>) -> Vec<Request> {
        vec![Request::Status(text.into())]
    }
}
