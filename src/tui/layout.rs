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
    /// The panes that are hidden; the focused one is shown nevertheless.
    pub hidden: HiddenPanes,
    pub shares: PaneShares,
}

/// The panes that are hidden, by their numbers from 0.
pub type HiddenPanes = [bool; 4];

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

/// A border between panes that can be moved, named by the share that it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    Left,
    Models,
    Details,
    Upper,
}

impl Border {
    /// Returns true if the panes are beside each other, and not one above the other.
    pub fn is_upright(self) -> bool {
        self == Border::Left
    }
}

/// A border on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Divider {
    border: Border,
    /// The cells that it is drawn in: the free column, or the title of the lower pane.
    cells: Rect,
    /// The area that it divides.
    area: Rect,
}

impl Divider {
    /// Returns the length that is divided, and the minimum length of both parts.
    fn lengths(&self) -> (u16, u16) {
        match self.border.is_upright() {
            // One of them has the line, too.
            true => (self.area.width, NARROWEST + 1),
            false => (self.area.height, LOWEST),
        }
    }
}

impl PaneShares {
    /// Returns the shares with a border moved to a cell, as near as whole percents and the minimum
    /// size of panes allow; unchanged where the layout has no such border.
    #[must_use]
    pub fn moved(self, border: Border, x: u16, y: u16, layout: &ScreenLayout) -> PaneShares {
        let Some(divider) = layout.divider(border) else {
            return self;
        };
        let wanted = match border.is_upright() {
            true => x.saturating_sub(divider.area.x),
            false => y.saturating_sub(divider.area.y),
        };
        let (length, least) = divider.lengths();
        let wanted = first_part(wanted, length, least);
        let distance =
            |percent: &u16| first_part(of(length, *percent), length, least).abs_diff(wanted);
        let nearest = (1..100).min_by_key(distance).unwrap_or(50);
        let mut shares = self;
        *match border {
            Border::Left => &mut shares.left,
            Border::Models => &mut shares.models,
            Border::Details => &mut shares.details,
            Border::Upper => &mut shares.upper,
        } = nearest;
        shares
    }
}

/// The minimum width of a pane beside another, and its minimum height above or below another, with
/// its title.
const NARROWEST: u16 = 30;
const LOWEST: u16 = 5;
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
    dividers: Vec<Divider>,
}

impl ScreenLayout {
    /// Returns the layout of a screen.
    pub fn of(screen: Rect, request: LayoutRequest) -> ScreenLayout {
        let status = Constraint::Length(u16::from(screen.height > 2));
        let rows = [Constraint::Length(1), Constraint::Fill(1), status];
        let [header, body, status] = Layout::vertical(rows).areas(screen);
        let mut layout = ScreenLayout {
            header,
            body,
            status,
            ..ScreenLayout::default()
        };
        layout.place_panes(screen, request);
        layout
    }

    /// Returns the border that is drawn in a cell.
    pub fn border_at(&self, x: u16, y: u16) -> Option<Border> {
        let mut all = self.dividers.iter();
        let found = all.find(|divider| divider.cells.contains((x, y).into()));
        found.map(|divider| divider.border)
    }

    /// Returns the border beside a pane that is upright, or one that is not, with its first cell.
    pub fn border_of(&self, pane: Pane, upright: bool) -> Option<(Border, u16, u16)> {
        let own = self.panes.iter().find(|(shown, _)| *shown == pane)?.1;
        let mut all = self.dividers.iter();
        let found = all.find(|divider| {
            divider.border.is_upright() == upright && divider.area.union(own) == divider.area
        })?;
        Some((found.border, found.cells.x, found.cells.y))
    }

