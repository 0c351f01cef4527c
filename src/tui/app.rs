//! The state machine of the explorer: events in, effects out. No terminal, no thread, no clock.

mod actions;
mod columns;
mod completion;
mod counts;
mod export;
mod follow;
mod keys;
mod loading;
mod mouse;
mod panes;
mod queries;
mod requests;
mod resume;
mod sorting;

use std::any::Any;
use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};
use ratatui::layout::Rect;

use super::answers::{Answer, Finding, Lane, Question, Topic};
use super::config::file::ConfigFile;
use super::dialog::Dialog;
use super::export::{Export, Exported, Target};
use super::layout::{Border, HiddenPanes, LayoutRequest, Pane, ScreenLayout};
use super::queries::{QueryChange, SavedQuery};
use super::session::Session;
use super::sessions::StoredSession;
use super::settings::Settings;
use super::theme::Theme;
use super::view::{PaneContext, View};
use super::views::details::Details;
use super::views::histogram::Chart;
use super::views::menu::Menu;
use super::views::models::ModelList;
use super::views::tree::Tree;
use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::tree::OpenRows;
use crate::engine::query::keys::FilterKey;
use crate::engine::search::hits::Completeness;
use crate::present::charset::Charset;

/// The outcome of a reload: `None` where the file has not changed, or the reason that it failed.
pub type Reloaded = Result<Option<Box<Hub>>, String>;

/// Something that happened.
pub enum Event {
    Key(KeyEvent),
    Paste(String),
    Mouse(MouseEvent),
    Resize(u16, u16),
    /// The share of the hub that is loaded, from 0 to 1.
    Progress(f32),
    /// A stage of the hub is loaded, or all of it.
    Loaded(Box<Hub>),
    /// Loading failed, for this reason.
    Failed(String),
    /// The older snapshot cannot be compared with, for this reason.
    Uncompared(String),
    Reloaded(Reloaded),
    Answer(Answer),
    Exported(Exported),
    /// The saved queries, those of other explorers included.
    Saved(Vec<SavedQuery>),
    /// The outcome of an effect, for the status line.
    Status(String),
}

/// Something for the event loop to do.
pub enum Effect {
    Ask(Question),
    Export(Export, Target),
    /// Put this on the clipboard.
    Copy(String),
    /// Store this for the next time.
    Keep(QueryChange),
    /// Keep these settings, which the user has changed.
    KeepSettings(Settings),
    /// Open this page.
    Visit(String),
    /// Load the file again if it has changed since this hub.
    Reload(Arc<Hub>),
    Redraw,
    Suspend,
    Quit,
    /// Quit, and print these ids.
    Pick(Vec<String>),
    /// Quit as if interrupted by a signal.
    Interrupt,
}

/// The model to select in the list that was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reselect {
    /// The one that is selected: more of the hub is loaded.
    #[default]
    Selected,
    /// The first: the query or the order has changed.
    First,
    /// The current one: the place comes from the history.
    Current,
}

/// The state before a key went to a pane.
struct Switched {
    digit: usize,
    focus: Pane,
    companion: Pane,
    hidden: HiddenPanes,
    current: Option<Node>,
    open: Option<OpenRows>,
    node: Option<Node>,
}

/// The whole state.
pub struct App {
    pub session: Session,
    pub screen: Rect,
    pub theme: Theme,
    /// The characters that the terminal can show.
    pub charset: Charset,
    /// The share of the hub that is loaded, from 0 to 1.
    pub progress: f32,
    reloading: bool,
    /// The time in microseconds since 1970 UTC; `None` hides the age of the data.
    pub now: Option<i64>,
    /// The name of the source.
    pub title: String,
    /// True if Enter in the list quits with the id.
    pub picking: bool,
    pub focus: Pane,
    companion: Pane,
    zoomed: bool,
    hidden: HiddenPanes,
    pub list: ModelList,
    pub tree: Tree,
    pub chart: Chart,
    pub details: Details,
    /// The overlays over the panes; the last one is on top.
    overlays: Vec<Box<dyn View>>,
    pub dialog: Option<Dialog>,
    /// The message of the status line, until the next key.
    pub status: Option<String>,
    reselect: Reselect,
    /// The border that the mouse drags, and true once it has moved.
    dragged: Option<(Border, bool)>,
    /// The session that is resumed, until its models are listed.
    opening: Option<StoredSession>,
    /// The count that was typed for the next move.
    count: Option<usize>,
    /// The state before the last key, if that went to a pane.
    switched: Option<Switched>,
    /// The last filter on a value of the current model, and the query after it.
    replaced: Option<(FilterKey, String)>,
    stamps: u64,
    /// The stamp of the newest question of each lane, until it is answered.
    pending: [Option<u64>; Lane::ALL.len()],
    /// The completeness of the newest answer to the pending search.
    received: Option<Completeness>,
    effects: Vec<Effect>,
}

