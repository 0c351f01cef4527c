//! Previews: first pages that are known before all ids are searched, because known words or filters
//! leave few candidates, or because the best matches are among the matches of a known word.

use std::sync::Arc;

use crate::engine::query::ast::Word;
use crate::engine::search::context::{PAGE, QueryContext};
use crate::engine::search::fuzzy::SCORED;
use crate::engine::search::hits::Hits;
use crate::engine::search::rank::{MISS, Matches, Rank, RankCounts, Ranks, count, fill, passed};
use crate::engine::search::top_scan::{prefix_page, subsequence_page};
use crate::engine::search::words::CompiledWords;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::models::ModelId;

/// A shorter page would not fill the screen.
const ENOUGH: usize = 40;
/// If fewer than one in this many models is a candidate, a look at each is faster than a scan.
const FEW: usize = 12;

/// A partial result: the matches of some words of a query, and words that are still to be searched.
pub struct PartialResult<'p> {
    pub context: &'p QueryContext<'p>,
    /// The matches of the known words together.
    pub known: Option<Matches>,
    /// The matches of a pattern that the first of the other words narrows.
    pub wider: Option<Arc<Ranks>>,
    /// The same, possibly without subsequence matches.
    pub wider_exact: Option<WiderMatches>,
    pub others: CompiledWords<'p>,
}

/// The exact matches of a part of a word.
pub struct WiderMatches {
    pub ranks: Arc<Ranks>,
    /// True if the word begins with the part.
    pub is_prefix: bool,
}

/// The cost of ranking candidates one by one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// Fits in the time of a first page.
    Minimal,
    /// Less than that of scanning all ids.
    Low,
    /// More, or unknown.
    High,
}

impl PartialResult<'_> {
    /// Returns true if the matches of the known words include those as subsequences.
    fn is_complete(&self) -> bool {
        self.known.as_ref().is_none_or(|known| known.is_complete)
    }

    /// Returns the models that may match all words. Subsequence matches of known words may be
    /// missing.
    pub fn candidates(&self) -> ModelSet {
        let index = self.context.corpus.index;
        let known = self.known.iter().map(|known| &known.ranks);
        let mut sets = known
            .chain(&self.wider)
            .map(|ranks| ModelSet::up_to(ranks, Rank::Fuzzy as u8));
        let all = || ModelSet::all(index.texts().len());
        let mut candidates = sets.next().unwrap_or_else(all);
        sets.for_each(|set| candidates.and(&set));
        self.others.retain_candidates(index, &mut candidates);
        candidates
    }

    /// Estimates the cost of ranking some models for all words.
    pub fn cost(&self, some: &ModelSet) -> Cost {
        if !self.is_complete() {
            return Cost::High;
        }
        let (rows, count) = (some.rows(), some.count());
        let exact = self.exact_candidates(some, Rank::Substring);
        // A substring search takes three times as long as a subsequence match.
        match count + 2 * exact.map_or(count, |exact| exact.count()) {
            looks if looks <= rows / 32 => Cost::Minimal,
            looks if looks <= 3 * rows / FEW => Cost::Low,
            _ => Cost::High,
        }
    }

    /// Returns those of some models that may contain the first unknown word at this rank or better.
    fn exact_candidates(&self, some: &ModelSet, worst: Rank) -> Option<ModelSet> {
        let wider = self.wider_exact.as_ref()?;
        let mut exact = ModelSet::up_to(&wider.ranks, worst as u8);
        exact.and(some);
        Some(exact)
    }

    /// Limits a rank of the other words by that of the known ones.
    fn limited(&self, rank: u8, row: usize) -> u8 {
        let known = self.known.as_ref();
        known.map_or(rank, |known| rank.max(known.ranks[row]))
    }

    /// Ranks some models for all words.
    pub fn ranks_of(&self, some: &ModelSet) -> Option<Ranks> {
        let mut ranks = vec![MISS; some.rows()];
        self.rank_each(some, &mut ranks, |row| {
            let wider = self.wider_exact.as_ref();
            let may_occur = wider.is_none_or(|wider| wider.ranks[row] <= Rank::Substring as u8);
            self.limited(self.others.rank_with_subsequences(row, may_occur), row)
        })?;
        Some(ranks)
    }

    /// Fills in the ranks of some models.
    fn rank_each(
        &self,
        some: &ModelSet,
        ranks: &mut Ranks,
        rank: impl Fn(usize) -> u8 + Sync,
    ) -> Option<()> {
        fill(ranks, self.context.cancel, |rows, ranks| {
            let start = rows.start;
            let some = some.within(rows).map(ModelId::row);
            self.others.prefetch(some.clone());
            some.for_each(|row| ranks[row - start] = rank(row));
        })
    }

    /// The same for models that contain all words. `None` if a scan of all ids is faster.
    fn rank_few(
        &self,
        some: &ModelSet,
        ranks: &mut Ranks,
        may_match: impl Fn(usize) -> bool + Sync,
    ) -> Option<()> {
        let rank = |row| match may_match(row) {
            true => self.limited(self.others.rank(row), row),
            false => MISS,
        };
        let are_few = some.count() <= some.rows() / FEW;
        are_few.then(|| self.rank_each(some, ranks, rank))?
    }

    /// Returns a first page if it is known before all candidates are ranked.
    pub fn preview(&self, candidates: &ModelSet, words: &[&Word]) -> Option<Hits> {
        let mut some = candidates.clone();
        // Without filters, the caller ranks the candidates if that costs little.
        let mut cost = Cost::High;
        if let Some(passing) = &self.context.passing {
            some.and(passing);
            cost = self.cost(&some);
        }
        let among_all = || ranked_page(self.context, &self.ranks_of(&some)?);
        if cost == Cost::Minimal {
            return among_all();
        }
        if let Some(page) = self.prefix_matches(&some) {
            return Some(page);
        }
        let exact = self
            .exact_matches(&some)
            .or_else(|| self.best_matches(&some));
        let first = match exact {
            Some(page) => page.or_else(|| {
                let some = self.is_complete().then_some(&some);
                subsequence_page(self.context, words, some)
            }),
            None => prefix_page(self.context, &self.others, &some),
        };
        match cost {
            Cost::Low => first.or_else(among_all),
            _ => first,
        }
    }

    /// Returns the first page where the only word begins with a known part: its prefix matches are
    /// among those of the part, and rank above all others.
    fn prefix_matches(&self, some: &ModelSet) -> Option<Hits> {
        let is_prefix = self.wider_exact.as_ref()?.is_prefix;
        if !is_prefix || self.known.is_some() || !self.others.is_single() {
            return None;
        }
        let prefixes = self.exact_candidates(some, Rank::Prefix)?;
        let mut ranks = vec![MISS; some.rows()];
        // To test for the prefix is cheaper than to rank.
        let may_match = |row| self.others.are_prefixes(row);
        self.rank_few(&prefixes, &mut ranks, may_match)?;
        page_up_to(self.context, &ranks, &count(&ranks), Rank::Prefix, ENOUGH)
    }

    /// Returns the first page of the models that contain all words: `Some(None)` if there are none,
    /// `None` if too many would have to be searched.
    fn exact_matches(&self, some: &ModelSet) -> Option<Option<Hits>> {
        let exact = self.exact_candidates(some, Rank::Substring)?;
        // Of more, a scan of the list finds a page sooner.
        if exact.count() > exact.rows() / (2 * FEW) {
            return None;
        }
        let mut ranks = vec![MISS; exact.rows()];
        self.rank_few(&exact, &mut ranks, |_| true)?;
        Some(page_up_to(
            self.context,
            &ranks,
            &count(&ranks),
            Rank::Substring,
            1,
        ))
    }

    /// The same where a word is known. No id ranks better for all words than for this one, so its
    /// best matches are ranked first, until enough of them match.
    fn best_matches(&self, some: &ModelSet) -> Option<Option<Hits>> {
        let known = &self.known.as_ref()?.ranks;
        let mut ranks = vec![MISS; some.rows()];
        let mut left = some.clone();
        for worst in [Rank::Prefix, Rank::Word, Rank::Substring] {
            let mut best = ModelSet::up_to(known, worst as u8);
            best.and(&left);
            self.rank_few(&best, &mut ranks, |_| true)?;
            let page = page_up_to(self.context, &ranks, &count(&ranks), worst, ENOUGH);
            if page.is_some() {
                return Some(page);
            }
            best.invert();
            left.and(&best);
        }
        Some(page_up_to(
            self.context,
            &ranks,
            &count(&ranks),
            Rank::Substring,
            1,
        ))
    }
}

