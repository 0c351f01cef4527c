//! Draws the histogram: horizontal bars, or upright ones where there is little room, what
//! they count, and what is to be said of them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::part::{self, Part, Shown};
use super::{Areas, Chart};
use crate::engine::stats::histogram::Histogram;
use crate::engine::stats::percentile::PercentileRank;
use crate::engine::table::field::{Field, Kind};
use crate::engine::table::models::{BILLION, ModelId};
use crate::engine::table::stage::Stage;
use crate::present::bars::{EIGHTHS_UP, bar};
use crate::present::figures::{exact_percent, in_short, range, rounded};
use crate::present::format;
use crate::present::format::{count, exact_grouped, percent, share};
use crate::tui::view::PaneContext;
use crate::tui::widgets::{draw_selection, put, put_right, width, wrap};

/// Cells of the label, of the marks of quartiles with a blank before them, and of the count.
const LABEL: u16 = 16;
const MARKS: u16 = 5;
const COUNT: u16 = 10;

impl Chart {
    /// Draws the fields, the bars and the readout.
    pub(super) fn draw_chart(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        let model = cx.session.current_model();
        let areas = Areas::of(area);
        self.draw_fields(cx, areas.fields, buffer);
        let say = |text: &str, buffer: &mut Buffer| {
            let room = usize::from(area.width).saturating_sub(1);
            put(buffer, (area.x + 1, area.y + 1), text, room, cx.theme.dim);
        };
        match self.shown(area) {
            _ if area.height < 2 => {}
            _ if cx.hub.lacks(self.field) => say("This file has no such column", buffer),
            _ if cx.hub.stage < Stage::of(self.field) => say("Loading…", buffer),
            None => say("Counting…", buffer),
            Some(shown) => {
                let own = model.map(|m| cx.hub.models.number(self.field, m));
                let own = own.and_then(|value| Part::of(&shown.all, value));
                let selected = self.selected(&shown);
                let bars = Bars {
                    cx,
                    shown: &shown,
                    own,
                    selected: if cx.focused { selected } else { &[] },
                    end: shown.parts.get(self.cursor.at).copied(),
                };
                match areas.upright {
                    true => bars.draw_upright(areas.bars, self.cursor.top, buffer),
                    false => bars.draw_lying(areas.bars, self.cursor.top, buffer),
                }
                self.draw_readout(cx, &shown, model, areas.readout, buffer);
            }
        }
    }

    /// The fields to choose from, or as many around the chosen one as there is room for.
    fn draw_fields(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        let fields: Vec<Field> = Field::histograms().collect();
        let chosen = fields.iter().position(|f| *f == self.field).unwrap_or(0);
        let cells = |some: &[Field]| {
            some.iter()
                .map(|f| width(f.info().title) + 2)
                .sum::<usize>()
        };
        let room = usize::from(area.width).saturating_sub(4);
        let mut shown = chosen..chosen + 1;
        loop {
            let before = shown.start.saturating_sub(1)..shown.end;
            let after = shown.start..fields.len().min(shown.end + 1);
            let wider = [after, before]
                .into_iter()
                .find(|wider| *wider != shown && cells(&fields[wider.clone()]) <= room);
            match wider {
                Some(wider) => shown = wider,
                None => break,
            }
        }
        let mut x = area.x + 1;
        if shown.start > 0 {
            x = put(buffer, (x, area.y), "‹", 1, cx.theme.dim);
        }
        for field in &fields[shown.clone()] {
            let (text, style) = match *field == self.field {
                true => (format!("[{}]", field.info().title), cx.theme.focused),
                false => (format!(" {} ", field.info().title), cx.theme.dim),
            };
            let room = usize::from(area.right().saturating_sub(x));
            x = put(buffer, (x, area.y), &text, room, style);
        }
        if shown.end < fields.len() {
            put(buffer, (x, area.y), "›", 1, cx.theme.dim);
        }
    }

