//! Definition and repetition levels, which tell the rows of a page's values. They are stored as runs
//! of equal levels and as groups of eight packed bit by bit (parquet's RLE/bit-packing hybrid). Pages
//! of tags have them by the million in runs of a few each, so a run must cost next to nothing.

use std::iter::repeat_n;

/// How many packed levels are unpacked at once, a multiple of eight.
const UNPACKED: usize = 64;

/// The levels of a page, run by run.
pub struct Levels<'a> {
    bytes: &'a [u8],
    /// Bits a level, no more than eight.
    width: usize,
    /// Groups of eight that are still packed.
    groups: usize,
    /// The level of the run, if all are the same.
    same: Option<u8>,
    /// Those of a run that was packed; what is left of it is at the end of the first `end`.
    unpacked: [u8; UNPACKED],
    end: usize,
    /// How many levels of the run are left.
    left: usize,
}

/// Some levels that follow one another.
#[derive(Clone, Copy)]
pub enum Run<'l> {
    /// All the same.
    Same(u8),
    Each(&'l [u8]),
}

impl Run<'_> {
    /// The level at this place.
    pub fn at(self, place: usize) -> u8 {
        match self {
            Run::Same(level) => level,
            Run::Each(levels) => levels[place],
        }
    }
}

impl<'a> Levels<'a> {
    /// Levels up to `max` in these bytes; `None` where no such level is in any file of ours.
    pub fn new(bytes: &'a [u8], max: i16) -> Option<Levels<'a>> {
        let width = u8::try_from(max).ok()?.checked_ilog2();
        Some(Levels {
            bytes,
            width: width.map_or(0, |bits| bits as usize + 1),
            groups: 0,
            same: Some(0),
            unpacked: [0; UNPACKED],
            end: 0,
            // Of what is always 0 nothing is stored.
            left: if max == 0 { usize::MAX } else { 0 },
        })
    }

    /// The next levels, and how many they are: at least one. `None` where the bytes end.
    pub fn run(&mut self) -> Option<(Run<'_>, usize)> {
        while self.left == 0 {
            self.begin()?;
        }
        let each = || &self.unpacked[self.end - self.left..self.end];
        let run = self.same.map_or_else(|| Run::Each(each()), Run::Same);
        Some((run, self.left))
    }

    /// Goes on behind so many levels of the run.
    pub fn advance(&mut self, count: usize) {
        self.left -= count;
    }

    fn begin(&mut self) -> Option<()> {
        if self.groups > 0 {
            return self.unpack();
        }
        let header = self.header()?;
        let count = usize::try_from(header >> 1).ok()?;
        if header & 1 == 1 {
            self.groups = count;
        } else {
            let (level, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            self.same = Some(*level);
            self.left = count;
        }
        Some(())
    }

    fn unpack(&mut self) -> Option<()> {
        let groups = self.groups.min(UNPACKED / 8);
        let (packed, rest) = self.bytes.split_at_checked(groups * self.width)?;
        let mask = u64::MAX >> (64 - self.width);
        for (group, levels) in packed
            .chunks_exact(self.width)
            .zip(self.unpacked.chunks_exact_mut(8))
        {
            let mut bytes = [0; 8];
            bytes[..group.len()].copy_from_slice(group);
            let bits = u64::from_le_bytes(bytes);
            if self.width == 1 {
                // Each byte of eight copies keeps its own bit, which then becomes its lowest.
                let kept = bits.wrapping_mul(0x0101_0101_0101_0101) & 0x8040_2010_0804_0201;
                let ones = (kept + 0x7F7F_7F7F_7F7F_7F7F) >> 7 & 0x0101_0101_0101_0101;
                levels.copy_from_slice(&ones.to_le_bytes());
                continue;
            }
            for (place, level) in levels.iter_mut().enumerate() {
                *level = (bits >> (place * self.width) & mask) as u8;
            }
        }
        self.bytes = rest;
        self.groups -= groups;
        self.same = None;
        self.end = groups * 8;
        self.left = self.end;
        Some(())
    }

    fn header(&mut self) -> Option<u64> {
        let mut header = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            header |= u64::from(byte & 0x7F) << shift;
            if *byte < 0x80 {
                return Some(header);
            }
        }
        None
    }
}

/// Where the pages of a leaf have led to.
pub struct PageRows {
    /// The definition level of a value.
    has_value: u8,
    /// How many rows there are.
    end: usize,
    /// The next that begins.
    pub next: usize,
    /// Those of the last page's values.
    pub of_values: Vec<usize>,
}

impl PageRows {
    /// Nothing yet of a leaf of so many rows, from the row `next` on, with room for those of values;
    /// `None` as [`Levels::new`].
    pub fn from(
        next: usize,
        rows: usize,
        max_definition: i16,
        of_values: Vec<usize>,
    ) -> Option<PageRows> {
        Some(PageRows {
            has_value: u8::try_from(max_definition).ok()?,
            end: rows,
            next,
            of_values,
        })
    }

