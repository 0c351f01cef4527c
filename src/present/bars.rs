//! Bars of text, in eighths of a cell.

/// Vertical bars of a single cell, indexed by the eighths they fill.
pub const EIGHTHS_UP: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Returns a bar that fills `part` of `whole` in `room` cells; anything above zero is visible.
pub fn bar(part: usize, whole: usize, room: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if part == 0 || whole == 0 || room == 0 {
        return String::new();
    }
    let eighths = (part as u128 * room as u128 * 8 / whole as u128) as usize;
    let eighths = eighths.clamp(1, room * 8);
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// The same for a part that may exceed the whole: such a bar is cut and ends with `»`.
pub fn cut_bar(part: usize, whole: usize, room: usize) -> String {
    match part > whole {
        true => format!("{}»", bar(1, 1, room.saturating_sub(1))),
        false => bar(part, whole, room),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_exact_to_an_eighth() {
        assert_eq!(bar(1, 2, 4), "██");
        assert_eq!(bar(1, 16, 4), "▎");
        assert_eq!(bar(1, 1_000_000, 4), "▏");
        assert_eq!(bar(0, 9, 4), "");
        assert_eq!(bar(9, 9, 4), "████");
        assert_eq!(cut_bar(9, 9, 4), "████");
        assert_eq!(cut_bar(10, 9, 4), "███»");
    }
}
