//! Bit-packed columns: blocks of 128 numbers, each in as many bits as the largest of its block needs.
//! Any number is read without its neighbors.
//!
//! A column is the widths of its blocks (one byte each, filled up to a multiple of 8 bytes), the starts
//! of their bits (`u32`, in units of 16 bytes, likewise filled up), and the bits, least significant
//! first. A block of 128 numbers of `w` bits takes `16·w` bytes.

use anyhow::{Result, ensure};

/// The numbers of a block.
const BLOCK: usize = 128;

/// The widest number: any one lies within eight bytes, wherever it begins.
const WIDEST: u32 = 56;

/// The bytes after the bits, so that eight can be read at the last number.
const MARGIN: usize = 8;

/// A packed column in memory or in a mapped file.
#[derive(Clone, Copy, Default)]
pub(super) struct Packed<'a> {
    len: usize,
    widths: &'a [u8],
    starts: &'a [u8],
    bits: &'a [u8],
}

/// Packs numbers; those of more than 56 bits are cut to the largest that fits.
pub(super) fn pack(numbers: &[u64]) -> Vec<u8> {
    let largest = (1_u64 << WIDEST) - 1;
    let mut widths = Vec::with_capacity(numbers.len() / BLOCK + 8);
    let mut starts: Vec<u8> = Vec::with_capacity(numbers.len() / BLOCK * 4 + 8);
    let mut bits = Vec::with_capacity(numbers.len() * 2);
    for block in numbers.chunks(BLOCK) {
        let most = block.iter().map(|number| (*number).min(largest)).max();
        let width = u64::BITS - most.unwrap_or(0).leading_zeros();
        #[expect(clippy::cast_possible_truncation, reason = "at most 56")]
        widths.push(width as u8);
        let start = u32::try_from(bits.len() / 16).unwrap_or(u32::MAX);
        starts.extend_from_slice(&start.to_le_bytes());
        let end = bits.len() + 16 * width as usize;
        let (mut word, mut taken) = (0_u128, 0);
        for number in block {
            word |= u128::from((*number).min(largest)) << taken;
            taken += width;
            if taken >= u64::BITS {
                #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
                bits.extend_from_slice(&(word as u64).to_le_bytes());
                word >>= u64::BITS;
                taken -= u64::BITS;
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
        bits.extend_from_slice(&(word as u64).to_le_bytes());
        // The last block may be shorter; none is longer than its bits.
        bits.resize(end, 0);
    }
    for part in [&mut widths, &mut starts] {
        part.resize(part.len().next_multiple_of(8), 0);
    }
    bits.resize(bits.len() + MARGIN, 0);
    [widths, starts, bits].concat()
}

impl<'a> Packed<'a> {
    /// Returns a column of `len` numbers.
    ///
    /// # Errors
    /// When the bytes are not of such a column.
    pub fn of(bytes: &'a [u8], len: usize) -> Result<Packed<'a>> {
        let blocks = len.div_ceil(BLOCK);
        let (widths, starts) = (blocks.next_multiple_of(8), (4 * blocks).next_multiple_of(8));
        ensure!(
            bytes.len() >= widths + starts + MARGIN,
            "a column of the history is shorter than its blocks"
        );
        let (widths, rest) = bytes.split_at(widths);
        let (starts, bits) = rest.split_at(starts);
        Ok(Packed {
            len,
            widths: &widths[..blocks],
            starts: &starts[..4 * blocks],
            bits,
        })
    }

    /// Returns the number at a place; 0 after the end, and where a damaged file has none.
    pub fn get(&self, at: usize) -> u64 {
        if at >= self.len {
            return 0;
        }
        let block = at / BLOCK;
        let width = usize::from(self.widths[block]).min(WIDEST as usize);
        let bit = at % BLOCK * width;
        let byte = self.start(block) + bit / 8;
        let mut word = [0; 8];
        if let Some(bits) = self.bits.get(byte..byte + 8) {
            word.copy_from_slice(bits);
        }
        u64::from_le_bytes(word) >> (bit % 8) & ((1 << width) - 1)
    }

    fn start(&self, block: usize) -> usize {
        let mut start = [0; 4];
        start.copy_from_slice(&self.starts[4 * block..4 * block + 4]);
        16 * u32::from_le_bytes(start) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back() {
        let mut state = 1_u64;
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state >> 8
        };
        for len in [0, 1, 127, 128, 129, 1_000] {
            for width in [0, 1, 7, 8, 13, 31, 32, 55, 56] {
                let numbers: Vec<u64> = (0..len).map(|_| random() & ((1 << width) - 1)).collect();
                let bytes = pack(&numbers);
                let column = Packed::of(&bytes, len).unwrap();
                let back: Vec<u64> = (0..len).map(|at| column.get(at)).collect();
                assert_eq!(back, numbers, "{len} {width}");
                assert_eq!(column.get(len), 0);
            }
        }
    }

    #[test]
    fn numbers_take_the_bits_of_their_block() {
        let small = vec![3; 128 * 8];
        // Eight blocks of 2 bits: 32 bytes each, with 5 bytes of width and start, and the margin.
        assert_eq!(pack(&small).len(), 8 * 32 + 8 + 32 + 8);
        let huge = pack(&[u64::MAX]);
        assert_eq!(Packed::of(&huge, 1).unwrap().get(0), (1 << 56) - 1);
    }

    #[test]
    fn other_bytes_are_no_column() {
        let bytes = pack(&[1, 2, 3]);
        assert!(Packed::of(&[], 1).is_err());
        assert!(Packed::of(&bytes[..16], 3).is_err());
        // `History::check` finds what a failing disk did; reading it does no harm.
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0xff;
            let column = Packed::of(&damaged, 3).unwrap();
            assert!((0..4).all(|at| column.get(at) < 1 << WIDEST));
        }
    }
}
