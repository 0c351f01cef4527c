//! First pages that are met on the way through the list, the most downloaded models first.

use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::list::{Gathering, Hits};
use super::matcher::SCORED;
use super::page::{fetch, tier};
use super::words::{Seeker, Tier, loose_tier};
use crate::engine::query::query::Word;
use crate::engine::table::bitset::ModelSet;
use crate::engine::table::models::ModelId;
use crate::engine::table::order::arrange;

/// So many models are looked at: each stands somewhere else in memory.
const LOOKED_AT: usize = 32_768;
/// So many of them at once.
const BLOCK: usize = 2_048;
/// So many that begin with the words fill any screen.
const SCREEN: usize = 128;

impl Gathering<'_> {
    /// The first models, where no id has all words but many have their letters: then the first of
    /// those are soon met in the list's order. All that match are among `some`, if they are given.
    pub fn scattered(&self, some: Option<&ModelSet>, wanted: &[&Word]) -> Option<Hits> {
        let patterns = wanted.iter().flat_map(|word| &word.any);
        let mut tiers = patterns.filter_map(loose_tier);
        let only = tiers.next()?;
        if tiers.any(|tier| tier != only) {
            return None;
        }
        let seekers = self.seekers(wanted);
        let all = || ModelSet::all(self.corpus.models.len());
        let mut some = some.or(self.passing.as_ref()).cloned().unwrap_or_else(all);
        self.with_letters(&mut some, &seekers);
        let may_match = |any: &Vec<Seeker>, m: ModelId| any.iter().any(|s| s.may_have(m.row()));
        let fits = |m: &ModelId| seekers.iter().all(|any| may_match(any, *m));
        let found = self.met(&some, &seekers, SCORED, fits)?;
        (!found.is_empty()).then(|| self.scored_page(found))
    }

    /// The first of some models, if many of the most downloaded begin with the words; what is named
    /// so stands before them wherever it is.
    pub fn glance(&self, some: &ModelSet, wanted: &[&Word]) -> Option<Hits> {
        let seekers = self.seekers(wanted);
        let slow = seekers.iter().flatten().any(Seeker::is_slow);
        if !slow {
            return None;
        }
        let tier = |m: ModelId| tier(&seekers, m.row());
        let begun = self.met(some, &seekers, SCREEN, |m| tier(*m) == Tier::Prefix as u8)?;
        if begun.len() < SCREEN {
            return None;
        }
        let may_name = |row| seekers.iter().flatten().any(|s: &Seeker| s.may_name(row));
        let mut named = some.clone();
        named.retain(may_name);
        let mut models = Vec::new();
        for wanted in [Tier::Id, Tier::Name] {
            let some = named.iter().filter(|m| tier(*m) == wanted as u8);
            let some: Vec<ModelId> = some.collect();
            let some = some.into_par_iter();
            models.extend(arrange(self.corpus.models, self.order, some, self.stop)?);
        }
        models.extend(begun);
        Some(self.page(models.into()))
    }

    /// The first of some models in the list's order that are `wanted`: so many, or all that there are.
    /// `None` where they are not met soon.
    fn met(
        &self,
        some: &ModelSet,
        seekers: &[Vec<Seeker>],
        most: usize,
        wanted: impl Fn(&ModelId) -> bool + Sync,
    ) -> Option<Vec<ModelId>> {
        let stopped = || self.stop.load(Ordering::Relaxed);
        let listed = self.in_order.iter().copied().take_while(|_| !stopped());
        let mut listed = listed.filter(|m| some.has(*m));
        let mut found: Vec<ModelId> = Vec::new();
        for looked_at in (0..LOOKED_AT).step_by(BLOCK) {
            let block: Vec<ModelId> = listed.by_ref().take(BLOCK).collect();
            if stopped() {
                return None;
            }
            let is_last = block.len() < BLOCK;
            fetch(seekers, block.iter().map(|m| m.row()));
            found.par_extend(block.into_par_iter().filter(&wanted));
            if is_last || found.len() >= most {
                found.truncate(most);
                return Some(found);
            }
            // A taste tells most texts that are hardly ever met.
            let is_hopeless = looked_at > 0 && found.len() * LOOKED_AT < looked_at * most / 4;
            if is_hopeless {
                return None;
            }
        }
        None
    }
}
