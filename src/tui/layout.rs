//! Where things are on the screen: pure arithmetic on rectangles, used by update (to know how
//! far a page is) and by view alike.

use ratatui::layout::Rect;

/// One of the four views.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    Models,
    Tree,
    Histogram,
    Details,
}

impl Pane {
    /// All of them, in the order of their numbers.
    pub const ALL: [Pane; 4] = [Pane::Models, Pane::Tree, Pane::Histogram, Pane::Details];

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Pane::Models => "Models",
            Pane::Tree => "Tree",
            Pane::Histogram => "Histogram",
            Pane::Details => "Details",
        }
    }

    /// The key that goes there, from 1.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// The pane so many steps on, around the end.
    pub fn step(self, by: usize) -> Pane {
        Pane::ALL[(self as usize + by) % Pane::ALL.len()]
    }
}

/// Which panes the person wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    pub focus: Pane,
    /// What stands beside the models where there is room for two.
    pub companion: Pane,
    /// The focus alone.
    pub zoomed: bool,
}

/// From here on all four panes are shown.
const FOUR: (u16, u16) = (96, 28);
/// From here on two.
const TWO: (u16, u16) = (50, 15);

/// The screen's parts; a part without room is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    pub header: Rect,
    pub status: Rect,
    /// The panes shown, each with its title line on top.
    pub panes: Vec<(Pane, Rect)>,
}

impl Layout {
    /// The layout of a screen.
    pub fn of(area: Rect, wish: Wish) -> Layout {
        let header = Rect {
            height: area.height.min(1),
            ..area
        };
        let status_height = u16::from(area.height > 2);
        let status = Rect {
            y: area.bottom() - status_height,
            height: status_height,
            ..area
        };
        let mut layout = Layout {
            header,
            status,
            panes: Vec::new(),
        };
        layout.panes = panes(layout.body(area), area, wish);
        layout
    }

    /// All between header and status line.
    pub fn body(&self, area: Rect) -> Rect {
        let top = self.header.bottom();
        Rect {
            y: top,
            height: self.status.y.saturating_sub(top),
            ..area
        }
    }

    /// Where a pane is, without its title line; nothing where it is not shown.
    pub fn inside(&self, pane: Pane) -> Rect {
        let found = self.panes.iter().find(|(shown, _)| *shown == pane);
        found.map_or_else(Rect::default, |(_, area)| below_title(*area))
    }
}

/// The area of a pane without its title line.
pub fn below_title(area: Rect) -> Rect {
    let title = area.height.min(1);
    Rect {
        y: area.y + title,
        height: area.height - title,
        ..area
    }
}

fn panes(body: Rect, screen: Rect, wish: Wish) -> Vec<(Pane, Rect)> {
    let fits = |(width, height)| screen.width >= width && screen.height >= height;
    if wish.zoomed || !fits(TWO) {
        return vec![(wish.focus, body)];
    }
    if !fits(FOUR) {
        let (top, bottom) = split_rows(body, 50);
        return vec![(Pane::Models, top), (wish.companion, bottom)];
    }
    let left_width = (u32::from(body.width) * 60 / 100) as u16;
    let left = Rect {
        width: left_width,
        ..body
    };
    // One column between the two stays free for a line.
    let right = Rect {
        x: body.x + left_width + 1,
        width: body.width - left_width - 1,
        ..body
    };
    let (models, tree) = split_rows(left, 55);
    let (details, histogram) = split_rows(right, 60);
    vec![
        (Pane::Models, models),
        (Pane::Tree, tree),
        (Pane::Histogram, histogram),
        (Pane::Details, details),
    ]
}

/// The upper `share` percent and the rest.
fn split_rows(area: Rect, share: u16) -> (Rect, Rect) {
    let upper = (u32::from(area.height) * u32::from(share) / 100) as u16;
    let top = Rect {
        height: upper,
        ..area
    };
    let bottom = Rect {
        y: area.y + upper,
        height: area.height - upper,
        ..area
    };
    (top, bottom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WISH: Wish = Wish {
        focus: Pane::Models,
        companion: Pane::Tree,
        zoomed: false,
    };

    #[test]
    fn four_two_and_one_pane() {
        let shown = |w, h| Layout::of(Rect::new(0, 0, w, h), WISH).panes.len();
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
            Layout::of(
                Rect::new(0, 0, 120, 40),
                Wish {
                    zoomed: true,
                    ..WISH
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
            let layout = Layout::of(screen, Wish { zoomed, ..WISH });
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
