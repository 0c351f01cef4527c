//! Some thousand fine steps that values of 64 bits are counted in, each at most 1/128 as wide as its
//! values are large; and bins between any edges, found by steps.

/// Steps of each power of two, as a power of two.
const FINE: u32 = 7;
/// All steps that offsets of 64 bits need.
pub const STEPS: usize = (65 - FINE as usize) << FINE;

/// The step that an offset lies in; steps are in the order of the offsets.
pub fn step(offset: u64) -> usize {
    let shift = shift(offset);
    ((shift as usize) << FINE) + (offset >> shift) as usize
}

/// How many of its last bits do not matter for the step: those after the first eight.
fn shift(offset: u64) -> u32 {
    (u64::BITS - offset.leading_zeros()).saturating_sub(FINE + 1)
}

/// The smallest offset of a step.
pub fn lowest(step: usize) -> u64 {
    let shift = (step >> FINE).saturating_sub(1);
    ((step - (shift << FINE)) as u64) << shift
}

/// The largest.
pub fn highest(at: usize) -> u64 {
    match at + 1 < STEPS {
        true => lowest(at + 1) - 1,
        false => u64::MAX,
    }
}

/// Bins between edges, and for each step which of them its smallest value lies in.
pub struct Bins {
    edges: Vec<i64>,
    begins: Vec<u32>,
}

impl Bins {
    /// The bins between ascending edges.
    pub fn between(edges: Vec<i64>) -> Bins {
        let bins = edges.len().saturating_sub(1);
        let begin = |step: usize| {
            let value = i128::from(edges[0]) + i128::from(lowest(step));
            let below = edges.partition_point(|edge| i128::from(*edge) <= value);
            u32::try_from(below.clamp(1, bins) - 1).unwrap_or(u32::MAX)
        };
        let steps = if bins > 0 { STEPS } else { 0 };
        let begins = (0..steps).map(begin).collect();
        Bins { edges, begins }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }

    /// The bin that a value lies in: the first edge of a bin is in it, the second only in the last.
    /// What lies beyond the outer edges is counted next to them. There must be a bin.
    pub fn of(&self, value: i64) -> usize {
        let first = self.edges[0];
        let offset = value.max(first).wrapping_sub(first).cast_unsigned();
        let mut bin = self.begins[step(offset)] as usize;
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
    fn steps_are_in_order_and_narrow() {
        for at in 0..STEPS {
            let from = lowest(at);
            assert_eq!(step(from), at);
            if at > 0 {
                assert_eq!(step(from - 1), at - 1);
                assert!(from - lowest(at - 1) <= 1 + from / 128);
            }
        }
        assert_eq!(step(u64::MAX), STEPS - 1);
    }
}
