//! The density plot: a two-dimensional histogram of downloads by parameters. `draw.rs` draws it.

mod draw;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::engine::query::keys::FilterKey;
use crate::engine::stats::density::{Axis, Density};
use crate::engine::table::field::Field;
use crate::engine::table::stage::Stage;
use crate::present::format::exact;
use crate::tui::answers::{Finding, Topic};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::session::Session;
use crate::tui::view::{Clicked, PaneContext, Request, View};

/// The fields of the x and of the y axis.
const FIELDS: [Field; 2] = [Field::Params, Field::Downloads];
/// The width of the labels on the left.
const LABELS: u16 = 5;
/// The rows of a page.
const PAGE: usize = 4;

/// The plot: its counts once they have arrived, and the smallest values of the selected cell.
#[derive(Default)]
pub struct Plot {
    grid: Option<Density>,
    at: Option<[i64; 2]>,
}

/// The parts below the title.
struct Areas {
    head: Rect,
    /// The cells, right of the labels.
    plot: Rect,
    readout: Rect,
}

/// The grid in some room, and how many columns and lines of the screen each cell takes.
struct Shown {
    grid: Density,
    cell: (u16, u16),
}

impl View for Plot {
    fn context(&self) -> KeyContext {
        KeyContext("density")
    }

    fn act(&mut self, action: Action, _cx: PaneContext, area: Rect) -> Vec<Request> {
        match action {
            Action::Close => return vec![Request::Close],
            Action::FilterBySelected => {
                let filters = self.filters(area).map(|both| Request::Filter(both.into()));
                let close = filters.is_some().then_some(Request::Close);
                return close.into_iter().chain(filters).collect();
            }
            _ => self.go(action, area),
        }
        Vec::new()
    }

    fn topics(&self, session: &Session) -> Vec<Topic> {
        match session.hub_at(Plot::STAGE) {
            Some(_) => vec![Topic::Density(FIELDS, session.matching.clone())],
            None => Vec::new(),
        }
    }

    fn take(&mut self, finding: &Finding, session: &Session, _area: Rect) {
        let Finding::Density(grid) = finding else {
            return;
        };
        let own = session.hub.as_ref().zip(session.current_model());
        let own = own.and_then(|(hub, model)| {
            let [x, y] = FIELDS.map(|field| hub.models.number(field, model));
            Some([x?, y?])
        });
        self.set(grid.clone(), own);
    }

    fn click(&mut self, at: Position, _cx: PaneContext, area: Rect) -> Clicked {
        let plot = Areas::of(area).plot;
        let Some((shown, before)) = self.selected(area).filter(|_| plot.contains(at)) else {
            return Clicked::Nothing;
        };
        let (width, height) = shown.cell;
        let across = usize::from((at.x - plot.x) / width);
        let up = usize::from((plot.bottom() - 1 - at.y) / height);
        if across >= shown.grid.across.len() || up >= shown.grid.up.len() {
            return Clicked::Nothing;
        }
        self.at = Some(corner(&shown.grid, (across, up)));
        match (across, up) == before {
            true => Clicked::SelectedBefore,
            false => Clicked::Selected,
        }
    }

    fn draw(&self, cx: PaneContext, area: Rect, buffer: &mut Buffer) {
        self.draw_plot(cx, area, buffer);
    }
}

impl Plot {
    /// The stage at which both fields are loaded.
    const STAGE: Stage = Stage::Lineage;

    /// Sets the counts. Selects the cell of the model's own values, or the fullest one, unless a
    /// cell is selected already.
    fn set(&mut self, grid: Density, own: Option<[i64; 2]>) {
        let has_cell = |at: &[i64; 2]| grid.cell_of(at[0], at[1]).is_some();
        let fullest = grid.fullest().map(|cell| corner(&grid, cell));
        self.at = [self.at, own]
            .into_iter()
            .flatten()
            .find(has_cell)
            .or(fullest);
        self.grid = Some(grid);
    }

    fn go(&mut self, action: Action, area: Rect) {
        let Some((shown, (across, up))) = self.selected(area) else {
            return;
        };
        let [last, top] = [&shown.grid.across, &shown.grid.up].map(|axis| axis.len() - 1);
        let cell = match action {
            Action::Left => (across.saturating_sub(1), up),
            Action::Right => (last.min(across + 1), up),
            Action::Up => (across, top.min(up + 1)),
            Action::Down => (across, up.saturating_sub(1)),
            Action::PageUp => (across, top.min(up + PAGE)),
            Action::PageDown => (across, up.saturating_sub(PAGE)),
            Action::First => (0, up),
            Action::Last => (last, up),
            _ => return,
        };
        self.at = Some(corner(&shown.grid, cell));
    }

    /// Returns the two filters that match exactly the models of the selected cell.
    fn filters(&self, area: Rect) -> Option<[String; 2]> {
        let (shown, (across, up)) = self.selected(area)?;
        let filter = |axis: &Axis, step| {
            let (from, last) = axis.values(step);
            let name = FilterKey::of_field(axis.field)?.info().name;
            Some(format!("{name}:{}..{}", exact(from), exact(last)))
        };
        Some([
            filter(&shown.grid.across, across)?,
            filter(&shown.grid.up, up)?,
        ])
    }

    /// The grid as it is shown, and the selected cell of it.
    fn selected(&self, area: Rect) -> Option<(Shown, (usize, usize))> {
        let shown = Shown::of(self.grid.as_ref()?, Areas::of(area).plot);
        let [across, up] = self.at?;
        let cell = shown.grid.cell_of(across, up)?;
        Some((shown, cell))
    }
}

impl Shown {
    /// As many cells as there is room for, and as large as there is room for those.
    fn of(grid: &Density, plot: Rect) -> Shown {
        let grid = grid.coarser(plot.width.into(), plot.height.into());
        let size = |room: u16, steps: usize| {
            let steps = u16::try_from(steps.max(1)).unwrap_or(u16::MAX);
            (room / steps).max(1)
        };
        let cell = (
            size(plot.width, grid.across.len()),
            size(plot.height, grid.up.len()),
        );
        Shown { grid, cell }
    }
}

impl Areas {
    fn of(area: Rect) -> Areas {
        let line = |y: u16, height: u16| Rect { y, height, ..area }.intersection(area);
        let readout = match area.height {
            0..12 => 1,
            12..20 => 2,
            _ => 3,
        };
        // Title and head above; the axis, its labels and the readout below.
        let plot = line(area.y + 2, area.height.saturating_sub(4 + readout));
        Areas {
            head: line(area.y + 1, 1),
            plot: Rect {
                x: plot.x + LABELS + 1,
                width: plot.width.saturating_sub(LABELS + 2),
                ..plot
            },
            readout: line(area.bottom().saturating_sub(readout), readout),
        }
    }
}

/// The smallest values of a cell.
fn corner(grid: &Density, (across, up): (usize, usize)) -> [i64; 2] {
    [grid.across.edges[across], grid.up.edges[up]]
}
