//! The headers of a column chunk's pages, checked before anything is decoded.
//!
//! The decoders below allocate what a header claims. A damaged header can claim gigabytes, and a
//! failed allocation ends the process with nothing to catch. Only these claims are judged here;
//! anything else that is wrong is an error of the decoder's own. The headers also say which pages
//! hold which rows, so that a batch decodes no others.
//!
//! Format: `PageHeader` in <https://github.com/apache/parquet-format>, Thrift compact protocol.

use std::ops::Range;

/// A page of a column chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Header and data, in bytes from the start of the chunk.
    pub bytes: Range<usize>,
    /// Number of values, nulls included; of a dictionary page, its entries.
    pub values: usize,
    /// Number of rows, which only the second version of data pages states.
    pub rows: Option<usize>,
    pub is_dictionary: bool,
}

/// The claims of the file's footer about a column chunk.
#[derive(Clone, Copy, Debug)]
pub struct Footer {
    /// Rows of the row group.
    pub rows: usize,
    /// Values of the chunk, nulls included.
    pub values: i64,
    /// Bytes of the chunk once it is decompressed.
    pub uncompressed: i64,
}

/// Pages up to this size, in bytes, are decompressed whatever the footer says.
const HARMLESS: i64 = 16 << 20;

/// No codec compresses a large page of real data better than this.
const BEST_RATIO: i64 = 10_000;

/// Returns the pages of a chunk in file order, as far as their headers can be read; `None` where a
/// header claims values or bytes that cannot be there.
pub fn scan(chunk: &[u8], footer: Footer) -> Option<Vec<Page>> {
    let mut pages = Vec::new();
    let (mut rest, mut seen) = (chunk, 0_i64);
    while seen < footer.values {
        let start = chunk.len() - rest.len();
        let mut header = Header::default();
        let is_whole = Thrift(&mut rest).record(&mut |path, value| header.note(path, value));
        if !header.is_plausible(footer) {
            return None;
        }
        let size = usize::try_from(header.compressed).ok();
        let Some(next) = is_whole.and_then(|()| rest.get(size?..)) else {
            break;
        };
        rest = next;
        pages.push(Page {
            bytes: start..chunk.len() - rest.len(),
            values: usize::try_from(header.values.max(header.entries)).ok()?,
            rows: header.rows.and_then(|rows| usize::try_from(rows).ok()),
            is_dictionary: header.is_dictionary,
        });
        seen = seen.saturating_add(header.values);
    }
    Some(pages)
}

/// The numbers of a `PageHeader` that matter here.
#[derive(Default)]
struct Header {
    /// Bytes of the page's data in memory.
    uncompressed: i64,
    /// Bytes of the page's data in the file.
    compressed: i64,
    /// Values of a data page.
    values: i64,
    /// Entries of a dictionary page.
    entries: i64,
    rows: Option<i64>,
    is_dictionary: bool,
}

impl Header {
    /// Notes the number at a path of Thrift field ids.
    fn note(&mut self, path: [i64; 2], value: i64) {
        match path {
            [0, 1] => self.is_dictionary = value == 2,
            [0, 2] => self.uncompressed = value,
            [0, 3] => self.compressed = value,
            [5 | 8, 1] => self.values = value,
            [7, 1] => self.entries = value,
            [8, 3] => self.rows = Some(value),
            _ => {}
        }
    }

    fn is_plausible(&self, footer: Footer) -> bool {
        // A value beyond the first of its row takes a bit at least, but for runs of equal ones.
        let rows = i64::try_from(footer.rows).unwrap_or(i64::MAX);
        let most = self.uncompressed.saturating_mul(64).max(1 << 20);
        let has_values = (0..=footer.values.min(rows.saturating_add(most))).contains(&self.values);
        let has_entries = (0..=self.uncompressed.max(0)).contains(&self.entries);
        let has_bytes = self.uncompressed <= HARMLESS
            || self.uncompressed <= footer.uncompressed
                && self.uncompressed / BEST_RATIO <= self.compressed;
        has_values && has_entries && has_bytes && self.uncompressed >= 0
    }
}

