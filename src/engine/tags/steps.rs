//! Rows as steps from one to the next, each in as few bytes as it takes.

/// Seven bits a byte, the lowest first; the eighth says that more follow (LEB128).
pub fn push_number(bytes: &mut Vec<u8>, number: u32) {
    each_byte(number, |byte| bytes.push(byte));
}

/// Hands those bytes to `put`.
#[inline(always)]
pub fn each_byte(mut number: u32, mut put: impl FnMut(u8)) {
    while number >= 0x80 {
        put(number as u8 | 0x80);
        number >>= 7;
    }
    put(number as u8);
}

/// The rows that these steps lead to, the first from 0 on.
pub fn rows_of(mut steps: &[u8]) -> impl Iterator<Item = u32> {
    let mut row = 0;
    std::iter::from_fn(move || {
        row += take_number(&mut steps)?;
        Some(row)
    })
}

/// How many rows these steps lead to.
pub fn count_of(steps: &[u8]) -> usize {
    steps.iter().filter(|byte| **byte & 0x80 == 0).count()
}

/// Takes the first number off the bytes; nothing where there are none.
pub fn take_number(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_of_any_size(numbers in prop::collection::vec(any::<u32>(), 0..20)) {
            let mut bytes = Vec::new();
            numbers.iter().for_each(|n| push_number(&mut bytes, *n));
            let bits = numbers.iter().map(|n| 32 - (n | 1).leading_zeros());
            prop_assert_eq!(bytes.len(), bits.map(|bits| bits.div_ceil(7) as usize).sum::<usize>());
            let mut rest = bytes.as_slice();
            let read: Vec<u32> = std::iter::from_fn(|| take_number(&mut rest)).collect();
            prop_assert_eq!(&read, &numbers);
            let mut rows = numbers;
            rows.sort_unstable();
            let (mut bytes, mut last) = (Vec::new(), 0);
            for row in &rows {
                push_number(&mut bytes, row - last);
                last = *row;
            }
            prop_assert_eq!(count_of(&bytes), rows.len());
            prop_assert_eq!(rows_of(&bytes).collect::<Vec<_>>(), rows);
        }
    }
}