impl App {
    /// Returns the state before anything is loaded.
    pub fn new(screen: Rect, theme: Theme, title: String) -> App {
        App {
            session: Session::default(),
            screen,
            theme,
            charset: Charset::Unicode,
            progress: 0.0,
            reloading: false,
            now: None,
            title,
            picking: false,
            focus: Pane::Models,
            companion: Pane::Tree,
            zoomed: false,
            hidden: HiddenPanes::default(),
            list: ModelList::default(),
            tree: Tree::default(),
            chart: Chart::default(),
            details: Details::default(),
            overlays: Vec::new(),
            dialog: None,
            status: None,
            reselect: Reselect::default(),
            dragged: None,
            opening: None,
            count: None,
            switched: None,
            replaced: None,
            stamps: 0,
            pending: [None; Lane::ALL.len()],
            received: None,
            effects: Vec::new(),
        }
    }

    /// Takes the settings and keys of a config file, before anything is loaded.
    pub fn configure(&mut self, file: &ConfigFile) {
        let settings = &file.config.settings;
        (self.focus, self.zoomed) = (settings.focus, settings.zoomed);
        self.hidden = settings.hidden;
        if self.focus != Pane::Models {
            self.companion = self.focus;
        }
        self.session.query.default_order = settings.sort;
        self.session.settings = settings.clone();
        self.session.keymap = file.config.keymap;
        self.status = file.complaint();
    }