    /// Draws what fits of the selected bar, the rank of the model and the summary.
    fn draw_readout(
        &self,
        cx: PaneContext,
        shown: &Shown,
        model: Option<ModelId>,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let ranked = self.rank.filter(|(of, _)| Some(*of) == model);
        let place = ranked.and_then(|(model, rank)| {
            let value = in_short(self.field, cx.hub.models.number(self.field, model)?);
            let percentile = percentile(rank)?;
            let known = count(rank.known);
            Some(format!("◆ {value}: percentile {percentile} of {known}"))
        });
        let selected = cx.focused.then(|| self.selected(shown));
        let texts = [
            selected.map(|parts| readout(shown, parts, area)),
            place.filter(|_| area.height > 1),
            Some(summary(shown)),
        ];
        let room = usize::from(area.width).saturating_sub(2);
        let style = |at| match (at, cx.focused) {
            (0, true) => cx.theme.text,
            _ => cx.theme.dim,
        };
        let texts = texts.into_iter().flatten().enumerate();
        let lines = texts.flat_map(|(at, text)| {
            let pieces = wrap(&text, room.max(1)).into_iter();
            pieces.map(move |piece| (piece, style(at)))
        });
        for ((line, style), y) in lines.zip(area.y..area.bottom()) {
            put(buffer, (area.x + 1, y), line.trim_end(), room, style);
        }
    }
}

/// The bars, and which of them stand out.
struct Bars<'a> {
    cx: PaneContext<'a>,
    shown: &'a Shown,
    /// The position of the selected model.
    own: Option<Part>,
    selected: &'a [Part],
    /// The one that the keys move.
    end: Option<Part>,
}

impl Bars<'_> {
    fn style(&self, part: Part) -> Style {
        let theme = self.cx.theme;
        match part {
            _ if self.own == Some(part) => theme.here,
            Part::Bin(_) => theme.bar,
            _ => theme.bar_apart,
        }
    }

    /// Returns the count of a full bar: unknown and zero would dwarf the others, so theirs are cut.
    /// All have a scale of their own beside what matches: a few matches would not be seen.
    fn most(of: &Histogram) -> usize {
        let most = of.bins.iter().map(|bin| bin.count).max();
        most.filter(|most| *most > 0).unwrap_or(of.models).max(1)
    }

    fn draw_lying(&self, area: Rect, top: usize, buffer: &mut Buffer) {
        let Shown { all, within, parts } = self.shown;
        let theme = self.cx.theme;
        let cells = usize::from(area.width.saturating_sub(LABEL + MARKS + COUNT + 1));
        let (most_of_all, most) = (Bars::most(all), Bars::most(within.as_ref().unwrap_or(all)));
        for (part, y) in parts.iter().skip(top).zip(area.y..area.bottom()) {
            let own = self.own == Some(*part);
            let style = if own { theme.here } else { theme.dim };
            put_right(buffer, area.x + LABEL, y, &label(all, *part), style);
            put(
                buffer,
                (area.x + LABEL + 1, y),
                &self.marks(*part),
                usize::from(MARKS) - 1,
                style,
            );
            let place = (area.x + LABEL + MARKS, y);
            if within.is_some() {
                let all = bar(part.count(all).min(most_of_all), most_of_all, cells);
                let shade = "░".repeat(width(&all));
                put(buffer, place, &shade, cells, theme.dim);
            }
            let counted = part.count(within.as_ref().unwrap_or(all));
            let filled = match counted > most {
                true => format!("{}»", bar(1, 1, cells.saturating_sub(1))),
                false => bar(counted, most, cells),
            };
            put(buffer, place, &filled, cells, self.style(*part));
            put_right(
                buffer,
                area.right().saturating_sub(1),
                y,
                &count(counted),
                style,
            );
            if self.selected.contains(part) {
                let line = Rect {
                    y,
                    height: 1,
                    ..area
                };
                let sign = if self.end == Some(*part) {
                    "▶"
                } else {
                    "┃"
                };
                draw_selection(theme, theme.selected, sign, line, buffer);
            }
        }
    }

    /// A column for each bar, in a single line.
    fn draw_upright(&self, area: Rect, top: usize, buffer: &mut Buffer) {
        let counts = self.shown.within.as_ref().unwrap_or(&self.shown.all);
        let most = Bars::most(counts);
        for (part, x) in self
            .shown
            .parts
            .iter()
            .skip(top)
            .zip(area.x + 1..area.right())
        {
            let height = (part.count(counts).min(most) * 8).div_ceil(most);
            put(
                buffer,
                (x, area.y),
                EIGHTHS_UP[height],
                1,
                self.style(*part),
            );
            if self.selected.contains(part) {
                let column = Rect {
                    x,
                    width: 1,
                    ..area
                };
                let theme = self.cx.theme;
                draw_selection(theme, theme.selected, EIGHTHS_UP[height], column, buffer);
            }
        }
    }

    /// Returns the marks of the quartiles and of the selected model in a bin.
    fn marks(&self, part: Part) -> String {
        let Shown { all, within, .. } = self.shown;
        let quantiles = within.as_ref().unwrap_or(all).quantiles.as_deref();
        let own = (self.own == Some(part)).then_some("◆");
        let quartiles = quantiles
            .into_iter()
            .flat_map(|q| [(q.p25, "¼"), (q.p50, "½"), (q.p75, "¾")]);
        let here = quartiles.filter(|(value, _)| {
            let at = all.bin_of(floor(*value));
            at.map(Part::Bin) == Some(part)
        });
        own.into_iter().chain(here.map(|(_, mark)| mark)).collect()
    }
}

