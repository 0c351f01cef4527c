//! The plot as a picture: a shade or a color for each count, labels at powers of ten, and what is
//! to be said of the selected cell and of what is in none.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Areas, FIELDS, Plot, Shown};
use crate::engine::stats::density::{Axis, Density};
use crate::engine::table::models::ModelId;
use crate::present::format;
use crate::present::format::{count, percent, share};
use crate::tui::theme::Theme;
use crate::tui::view::PaneContext;
use crate::tui::widgets::{blank, fit, put, put_right, width, wrap};

/// Shades where there are no colors.
const SHADES: [&str; 4] = ["░", "▒", "▓", "█"];

impl Plot {
    /// Draws the title, the plot and the readout.
    pub(super) fn draw_plot(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        let model = cx.session.current_model();
        blank(area, buffer);
        if area.height < 3 {
            return;
        }
        self.draw_title(cx, area, buffer);
        let areas = Areas::of(area);
        let say = |text: &str, buffer: &mut Buffer| {
            let room = usize::from(area.width).saturating_sub(1);
            put(buffer, (area.x + 1, area.y + 1), text, room, cx.theme.dim);
        };
        if let Some(field) = FIELDS.into_iter().find(|field| cx.hub.lacks(*field)) {
            return say(&format!("this file has no {}", field.info().title), buffer);
        }
        match &self.grid {
            None if cx.hub.stage < Plot::STAGE => say("Loading…", buffer),
            None => say("Counting…", buffer),
            Some(grid) => match self.selected(area) {
                Some((shown, cell)) => {
                    let own = model.and_then(|model| {
                        let [across, up] = FIELDS.map(|field| cx.hub.models.number(field, model));
                        shown.grid.cell_of(across?, up?)
                    });
                    let picture = Picture {
                        theme: cx.theme,
                        levels: levels(cx.theme, shown.grid.most()),
                        shown,
                        cell,
                        own,
                        plot: areas.plot,
                    };
                    picture.draw_head(areas.head, buffer);
                    picture.draw_cells(buffer);
                    picture.draw_axes(buffer);
                    let own = model.map(|model| readout_of(cx, model));
                    picture.draw_readout(own, areas.readout, buffer);
                }
                None => {
                    say("No model has both above zero", buffer);
                    let place = areas.readout;
                    let room = usize::from(place.width).saturating_sub(2);
                    put(
                        buffer,
                        (place.x + 1, place.y),
                        &excluded(grid),
                        room,
                        cx.theme.dim,
                    );
                }
            },
        }
    }

    fn draw_title(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        let about = cx.session.scope();
        let filters = self.filters(area).map(|filters| filters.join(" "));
        let hint = filters.map_or(String::new(), |filters| format!("enter: {filters}"));
        let room = usize::from(area.width);
        let [across, up] = FIELDS.map(|field| field.info().title);
        let title = format!("━ {up} by {across} of {about}");
        // The cell is described below as well.
        let hint = match width(&title) + width(&hint) + 2 <= room {
            true => hint,
            false => String::new(),
        };
        put_right(buffer, area.right(), area.y, &hint, cx.theme.accent);
        let room = room.saturating_sub(width(&hint) + 2);
        put(
            buffer,
            (area.x, area.y),
            &fit(&title, room),
            room,
            cx.theme.focused,
        );
    }
}

/// All that is drawn below the title.
struct Picture<'a> {
    theme: &'a Theme,
    shown: Shown,
    /// The smallest count of each shade.
    levels: Vec<usize>,
    cell: (usize, usize),
    /// The position of the selected model.
    own: Option<(usize, usize)>,
    plot: Rect,
}

