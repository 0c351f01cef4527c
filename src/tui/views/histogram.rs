//! The histogram: one bar a bin, zero and unknown apart. `part.rs` relates bars to values, `draw.rs`
//! draws them.

mod draw;
mod part;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::engine::query::keys::FilterKey;
use crate::engine::stats::edges::Scale;
use crate::engine::stats::histogram::{Binning, Histogram};
use crate::engine::stats::percentile::PercentileRank;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::models::ModelId;
use crate::engine::table::stage::Stage;
use crate::tui::answers::{Finding, Topic};
use crate::tui::command::{self, ShellCommand};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::session::Session;
use crate::tui::view::{PaneContext, Request, View};
use crate::tui::widgets::Cursor;
use part::{Part, Shown, Spot};

/// The maximum number of bins that are split further.
const FINEST: usize = 200;
/// About the maximum number of bins with round edges.
const ROUND: usize = 40;

/// The histogram: its field, and its bins once they have arrived.
pub struct Chart {
    pub field: Field,
    pub bins: Option<Histogram>,
    /// The same bins over the models that match the query; `None` where the query is empty.
    pub within: Option<Histogram>,
    /// The percentile rank of a model.
    pub rank: Option<(ModelId, PercentileRank)>,
    /// True for a linear scale.
    linear: bool,
    /// The maximum number of bins on screen; `None` for as many as fit.
    most: Option<usize>,
    /// The number of bins asked for; `None` for bins with round edges.
    split: Option<usize>,
    cursor: Cursor,
    /// The start of a range that ends at the selected bar.
    mark: Option<Spot>,
}

/// The outcome of a change of the number of bins.
enum Regrouped {
    Done,
    /// They must be counted again.
    ToAsk,
    /// There are none.
    AtEnd,
}

/// The parts of the pane below its title.
struct Areas {
    fields: Rect,
    bars: Rect,
    /// True if there is room for one line of upright bars only.
    upright: bool,
    readout: Rect,
}

impl Default for Chart {
    fn default() -> Chart {
        Chart {
            field: Field::Downloads,
            bins: None,
            within: None,
            rank: None,
            linear: false,
            most: None,
            split: None,
            cursor: Cursor::default(),
            mark: None,
        }
    }
}

impl Chart {
    /// Shows the next field, or the previous one.
    fn turn(&mut self, forward: bool) {
        let fields: Vec<Field> = Field::histograms().collect();
        let at = fields.iter().position(|f| *f == self.field).unwrap_or(0);
        let step = if forward { 1 } else { fields.len() - 1 };
        *self = Chart {
            field: fields[(at + step) % fields.len()],
            linear: self.linear,
            ..Chart::default()
        };
    }

    /// Returns the bins to ask for.
    pub fn binning(&self) -> Binning {
        let own = Binning::of(self.field);
        match own.scale {
            Scale::Calendar => own,
            _ if self.linear => Binning {
                scale: Scale::Linear,
                bins: self.split,
            },
            _ => Binning {
                bins: self.split,
                ..own
            },
        }
    }

    /// Switches between a logarithmic and a linear scale; false for times.
    fn toggle_scale(&mut self) -> bool {
        let counts = self.field.info().kind != Kind::Time;
        if counts {
            self.linear = !self.linear;
            self.most = None;
            self.split = None;
        }
        counts
    }

    /// Sets the bins; the selection stays at the same values.
    fn set(&mut self, all: Histogram, within: Option<Histogram>, area: Rect) {
        self.staying(area, |chart| {
            chart.bins = Some(all);
            chart.within = within;
        });
    }

