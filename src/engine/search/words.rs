//! The words of a query, compiled: patterns of which one of each word must match.

use crate::engine::query::ast::Word;
use crate::engine::search::Corpus;
use crate::engine::search::index::IdIndex;
use crate::engine::search::pattern::CompiledPattern;
use crate::engine::search::rank::MISS;
use crate::engine::table::bitset::ModelSet;

/// Words that must all match.
pub struct CompiledWords<'h>(Vec<Vec<CompiledPattern<'h>>>);

impl<'h> CompiledWords<'h> {
    /// Compiles the words.
    pub fn new(corpus: Corpus<'h>, words: &[&Word]) -> CompiledWords<'h> {
        let of_word = |word: &&Word| {
            let patterns = word.any.iter();
            let compiled = patterns.map(|pattern| CompiledPattern::new(corpus, pattern));
            compiled.collect()
        };
        CompiledWords(words.iter().map(of_word).collect())
    }

    /// Returns the patterns of all words.
    pub fn patterns(&self) -> impl Iterator<Item = &CompiledPattern<'h>> {
        self.0.iter().flatten()
    }

    /// Returns true if there is one word only.
    pub fn is_single(&self) -> bool {
        self.0.len() == 1
    }

    /// Prefetches ids that are about to be looked at.
    pub fn prefetch(&self, rows: impl Iterator<Item = usize> + Clone) {
        let patterns = self.patterns();
        patterns.for_each(|pattern| pattern.prefetch(rows.clone()));
    }

    /// Removes the models whose ids lack a character of the words.
    pub fn retain_candidates(&self, index: &IdIndex, set: &mut ModelSet) {
        // No pattern is required where a word has several.
        let of_word = |any: &Vec<CompiledPattern>| match any.as_slice() {
            [only] => only.classes(),
            _ => 0,
        };
        let classes = self.0.iter().map(of_word).fold(0, |a, b| a | b);
        set.retain_words(|start| index.having(start, classes));
    }

    /// Returns the rank of an id that contains all words, else [`MISS`].
    pub fn rank(&self, row: usize) -> u8 {
        self.worst(|_, pattern| pattern.rank(row))
    }

    /// Returns the rank of an id that matches all words, if only as subsequences, else [`MISS`].
    /// It may be known that the id does not contain the first word.
    pub fn rank_with_subsequences(&self, row: usize, first_may_occur: bool) -> u8 {
        self.worst(|word, pattern| match word > 0 || first_may_occur {
            true => pattern.rank(row).min(pattern.rank_of_subsequence(row)),
            false => pattern.rank_of_subsequence(row),
        })
    }

    /// Returns the worst of the words' ranks, of which each is the best of its patterns.
    fn worst(&self, rank: impl Fn(usize, &CompiledPattern) -> u8) -> u8 {
        let words = self.0.iter().enumerate();
        let ranks = words.filter_map(|(word, any)| any.iter().map(|p| rank(word, p)).min());
        ranks.max().unwrap_or(MISS)
    }

    /// Returns true if an id may match all words.
    pub fn may_match(&self, row: usize) -> bool {
        let mut words = self.0.iter();
        words.all(|any| any.iter().any(|pattern| pattern.may_match(row)))
    }

    /// Returns true if the id or the name begins with every pattern, ignoring case.
    pub fn are_prefixes(&self, row: usize) -> bool {
        self.patterns().all(|pattern| pattern.is_prefix(row))
    }
}