/// A quartile may lie between two values: the lower one is in a bin.
fn floor(value: f64) -> i64 {
    rounded(value.floor())
}

/// Returns the percentile rank, rounded down: only a value above all others is at 100.
fn percentile(rank: PercentileRank) -> Option<String> {
    let parts = (rank.below * 10_000).checked_div(rank.known)?;
    let text = format!("{}.{:02}", parts / 100, parts % 100);
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// Returns the short label of a bar.
fn label(histogram: &Histogram, part: Part) -> String {
    match part {
        Part::Unknown => "unknown".to_owned(),
        Part::Zero => "zero".to_owned(),
        Part::Bin(at) => range(histogram, &histogram.bins[at]),
    }
}

/// Returns the exact values and counts of bars; abbreviated where there is one line only.
fn readout(shown: &Shown, parts: &[Part], area: Rect) -> String {
    let full = range_text(shown, parts, false);
    match area.height > 1 || width(&full) + 2 <= usize::from(area.width) {
        true => full,
        false => range_text(shown, parts, true),
    }
}

/// Returns the values of adjacent bars, their count and share, and the cumulative share.
fn range_text(shown: &Shown, parts: &[Part], briefly: bool) -> String {
    let counts = shown.within.as_ref().unwrap_or(&shown.all);
    let counted = parts.iter().map(|part| part.count(counts)).sum();
    let of_all = percent(share(counted, counts.models));
    let Some((from, last)) = part::values(&shown.all, parts) else {
        return format!("unknown: {} ({of_all})", count(counted));
    };
    let is_up_to = |part: &&Part| part.is_up_to(&shown.all, last);
    let below = shown.parts.iter().filter(is_up_to);
    let below = below.map(|part| part.count(counts)).sum();
    let up_to = percent(share(below, counts.models - counts.unknown));
    let both = |name: &dyn Fn(i64) -> String, to| format!("{}–{}", name(from), name(to));
    let what = match (counts.field.info().kind, parts) {
        (Kind::Time, _) if briefly => both(&format::month, last),
        (Kind::Time, _) => both(&format::day, last),
        (_, [Part::Zero]) => "zero".to_owned(),
        (Kind::Share, _) => {
            let end = parts.last().map_or(last, |part| part.end(&shown.all));
            // The whole is in the bin that ends there.
            let end = if end == BILLION + 1 { BILLION } else { end };
            match from {
                _ if from > BILLION => format!("over 100%, up to {}", exact_percent(end)),
                // Zero is a bar of its own.
                1 => format!(">0%–{}", exact_percent(end)),
                _ => both(&exact_percent, end),
            }
        }
        _ => both(&exact_grouped, last),
    };
    let (bars, known) = match (parts.len(), briefly) {
        (1, false) => (String::new(), true),
        (several, false) => (format!(" in {several} bars"), true),
        (_, true) => (String::new(), false),
    };
    let counted = count(counted);
    match known {
        true => format!("{what}{bars}: {counted} ({of_all}), cumulative {up_to} of known"),
        false => format!("{what}{bars}: {counted} ({of_all}), cumulative {up_to}"),
    }
}

/// Returns the number of models and the quartiles.
fn summary(shown: &Shown) -> String {
    let counts = shown.within.as_ref().unwrap_or(&shown.all);
    let models = count(counts.models);
    let about = match shown.within {
        None => format!("{models} models"),
        Some(_) => format!("█ {models} match ░ all"),
    };
    let Some(found) = &counts.quantiles else {
        return about;
    };
    // Zero is in no bin, and not among the quantiles.
    let above = if counts.zero > 0 { ", above 0" } else { "" };
    let quarters = [("¼", found.p25), ("½", found.p50), ("¾", found.p75)];
    let quarters =
        quarters.map(|(name, value)| format!("{name} {}", in_short(counts.field, floor(value))));
    format!("{about}{above}: {}", quarters.join(" "))
}
