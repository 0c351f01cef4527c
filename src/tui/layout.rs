//! The layout of the screen.

use ratatui::layout::{Constraint, Layout, Rect};

/// One of the four panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    Models,
    Tree,
    Histogram,
    Details,
}

impl Pane {
    /// All panes, in the order of their numbers.
    pub const ALL: [Pane; 4] = [Pane::Models, Pane::Tree, Pane::Histogram, Pane::Details];

    /// Returns the title.
    pub fn title(self) -> &'static str {
        match self {
            Pane::Models => "Models",
            Pane::Tree => "Tree",
            Pane::Histogram => "Histogram",
            Pane::Details => "Details",
        }
    }

    /// Returns the number of the pane, from 1.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// Returns the pane some steps on; the first follows the last.
    pub fn step(self, by: usize) -> Pane {
        Pane::ALL[(self as usize + by) % Pane::ALL.len()]
    }
}

/// The panes to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayoutRequest {
    pub focus: Pane,
    /// The pane beside the models where two fit.
    pub companion: Pane,
    /// True to show the focused pane only.
    pub zoomed: bool,
    pub shares: PaneShares,
}

/// The shares of the panes, in percent of what they divide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaneShares {
    /// The width of the left panes, models and tree.
    pub left: u16,
    /// The height of the models above the tree.
    pub models: u16,
    /// The height of the details above the histogram.
    pub details: u16,
    /// The height of the models where only two panes fit.
    pub upper: u16,
}

impl Default for PaneShares {
    fn default() -> PaneShares {
        PaneShares {
            left: 60,
            models: 55,
            details: 60,
            upper: 50,
        }
    }
}

/// The minimum size for four panes.
const FOUR: (u16, u16) = (96, 28);
/// The minimum size for two panes.
const TWO: (u16, u16) = (50, 15);

/// The parts of the screen; parts that do not fit are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScreenLayout {
    pub header: Rect,
    /// The area between header and status line.
    pub body: Rect,
    pub status: Rect,
    /// The panes shown, each with its title line on top.
    pub panes: Vec<(Pane, Rect)>,
}

impl ScreenLayout {
    /// Returns the layout of a screen.
    pub fn of(screen: Rect, request: LayoutRequest) -> ScreenLayout {
        let status = Constraint::Length(u16::from(screen.height > 2));
        let rows = [Constraint::Length(1), Constraint::Fill(1), status];
        let [header, body, status] = Layout::vertical(rows).areas(screen);
        ScreenLayout {
            header,
            body,
            status,
            panes: panes(body, screen, request),
        }
    }

    /// Returns the area of a pane without its title; empty where it is not shown.
    pub fn inside(&self, pane: Pane) -> Rect {
        let found = self.panes.iter().find(|(shown, _)| *shown == pane);
        found.map_or_else(Rect::default, |(_, area)| below_title(*area))
    }
}

/// Returns an area without its first line.
pub fn below_title(area: Rect) -> Rect {
    let title = area.height.min(1);
    Rect {
        y: area.y + title,
        height: area.height - title,
        ..area
    }
}

fn panes(body: Rect, screen: Rect, request: LayoutRequest) -> Vec<(Pane, Rect)> {
    let fits = |(width, height)| screen.width >= width && screen.height >= height;
    if request.zoomed || !fits(TWO) {
        return vec![(request.focus, body)];
    }
    if !fits(FOUR) {
        let [top, bottom] = split(body.height, request.shares.upper, Layout::vertical).areas(body);
        return vec![(Pane::Models, top), (request.companion, bottom)];
    }
    // A column between the two stays free for a line.
    let columns = split(body.width, request.shares.left, Layout::horizontal).spacing(1);
    let [left, right] = columns.areas(body);
    let [models, tree] = split(body.height, request.shares.models, Layout::vertical).areas(left);
    let [details, histogram] =
        split(body.height, request.shares.details, Layout::vertical).areas(right);
    vec![
        (Pane::Models, models),
        (Pane::Tree, tree),
        (Pane::Histogram, histogram),
        (Pane::Details, details),
    ]
}

/// Splits a length into `percent` and the rest.
fn split(length: u16, percent: u16, layout: fn([Constraint; 2]) -> Layout) -> Layout {
    let first = u32::from(length) * u32::from(percent) / 100;
    let first = u16::try_from(first).unwrap_or(length);
    layout([Constraint::Length(first), Constraint::Fill(1)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REQUEST: LayoutRequest = LayoutRequest {
        focus: Pane::Models,
        companion: Pane::Tree,
        zoomed: false,
        shares: PaneShares {
            left: 60,
            models: 55,
            details: 60,
            upper: 50,
        },
    };

    #[test]
    fn four_two_and_one_pane() {
        let shown = |w, h| ScreenLayout::of(Rect::new(0, 0, w, h), REQUEST).panes.len();
        assert_eq!(
            [
                shown(120, 40),
                shown(100, 30),
                shown(80, 24),
                shown(50, 15),
                shown(40, 10)
            ],
            [4, 4, 2, 2, 1]
        );
        assert_eq!(
            ScreenLayout::of(
                Rect::new(0, 0, 120, 40),
                LayoutRequest {
                    zoomed: true,
                    ..REQUEST
                }
            )
            .panes
            .len(),
            1
        );
    }

    proptest! {
        #[test]
        fn parts_stay_on_the_screen_and_apart(w in 0..300_u16, h in 0..100_u16, zoomed: bool) {
            let screen = Rect::new(0, 0, w, h);
            let layout = ScreenLayout::of(screen, LayoutRequest { zoomed, ..REQUEST });
            let mut parts: Vec<Rect> = layout.panes.iter().map(|p| p.1).collect();
            parts.extend([layout.header, layout.status]);
            for (at, part) in parts.iter().enumerate() {
                prop_assert_eq!(screen.union(*part), screen);
                for other in &parts[..at] {
                    prop_assert!(!part.intersects(*other), "{:?} {:?}", part, other);
                }
            }
        }
    }
}
