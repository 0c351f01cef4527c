//! Log-linear histogram buckets of 64-bit offsets, each at most 1/128 as wide as its offsets are
//! large, and bins between any edges, which are looked up by bucket.

/// The number of buckets per power of two, as a power of two.
const FINE: u32 = 7;
/// The number of buckets of all 64-bit offsets.
pub const BUCKETS: usize = (65 - FINE as usize) << FINE;

/// The bucket of an offset; buckets ascend with their offsets.
pub fn bucket(offset: u64) -> usize {
    // Only the first eight significant bits count.
    let shift = (u64::BITS - offset.leading_zeros()).saturating_sub(FINE + 1);
    ((shift as usize) << FINE) + (offset >> shift) as usize
}

/// The smallest offset of a bucket.
pub fn lowest(bucket: usize) -> u64 {
    let shift = (bucket >> FINE).saturating_sub(1);
    ((bucket - (shift << FINE)) as u64) << shift
}

/// The largest offset of a bucket.
pub fn highest(bucket: usize) -> u64 {
    // After the last bucket the lowest offset would be 2^64, which wraps to 0.
    lowest(bucket + 1).wrapping_sub(1)
}

/// Bins between ascending edges, with an index by bucket.
pub struct Bins {
    edges: Vec<i64>,
    /// Of each bucket, the bin of its smallest value.
    first: Vec<u32>,
}

impl Bins {
    /// The bins between ascending edges.
    pub fn between(edges: Vec<i64>) -> Bins {
        let bins = edges.len().saturating_sub(1);
        let first = |bucket: usize| {
            let value = i128::from(edges[0]) + i128::from(lowest(bucket));
            let below = edges.partition_point(|edge| i128::from(*edge) <= value);
            u32::try_from(below.clamp(1, bins) - 1).unwrap_or(u32::MAX)
        };
        let buckets = if bins > 0 { BUCKETS } else { 0 };
        let first = (0..buckets).map(first).collect();
        Bins { edges, first }
    }

    /// The number of bins.
    pub fn count(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// The bin of a value. A bin has its first edge, the last bin both; values beyond the outer
    /// edges belong to the outer bins.
    ///
    /// # Panics
    /// Without bins.
    pub fn of(&self, value: i64) -> usize {
        let start = self.edges[0];
        let offset = value.max(start).wrapping_sub(start).cast_unsigned();
        let mut bin = self.first[bucket(offset)] as usize;
        while bin + 1 < self.count() && self.edges[bin + 1] <= value {
            bin += 1;
        }
        bin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_ascend_and_are_narrow() {
        for at in 0..BUCKETS {
            let (low, high) = (lowest(at), highest(at));
            assert_eq!((bucket(low), bucket(high)), (at, at));
            assert!(high - low <= low / 128);
            assert!(at == 0 || highest(at - 1) + 1 == low);
        }
        assert_eq!((lowest(0), highest(BUCKETS - 1)), (0, u64::MAX));
    }
}
