//! Definition and repetition levels, which tell the rows of a page's values. They are stored as runs
//! of equal levels and as groups of eight packed bit by bit (parquet's RLE/bit-packing hybrid). Of a
//! level all that matters is whether it is the highest: a value that is there, a list that goes on. Pages
//! of tags have them by the million in runs of a few each, so they are looked at 64 at a time.

use crate::engine::table::bitset::ones;

/// The levels of a page, run by run.
pub struct Levels<'a> {
    bytes: &'a [u8],
    max: u8,
    /// Bits a level, no more than eight.
    width: usize,
    /// Groups of eight that are still packed.
    groups: usize,
    run: Run,
    /// How many levels of the run are left.
    left: usize,
}

/// Of some levels that follow one another, whether they are the highest.
#[derive(Clone, Copy)]
pub enum Run {
    /// All of them, or none.
    Same(bool),
    /// 64 at most, the first in the lowest bit.
    Bits(u64),
}

impl Run {
    /// The first 64; whatever behind the end.
    fn bits(self) -> u64 {
        match self {
            Run::Same(true) => u64::MAX,
            Run::Same(false) => 0,
            Run::Bits(bits) => bits,
        }
    }
}

impl<'a> Levels<'a> {
    /// Levels up to `max` in these bytes; `None` where no such level is in any file of ours.
    pub fn new(bytes: &'a [u8], max: i16) -> Option<Levels<'a>> {
        let max = u8::try_from(max).ok()?;
        Some(Levels {
            bytes,
            max,
            width: (u8::BITS - max.leading_zeros()) as usize,
            groups: 0,
            run: Run::Same(true),
            // Of what is always 0 nothing is stored.
            left: if max == 0 { usize::MAX } else { 0 },
        })
    }

    /// The next levels, and how many they are: at least one. `None` where the bytes end, or hold what is
    /// no level.
    #[inline(always)]
    pub fn run(&mut self) -> Option<(Run, usize)> {
        while self.left == 0 {
            self.begin()?;
        }
        Some((self.run, self.left))
    }

    /// Goes on behind so many levels of the run.
    #[inline(always)]
    pub fn advance(&mut self, count: usize) {
        self.left -= count;
        if let Run::Bits(bits) = &mut self.run {
            *bits = bits.checked_shr(count as u32).unwrap_or(0);
        }
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
            if *level > self.max {
                return None;
            }
            self.run = Run::Same(*level == self.max);
            self.left = count;
        }
        Some(())
    }

    fn unpack(&mut self) -> Option<()> {
        let groups = self.groups.min(8);
        let (packed, rest) = self.bytes.split_at_checked(groups * self.width)?;
        self.run = Run::Bits(match self.width {
            1 => word(packed),
            2 => {
                let (first, more) = packed.split_at(packed.len().min(8));
                self.highest_of_pairs(word(first)) | self.highest_of_pairs(word(more)) << 32
            }
            _ => {
                let groups = packed.chunks_exact(self.width).rev();
                groups.fold(0, |bits, group| {
                    bits << 8 | self.highest_of_group(word(group))
                })
            }
        });
        self.bytes = rest;
        self.groups -= groups;
        self.left = groups * 8;
        Some(())
    }

    /// Which of 32 pairs of bits are the highest level.
    fn highest_of_pairs(&self, pairs: u64) -> u64 {
        let differ = pairs ^ (0x5555_5555_5555_5555 * u64::from(self.max));
        let mut bits = !(differ | differ >> 1) & 0x5555_5555_5555_5555;
        // Every second bit moves to the side of its neighbour, then every second pair, and so on.
        bits = (bits | bits >> 1) & 0x3333_3333_3333_3333;
        bits = (bits | bits >> 2) & 0x0F0F_0F0F_0F0F_0F0F;
        bits = (bits | bits >> 4) & 0x00FF_00FF_00FF_00FF;
        bits = (bits | bits >> 8) & 0x0000_FFFF_0000_FFFF;
        (bits | bits >> 16) & 0x0000_0000_FFFF_FFFF
    }

