//! Which rare tags were met in any stretch of rows so far. Nearly all are met in one only, and are rare
//! among all models, too: only the hash is kept of those, so the name need not be carried along.

use std::sync::atomic::{AtomicU64, Ordering};

/// The hashes of tags that were met; some others are taken for them.
pub struct Sighted {
    words: Vec<AtomicU64>,
    /// How many of a hash's bits are left out.
    left_out: u32,
}

impl Sighted {
    /// None yet of a hub with so many rows.
    pub fn among(rows: usize) -> Sighted {
        // Two bits a row: about one tag of ten is taken for one that was met. As many as stay near.
        let bits = rows
            .saturating_mul(2)
            .clamp(64, 1 << 26)
            .next_power_of_two();
        Sighted {
            words: (0..bits / 64).map(|_| AtomicU64::new(0)).collect(),
            left_out: u64::BITS - bits.ilog2(),
        }
    }

    /// Has memory bring what is known of these hashes: many in the time of one, see
    /// [`crate::engine::table::arena::Texts::fetch`].
    pub fn fetch(&self, hashes: &[u64]) {
        let words = hashes
            .iter()
            .map(|hash| self.word(*hash).load(Ordering::Relaxed));
        std::hint::black_box(words.fold(0, |all, word| all ^ word));
    }

    /// Whether a tag of this hash was met before; now it was. Of several threads that meet it at the
    /// same time one is told that it was not.
    pub fn meet(&self, hash: u64) -> bool {
        let word = self.word(hash);
        let mask = 1 << ((hash >> self.left_out) % 64);
        word.load(Ordering::Relaxed) & mask != 0
            || word.fetch_or(mask, Ordering::Relaxed) & mask != 0
    }

    fn word(&self, hash: u64) -> &AtomicU64 {
        &self.words[(hash >> self.left_out) as usize / 64]
    }
}
