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

/// Returns a sparkline of values: a cell for each, as high as its share of the largest; a blank for one that
/// is unknown, and at least the lowest bar for any other.
pub fn sparkline(values: &[Option<i64>]) -> String {
    let most = values.iter().flatten().copied().max().unwrap_or(0).max(1);
    let cell = |value: &Option<i64>| match value {
        None => EIGHTHS_UP[0],
        Some(value) => {
            let eighths = i128::from((*value).max(0)) * 8 / i128::from(most);
            EIGHTHS_UP[usize::try_from(eighths).unwrap_or(1).clamp(1, 8)]
        }
    };
    values.iter().map(cell).collect()
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

    #[test]
    fn sparklines_have_a_cell_for_each_value() {
        let values = [Some(0), Some(4), None, Some(8), Some(1)];
        assert_eq!(sparkline(&values), "▁▄ █▁");
        assert_eq!(sparkline(&[Some(i64::MAX), Some(i64::MAX / 2)]), "█▃");
        assert_eq!(sparkline(&[]), "");
    }
}
