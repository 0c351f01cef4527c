//! Ranks: how well an id matches, in one byte per model.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::engine::query::ast::{Anchor, Pattern};
use crate::engine::table::bitset::{CHUNK, ModelSet, bits, chunks};

/// The rank of a match, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Rank {
    /// The id is the text.
    Id,
    /// The name after the slash is the text.
    Name,
    /// The id or the name begins with the text.
    Prefix,
    /// The id contains the text as a whole word.
    Word,
    /// The id contains the text.
    Substring,
    /// The id contains the text as a subsequence, and the query asks for that.
    Subsequence,
    /// The same where the query does not ask for it; listed after all other matches.
    Fuzzy,
}

impl Rank {
    pub const COUNT: usize = 7;

    /// All ranks, best first.
    pub const ALL: [Rank; Rank::COUNT] = [
        Rank::Id,
        Rank::Name,
        Rank::Prefix,
        Rank::Word,
        Rank::Substring,
        Rank::Subsequence,
        Rank::Fuzzy,
    ];

    /// Returns the name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Rank::Id => "id",
            Rank::Name => "name",
            Rank::Prefix => "prefix",
            Rank::Word => "word",
            Rank::Substring => "substring",
            Rank::Subsequence | Rank::Fuzzy => "fuzzy",
        }
    }

    /// Returns the rank of ids that contain the pattern as a subsequence only, if they match.
    pub fn of_subsequence(pattern: &Pattern) -> Option<Rank> {
        // Nearly every id contains any two letters in order.
        const FUZZY_CHARS: usize = 3;
        match pattern.anchor {
            Anchor::Subsequence => Some(Rank::Subsequence),
            Anchor::Anywhere if pattern.text.chars().count() >= FUZZY_CHARS => Some(Rank::Fuzzy),
            _ => None,
        }
    }
}

/// The byte of a model that does not match.
pub const MISS: u8 = Rank::COUNT as u8;

/// The [`Rank`] of every model as a byte, or [`MISS`].
pub type Ranks = Vec<u8>;

/// The number of models of each rank.
pub type RankCounts = [usize; Rank::COUNT];

/// The ranks of a pattern, a word, or several words together.
#[derive(Clone)]
pub struct Matches {
    pub ranks: Arc<Ranks>,
    /// True if ids that match as a subsequence only are included.
    pub is_complete: bool,
}

impl Matches {
    /// Joins the matches of alternatives: each model has its best rank.
    pub fn any(all: impl IntoIterator<Item = Matches>) -> Option<Matches> {
        all.into_iter().reduce(|a, b| a.join(&b, u8::min))
    }

    /// Joins the matches of conditions that must all hold: each model has its worst rank.
    pub fn all(all: impl IntoIterator<Item = Matches>) -> Option<Matches> {
        all.into_iter().reduce(|a, b| a.join(&b, u8::max))
    }

    fn join(mut self, other: &Matches, of: impl Fn(u8, u8) -> u8) -> Matches {
        let ranks = Arc::make_mut(&mut self.ranks).iter_mut();
        let pairs = ranks.zip(other.ranks.iter());
        pairs.for_each(|(rank, other)| *rank = of(*rank, *other));
        self.is_complete &= other.is_complete;
        self
    }

    /// Returns true if less than one model in six matches.
    pub fn are_sparse(&self) -> bool {
        let matches = |ranks| bits(ranks, Rank::Fuzzy as u8).count_ones() as usize;
        let count: usize = self.ranks.chunks(64).map(matches).sum();
        count < self.ranks.len() / 6
    }
}

/// Fills in ranks on all cores, a chunk of rows at a time. `None` if cancelled.
pub fn fill(
    ranks: &mut Ranks,
    cancel: &AtomicBool,
    fill_chunk: impl Fn(Range<usize>, &mut [u8]) + Sync,
) -> Option<()> {
    let is_cancelled = || cancel.load(Ordering::Relaxed);
    let chunks = chunks(ranks.len());
    ranks
        .par_chunks_mut(CHUNK)
        .zip(chunks)
        .filter(|_| !is_cancelled())
        .for_each(|(ranks, rows)| fill_chunk(rows, ranks));
    (!is_cancelled()).then_some(())
}

/// Counts the models of each rank.
pub fn count(ranks: &Ranks) -> RankCounts {
    let of_chunk = |ranks: &[u8]| {
        // Two alternating counters: one would wait for itself wherever a rank repeats.
        let mut counts = [[0_usize; Rank::COUNT + 1]; 2];
        for pair in ranks.chunks(2) {
            for (rank, counts) in pair.iter().zip(&mut counts) {
                counts[usize::from(*rank).min(Rank::COUNT)] += 1;
            }
        }
        std::array::from_fn(|rank| counts[0][rank] + counts[1][rank])
    };
    let counts = ranks.par_chunks(CHUNK).map(of_chunk);
    counts.reduce(Default::default, |a, b| {
        std::array::from_fn(|rank| a[rank] + b[rank])
    })
}

/// Keeps the ranks of the models that pass, and counts the others that match. Without ranks, all
/// models match.
pub fn passed(ranks: Option<&Ranks>, passing: &ModelSet) -> (Ranks, usize) {
    let mut passed = match ranks {
        Some(ranks) => ranks.clone(),
        None => vec![Rank::Substring as u8; passing.rows()],
    };
    let chunks = passed.par_chunks_mut(CHUNK).enumerate();
    let hidden = chunks.map(|(chunk, ranks)| {
        let mut hidden = 0;
        for (at, ranks) in ranks.chunks_mut(64).enumerate() {
            let bits = passing.word_of(chunk * CHUNK + at * 64);
            for (bit, rank) in ranks.iter_mut().enumerate() {
                let passes = bits >> bit & 1 == 1;
                hidden += usize::from(!passes && *rank != MISS);
                *rank = if passes { *rank } else { MISS };
            }
        }
        hidden
    });
    let hidden = hidden.sum();
    (passed, hidden)
}
