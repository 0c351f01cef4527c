//! The headers of a column chunk's pages, checked before anything is decoded.
//!
//! The decoders below allocate what a header claims. A damaged header can claim gigabytes, and a
//! failed allocation ends the process with nothing to catch. Only these claims are judged here;
//! anything else that is wrong is an error of the decoder's own. The headers also say which pages
//! hold which rows, so that a batch decodes no others.
//!
//! Format: `PageHeader` in <https://github.com/apache/parquet-format>.

use std::ops::Range;

use super::thrift::{self, Path};

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
    /// Pages are compressed; else they are in memory as they are in the file.
    pub is_compressed: bool,
}

/// Pages up to this size, in bytes, are decompressed whatever the footer says.
const HARMLESS: i64 = 16 << 20;

/// No codec compresses a large page of real data better than this.
const BEST_RATIO: i64 = 10_000;

/// Returns the pages of a chunk in file order; `None` where they do not have the values that the footer
/// promises, or a header claims values or bytes that cannot be there.
pub fn scan(chunk: &[u8], footer: Footer) -> Option<Vec<Page>> {
    let mut pages = Vec::new();
    let (mut rest, mut seen) = (chunk, 0_i64);
    while seen < footer.values {
        let start = chunk.len() - rest.len();
        let mut header = Header::default();
        thrift::read(&mut rest, &mut |path, value| header.note(path, value))?;
        let values = header.values();
        if !header.is_plausible(values, footer) {
            return None;
        }
        rest = rest.get(usize::try_from(header.compressed).ok()?..)?;
        let is_dictionary = header.kind == DICTIONARY;
        pages.push(Page {
            bytes: start..chunk.len() - rest.len(),
            values: usize::try_from(if is_dictionary {
                header.entries
            } else {
                values
            })
            .ok()?,
            rows: header.rows.and_then(|rows| usize::try_from(rows).ok()),
            is_dictionary,
        });
        seen = seen.saturating_add(values);
    }
    (seen == footer.values).then_some(pages)
}

/// Types of pages.
const DATA: i64 = 0;
const DICTIONARY: i64 = 2;
const DATA_V2: i64 = 3;

/// The numbers of a `PageHeader` that matter here.
#[derive(Default)]
struct Header {
    kind: i64,
    /// Bytes of the page's data in memory.
    uncompressed: i64,
    /// Bytes of the page's data in the file.
    compressed: i64,
    /// Values of a data page of each version.
    values: [i64; 2],
    /// Entries of a dictionary page.
    entries: i64,
    nulls: i64,
    rows: Option<i64>,
    /// Bytes of the definition and repetition levels, which are before the values.
    levels: [i64; 2],
}

impl Header {
    /// Notes the number at a path of Thrift field ids.
    fn note(&mut self, path: Path, value: Option<i64>) {
        let Some(value) = value else {
            return;
        };
        match path {
            [1] => self.kind = value,
            [2] => self.uncompressed = value,
            [3] => self.compressed = value,
            [5, 1] => self.values[0] = value,
            [7, 1] => self.entries = value,
            [8, 1] => self.values[1] = value,
            [8, 2] => self.nulls = value,
            [8, 3] => self.rows = Some(value),
            [8, 5] => self.levels[0] = value,
            [8, 6] => self.levels[1] = value,
            _ => {}
        }
    }

    /// The values of a data page.
    fn values(&self) -> i64 {
        match self.kind {
            DATA => self.values[0],
            DATA_V2 => self.values[1],
            _ => 0,
        }
    }

    fn is_plausible(&self, values: i64, footer: Footer) -> bool {
        // A value beyond the first of its row takes a bit at least, but for runs of equal ones.
        let rows = i64::try_from(footer.rows).unwrap_or(i64::MAX);
        let most = self.uncompressed.saturating_mul(64).max(1 << 20);
        let has_values = (0..=footer.values.min(rows.saturating_add(most))).contains(&values);
        let has_entries = (0..=self.uncompressed.max(0)).contains(&self.entries);
        let has_bytes = match footer.is_compressed {
            true => {
                self.uncompressed <= HARMLESS
                    || self.uncompressed <= footer.uncompressed
                        && self.uncompressed / BEST_RATIO <= self.compressed
            }
            false => self.uncompressed <= self.compressed,
        };
        let whole = 0..=self.uncompressed;
        let has_levels = self.levels.iter().all(|bytes| whole.contains(bytes))
            && whole.contains(&(self.levels[0] + self.levels[1]));
        let has_rows = self.kind != DATA_V2
            || (0..=values).contains(&self.nulls)
                && (0..=values.min(rows)).contains(&self.rows.unwrap_or(0));
        has_values && has_entries && has_bytes && has_levels && has_rows
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
            is_compressed: true,
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
        assert!(scan(&three[..4], footer(3)).is_none());
        assert!(scan(&[], footer(3)).is_none());
        assert!(scan(&three, footer(4)).is_none());
        // Values of one version's header in a page of the other.
        let mut other = three.clone();
        other[1] = 6;
        assert!(scan(&other, footer(3)).is_none());
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
        let plain = Footer {
            is_compressed: false,
            ..footer(3)
        };
        assert!(scan(&page(false, 2, 3), plain).is_some());
        assert!(scan(&page(false, 3, 3), plain).is_none());
    }
}