    /// Which of the eight levels of a group are the highest.
    fn highest_of_group(&self, group: u64) -> u64 {
        let mask = u64::MAX >> (64 - self.width);
        let is_highest = |place: usize| group >> (place * self.width) & mask == u64::from(self.max);
        (0..8).fold(0, |bits, place| {
            bits | u64::from(is_highest(place)) << place
        })
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

/// Eight bytes at most, the first lowest.
fn word(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => bytes
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// A row and how many values that follow one another in a page are its own: at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    pub row: u32,
    pub values: u32,
}

/// Where the pages of a leaf have led to.
pub struct PageRows {
    /// How many rows there are.
    end: usize,
    /// The next that begins.
    pub next: usize,
    /// Those of the last page that have values in it.
    pub filled: Vec<Filled>,
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "`PageRows::from` refuses more rows"
)]
impl PageRows {
    /// Nothing yet of a leaf of so many rows, from the row `next` on, with room for those that have values;
    /// `None` where there are more than 4 billion.
    pub fn from(next: usize, rows: usize, filled: Vec<Filled>) -> Option<PageRows> {
        u32::try_from(rows).ok()?;
        Some(PageRows {
            end: rows,
            next,
            filled,
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
            let single = |row: usize| Filled {
                row: row as u32,
                values: 1,
            };
            match run {
                Run::Same(true) => self.filled.extend(rows.map(single)),
                Run::Same(false) => {}
                Run::Bits(bits) => {
                    let places = ones(bits & first(length as u32));
                    self.filled
                        .extend(places.map(|place| single(rows.start + place)));
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
        // The list of the page before may go on.
        let mut open = Filled {
            row: self.next.wrapping_sub(1) as u32,
            values: 0,
        };
        while count > 0 {
            let (again, repeated) = repetition.run()?;
            let (has_value, defined) = definition.run()?;
            let length = repeated.min(defined).min(count).min(64);
            let (again, has_value) = (again.bits(), has_value.bits());
            if self.next == 0 && again & 1 == 1 {
                return None;
            }
            // Mostly, no value of a list is null.
            let values = |from: u32, to: u32| match has_value {
                u64::MAX => to - from,
                _ => (has_value >> from & first(to - from)).count_ones(),
            };
            let mut taken = 0;
            for place in ones(!again & first(length as u32)) {
                let place = place as u32;
                open.values += values(taken, place);
                self.begin_after(&mut open);
                taken = place;
            }
            open.values += values(taken, length as u32);
            repetition.advance(length);
            definition.advance(length);
            count -= length;
        }
        self.close(open);
        (self.next <= self.end).then_some(())
    }

    /// The next row begins, and with it ends the one that is open.
    fn begin_after(&mut self, open: &mut Filled) {
        self.close(*open);
        *open = Filled {
            row: self.next as u32,
            values: 0,
        };
        self.next += 1;
    }

    fn close(&mut self, open: Filled) {
        if open.values > 0 {
            self.filled.push(open);
        }
    }
}

/// So many bits, from the lowest on.
fn first(bits: u32) -> u64 {
    !u64::MAX.checked_shl(bits).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use polars_parquet::parquet::encoding::hybrid_rle::{HybridRleDecoder, encode};
    use proptest::prelude::*;

    use super::*;

    /// Of each level, whether it is the highest.
    fn all(bytes: &[u8], max: i16, count: usize) -> Option<Vec<bool>> {
        let mut levels = Levels::new(bytes, max)?;
        let mut all = Vec::new();
        while all.len() < count {
            let (run, left) = levels.run()?;
            // Not in whole runs, either.
            let taken = left.min(count - all.len()).min(5 + all.len() % 60);
            all.extend((0..taken).map(|place| run.bits() >> place & 1 == 1));
            levels.advance(taken);
        }
        Some(all)
    }

    #[test]
    fn a_run_of_what_is_no_level_is_damage() {
        let twice = 2 << 1;
        assert_eq!(all(&[twice, 1], 1, 2), Some(vec![true, true]));
        assert_eq!(all(&[twice, 2], 1, 2), None);
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
        fn levels_are_those_of_polars(runs in prop::collection::vec(a_run(), 0..40), max in prop_oneof![0..8_u32, 0..256_u32]) {
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
            let highest = levels.iter().map(|level| *level == u32::from(max.cast_unsigned())).collect();
            let ours = all(&bytes, max, levels.len());
            prop_assert_eq!(ours, Some(highest));
            // What breaks off has fewer.
            let cut = bytes.len().saturating_sub(1);
            let broken = all(&bytes[..cut], max, levels.len());
            prop_assert_eq!(broken.is_none(), cut < bytes.len());
        }
    }
}