    /// Shows more bins or fewer: first by merging the counted ones, then by counting twice as many.
    fn regroup(&mut self, more: bool, area: Rect) -> Regrouped {
        let (Some(bins), Some(shown)) = (&self.bins, self.shown(area)) else {
            return Regrouped::AtEnd;
        };
        let now = shown.all.bins.len();
        if let Some(split) = self.split.filter(|_| !more) {
            // Half of twice as many are the round ones again.
            self.split = Some(split / 2).filter(|half| *half > ROUND);
            self.most = self.split;
            return Regrouped::ToAsk;
        }
        let mut groupings = bins.groupings();
        if more {
            groupings.reverse();
        }
        let next = groupings
            .into_iter()
            .find(|n| if more { *n > now } else { *n < now });
        match next {
            Some(_) => {
                self.staying(area, |chart| chart.most = next);
                Regrouped::Done
            }
            None if more && self.can_split(now) => {
                self.split = Some(now * 2);
                self.most = self.split;
                Regrouped::ToAsk
            }
            None => Regrouped::AtEnd,
        }
    }

    /// Months are not split, nor bins that were split to no effect.
    fn can_split(&self, now: usize) -> bool {
        let is_count = self.field.info().kind != Kind::Time;
        is_count && (1..FINEST).contains(&now) && self.split.is_none_or(|split| split <= now)
    }

    /// Moves the selection. A range stays among known values: no filter matches those and unknown
    /// ones.
    fn go(&mut self, action: Action, area: Rect) {
        let (len, height) = self.lines(area);
        self.cursor.go(action, len, height);
        let known = self.shown(area).map_or(0, |shown| shown.known());
        if self.mark.is_some() && self.cursor.at < known {
            self.cursor.at = known;
            self.cursor.settle(len, height);
        }
    }

    /// Starts a range at the selected bar; false where no value is known.
    fn mark(&mut self, area: Rect) -> bool {
        let spot = self
            .shown(area)
            .and_then(|shown| shown.spot(self.cursor.at));
        self.mark = spot.filter(|spot| *spot != Spot::Unknown);
        self.mark.is_some()
    }

    /// Returns true if a range is marked.
    pub fn is_marking(&self) -> bool {
        self.mark.is_some()
    }

    /// Drops the range.
    pub fn unmark(&mut self) {
        self.mark = None;
    }

    /// Returns the filter that matches exactly the models of the selected bar or range.
    fn filter(&self, area: Rect) -> Option<String> {
        let shown = self.shown(area)?;
        let name = FilterKey::of_field(self.field)?.info().name;
        let parts = self.selected(&shown);
        (!parts.is_empty()).then(|| part::filter(&shown.all, parts, name))
    }

    /// Returns the selected bar, or the bars of the range.
    fn selected<'a>(&self, shown: &'a Shown) -> &'a [Part] {
        let at = self.cursor.at;
        let from = self.mark.and_then(|mark| shown.find(mark)).unwrap_or(at);
        shown
            .parts
            .get(from.min(at)..=from.max(at))
            .unwrap_or_default()
    }

    /// Makes a change, and selects the bar of the values that were selected.
    fn staying(&mut self, area: Rect, change: impl FnOnce(&mut Chart)) {
        let before = self.shown(area).and_then(|s| s.spot(self.cursor.at));
        change(self);
        if let (Some(spot), Some(shown)) = (before, self.shown(area)) {
            self.cursor.at = shown.find(spot).unwrap_or(0);
        }
    }

    /// Returns the number of bars, and of those on screen.
    fn lines(&self, area: Rect) -> (usize, usize) {
        let bars = self.shown(area).map_or(0, |shown| shown.parts.len());
        (bars, Areas::of(area).room())
    }

    /// Returns the bars, merged until they fit.
    fn shown(&self, area: Rect) -> Option<Shown> {
        let bins = self.bins.as_ref()?;
        let mut parts = Vec::new();
        parts.extend((bins.unknown > 0).then_some(Part::Unknown));
        parts.extend((bins.zero > 0).then_some(Part::Zero));
        let room = Areas::of(area).room().saturating_sub(parts.len());
        let most = self.most.unwrap_or(room);
        let all = bins.coarser(most);
        parts.extend((0..all.bins.len()).map(Part::Bin));
        Some(Shown {
            within: self.within.as_ref().map(|within| within.coarser(most)),
            all,
            parts,
        })
    }
}

impl View for Chart {
    fn context(&self) -> KeyContext {
        KeyContext::HISTOGRAM
    }

