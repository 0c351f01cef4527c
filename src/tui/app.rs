//! The explorer's state and what changes it: events in, effects out. No terminal, no thread, no
//! clock; whatever is drawn or tested is drawn and tested from here. What keys do is in `keys.rs`.

mod against;
mod chart;
mod density;
mod filters;
mod keys;
mod lineage;
pub mod over;
mod recall;
pub mod reload;
mod schema;
mod statistics;
mod taking;

use std::collections::BTreeSet;
use std::sync::Arc;

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use over::Over;
use reload::Newer;

use super::history::{History, Place};
use super::layout::{Layout, Pane, Wish};
use super::panes::Look;
use super::panes::details::Details;
use super::panes::histogram::Chart;
use super::panes::models::List;
use super::panes::statistics::Statistics;
use super::panes::tree::Tree;
use super::queries::{QueryChange, QueryHistory, SavedQuery};
use super::question::{Answer, Finding, Lane, Question, Topic};
use super::theme::Theme;
use crate::engine::Hub;
use crate::engine::lineage::graph::Node;
use crate::engine::lineage::tree::LineageTree;
use crate::engine::search::hits::{Completeness, Hits};
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;
use crate::present::charset::Signs;

/// Something that happened.
pub enum Event {
    Key(KeyEvent),
    /// Text pasted in one go.
    Paste(String),
    Resize(u16, u16),
    /// So much of the hub is loaded, from 0 to 1.
    Progress(f32),
    /// A stage of the hub, or all of it.
    Loaded(Box<Hub>),
    /// The hub cannot be loaded.
    Failed(String),
    /// There is no older snapshot to compare with, for this reason.
    Uncompared(String),
    /// It was looked whether there is a newer hub.
    Reloaded(Newer),
    Answer(Answer),
    /// The saved queries as they are now kept, those of other explorers included.
    Named(Vec<SavedQuery>),
    /// What an effect came to, to be told to the person.
    Told(String),
}

/// Something for the ring around the state to do.
pub enum Effect {
    Ask(Question),
    /// Put this on the person's clipboard.
    Copy(String),
    /// Keep this for the next time.
    Keep(QueryChange),
    /// Show this page.
    Visit(String),
    /// Look whether there is a newer hub than this one.
    Reload(Arc<Hub>),
    Redraw,
    Suspend,
    Quit,
    /// Leave, and print these ids.
    Pick(Vec<String>),
    /// Leave as if interrupted by a signal.
    Interrupt,
}

/// Why a list was asked for, and so what becomes of the selection when it comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Anew {
    /// More is known of the hub: the selected model stays selected.
    #[default]
    No,
    /// By another query or order: its first model is selected.
    Asked,
    /// By going back to a place, whose model is looked at already.
    Returned,
}

/// The whole state.
pub struct App {
    pub screen: Rect,
    pub theme: Theme,
    /// What the terminal can show.
    pub signs: Signs,
    pub hub: Option<Arc<Hub>>,
    /// How much is loaded, from 0 to 1.
    pub progress: f32,
    /// Whether somebody looks for a newer hub.
    reloading: bool,
    /// The time, in microseconds since 1970 UTC, if the age of the data is to be told.
    pub now: Option<i64>,
    /// Why there is no hub and will be none.
    pub failure: Option<String>,
    /// What is being opened.
    pub title: String,
    /// The same as the person named it, for commands; nothing where it was found unnamed.
    pub data: Option<String>,
    /// The older snapshot to compare with, as the person named it; nothing any more where it could
    /// not be read.
    pub against: Option<String>,
    /// Whether the person is to pick a model: Enter in the list ends the explorer with its id.
    pub picking: bool,
    pub focus: Pane,
    companion: Pane,
    zoomed: bool,
    pub list: List,
    pub tree: Tree,
    pub chart: Chart,
    pub details: Details,
    pub overlay: Option<Over>,
    /// The statistics, while something that was reached from them lies over the panes.
    beneath: Option<Statistics>,
    pub marks: BTreeSet<ModelId>,
    history: History,
    /// Queries from before, of earlier times too.
    pub typed: QueryHistory,
    /// The saved queries.
    pub named: Vec<SavedQuery>,
    /// Why the list that is awaited was asked for.
    anew: Anew,
    /// Something to tell, until the next key.
    pub message: Option<String>,
    stamps: u64,
    /// The stamp of the newest question of each lane, until it is answered.
    waiting: [Option<u64>; Lane::ALL.len()],
    /// How much has come of the list that is awaited.
    heard: Option<Completeness>,
    effects: Vec<Effect>,
}