    fn divider(&self, border: Border) -> Option<&Divider> {
        self.dividers
            .iter()
            .find(|divider| divider.border == border)
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

impl ScreenLayout {
    /// Places the panes in the body, and the borders between them.
    fn place_panes(&mut self, screen: Rect, request: LayoutRequest) {
        let LayoutRequest { focus, shares, .. } = request;
        let body = self.body;
        let fits = |(width, height)| screen.width >= width && screen.height >= height;
        if request.zoomed || !fits(TWO) {
            self.panes.push((focus, body));
            return;
        }
        let shown = |pane: &Pane| *pane == focus || !request.hidden[*pane as usize];
        if !fits(FOUR) {
            let panes = [Pane::Models, request.companion];
            return self.place_column(&panes, shown, (Border::Upper, shares.upper), body);
        }
        let left = [Pane::Models, Pane::Tree];
        let right = [Pane::Details, Pane::Histogram];
        let has = |panes: &[Pane]| panes.iter().any(shown);
        let (left_area, right_area) = match (has(&left), has(&right)) {
            (true, true) => self.divide(body, Border::Left, shares.left),
            _ => (body, body),
        };
        self.place_column(&left, shown, (Border::Models, shares.models), left_area);
        self.place_column(&right, shown, (Border::Details, shares.details), right_area);
        self.panes.sort_by_key(|(pane, _)| pane.number());
    }

    /// Places two panes one above the other; if one is hidden, the other takes its room.
    fn place_column(
        &mut self,
        panes: &[Pane],
        shown: impl Fn(&Pane) -> bool,
        (border, percent): (Border, u16),
        area: Rect,
    ) {
        let panes: Vec<Pane> = panes.iter().copied().filter(shown).collect();
        match panes[..] {
            [upper, lower] => {
                let (top, bottom) = self.divide(area, border, percent);
                self.panes.extend([(upper, top), (lower, bottom)]);
            }
            [only] => self.panes.push((only, area)),
            _ => {}
        }
    }

    /// Divides an area into a share and the rest. A column between panes beside each other stays
    /// free for a line.
    fn divide(&mut self, area: Rect, border: Border, percent: u16) -> (Rect, Rect) {
        let mut divider = Divider {
            border,
            cells: area,
            area,
        };
        let (length, least) = divider.lengths();
        let first = first_part(of(length, percent), length, least);
        let parts = [Constraint::Length(first), Constraint::Fill(1)];
        let [one, other] = match border.is_upright() {
            true => Layout::horizontal(parts).spacing(1).areas(area),
            false => Layout::vertical(parts).areas(area),
        };
        divider.cells = match border.is_upright() {
            true => Rect::new(one.right(), area.y, 1, area.height),
            false => Rect { height: 1, ..other },
        };
        self.dividers.push(divider);
        (one, other)
    }
}

/// Returns a percentage of a length.
fn of(length: u16, percent: u16) -> u16 {
    let part = u32::from(length) * u32::from(percent) / 100;
    u16::try_from(part).unwrap_or(length)
}

/// Returns the length of the first of two parts, of which both have a minimum length.
fn first_part(wanted: u16, length: u16, least: u16) -> u16 {
    let least = least.min(length / 2);
    wanted.clamp(least, length - least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REQUEST: LayoutRequest = LayoutRequest {
        focus: Pane::Models,
        companion: Pane::Tree,
        zoomed: false,
        hidden: [false; 4],
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

    #[test]
    fn a_border_follows_the_pointer() {
        let screen = Rect::new(0, 0, 120, 40);
        let layout = ScreenLayout::of(screen, REQUEST);
        assert_eq!(layout.border_at(72, 20), Some(Border::Left));
        assert_eq!(layout.border_at(71, 20), None);
        // The titles of tree and histogram.
        assert_eq!(layout.border_at(5, 21), Some(Border::Models));
        assert_eq!(layout.border_at(90, 23), Some(Border::Details));
        let moved = |border, x, y| {
            let shares = REQUEST.shares.moved(border, x, y, &layout);
            ScreenLayout::of(screen, LayoutRequest { shares, ..REQUEST })
        };
        assert_eq!(
            moved(Border::Left, 50, 3).border_at(50, 20),
            Some(Border::Left)
        );
        assert_eq!(
            moved(Border::Models, 3, 30).border_at(5, 30),
            Some(Border::Models)
        );
        // No pane gets narrower than 30 columns or lower than 5 rows.
        assert_eq!(moved(Border::Left, 0, 0).inside(Pane::Models).width, 31);
        assert_eq!(moved(Border::Left, 119, 0).inside(Pane::Details).width, 30);
        assert_eq!(
            moved(Border::Details, 0, 39).inside(Pane::Histogram).height,
            4
        );
        // A border that is not on the screen stays.
        let same = REQUEST.shares.moved(Border::Upper, 3, 3, &layout);
        assert_eq!(same, REQUEST.shares);
    }

    #[test]
    fn others_take_the_room_of_hidden_panes() {
        let hide = |hidden: &[Pane], size: (u16, u16)| {
            let hidden = Pane::ALL.map(|pane| hidden.contains(&pane));
            let screen = Rect::new(0, 0, size.0, size.1);
            ScreenLayout::of(screen, LayoutRequest { hidden, ..REQUEST }).panes
        };
        let tree_gone = hide(&[Pane::Tree], (120, 40));
        assert_eq!(tree_gone[0], (Pane::Models, Rect::new(0, 1, 72, 38)));
        let right_gone = hide(&[Pane::Details, Pane::Histogram], (120, 40));
        assert_eq!(right_gone.len(), 2);
        assert!(right_gone.iter().all(|(_, area)| area.width == 120));
        // The focused pane is never hidden.
        let all_gone = hide(&Pane::ALL, (120, 40));
        assert_eq!(all_gone, [(Pane::Models, Rect::new(0, 1, 120, 38))]);
        let companion_gone = hide(&[Pane::Tree], (80, 24));
        assert_eq!(companion_gone, [(Pane::Models, Rect::new(0, 1, 80, 22))]);
    }

    fn shares() -> impl Strategy<Value = PaneShares> {
        let percent = 0..=100_u16;
        (percent.clone(), percent.clone(), percent.clone(), percent).prop_map(
            |(left, models, details, upper)| PaneShares {
                left,
                models,
                details,
                upper,
            },
        )
    }

    proptest! {
        #[test]
        fn parts_stay_on_the_screen_apart_and_usable(
            (w, h) in (0..300_u16, 0..100_u16),
            zoomed: bool,
            hidden: HiddenPanes,
            shares in shares(),
            (x, y) in (0..300_u16, 0..100_u16),
        ) {
            let screen = Rect::new(0, 0, w, h);
            let request = LayoutRequest { zoomed, hidden, shares, ..REQUEST };
            let layout = ScreenLayout::of(screen, request);
            let mut parts: Vec<Rect> = layout.panes.iter().map(|p| p.1).collect();
            if parts.len() > 1 {
                let usable = |part: &Rect| part.width >= NARROWEST && part.height >= LOWEST;
                prop_assert!(parts.iter().all(usable), "{:?}", parts);
            }
            parts.extend([layout.header, layout.status]);
            for (at, part) in parts.iter().enumerate() {
                prop_assert_eq!(screen.union(*part), screen);
                for other in &parts[..at] {
                    prop_assert!(!part.intersects(*other), "{:?} {:?}", part, other);
                }
            }
            // A border that is moved to where it is stays, and one that is moved away can be moved back.
            if let Some(border) = layout.border_at(x, y) {
                let again = |shares| ScreenLayout::of(screen, LayoutRequest { shares, ..request });
                let same = again(shares.moved(border, x, y, &layout));
                prop_assert_eq!(same.divider(border), layout.divider(border));
                let away = again(shares.moved(border, w / 2, h / 2, &layout));
                let back = again(shares.moved(border, x, y, &away));
                prop_assert_eq!(back.divider(border), layout.divider(border));
            }
        }
    }
}
