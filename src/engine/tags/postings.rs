//! Delta-varint postings: ascending row numbers as the differences from one to the next, the first
//! from 0, each a little-endian base-128 varint (LEB128).

/// Appends a varint.
pub fn push(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Removes the first varint; `None` where there is none.
pub fn take(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

/// Returns the length of a number's varint, in bytes.
pub fn length(number: u32) -> u32 {
    (u32::BITS - (number | 1).leading_zeros()).div_ceil(7)
}

/// Returns the rows of postings, ascending.
pub fn rows(mut postings: &[u8]) -> impl Iterator<Item = u32> {
    let mut row = 0_u32;
    std::iter::from_fn(move || {
        row = row.wrapping_add(take(&mut postings)?);
        Some(row)
    })
}

/// Returns the number of rows of postings.
pub fn count(postings: &[u8]) -> usize {
    postings.iter().filter(|byte| **byte & 0x80 == 0).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_of_any_size(numbers in prop::collection::vec(any::<u32>(), 0..20)) {
            let mut bytes = Vec::new();
            numbers.iter().for_each(|n| push(&mut bytes, *n));
            prop_assert_eq!(bytes.len() as u32, numbers.iter().map(|n| length(*n)).sum::<u32>());
            let mut rest = bytes.as_slice();
            let read: Vec<u32> = std::iter::from_fn(|| take(&mut rest)).collect();
            prop_assert_eq!(&read, &numbers);
            let mut ascending = numbers;
            ascending.sort_unstable();
            let (mut bytes, mut last) = (Vec::new(), 0);
            for row in &ascending {
                push(&mut bytes, row - last);
                last = *row;
            }
            prop_assert_eq!(count(&bytes), ascending.len());
            prop_assert_eq!(rows(&bytes).collect::<Vec<_>>(), ascending);
        }
    }
}