impl Picture<'_> {
    /// The part of the screen that a cell takes.
    fn place(&self, (across, up): (usize, usize)) -> Rect {
        let (width, height) = self.shown.cell;
        let offset =
            |step: usize, size: u16| u16::try_from(step).unwrap_or(u16::MAX).saturating_mul(size);
        let below = offset(up + 1, height);
        Rect {
            x: self.plot.x.saturating_add(offset(across, width)),
            y: self.plot.bottom().saturating_sub(below),
            width,
            height,
        }
    }

    /// Draws the name of the y axis and the legend of the shades.
    fn draw_head(&self, area: Rect, buffer: &mut Buffer) {
        let up = format!("{} ↑", self.shown.grid.up.field.info().title);
        let end = put(
            buffer,
            (area.x + 1, area.y),
            &up,
            area.width.into(),
            self.theme.dim,
        );
        let entries = self
            .levels
            .iter()
            .map(|from| format!(" {}", format::short(as_i64(*from))));
        let entries: Vec<String> = entries.collect();
        let right = usize::from(area.right().saturating_sub(end + 2));
        let cells = 6 + entries.iter().map(|entry| width(entry) + 3).sum::<usize>();
        // Where there is little room, only the ends are labelled.
        let (brief, cells) = match cells <= right {
            true => (false, cells),
            false => {
                let ends = [entries.first(), entries.last()].into_iter().flatten();
                let ends: usize = ends.map(|entry| width(entry)).sum();
                (true, ends + entries.len() + 2)
            }
        };
        let Some(skipped) = right.checked_sub(cells) else {
            return;
        };
        let mut x = end + 2 + u16::try_from(skipped).unwrap_or(0);
        let dim = self.theme.dim;
        let first = if brief { &entries[0] } else { "from" };
        x = put(buffer, (x, area.y), first, right, dim);
        x += u16::from(brief);
        for (level, entry) in entries.iter().enumerate() {
            let (shade, style) = self.shade(level);
            x = put(buffer, (x + 2 * u16::from(!brief), area.y), shade, 1, style);
            if !brief || level + 1 == entries.len() {
                x = put(buffer, (x, area.y), entry, right, dim);
            }
        }
    }

    fn shade(&self, level: usize) -> (&'static str, Style) {
        match self.theme.ramp {
            [] => (SHADES[level.min(SHADES.len() - 1)], self.theme.bar),
            ramp => ("█", ramp[level.min(ramp.len() - 1)]),
        }
    }

    fn draw_cells(&self, buffer: &mut Buffer) {
        let grid = &self.shown.grid;
        for across in 0..grid.across.len() {
            for up in 0..grid.up.len() {
                let level = self
                    .levels
                    .partition_point(|from| *from <= grid.count(across, up));
                let (shade, style) = match level.checked_sub(1) {
                    None => (" ", Style::new()),
                    Some(level) => self.shade(level),
                };
                let own = self.own == Some((across, up));
                let (sign, style) = match self.cell == (across, up) {
                    true if own => ("◆", self.theme.here.reversed()),
                    true => ("╋", self.theme.focused.reversed()),
                    false if own => ("◆", self.theme.here),
                    false => (shade, style),
                };
                let place = self.place((across, up)).intersection(self.plot);
                for y in place.y..place.bottom() {
                    let text = sign.repeat(place.width.into());
                    put(buffer, (place.x, y), &text, place.width.into(), style);
                }
            }
        }
    }

    fn draw_axes(&self, buffer: &mut Buffer) {
        let grid = &self.shown.grid;
        let dim = self.theme.dim;
        let (left, bottom) = (self.plot.x.saturating_sub(1), self.plot.bottom());
        for y in self.plot.y..bottom {
            put(buffer, (left, y), "│", 1, self.theme.line);
        }
        let across = "─".repeat(self.plot.width.into());
        put(
            buffer,
            (left, bottom),
            &format!("└{across}"),
            across.len(),
            self.theme.line,
        );
        for (step, label) in labels(&grid.up) {
            let y = self.place((0, step)).bottom() - 1;
            put_right(buffer, left, y, &label, dim);
            put(buffer, (left, y), "┤", 1, self.theme.line);
        }
        let caption = format!("{} →", grid.across.field.info().title);
        let end = self
            .plot
            .right()
            .saturating_sub(u16::try_from(width(&caption)).unwrap_or(0));
        put(buffer, (end, bottom + 1), &caption, width(&caption), dim);
        let mut free = left;
        for (step, label) in labels(&grid.across) {
            let x = self.place((step, 0)).x;
            let cells = u16::try_from(width(&label)).unwrap_or(u16::MAX);
            if x >= free && x.saturating_add(cells) < end {
                put(buffer, (x, bottom), "┬", 1, self.theme.line);
                free = put(buffer, (x, bottom + 1), &label, cells.into(), dim) + 1;
            }
        }
        let place = self.place(self.cell);
        put(
            buffer,
            (left, place.bottom() - 1),
            "▶",
            1,
            self.theme.focused,
        );
        put(buffer, (place.x, bottom), "▲", 1, self.theme.focused);
    }

    /// The selected cell exactly, then what is in no cell, then the selected model, as far as there
    /// is room.
    fn draw_readout(&self, own: Option<String>, area: Rect, buffer: &mut Buffer) {
        let grid = &self.shown.grid;
        let texts = [Some(self.readout()), Some(excluded(grid)), own];
        let room = usize::from(area.width).saturating_sub(2).max(1);
        let styles = [self.theme.text, self.theme.dim, self.theme.dim];
        let lines = texts
            .into_iter()
            .flatten()
            .zip(styles)
            .flat_map(|(text, style)| {
                let pieces = wrap(&text, room).into_iter();
                pieces.map(move |piece| (piece, style))
            });
        for ((line, style), y) in lines.zip(area.y..area.bottom()) {
            put(buffer, (area.x + 1, y), line.trim_end(), room, style);
        }
    }

    fn readout(&self) -> String {
        let grid = &self.shown.grid;
        let models = grid.count(self.cell.0, self.cell.1);
        let range =
            |axis: &Axis, step| format!("{} {}", axis.field.info().title, range(axis, step));
        format!(
            "{}, {}: {} ({} of {} in the plot)",
            range(&grid.across, self.cell.0),
            range(&grid.up, self.cell.1),
            count(models),
            percent(share(models, grid.counted())),
            count(grid.counted())
        )
    }
}

