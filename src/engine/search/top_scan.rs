//! First pages that a scan of the list from its top finds early, where matches are frequent.

use rayon::prelude::*;

use crate::engine::query::ast::Word;
use crate::engine::search::context::QueryContext;
use crate::engine::search::fuzzy::SCORED;
use crate::engine::search::hits::Hits;
use crate::engine::search::pattern::CompiledPattern;
use crate::engine::search::rank::Rank;
use crate::engine::search::words::CompiledWords;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::models::ModelId;

/// The number of models that a scan looks at, each a cache miss.
const SCANNED: usize = 32_768;
/// The number of them that are looked at in parallel.
const BLOCK: usize = 2_048;
/// Prefix matches that fill any screen.
const SCREEN: usize = 128;

/// Returns the first page where no id contains all words, and the first subsequence matches are
/// frequent. If given, `some` includes all matches.
pub fn subsequence_page(
    context: &QueryContext,
    words: &[&Word],
    some: Option<&ModelSet>,
) -> Option<Hits> {
    let patterns = words.iter().flat_map(|word| &word.any);
    let mut ranks = patterns.filter_map(Rank::of_subsequence);
    let rank = ranks.next()?;
    if ranks.any(|other| other != rank) {
        return None;
    }
    let corpus = context.corpus;
    let words = CompiledWords::new(corpus, words);
    let some = some.or(context.passing.as_ref()).cloned();
    let mut some = some.unwrap_or_else(|| ModelSet::all(corpus.models.len()));
    words.retain_candidates(corpus.index, &mut some);
    let found = scan(context, &words, &some, SCORED, |m| words.may_match(m.row()))?;
    (!found.is_empty()).then(|| context.scored_page(found))
}

/// Returns the first page where many of the first candidates begin with the words. Only ids and
/// names that equal the words rank above those, wherever they are in the list.
pub fn prefix_page(context: &QueryContext, words: &CompiledWords, some: &ModelSet) -> Option<Hits> {
    if !words.patterns().any(CompiledPattern::is_slow) {
        return None;
    }
    let has = |model: &ModelId, rank: Rank| words.rank(model.row()) == rank as u8;
    let prefixes = scan(context, words, some, SCREEN, |m| has(m, Rank::Prefix))?;
    if prefixes.len() < SCREEN {
        return None;
    }
    let mut named = some.clone();
    named.retain(|row| words.patterns().any(|pattern| pattern.may_be_name(row)));
    let mut models = Vec::new();
    for rank in [Rank::Id, Rank::Name] {
        models.extend(context.arranged(named.iter().filter(|m| has(m, rank)).collect())?);
    }
    models.extend(prefixes);
    Some(context.page(models))
}

/// Returns the first candidates of the list for which the condition holds, up to a limit. `None` if
/// they turn out to be rare.
fn scan(
    context: &QueryContext,
    words: &CompiledWords,
    some: &ModelSet,
    limit: usize,
    holds: impl Fn(&ModelId) -> bool + Sync,
) -> Option<Vec<ModelId>> {
    let list = context.list.iter().copied();
    let list = list.take_while(|_| !context.is_cancelled());
    let mut list = list.filter(|model| some.has(*model));
    let mut found: Vec<ModelId> = Vec::new();
    for scanned in (0..SCANNED).step_by(BLOCK) {
        let block: Vec<ModelId> = list.by_ref().take(BLOCK).collect();
        if context.is_cancelled() {
            return None;
        }
        let is_last = block.len() < BLOCK;
        words.prefetch(block.iter().map(|m| m.row()));
        found.par_extend(block.into_par_iter().filter(&holds));
        if is_last || found.len() >= limit {
            found.truncate(limit);
            return Some(found);
        }
        // The rate so far shows that most texts are too rare.
        if scanned > 0 && found.len() * SCANNED < scanned * limit / 4 {
            return None;
        }
    }
    None
}