/// Deeper structs are in no header.
const DEPTH: usize = 8;

/// A reader of Thrift's compact protocol, as far as page headers use it.
struct Thrift<'a, 'b>(&'a mut &'b [u8]);

impl Thrift<'_, '_> {
    /// Reads a struct and hands its numbers and those of its structs to `note`, each with the id of
    /// the outer field (0 for the struct's own) and its own; `None` where the bytes end early.
    fn record(&mut self, note: &mut dyn FnMut([i64; 2], i64)) -> Option<()> {
        self.fields(0, 0, note)
    }

    fn fields(
        &mut self,
        depth: usize,
        outer: i64,
        note: &mut dyn FnMut([i64; 2], i64),
    ) -> Option<()> {
        let mut id: i64 = 0;
        if depth == DEPTH {
            return None;
        }
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            id = match head >> 4 {
                0 => self.number()?,
                step => id.checked_add(i64::from(step))?,
            };
            match head & 0xF {
                // True and false have no bytes of their own.
                1 | 2 => {}
                4..=6 => {
                    let value = self.number()?;
                    if depth < 2 {
                        note([outer, id], value);
                    }
                }
                12 => self.fields(depth + 1, id, note)?,
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

    /// Reads a zigzag-encoded integer.
    fn number(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zigzag(value: i64) -> Vec<u8> {
        let mut value = ((value << 1) ^ (value >> 63)).cast_unsigned();
        let mut bytes = Vec::new();
        while value >= 0x80 {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
        bytes
    }

    /// A data page of the first version, or a dictionary page, with two bytes of data.
    fn page(is_dictionary: bool, uncompressed: i64, values: i64) -> Vec<u8> {
        let kind = if is_dictionary { 2 } else { 0 };
        let mut bytes = vec![0x15];
        bytes.extend(zigzag(kind));
        bytes.push(0x15);
        bytes.extend(zigzag(uncompressed));
        bytes.push(0x15);
        bytes.extend(zigzag(2));
        bytes.extend([if is_dictionary { 0x4C } else { 0x2C }, 0x15]);
        bytes.extend(zigzag(values));
        bytes.extend([0x15, 0x00, 0x00, 0x00, 0xAA, 0xBB]);
        bytes
    }

    fn footer(values: i64) -> Footer {
        Footer {
            rows: usize::try_from(values).unwrap(),
            values,
            uncompressed: 1 << 40,
        }
    }

    #[test]
    fn pages_are_found() {
        let pages = [page(true, 2, 2), page(false, 2, 3), page(false, 2, 4)];
        let found = scan(&pages.concat(), footer(7)).unwrap();
        let found: Vec<_> = found
            .into_iter()
            .map(|p| (p.values, p.is_dictionary, p.bytes.len()))
            .collect();
        let wanted = [
            (2, true, pages[0].len()),
            (3, false, pages[1].len()),
            (4, false, pages[2].len()),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn claims_are_held_against_the_footer() {
        let three = page(false, 2, 3);
        assert!(scan(&three, footer(3)).is_some());
        assert!(scan(&three, footer(2)).is_none());
        let negative = page(false, 2, -1);
        assert!(scan(&[three.clone(), negative].concat(), footer(6)).is_none());
        assert!(scan(&page(false, 2, 1 << 40), footer(6)).is_none());
        // A header that ends early is an error of the decoder.
        assert_eq!(scan(&three[..4], footer(3)), Some(Vec::new()));
        assert_eq!(scan(&[], footer(3)), Some(Vec::new()));
    }

    #[test]
    fn claims_of_gigabytes_are_refused() {
        assert!(scan(&page(false, 3 << 30, 3), footer(3)).is_none());
        assert!(scan(&page(true, 3 << 30, 3), footer(3)).is_none());
        assert!(scan(&page(true, 100, 1 << 30), footer(3)).is_none());
        assert!(scan(&page(false, -5, 3), footer(3)).is_none());
        let honest = Footer {
            uncompressed: 100,
            ..footer(3)
        };
        assert!(scan(&page(false, 20 << 20, 3), honest).is_none());
    }
}