/// The smallest count of each shade, evenly on a logarithmic scale up to the largest count.
fn levels(theme: &Theme, most: usize) -> Vec<usize> {
    let shades = match theme.ramp.len() {
        0 => SHADES.len(),
        colors => colors,
    };
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the label of a shade need not be exact"
    )]
    let from = |level: usize| (most as f64).powf(level as f64 / shades as f64).round() as usize;
    let mut levels: Vec<usize> = (0..shades).map(from).collect();
    levels.dedup();
    levels
}

/// The steps to be named and their names: those that begin at a power of ten, unless there are
/// hardly any.
fn labels(axis: &Axis) -> Vec<(usize, String)> {
    let begins = || axis.edges.iter().take(axis.len()).copied().enumerate();
    let is_power = |edge: i64| {
        let digits = edge.to_string();
        digits.starts_with('1') && digits.bytes().skip(1).all(|digit| digit == b'0')
    };
    let few = begins().filter(|(_, edge)| is_power(*edge)).count() < 2;
    let named = begins().filter(|(_, edge)| few || is_power(*edge));
    named
        .map(|(step, edge)| (step, format::short(edge)))
        .collect()
}

/// The values of a step in words.
fn range(axis: &Axis, step: usize) -> String {
    let (from, last) = axis.values(step);
    match last < 1_000 {
        true if from == last => from.to_string(),
        true => format!("{from}–{last}"),
        false => format!(
            "{} to under {}",
            format::short(from),
            format::short(axis.edges[step + 1])
        ),
    }
}

/// Returns the numbers of models in no cell.
fn excluded(grid: &Density) -> String {
    let [across, up] = [&grid.across, &grid.up].map(|axis| axis.field.info().title);
    format!(
        "not in the plot: {} with unknown {across} or {up}, {} with zero",
        count(grid.unknown),
        count(grid.zero)
    )
}

/// The selected model's values.
fn readout_of(cx: PaneContext, model: ModelId) -> String {
    let values = FIELDS.map(|field| {
        let value = cx.hub.models.number(field, model);
        let value = value.map_or("unknown".to_owned(), format::short);
        format!("{} {value}", field.info().title)
    });
    format!("◆ {}: {}", cx.hub.models.id(model), values.join(", "))
}

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
