//! Two fields against each other: a plot of how many models have which values of both, over the
//! panes. Here is its state: the grid, the cell that is selected and the tests that find its models.
//! `draw.rs` draws it.

mod draw;

use ratatui::layout::Rect;

use crate::engine::query::keys::FilterKey;
use crate::engine::stats::density::{Axis, Density};
use crate::engine::table::field::Field;
use crate::engine::table::stage::Stage;
use crate::present::format::exact;
use crate::tui::action::Action;

/// What is drawn across and what up.
pub const FIELDS: [Field; 2] = [Field::Params, Field::Downloads];
/// Cells of the labels on the left.
const LABELS: u16 = 5;
/// So many lines make a page.
const PAGE: usize = 4;

/// The plot: a grid once it is counted, and the smallest values of the selected cell.
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
    told: Rect,
}

/// The grid in some room, and how many columns and lines of the screen each cell takes.
struct Shown {
    grid: Density,
    cell: (u16, u16),
}

impl Plot {
    /// When both are known.
    pub const STAGE: Stage = Stage::Lineage;

    /// Takes in what was counted. Where nothing is selected yet, that is the cell of these values, or
    /// the fullest one.
    pub fn take(&mut self, grid: Density, own: Option<[i64; 2]>) {
        let has_cell = |at: &[i64; 2]| grid.cell_of(at[0], at[1]).is_some();
        let fullest = grid.fullest().map(|cell| corner(&grid, cell));
        self.at = [self.at, own]
            .into_iter()
            .flatten()
            .find(has_cell)
            .or(fullest);
        self.grid = Some(grid);
    }

    /// Moves as the action says.
    pub fn act(&mut self, action: Action, area: Rect) {
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

    /// Tests that together find the models of the selected cell, all of them and no others.
    pub fn tests(&self, area: Rect) -> Option<[String; 2]> {
        let (shown, (across, up)) = self.selected(area)?;
        let test = |axis: &Axis, step| {
            let (from, last) = axis.values(step);
            let name = FilterKey::of_field(axis.field)?.info().name;
            Some(format!("{name}:{}..{}", exact(from), exact(last)))
        };
        Some([test(&shown.grid.across, across)?, test(&shown.grid.up, up)?])
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
        let told = match area.height {
            0..12 => 1,
            12..20 => 2,
            _ => 3,
        };
        // Title and head above; the axis, its labels and what is told below.
        let plot = line(area.y + 2, area.height.saturating_sub(4 + told));
        Areas {
            head: line(area.y + 1, 1),
            plot: Rect {
                x: plot.x + LABELS + 1,
                width: plot.width.saturating_sub(LABELS + 2),
                ..plot
            },
            told: line(area.bottom().saturating_sub(told), told),
        }
    }
}

/// The smallest values of a cell.
fn corner(grid: &Density, (across, up): (usize, usize)) -> [i64; 2] {
    [grid.across.edges[across], grid.up.edges[up]]
}
