//! Definition and repetition levels, which tell the rows of a page's values. They are stored as runs
//! of equal levels and as groups of eight packed bit by bit (parquet's RLE/bit-packing hybrid). Pages
//! of tags have them by the million in runs of a few each, so a run must cost next to nothing.

/// How many packed levels are unpacked at once, a multiple of eight.
const UNPACKED: usize = 64;

/// The levels of a page, run by run.
pub struct Levels<'a> {
    bytes: &'a [u8],
    /// Bits a level, no more than eight.
    width: usize,
    /// Groups of eight that are still packed.
    groups: usize,
    kind: Kind,
    /// The level of the run, if all are the same.
    same: u8,
    /// What is left of a run of bits.
    bits: u64,
    /// Those of any other run that was packed; what is left of it is at the end of the first `end`.
    unpacked: [u8; UNPACKED],
    end: usize,
    /// How many levels of the run are left.
    left: usize,
}

/// How the levels of a run are told.
#[derive(Clone, Copy)]
enum Kind {
    Same,
    Bits,
    Each,
}

/// Some levels that follow one another.
#[derive(Clone, Copy)]
pub enum Run<'l> {
    /// All the same.
    Same(u8),
    /// 64 at most, each 0 or 1, the first in the lowest bit.
    Bits(u64),
    Each(&'l [u8]),
}

impl Run<'_> {
    /// The level at this place.
    pub fn at(self, place: usize) -> u8 {
        match self {
            Run::Same(level) => level,
            Run::Bits(bits) => (bits >> place & 1) as u8,
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
            kind: Kind::Same,
            same: 0,
            bits: 0,
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
        let run = match self.kind {
            Kind::Same => Run::Same(self.same),
            Kind::Bits => Run::Bits(self.bits),
            Kind::Each => Run::Each(&self.unpacked[self.end - self.left..self.end]),
        };
        Some((run, self.left))
    }

    /// Goes on behind so many levels of the run.
    pub fn advance(&mut self, count: usize) {
        self.left -= count;
        self.bits = self.bits.checked_shr(count as u32).unwrap_or(0);
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
            (self.kind, self.same) = (Kind::Same, *level);
            self.left = count;
        }
        Some(())
    }

    fn unpack(&mut self) -> Option<()> {
        let groups = self.groups.min(UNPACKED / 8);
        let (packed, rest) = self.bytes.split_at_checked(groups * self.width)?;
        if self.width == 1 {
            self.kind = Kind::Bits;
            self.bits = bits(packed);
        } else {
            self.kind = Kind::Each;
            let mask = u64::MAX >> (64 - self.width);
            let packed = packed.chunks_exact(self.width);
            for (group, levels) in packed.zip(self.unpacked.chunks_exact_mut(8)) {
                let bits = bits(group);
                for (place, level) in levels.iter_mut().enumerate() {
                    *level = (bits >> (place * self.width) & mask) as u8;
                }
            }
        }
        self.bytes = rest;
        self.groups -= groups;
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

/// Eight bytes at most, the first lowest.
fn bits(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => bytes.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte)),
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
    /// The definition level of a value.
    has_value: u8,
    /// How many rows there are.
    end: usize,
    /// The next that begins.
    pub next: usize,
    /// Those of the last page that have values in it.
    pub filled: Vec<Filled>,
}

#[expect(clippy::cast_possible_truncation, reason = "`PageRows::from` refuses more rows")]
impl PageRows {
    /// Nothing yet of a leaf of so many rows, from the row `next` on, with room for those that have values;
    /// `None` as [`Levels::new`], or where rows are more than 4 billion.
    pub fn from(
        next: usize,
        rows: usize,
        max_definition: i16,
        filled: Vec<Filled>,
    ) -> Option<PageRows> {
        u32::try_from(rows).ok()?;
        Some(PageRows {
            has_value: u8::try_from(max_definition).ok()?,
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
            let single = |row: usize| Filled { row: row as u32, values: 1 };
            match run {
                Run::Same(level) if level == self.has_value => self.filled.extend(rows.map(single)),
                Run::Same(_) => {}
                _ => {
                    // Put down whether it counts or not: what comes next is not to be foreseen.
                    let mut end = self.filled.len();
                    self.filled.resize(end + length, single(0));
                    for (place, row) in rows.enumerate() {
                        self.filled[end] = single(row);
                        end += usize::from(run.at(place) == self.has_value);
                    }
                    self.filled.truncate(end);
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
        let mut open = Filled { row: self.next.wrapping_sub(1) as u32, values: 0 };
        while count > 0 {
            let (again, repeated) = repetition.run()?;
            let (level, defined) = definition.run()?;
            let length = repeated.min(defined).min(count);
            if self.next == 0 && again.at(0) > 0 {
                return None;
            }
            match (again, level) {
                // As in most files, where no value of a list is null.
                (Run::Bits(again), Run::Same(level)) if level == self.has_value => {
                    self.take_bits(again, length as u32, &mut open);
                }
                (Run::Same(1), Run::Same(level)) if level == self.has_value => {
                    open.values += length as u32;
                }
                _ => {
                    for place in 0..length {
                        if again.at(place) == 0 {
                            self.begin_after(&mut open);
                        }
                        open.values += u32::from(level.at(place) == self.has_value);
                    }
                }
            }
            repetition.advance(length);
            definition.advance(length);
            count -= length;
        }
        self.close(open);
        (self.next <= self.end).then_some(())
    }

    /// The first of some repetition levels, all of values.
    fn take_bits(&mut self, again: u64, count: u32, open: &mut Filled) {
        let mut begin = !again & u64::MAX >> (64 - count);
        let mut taken = 0;
        while begin != 0 {
            let place = begin.trailing_zeros();
            open.values += place - taken;
            self.begin_after(open);
            taken = place;
            begin &= begin - 1;
        }
        open.values += count - taken;
    }

    /// The next row begins, and with it ends the one that is open.
    fn begin_after(&mut self, open: &mut Filled) {
        self.close(*open);
        *open = Filled { row: self.next as u32, values: 0 };
        self.next += 1;
    }

    fn close(&mut self, open: Filled) {
        if open.values > 0 {
            self.filled.push(open);
        }
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