    /// Handles an event, and returns what is to be done about it.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Key(key) => self.key(key),
            Event::Paste(text) => self.paste(&text),
            Event::Mouse(mouse) => self.mouse(mouse),
            Event::Resize(width, height) => self.screen = Rect::new(0, 0, width, height),
            Event::Progress(share) => self.progress = share,
            Event::Loaded(hub) => self.loaded(*hub),
            Event::Failed(reason) => self.failed(reason),
            Event::Uncompared(reason) => self.uncompared(&reason),
            Event::Reloaded(reloaded) => self.reloaded(reloaded),
            Event::Exported(exported) => self.exported(exported),
            Event::Answer(answer) => self.answered(answer),
            Event::Saved(saved) => self.session.saved = saved,
            Event::Status(text) => self.status = Some(text),
        }
        self.settle();
        std::mem::take(&mut self.effects)
    }

    /// Returns true if an answer is pending.
    pub fn is_waiting(&self) -> bool {
        self.pending.iter().any(Option::is_some)
    }

    /// Returns true if an answer is pending that a frame may wait for.
    pub fn is_waiting_briefly(&self) -> bool {
        let is_brief = |lane: Lane| match lane {
            Lane::Search => self.received.is_none(),
            _ => lane.is_quick(),
        };
        let mut lanes = Lane::ALL.into_iter().zip(&self.pending);
        lanes.any(|(lane, stamp)| stamp.is_some() && is_brief(lane))
    }

    /// Returns the layout of the screen.
    pub fn layout(&self) -> ScreenLayout {
        let request = LayoutRequest {
            focus: self.focus,
            companion: self.companion,
            zoomed: self.zoomed,
            hidden: self.hidden,
            shares: self.session.settings.shares,
        };
        ScreenLayout::of(self.screen, request)
    }

    /// Returns a pane.
    pub fn pane(&self, pane: Pane) -> &dyn View {
        match pane {
            Pane::Models => &self.list,
            Pane::Tree => &self.tree,
            Pane::Histogram => &self.chart,
            Pane::Details => &self.details,
        }
    }

    /// Returns the overlay on top.
    pub fn overlay(&self) -> Option<&dyn View> {
        self.overlays.last().map(Box::as_ref)
    }

    /// Returns the overlay on top if it is of this type.
    pub fn overlay_as<V: View>(&self) -> Option<&V> {
        let view: &dyn Any = self.overlay()?;
        view.downcast_ref()
    }

    /// Returns true if an overlay or a dialog covers the panes.
    pub fn is_covered(&self) -> bool {
        self.dialog.is_some() || !self.overlays.is_empty()
    }

    /// Returns the menu, if one is open.
    pub fn menu(&self) -> Option<&Menu> {
        match &self.dialog {
            Some(Dialog::Menu(menu)) => Some(menu),
            _ => None,
        }
    }

    /// Runs something on a pane with its surroundings; `None` before anything is loaded.
    fn with_pane<T>(
        &mut self,
        pane: Pane,
        area: Rect,
        run: impl FnOnce(&mut dyn View, PaneContext, Rect) -> T,
    ) -> Option<T> {
        let cx = PaneContext::of(&self.session, &self.theme, self.focus == pane)?;
        let view: &mut dyn View = match pane {
            Pane::Models => &mut self.list,
            Pane::Tree => &mut self.tree,
            Pane::Histogram => &mut self.chart,
            Pane::Details => &mut self.details,
        };
        Some(run(view, cx, area))
    }

    /// Runs something on the overlay on top with its surroundings.
    fn with_overlay<T>(
        &mut self,
        area: Rect,
        run: impl FnOnce(&mut dyn View, PaneContext, Rect) -> T,
    ) -> Option<T> {
        let cx = PaneContext::of(&self.session, &self.theme, true)?;
        Some(run(self.overlays.last_mut()?.as_mut(), cx, area))
    }

    /// Asks a question; the answer arrives as an event, unless a newer question of its lane is
    /// asked meanwhile.
    fn ask(&mut self, topic: Topic) {
        let Some(hub) = self.session.hub.clone() else {
            return;
        };
        self.stamps += 1;
        self.pending[topic.lane() as usize] = Some(self.stamps);
        self.effects.push(Effect::Ask(Question {
            stamp: self.stamps,
            hub,
            topic,
        }));
    }

    fn ask_all(&mut self, topics: Vec<Topic>) {
        topics.into_iter().for_each(|topic| self.ask(topic));
    }

    fn answered(&mut self, answer: Answer) {
        let pending = &mut self.pending[answer.finding.lane() as usize];
        if *pending != Some(answer.stamp) {
            return;
        }
        if !answer.is_partial() {
            *pending = None;
        }
        match answer.finding {
            Finding::Search(hits) => self.listed(hits),
            Finding::Relaxed(relaxed) => self.session.relaxed = relaxed,
            Finding::Completions((partial, words)) => self.suggested(&partial, words),
            Finding::Facet((key, values)) => self.fill_picker(key, &values),
            Finding::Ancestors(set) => self.fold_tree(Some(set)),
            finding => self.give(&finding),
        }
    }

    /// Gives an answer to the views, of which one asked for it.
    fn give(&mut self, finding: &Finding) {
        let layout = self.layout();
        let session = &self.session;
        self.details
            .take(finding, session, layout.inside(Pane::Details));
        self.chart
            .take(finding, session, layout.inside(Pane::Histogram));
        for view in &mut self.overlays {
            view.take(finding, session, layout.body);
        }
    }

    /// Keeps cursors in their lists and windows around cursors, whatever has changed.
    fn settle(&mut self) {
        let layout = self.layout();
        for pane in Pane::ALL {
            self.with_pane(pane, layout.inside(pane), |view, cx, area| {
                view.settle(cx, area);
            });
        }
        self.with_overlay(layout.body, |view, cx, area| view.settle(cx, area));
        if let Some(Dialog::Menu(menu)) = &mut self.dialog {
            menu.settle(self.screen);
        }
    }
}
