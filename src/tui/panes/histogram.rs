//! The histogram: one bar a bin, zero and unknown apart. Here is its state: which field, how many
//! bins on which scale, the bar that is selected or the range that is marked. `part.rs` says what
//! bars stand for, `draw.rs` draws them.

mod draw;
mod part;

use ratatui::layout::Rect;

use crate::engine::query::keys::FilterKey;
use crate::engine::stats::edges::Scale;
use crate::engine::stats::histogram::{Binning, Histogram};
use crate::engine::stats::percentile::PercentileRank;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::models::ModelId;
use crate::tui::action::Action;
use crate::tui::rows::Cursor;
use part::{Part, Spot};

/// More bins than this are not split any more.
const FINEST: usize = 200;
/// Bins with round edges are at most so many, about.
const ROUND: usize = 40;

/// The state: which field, and its bins once they are counted.
pub struct Chart {
    pub field: Field,
    pub bins: Option<Histogram>,
    /// The same bins over what the query asks for; nothing where it asks for all.
    pub within: Option<Histogram>,
    /// Where a model stands in the field.
    pub rank: Option<(ModelId, PercentileRank)>,
    /// Whether counts are on a linear scale.
    linear: bool,
    /// At most so many bins are put on the screen; without it as many as there is room for.
    most: Option<usize>,
    /// So many bins are asked for, whose edges are not round any more.
    split: Option<usize>,
    cursor: Cursor,
    /// Where a range begins that ends at the selected bar.
    mark: Option<Spot>,
}

/// The bars for some room.
struct Shown {
    all: Histogram,
    within: Option<Histogram>,
    parts: Vec<Part>,
}

/// Whether there can be more bins, or fewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regrouped {
    Done,
    /// They must be counted anew.
    ToAsk,
    /// There are none.
    AtEnd,
}

/// The parts of the pane below its title.
struct Areas {
    fields: Rect,
    bars: Rect,
    /// Whether there is no room but for one line of bars, which then stand upright.
    upright: bool,
    told: Rect,
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
    /// Turns to the next field (or the one before).
    pub fn turn(&mut self, forward: bool) {
        let fields: Vec<Field> = Field::histograms().collect();
        let at = fields.iter().position(|f| *f == self.field).unwrap_or(0);
        let step = if forward { 1 } else { fields.len() - 1 };
        *self = Chart {
            field: fields[(at + step) % fields.len()],
            linear: self.linear,
            ..Chart::default()
        };
    }

    /// The bins to ask for.
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

    /// From powers of ten to bins of one width, or back; `false` where the field has no such bins.
    pub fn turn_scale(&mut self) -> bool {
        let counts = self.field.info().kind != Kind::Time;
        if counts {
            self.linear = !self.linear;
            self.most = None;
            self.split = None;
        }
        counts
    }

    /// Takes in what was counted; the selection stays at the same values.
    pub fn take(&mut self, all: Histogram, within: Option<Histogram>, area: Rect) {
        self.staying(area, |chart| {
            chart.bins = Some(all);
            chart.within = within;
        });
    }

    /// More bins, or fewer: first those that the counted ones can be put together to, then twice
    /// as many of them.
    pub fn regroup(&mut self, more: bool, area: Rect) -> Regrouped {
        let (Some(bins), Some(shown)) = (&self.bins, self.shown(area)) else {
            return Regrouped::AtEnd;
        };
        let now = shown.all.bins.len();
        if let Some(split) = self.split.filter(|_| !more) {
            // Half of twice the round ones are those again.
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

    /// Months are not split, nor what was split before to no effect.
    fn can_split(&self, now: usize) -> bool {
        let is_count = self.field.info().kind != Kind::Time;
        is_count && (1..FINEST).contains(&now) && self.split.is_none_or(|split| split <= now)
    }

    /// Moves the selection. While a range is marked it stays where values are known: no test asks
    /// for those and the unknown ones.
    pub fn go(&mut self, action: Action, area: Rect) {
        let (len, height) = self.lines(area);
        self.cursor.go(action, len, height);
        let known = self.shown(area).map_or(0, |shown| shown.known());
        if self.mark.is_some() && self.cursor.at < known {
            self.cursor.at = known;
            self.cursor.settle(len, height);
        }
    }

    /// Keeps the selection among the bars.
    pub fn settle(&mut self, area: Rect) {
        let (len, height) = self.lines(area);
        self.cursor.settle(len, height);
    }

    /// Lets a range begin at the selected bar; `false` where no value is known.
    pub fn mark(&mut self, area: Rect) -> bool {
        let spot = self
            .shown(area)
            .and_then(|shown| shown.spot(self.cursor.at));
        self.mark = spot.filter(|spot| *spot != Spot::Unknown);
        self.mark.is_some()
    }

    /// Whether a range is marked.
    pub fn is_marking(&self) -> bool {
        self.mark.is_some()
    }

    /// Leaves the selected bar alone.
    pub fn unmark(&mut self) {
        self.mark = None;
    }

    /// A test that finds the models of the selected bar, or of the marked range: all of them and no
    /// others.
    pub fn test(&self, area: Rect) -> Option<String> {
        let shown = self.shown(area)?;
        let name = FilterKey::of_field(self.field)?.info().name;
        let parts = self.selected(&shown);
        (!parts.is_empty()).then(|| part::test(&shown.all, parts, name))
    }

    /// The selected bar, or all of the marked range.
    fn selected<'a>(&self, shown: &'a Shown) -> &'a [Part] {
        let at = self.cursor.at;
        let from = self.mark.and_then(|mark| shown.find(mark)).unwrap_or(at);
        shown
            .parts
            .get(from.min(at)..=from.max(at))
            .unwrap_or_default()
    }

    /// Changes something, and selects the bar that then has the selected values.
    fn staying(&mut self, area: Rect, change: impl FnOnce(&mut Chart)) {
        let before = self.shown(area).and_then(|s| s.spot(self.cursor.at));
        change(self);
        if let (Some(spot), Some(shown)) = (before, self.shown(area)) {
            self.cursor.at = shown.find(spot).unwrap_or(0);
        }
    }

    /// How many bars there are, and how many are seen at once.
    fn lines(&self, area: Rect) -> (usize, usize) {
        let bars = self.shown(area).map_or(0, |shown| shown.parts.len());
        (bars, Areas::of(area).room())
    }

    /// The bars, so many put together that they fit.
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

impl Shown {
    /// The first bar of known values.
    fn known(&self) -> usize {
        usize::from(self.parts.first() == Some(&Part::Unknown))
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
        let told = match below {
            0 | 1 => 0,
            2 | 3 => below - 1,
            4..9 => 1,
            9..14 => 2,
            _ => 3,
        };
        let bars = Rect {
            y: fields.bottom(),
            height: below - told,
            ..area
        };
        let told = Rect {
            y: bars.bottom(),
            height: told,
            ..area
        };
        Areas {
            fields,
            bars,
            upright,
            told,
        }
    }

    /// How many bars have room.
    fn room(&self) -> usize {
        match self.upright {
            true => usize::from(self.bars.width).saturating_sub(2),
            false => self.bars.height.into(),
        }
    }
}