    /// Of a column with one value a row at most.
    pub fn take_single(&mut self, mut definition: Levels, mut count: usize) -> Option<()> {
        while count > 0 {
            let (run, length) = definition.run()?;
            let length = length.min(count);
            let rows = self.next..self.next + length;
            if rows.end > self.end {
                return None;
            }
            self.next = rows.end;
            match run {
                Run::Same(level) if level == self.has_value => self.of_values.extend(rows),
                Run::Same(_) => {}
                Run::Each(levels) => {
                    // Put down whether it counts or not: what comes next is not to be foreseen.
                    let mut end = self.of_values.len();
                    self.of_values.resize(end + length, 0);
                    for (row, level) in rows.zip(levels) {
                        self.of_values[end] = row;
                        end += usize::from(*level == self.has_value);
                    }
                    self.of_values.truncate(end);
                }
            }
            definition.advance(length);
            count -= length;
        }
        Some(())
    }

    /// Of a column of lists: a repetition level of 0 begins a row.
    pub fn take_lists(
        &mut self,
        mut repetition: Levels,
        mut definition: Levels,
        mut count: usize,
    ) -> Option<()> {
        while count > 0 {
            let (again, repeated) = repetition.run()?;
            let (level, defined) = definition.run()?;
            let length = repeated.min(defined).min(count);
            if self.next == 0 && again.at(0) > 0 {
                return None;
            }
            let next = &mut self.next;
            let mut row = |again: u8| {
                *next += usize::from(again == 0);
                *next - 1
            };
            match (again, level) {
                // As in most files, where no value of a list is null.
                (Run::Each(levels), Run::Same(level)) if level == self.has_value => {
                    let levels = levels[..length].iter();
                    self.of_values.extend(levels.map(|again| row(*again)));
                }
                (Run::Same(1), Run::Same(level)) if level == self.has_value => {
                    self.of_values.extend(repeat_n(self.next - 1, length));
                }
                _ => {
                    for place in 0..length {
                        let row = row(again.at(place));
                        if level.at(place) == self.has_value {
                            self.of_values.push(row);
                        }
                    }
                }
            }
            repetition.advance(length);
            definition.advance(length);
            count -= length;
        }
        (self.next <= self.end).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use polars_parquet::parquet::encoding::hybrid_rle::{HybridRleDecoder, encode};
    use proptest::prelude::*;

    use super::*;

    fn all(bytes: &[u8], max: i16, count: usize) -> Option<Vec<u32>> {
        let mut levels = Levels::new(bytes, max)?;
        let mut all = Vec::new();
        while all.len() < count {
            let (run, left) = levels.run()?;
            // Not in whole runs, either.
            let taken = left.min(count - all.len()).min(5 + all.len() % 50);
            all.extend((0..taken).map(|place| u32::from(run.at(place))));
            levels.advance(taken);
        }
        Some(all)
    }

    fn a_run() -> impl Strategy<Value = (u8, usize)> {
        (
            any::<u8>(),
            prop_oneof![1..4_usize, 7..10_usize, 60..300_usize],
        )
    }

    proptest! {
        /// As Polars encodes and decodes them.
        #[test]
        fn levels_are_those_of_polars(runs in prop::collection::vec(a_run(), 0..40), max in 0..256_u32) {
            let levels = runs.iter().flat_map(|(level, count)| {
                std::iter::repeat_n(u32::from(*level) % (max + 1), *count)
            });
            let levels: Vec<u32> = levels.collect();
            let width = 32 - max.leading_zeros();
            let mut bytes = Vec::new();
            if width > 0 {
                encode::<u32, _, _>(&mut bytes, levels.iter().copied(), width).unwrap();
            }
            let max = i16::try_from(max).unwrap();
            let polars = HybridRleDecoder::new(&bytes, width, levels.len()).collect();
            prop_assert_eq!(polars.as_ref().ok(), Some(&levels));
            let ours = all(&bytes, max, levels.len());
            prop_assert_eq!(ours.as_ref(), Some(&levels));
            // What breaks off has fewer.
            let cut = bytes.len().saturating_sub(1);
            let broken = all(&bytes[..cut], max, levels.len());
            prop_assert_eq!(broken.is_none(), cut < bytes.len());
        }
    }
}