impl App {
    /// The state before anything is loaded.
    pub fn new(screen: Rect, theme: Theme, title: String) -> App {
        App {
            screen,
            theme,
            signs: Signs::Unicode,
            hub: None,
            progress: 0.0,
            reloading: false,
            now: None,
            failure: None,
            title,
            data: None,
            against: None,
            picking: false,
            focus: Pane::Models,
            companion: Pane::Tree,
            zoomed: false,
            list: List::default(),
            tree: Tree::default(),
            chart: Chart::default(),
            details: Details::default(),
            overlay: None,
            beneath: None,
            marks: BTreeSet::new(),
            history: History::default(),
            typed: QueryHistory::default(),
            named: Vec::new(),
            anew: Anew::default(),
            message: None,
            stamps: 0,
            waiting: [None; Lane::ALL.len()],
            heard: None,
            effects: Vec::new(),
        }
    }

    /// Takes an event in, and says what is to be done about it.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Key(key) => self.key(key),
            Event::Paste(text) => self.paste(&text),
            Event::Resize(width, height) => self.screen = Rect::new(0, 0, width, height),
            Event::Progress(part) => self.progress = part,
            Event::Loaded(hub) => self.loaded(*hub),
            Event::Failed(reason) => {
                self.message = Some(reason.clone());
                self.failure = Some(reason);
                if let Some(node) = self.current() {
                    self.look_up(node);
                }
            }
            Event::Uncompared(reason) => self.uncompared(&reason),
            Event::Reloaded(newer) => self.reloaded(newer),
            Event::Answer(answer) => self.answered(answer),
            Event::Named(named) => self.named = named,
            Event::Told(text) => self.message = Some(text),
        }
        self.settle();
        std::mem::take(&mut self.effects)
    }

    /// Whether an answer is still to come.
    pub fn is_waiting(&self) -> bool {
        self.waiting.iter().any(Option::is_some)
    }

    /// Whether one is to come that a frame may be kept back for.
    pub fn is_waiting_briefly(&self) -> bool {
        let briefly = |lane: Lane| match lane {
            Lane::Search => self.heard.is_none(),
            _ => lane.is_quick(),
        };
        let mut lanes = Lane::ALL.into_iter().zip(&self.waiting);
        lanes.any(|(lane, stamp)| briefly(lane) && stamp.is_some())
    }

    /// Where everything is.
    pub fn layout(&self) -> Layout {
        let wish = Wish {
            focus: self.focus,
            companion: self.companion,
            zoomed: self.zoomed,
        };
        Layout::of(self.screen, wish)
    }

    /// How a pane is to look.
    pub fn look<'a>(&'a self, hub: &'a Hub, pane: Pane) -> Look<'a> {
        let focused = self.focus == pane && self.overlay.is_none();
        Look {
            hub,
            theme: &self.theme,
            focused,
        }
    }

    /// The model that details and histogram are about.
    pub fn current(&self) -> Option<Node> {
        self.details.node
    }

    fn current_model(&self) -> Option<ModelId> {
        self.hub.as_ref()?.graph.model(self.current()?)
    }

    fn loaded(&mut self, hub: Hub) {
        let had_tree = self.hub.as_ref().is_some_and(|h| h.stage >= Stage::Lineage);
        self.hub = Some(Arc::new(hub));
        self.ask_list();
        self.ask_statistics();
        self.ask_density();
        // What was shown as unknown so far may be known now.
        if let Some(node) = self.current() {
            if !had_tree {
                self.draw_tree_around(node);
            }
            self.look_up(node);
        }
    }

    fn answered(&mut self, answer: Answer) {
        let waiting = &mut self.waiting[answer.lane as usize];
        if *waiting != Some(answer.stamp) {
            return;
        }
        if !answer.is_early() {
            *waiting = None;
        }
        match answer.finding {
            Finding::Hits(hits) => self.listed(hits),
            Finding::Family(family) => self.details.family = Some(Arc::new(family)),
            Finding::Record(record) => self.details.record = Some(record.map(Arc::new)),
            Finding::Histogram { all, within } => self.take_histogram(all, within),
            Finding::Rank(model, rank) => self.take_rank(model, rank),
            Finding::Facet(key, values) => self.fill_picker(key, &values),
            Finding::Statistics { whole, sections } => {
                self.take_statistics(whole.as_deref(), sections);
            }
            Finding::Density(grid) => self.take_density(grid),
            Finding::Schema { schema, is_whole } => self.take_schema(schema, is_whole),
            Finding::Kin(kin) => self.fold_tree(Some(Arc::new(kin))),
        }
    }

    /// Takes a list in. The part that comes early is all that the other panes go by.
    fn listed(&mut self, hits: Hits) {
        // What is to stay selected may not be among the first.
        let waits = self.heard.is_none() && self.anew != Anew::Asked;
        if waits && hits.completeness < Completeness::Complete {
            return;
        }
        let before = self.list.selected();
        let heard = self.heard.replace(hits.completeness);
        if hits.completeness > Completeness::FirstPage
            && heard.is_none_or(|h| h == Completeness::FirstPage)
        {
            let filtered = !self.list.parsed.query.is_empty();
            self.tree.matching = filtered.then(|| hits.set.clone());
            self.tree.counts.clear();
            self.ask_histogram();
            self.ask_statistics();
            self.ask_density();
            self.ask_kin();
        }
        match std::mem::take(&mut self.anew) {
            Anew::No => self.list.take(hits, before),
            Anew::Asked => self.list.take(hits, None),
            Anew::Returned => {
                self.list.take(hits, self.current_model());
                return;
            }
        }
        if self.list.selected() != before || self.current().is_none() {
            self.follow_list();
        }
    }

    // --- one pane leads the others ---

    fn follow_list(&mut self) {
        match self.list.selected().map(Node::from) {
            Some(node) => {
                let drawn = self.tree.outline.as_ref().and_then(LineageTree::focus);
                if drawn != Some(node) && !self.tree.shows_families() {
                    self.draw_tree_around(node);
                }
                if Some(node) != self.current() {
                    self.look_up(node);
                }
            }
            None => {
                self.tree.clear();
                self.details = Details::default();
            }
        }
    }

    fn follow_tree(&mut self) {
        if let Some(node) = self
            .tree
            .node()
            .filter(|node| Some(*node) != self.current())
        {
            self.look_up(node);
        }
    }

    fn open(&mut self, node: Node) {
        self.draw_tree_around(node);
        self.look_up(node);
        if let Some(model) = self.current_model() {
            self.list.select(model);
        }
    }

    fn look_up(&mut self, node: Node) {
        self.details.show(node);
        let stage = self.hub.as_ref().map(|hub| hub.stage);
        if stage >= Some(Stage::Lineage) {
            self.ask(Topic::Family(node));
        }
        // While the file is read anyway, to read it for one model would only hold that up.
        if let Some(model) = self.current_model()
            && self.details.record.is_none()
            && (stage == Some(Stage::Complete) || self.failure.is_some())
        {
            self.ask(Topic::Record(model));
        }
        self.ask_rank();
    }

    // --- back and forward ---

    fn place(&self) -> Option<Place> {
        let query = self.list.input.value().to_owned();
        self.current().map(|node| Place { query, node })
    }

    fn remember(&mut self) {
        if let Some(place) = self.place() {
            self.history.push(place);
        }
    }

    fn travel(&mut self, forward: bool) {
        let here = self.place();
        let Some(place) = self.history.travel(here, forward) else {
            self.message = Some(
                if forward {
                    "nothing later"
                } else {
                    "nothing earlier"
                }
                .to_owned(),
            );
            return;
        };
        if place.query != self.list.input.value() {
            self.list.input = place.query.clone().into();
            self.anew = Anew::Returned;
            self.ask_list();
        }
        self.open(place.node);
    }

    // --- questions ---

    fn ask(&mut self, topic: Topic) {
        let Some(hub) = self.hub.clone() else { return };
        self.stamps += 1;
        self.waiting[topic.lane() as usize] = Some(self.stamps);
        self.effects.push(Effect::Ask(Question {
            stamp: self.stamps,
            hub,
            topic,
        }));
    }

    /// Asks for the list that the query and the order now call for.
    fn ask_list_anew(&mut self) {
        self.anew = Anew::Asked;
        self.ask_list();
    }

    /// A text that is no query is told to be none; the list of the last good one stays.
    fn ask_list(&mut self) {
        if self.list.read(self.compares()) {
            let query = self.list.parsed.query.clone();
            let order = self.list.sorted();
            self.heard = None;
            self.ask(Topic::Search { query, order });
        }
    }

    /// Asks which lines of the tree stay when it is folded; without a query all do.
    fn ask_kin(&mut self) {
        match self.tree.matching.clone().filter(|_| self.tree.folds) {
            Some(set) => self.ask(Topic::Kin(set)),
            None => self.fold_tree(None),
        }
    }

    fn fold_tree(&mut self, kin: Option<Arc<ModelSet>>) {
        if let Some(hub) = self.hub.clone() {
            self.tree.fold(&hub, kin);
        }
    }

    /// Keeps cursors in their lists and windows around cursors, whatever has changed.
    fn settle(&mut self) {
        let layout = self.layout();
        let list = self.list.height(layout.inside(Pane::Models));
        self.list.cursor.settle(self.list.lines(), list);
        let tree = Tree::height(layout.inside(Pane::Tree));
        self.tree.cursor.settle(self.tree.lines(), tree);
        self.chart.settle(layout.inside(Pane::Histogram));
        if let Some(hub) = &self.hub {
            self.tree.count_matching(hub, tree);
        }
        match &mut self.overlay {
            Some(Over::Menu(menu)) => {
                let (len, height) = (menu.found().len(), menu.height(self.screen));
                menu.cursor.settle(len, height);
            }
            Some(Over::Statistics(statistics)) => statistics.settle(layout.body(self.screen)),
            Some(Over::Schema(columns)) => columns.settle(layout.body(self.screen)),
            _ => {}
        }
    }
}
