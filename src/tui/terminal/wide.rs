//! Wide symbols, such as those of Chinese, take two columns. ratatui keeps the right one as a cell
//! of its own and never looks at it again, so text there would appear when the symbol has gone.

use ratatui::buffer::{Buffer, CellWidth};

/// Makes every column under a wide symbol a blank of the symbol's style. A symbol that something
/// was drawn over, such as the frame of a menu, becomes a blank.
pub fn cover(buffer: &mut Buffer) {
    let area = buffer.area;
    for y in area.y..area.bottom() {
        let mut x = area.x;
        while x < area.right() {
            let symbol = &buffer[(x, y)];
            let width = symbol.symbol().cell_width().max(1);
            if width > 1 {
                let mut covered = symbol.clone();
                covered.set_symbol(" ");
                let columns = x + 1..x.saturating_add(width);
                let is_free = |x| buffer.cell((x, y)).is_some_and(|cell| cell.symbol() == " ");
                if columns.clone().all(is_free) {
                    columns.for_each(|x| buffer[(x, y)] = covered.clone());
                } else {
                    buffer[(x, y)] = covered;
                    x += 1;
                    continue;
                }
            }
            x += width;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    fn symbols(buffer: &Buffer) -> Vec<&str> {
        buffer.content.iter().map(|cell| cell.symbol()).collect()
    }

    #[test]
    fn a_wide_symbol_that_is_whole_stays_and_one_that_is_overdrawn_goes() {
        let mut buffer = Buffer::with_lines(["模型模"]);
        buffer.set_string(3, 0, "│", Style::new());
        buffer.set_style(buffer.area, Style::new().bold());
        cover(&mut buffer);
        assert_eq!(symbols(&buffer), ["模", " ", " ", "│", "模", " "]);
        buffer.resize(ratatui::layout::Rect::new(0, 0, 5, 1));
        cover(&mut buffer);
        assert_eq!(symbols(&buffer), ["模", " ", " ", "│", " "]);
    }

    #[test]
    fn what_is_covered_has_the_style_of_the_symbol() {
        let mut buffer = Buffer::with_lines(["模"]);
        buffer[(0, 0)].set_style(Style::new().on_blue());
        cover(&mut buffer);
        assert_eq!(buffer[(0, 0)].style(), buffer[(1, 0)].style());
    }
}
