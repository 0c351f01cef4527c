//! The histogram: one bar a bin, zero and unknown apart, the selected model's place marked.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Look;
use crate::bars::bar;
use crate::engine::data::field::{Field, Kind};
use crate::engine::data::load::Stage;
use crate::engine::data::models::ModelId;
use crate::engine::stats::histogram::{Bin, Histogram};
use crate::format;
use crate::tui::rows::{fit, put, put_right, width};

/// Cells of the label and of the count.
const LABEL: u16 = 15;
const COUNT: u16 = 11;

/// The state: which field, and its bins once they are counted.
pub struct Chart {
    pub field: Field,
    pub bins: Option<Histogram>,
    /// The same bins over what the query asks for; nothing where it asks for all.
    pub within: Option<Histogram>,
}

impl Default for Chart {
    fn default() -> Chart {
        Chart {
            field: Field::Downloads,
            bins: None,
            within: None,
        }
    }
}

/// One bar.
struct Bar {
    label: String,
    count: usize,
    /// How many of them the query asks for; nothing where it asks for all.
    within: Option<usize>,
    style: Style,
    here: bool,
}

impl Chart {
    /// Turns to the next field (or the one before).
    pub fn turn(&mut self, forward: bool) {
        let fields: Vec<Field> = Field::histograms().collect();
        let at = fields.iter().position(|f| *f == self.field).unwrap_or(0);
        let step = if forward { 1 } else { fields.len() - 1 };
        self.field = fields[(at + step) % fields.len()];
        self.bins = None;
        self.within = None;
    }

    /// Draws the choice of fields and the bars.
    pub fn draw(&self, look: Look, model: Option<ModelId>, area: Rect, buffer: &mut Buffer) {
        if area.height == 0 {
            return;
        }
        self.draw_fields(look, area, buffer);
        let below = Rect {
            y: area.y + 1,
            height: area.height - 1,
            ..area
        };
        let say = |text: &str, buffer: &mut Buffer| {
            put(
                buffer,
                (below.x + 1, below.y),
                text,
                usize::from(below.width).saturating_sub(1),
                look.theme.dim,
            );
        };
        match &self.bins {
            _ if look.hub.lacks(self.field) => say("this file does not have it", buffer),
            _ if look.hub.stage < Stage::of(self.field) => say("loading…", buffer),
            None => say("counting…", buffer),
            Some(bins) => draw_bars(look, (bins, self.within.as_ref()), model, below, buffer),
        }
    }

    /// The fields to choose from, or as many around the chosen one as there is room for.
    fn draw_fields(&self, look: Look, area: Rect, buffer: &mut Buffer) {
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
            x = put(buffer, (x, area.y), "‹", 1, look.theme.dim);
        }
        for field in &fields[shown.clone()] {
            let (text, style) = match *field == self.field {
                true => (format!("[{}]", field.info().title), look.theme.focused),
                false => (format!(" {} ", field.info().title), look.theme.dim),
            };
            let room = usize::from(area.right().saturating_sub(x));
            x = put(buffer, (x, area.y), &text, room, style);
        }
        if shown.end < fields.len() {
            put(buffer, (x, area.y), "›", 1, look.theme.dim);
        }
    }
}

