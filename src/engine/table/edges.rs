//! The bases that models state, as the files have them: one entry for each (model, base) pair,
//! in file order, the base still a name. `lineage/graph.rs` makes the graph of them.

use anyhow::Result;
use bytemuck::{Pod, Zeroable};
use rustc_hash::FxHashMap;

use crate::engine::table::interner::Interner;

/// How a model was made from its base: an index into [`Bases::relations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Pod, Zeroable)]
#[repr(transparent)]
pub struct Relation(pub u16);

impl Relation {
    /// A base without a word about how.
    pub const UNSTATED: Relation = Relation(0);
    pub const FINETUNE: Relation = Relation(1);
    pub const QUANTIZED: Relation = Relation(3);
}

/// The words known to every hub, at their places in [`Bases::relations`].
const KNOWN: [&str; 5] = ["", "finetune", "adapter", "quantized", "merge"];

/// Every stated (model, base) pair.
pub struct Bases {
    /// The row of each pair's model, in ascending order.
    pub models: Vec<u32>,
    /// How each pair's model was made.
    pub how: Vec<Relation>,
    /// The words that [`Relation`] stands for, known and unknown ones, cleaned.
    pub relations: Vec<String>,
    /// The base of each pair: its code in `names`.
    pub bases: Vec<u32>,
    /// The names that are stated: of a stretch of rows each once.
    pub names: Interner,
    codes: FxHashMap<String, Relation>,
}

impl Default for Bases {
    fn default() -> Bases {
        let known = KNOWN.iter().zip(0..);
        Bases {
            models: Vec::new(),
            how: Vec::new(),
            relations: KNOWN.map(str::to_owned).to_vec(),
            bases: Vec::new(),
            names: Interner::default(),
            codes: known
                .map(|(word, code)| ((*word).to_owned(), Relation(code)))
                .collect(),
        }
    }
}

impl Bases {
    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.models.len()
    }

    /// Whether no model states a base.
    pub fn is_empty(&self) -> bool {
        self.models.is_empty()
    }

    /// The base's name in pair `at`.
    pub fn name(&self, at: usize) -> &str {
        self.names.get(self.bases[at])
    }

    /// Adds a pair; rows must come in ascending order.
    ///
    /// # Errors
    /// When the names of all bases together are longer than 4 GiB.
    pub fn push(&mut self, model: u32, relation: Option<&str>, base: &str) -> Result<()> {
        let how = self.code(relation.unwrap_or_default());
        let base = self.names.intern(base.as_bytes())?;
        self.push_coded(model, how, base);
        Ok(())
    }

    /// Adds a pair of a relation and a base that have a code and a place already.
    pub fn push_coded(&mut self, model: u32, how: Relation, base: u32) {
        self.models.push(model);
        self.how.push(how);
        self.bases.push(base);
    }

    /// The pairs of stretches of rows, in their order; no name can be added any more.
    /// # Errors
    /// When the names of all bases together are longer than 4 GiB.
    pub fn joined(parts: &[Bases]) -> Result<Bases> {
        let mut all = Bases::default();
        let pairs = parts.iter().map(Bases::len).sum();
        let mut names = Interner::default();
        let ((), joined) = rayon::join(
            || {
                all.models.reserve_exact(pairs);
                all.how.reserve_exact(pairs);
                all.bases.reserve_exact(pairs);
                let mut shift = 0;
                for part in parts {
                    all.append(part, shift);
                    shift += part.names.count();
                }
            },
            || names.append_all(parts.iter().map(|part| &part.names)),
        );
        joined?;
        Ok(Bases { names, ..all })
    }

    /// Adds the pairs of a later stretch, whose names come behind so many others.
    fn append(&mut self, later: &Bases, shift: u32) {
        let codes: Vec<Relation> = later.relations.iter().map(|word| self.code(word)).collect();
        let how = later.how.iter().map(|how| codes[how.0 as usize]);
        self.how.extend(how);
        self.bases
            .extend(later.bases.iter().map(|base| base + shift));
        self.models.extend_from_slice(&later.models);
    }

    /// The code of a relation word. Past 65,535 different words, which no honest file has, a new
    /// one counts as unstated.
    pub fn code(&mut self, word: &str) -> Relation {
        if let Some(&code) = self.codes.get(word) {
            return code;
        }
        let Ok(code) = u16::try_from(self.relations.len()).map(Relation) else {
            return Relation::UNSTATED;
        };
        self.relations.push(word.to_owned());
        self.codes.insert(word.to_owned(), code);
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_join_and_unknown_words_are_kept() {
        let mut first = Bases::default();
        first.push(0, Some("finetune"), "a/b").unwrap();
        first.push(0, None, "c").unwrap();
        let mut later = Bases::default();
        later.push(7, Some("distilled"), "d/e").unwrap();
        later.push(8, Some("merge"), "").unwrap();
        let joined = Bases::joined(&[first, later]).unwrap();
        let all: Vec<_> = (0..joined.len())
            .map(|i| {
                (
                    joined.models[i],
                    &*joined.relations[joined.how[i].0 as usize],
                    joined.name(i),
                )
            })
            .collect();
        assert_eq!(
            all,
            [
                (0, "finetune", "a/b"),
                (0, "", "c"),
                (7, "distilled", "d/e"),
                (8, "merge", "")
            ]
        );
    }
}
