//! A look at the headers of a column's pages before Polars decodes them. Polars takes the number
//! of values that a page claims for granted and sets memory aside for it; where damage has made
//! it negative, that is more than there is in the world, and the process is gone with nothing to
//! catch. Only these numbers are judged here: whatever else is wrong, Polars tells by itself.

/// Whether no page of a column chunk claims more values than the footer says the chunk has.
pub fn are_sane(chunk: &[u8], values: i64) -> bool {
    let mut rest = chunk;
    let mut seen: i64 = 0;
    while seen < values {
        let mut page = Page::default();
        let whole = Thrift(&mut rest).record(&mut |path, value| page.note(path, value));
        if !(0..=values).contains(&page.values) {
            return false;
        }
        let end = usize::try_from(page.size).ok();
        // A header that cannot be read, or leads nowhere, is an error of Polars' own.
        match end.and_then(|end| rest.get(end..)) {
            Some(next) if whole.is_some() => rest = next,
            _ => return true,
        }
        seen = seen.saturating_add(page.values);
    }
    true
}

/// What matters of a `PageHeader`.
#[derive(Default)]
struct Page {
    /// Bytes after the header.
    size: i64,
    /// Values in a data page; none in a dictionary.
    values: i64,
}

impl Page {
    /// Takes a number that stands in the header at this path of field numbers.
    fn note(&mut self, path: [i64; 2], value: i64) {
        match path {
            [0, 3] => self.size = value,
            // Data pages of the first and the second version.
            [5 | 8, 1] => self.values = value,
            _ => {}
        }
    }
}

/// Structs deeper than this are in no header.
const DEPTH: usize = 8;

/// Thrift's compact protocol, as far as page headers use it.
struct Thrift<'a, 'b>(&'a mut &'b [u8]);

impl Thrift<'_, '_> {
    /// Reads a struct and tells of its numbers and those of the structs in it, each with the
    /// number of the outer field (0 for the struct's own) and its own. `None` where it breaks off.
    fn record(&mut self, tell: &mut dyn FnMut([i64; 2], i64)) -> Option<()> {
        self.fields(0, 0, tell)
    }

    fn fields(
        &mut self,
        depth: usize,
        outer: i64,
        tell: &mut dyn FnMut([i64; 2], i64),
    ) -> Option<()> {
        let mut number: i64 = 0;
        if depth == DEPTH {
            return None;
        }
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            number = match head >> 4 {
                0 => self.number()?,
                step => number.checked_add(i64::from(step))?,
            };
            match head & 0xF {
                // The two truths, which have no bytes of their own.
                1 | 2 => {}
                4..=6 => {
                    let value = self.number()?;
                    if depth < 2 {
                        tell([outer, number], value);
                    }
                }
                12 => self.fields(depth + 1, number, tell)?,
                3 => self.skip(1)?,
                7 => self.skip(8)?,
                8 => {
                    let length = usize::try_from(self.varint()?).ok()?;
                    self.skip(length)?;
                }
                _ => return None,
            }
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        *self.0 = rest;
        Some(*first)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        *self.0 = self.0.get(count..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// A number of either sign, in zigzag form.
    fn number(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header of the first version: a data page of so many values in two bytes.
    fn page(values: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x15, 0x00, 0x15, 0x04, 0x15, 0x04, 0x2C, 0x15];
        bytes.extend(values);
        bytes.extend([0x15, 0x00, 0x00, 0x00, 0xAA, 0xBB]);
        bytes
    }

    #[test]
    fn claims_are_held_against_the_footer() {
        let three = page(&[6]);
        assert!(are_sane(&three, 3));
        assert!(are_sane(&[three.clone(), three.clone()].concat(), 6));
        assert!(!are_sane(&three, 2));
        // The second of two.
        let minus_one = page(&[1]);
        assert!(!are_sane(&[three.clone(), minus_one].concat(), 6));
        let too_long_for_32_bits = page(&[0xFF, 0xFF, 0xFF, 0xFF, 0x7F]);
        assert!(!are_sane(&too_long_for_32_bits, 6));
        // What breaks off is for Polars to tell.
        assert!(are_sane(&three[..4], 3));
        assert!(are_sane(&[], 3));
    }
}