/// Returns the first of many models that pass the filters.
pub fn filtered_page(context: &QueryContext) -> Option<Hits> {
    let passing = context.passing.as_ref()?;
    let are_many = passing.count() > passing.rows() / 64;
    let first = context.list.iter().copied().filter(|m| passing.has(*m));
    let is_wanted = are_many && !context.is_cancelled();
    is_wanted.then(|| context.page(first.take(PAGE).collect()))
}

/// Returns the first page by the ranks of all models that pass the filters.
pub fn ranked_page(context: &QueryContext, ranks: &Ranks) -> Option<Hits> {
    let passing = context.passing.as_ref();
    let passed = passing.map(|set| passed(Some(ranks), set).0);
    let ranks = passed.as_ref().unwrap_or(ranks);
    let counts = count(ranks);
    let page = page_up_to(context, ranks, &counts, Rank::Substring, 1);
    page.or_else(|| {
        let first = context.first(ranks, &counts, SCORED)?;
        // Several ranks would each be sorted by score.
        let rank_of = |model: Option<&ModelId>| model.map(|model| ranks[model.row()]);
        let is_one_rank = rank_of(first.first()) == rank_of(first.last());
        is_one_rank.then(|| context.scored_page(first))
    })
}

/// Returns the first page of the models of this rank or better, if there are enough.
fn page_up_to(
    context: &QueryContext,
    ranks: &Ranks,
    counts: &RankCounts,
    worst: Rank,
    enough: usize,
) -> Option<Hits> {
    let found: usize = counts[..=worst as usize].iter().sum();
    if found < enough {
        return None;
    }
    let first = context.first(ranks, counts, found.min(PAGE))?;
    Some(context.page(first))
}