    fn act(&mut self, action: Action, cx: PaneContext, area: Rect) -> Vec<Request> {
        match action {
            Action::NextField | Action::PreviousField => {
                self.turn(action == Action::NextField);
                return self.ask(cx.session);
            }
            Action::MoreBins | Action::FewerBins => {
                let more = action == Action::MoreBins;
                match self.regroup(more, area) {
                    Regrouped::Done => {}
                    Regrouped::ToAsk => return self.ask(cx.session),
                    Regrouped::AtEnd if more => return Request::status("No more bins"),
                    Regrouped::AtEnd => return Request::status("No fewer bins"),
                }
            }
            Action::Scale => {
                return match self.toggle_scale() {
                    true => self.ask(cx.session),
                    false => Request::status("Times have one scale only"),
                };
            }
            Action::Range if self.is_marking() => self.unmark(),
            Action::Range => return self.start_range(area),
            Action::ExtendDown | Action::ExtendUp => {
                let failed = match self.is_marking() {
                    true => Vec::new(),
                    false => self.start_range(area),
                };
                let down = action == Action::ExtendDown;
                if self.is_marking() {
                    self.go(if down { Action::Down } else { Action::Up }, area);
                }
                return failed;
            }
            Action::FilterBySelected => {
                let filter = self
                    .filter(area)
                    .map(|filter| Request::Filter(vec![filter]));
                return filter.into_iter().collect();
            }
            _ => self.go(action, area),
        }
        Vec::new()
    }

    fn command(&self, session: &Session) -> Option<ShellCommand> {
        let (query, from) = (session.query.text(), session.opened());
        Some(command::hist(self.field, self.binning(), query, from))
    }

    fn settle(&mut self, _cx: PaneContext, area: Rect) {
        let (len, height) = self.lines(area);
        self.cursor.settle(len, height);
    }

    fn topics(&self, session: &Session) -> Vec<Topic> {
        if session.hub_at(Stage::of(self.field)).is_none() {
            return Vec::new();
        }
        let scope = session.matching.clone();
        let bins = Topic::Histogram(self.field, self.binning(), scope);
        let rank = self.rank_topic(session);
        [bins].into_iter().chain(rank).collect()
    }

    fn take(&mut self, finding: &Finding, _session: &Session, area: Rect) {
        match finding {
            // The field may have changed since the question.
            Finding::Histogram((all, within)) if all.field == self.field => {
                self.set(all.clone(), within.clone(), area);
            }
            Finding::Rank((model, rank)) => self.rank = rank.map(|rank| (*model, rank)),
            _ => {}
        }
    }

    fn draw(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        self.draw_chart(cx, area, buffer);
    }
}

impl Chart {
    /// Returns the question for the percentile rank of the current model.
    pub fn rank_topic(&self, session: &Session) -> Option<Topic> {
        session.hub_at(Stage::of(self.field))?;
        let scope = session.matching.clone();
        let model = session.current_model()?;
        Some(Topic::Rank(self.field, model, scope))
    }

    fn ask(&self, session: &Session) -> Vec<Request> {
        self.topics(session).into_iter().map(Request::Ask).collect()
    }

    fn start_range(&mut self, area: Rect) -> Vec<Request> {
        match self.mark(area) {
            true => Vec::new(),
            false => Request::status("A range starts at a known value"),
        }
    }
}

impl Areas {
    fn of(area: Rect) -> Areas {
        let fields = Rect {
            height: area.height.min(1),
            ..area
        };
        let below = area.height - fields.height;
        let upright = below < 4;
        let readout = match below {
            0 | 1 => 0,
            2 | 3 => below - 1,
            4..9 => 1,
            9..14 => 2,
            _ => 3,
        };
        let bars = Rect {
            y: fields.bottom(),
            height: below - readout,
            ..area
        };
        let readout = Rect {
            y: bars.bottom(),
            height: readout,
            ..area
        };
        Areas {
            fields,
            bars,
            upright,
            readout,
        }
    }

    /// Returns the number of bars that fit.
    fn room(&self) -> usize {
        match self.upright {
            true => usize::from(self.bars.width).saturating_sub(2),
            false => self.bars.height.into(),
        }
    }
}