fn draw_bars(
    look: Look,
    (histogram, within): (&Histogram, Option<&Histogram>),
    model: Option<ModelId>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let own = model.map(|m| look.hub.models.number(histogram.field, m));
    let height = usize::from(area.height);
    let mut bars = apart(look, histogram, within, own);
    let apart_count = bars.len();
    let room = height
        .saturating_sub(bars.len() + usize::from(height > 6))
        .max(1);
    bars.extend(merged(look, histogram, within, own.flatten(), room));
    // What is in no bin would dwarf the others: such a bar is cut, and says so.
    let most = |count: fn(&Bar) -> usize, otherwise: usize| {
        let binned = bars.iter().skip(apart_count).map(count).max();
        binned.filter(|most| *most > 0).unwrap_or(otherwise)
    };
    let most_of_all = most(|b| b.count, histogram.models);
    let most_within = most(|b| b.within.unwrap_or(0), 1);
    let cells = usize::from(area.width.saturating_sub(LABEL + COUNT + 3));
    for (one, y) in bars.iter().zip(area.y..area.bottom()) {
        let style = if one.here {
            look.theme.here
        } else {
            look.theme.dim
        };
        if one.here {
            put(buffer, (area.x, y), "▶", 1, look.theme.here);
        }
        put_right(buffer, area.x + LABEL, y, &one.label, style);
        let colour = if one.here { look.theme.here } else { one.style };
        let place = (area.x + LABEL + 1, y);
        if one.within.is_some() {
            let all = bar(one.count.min(most_of_all), most_of_all, cells);
            let shade = "░".repeat(width(&all));
            put(buffer, place, &shade, cells, look.theme.dim);
        }
        let (count, most) = match one.within {
            Some(count) => (count, most_within),
            None => (one.count, most_of_all),
        };
        let filled = match count > most {
            true => format!("{}»", bar(1, 1, cells.saturating_sub(1))),
            false => bar(count, most, cells),
        };
        put(buffer, place, &filled, cells, colour);
        put_right(
            buffer,
            area.right().saturating_sub(1),
            y,
            &format::count(count),
            style,
        );
    }
    let y = area.y + u16::try_from(bars.len()).unwrap_or(0);
    if height > 6 && y < area.bottom() {
        let text = summary(histogram, within);
        let room = usize::from(area.width).saturating_sub(2);
        put(
            buffer,
            (area.x + 1, y),
            &fit(&text, room),
            room,
            look.theme.dim,
        );
    }
}

/// What the bars are about, and where their middle is.
fn summary(histogram: &Histogram, within: Option<&Histogram>) -> String {
    let median = |of: &Histogram| of.median().map(|m| value(of.field, m));
    let above = match histogram.field.info().kind {
        Kind::Time => "",
        _ => " above zero",
    };
    match within {
        None => {
            let told = median(histogram).map(|m| format!(", median{above} {m}"));
            let models = format::count(histogram.models);
            format!("{models} models{}", told.unwrap_or_default())
        }
        // Each to its own scale: a few matches would not be seen beside all.
        Some(some) => {
            let medians = median(some).zip(median(histogram));
            let told = medians.map(|(some, all)| format!(", median {some}, of all {all}"));
            let models = format::count(some.models);
            format!("█ {models} match ░ all{}", told.unwrap_or_default())
        }
    }
}

/// The bars for what is in no bin.
fn apart(
    look: Look,
    histogram: &Histogram,
    within: Option<&Histogram>,
    own: Option<Option<i64>>,
) -> Vec<Bar> {
    let bar = |label: &str, count, within, here| Bar {
        label: label.to_owned(),
        count,
        within,
        style: look.theme.bar_apart,
        here,
    };
    let mut bars = Vec::new();
    if histogram.unknown > 0 {
        let some = within.map(|h| h.unknown);
        bars.push(bar("unknown", histogram.unknown, some, own == Some(None)));
    }
    if histogram.zero > 0 {
        let some = within.map(|h| h.zero);
        bars.push(bar("zero", histogram.zero, some, own == Some(Some(0))));
    }
    bars
}

/// The bins, so many put together that they fit.
fn merged(
    look: Look,
    histogram: &Histogram,
    within: Option<&Histogram>,
    own: Option<i64>,
    room: usize,
) -> Vec<Bar> {
    let own = own.filter(|v| *v != 0 || histogram.field.info().kind == Kind::Time);
    let coarser = histogram.coarser(room);
    let here = own.and_then(|v| coarser.bin_of(v));
    let within = within.map(|h| h.coarser(room));
    let bar = |(at, bin): (usize, &Bin)| Bar {
        label: label(histogram.field, bin.from, bin.to),
        count: bin.count,
        within: within
            .as_ref()
            .and_then(|h| h.bins.get(at))
            .map(|b| b.count),
        style: look.theme.bar,
        here: here == Some(at),
    };
    coarser.bins.iter().enumerate().map(bar).collect()
}

/// The range of a bar in words.
fn label(field: Field, from: i64, to: i64) -> String {
    match field.info().kind {
        // The end is the first day of the next month: the day before names the last one.
        Kind::Time => {
            let last = format::month(to - 1);
            let first = format::month(from);
            if first == last {
                first
            } else {
                format!("{first}–{last}")
            }
        }
        _ if to - from == 1 => format::short(from),
        _ => format!("{}–{}", format::short(from), format::short(to)),
    }
}

fn value(field: Field, value: i64) -> String {
    match field.info().kind {
        Kind::Time => format::day(value),
        _ => format::short(value),
    }
}
