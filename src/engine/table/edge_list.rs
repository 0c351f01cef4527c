//! The edge list of the lineage graph: the stated (model, base) pairs in file order, with bases as
//! names. `lineage/graph.rs` builds the graph from it.

use anyhow::Result;
use bytemuck::{Pod, Zeroable};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::engine::table::interner::Interner;

/// The relation of a model to its base: an index into [`EdgeList::relation_names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Pod, Zeroable)]
#[repr(transparent)]
pub struct RelationCode(pub u16);

impl RelationCode {
    /// A base without a stated relation.
    pub const UNSTATED: RelationCode = RelationCode(0);
    pub const FINETUNE: RelationCode = RelationCode(1);
    pub const QUANTIZED: RelationCode = RelationCode(3);
}

/// The names of the relations with the same code in every hub, in the order of their codes.
const KNOWN: [&str; 5] = {
    let [first, second, third, fourth] = RELATIONS;
    ["", first, second, third, fourth]
};

/// The relations that the Hub has.
pub const RELATIONS: [&str; 4] = ["finetune", "adapter", "quantized", "merge"];

/// More bases of one model are looked up in a set; the Hub's longest list has 47.
const MANY: usize = 64;

/// The stated (model, base) pairs, each once, column by column.
pub struct EdgeList {
    /// The row of each edge's model, ascending.
    pub models: Vec<u32>,
    /// The relation of each edge.
    pub relation_codes: Vec<RelationCode>,
    /// The base of each edge: its code in `base_names`.
    pub base_codes: Vec<u32>,
    /// The name of each relation, known to every hub or not, cleaned.
    pub relation_names: Vec<String>,
    /// The stated names, which may repeat after [`EdgeList::concat`].
    pub base_names: Interner,
    codes: FxHashMap<String, RelationCode>,
    /// The number of edges before those of the last model.
    last_start: usize,
    /// The bases of the last model, once there are [`MANY`].
    last_bases: FxHashSet<u32>,
}

impl Default for EdgeList {
    fn default() -> EdgeList {
        let codes = KNOWN.iter().zip((0..).map(RelationCode));
        EdgeList {
            models: Vec::new(),
            relation_codes: Vec::new(),
            base_codes: Vec::new(),
            relation_names: KNOWN.map(str::to_owned).to_vec(),
            base_names: Interner::default(),
            codes: codes
                .map(|(name, code)| ((*name).to_owned(), code))
                .collect(),
            last_start: 0,
            last_bases: FxHashSet::default(),
        }
    }
}

impl EdgeList {
    /// Returns the number of edges.
    pub fn len(&self) -> usize {
        self.models.len()
    }

    /// Returns whether no model states a base.
    pub fn is_empty(&self) -> bool {
        self.models.is_empty()
    }

    /// Returns the name of an edge's base.
    pub fn base_name(&self, edge: usize) -> &str {
        self.base_names.get(self.base_codes[edge])
    }

    /// Adds an edge. Rows must ascend.
    ///
    /// # Errors
    /// When the names of all bases together are longer than 4 GiB.
    pub fn push(&mut self, model: u32, relation: Option<&str>, base: &str) -> Result<()> {
        let relation = self.relation_code(relation.unwrap_or_default());
        let base = self.base_names.intern(base.as_bytes())?;
        self.push_coded(model, relation, base);
        Ok(())
    }

    /// Adds an edge whose relation and base have codes, unless the model has stated the base before.
    /// Rows must ascend.
    pub fn push_coded(&mut self, model: u32, relation: RelationCode, base: u32) {
        if self.models.last() != Some(&model) {
            self.last_start = self.len();
            self.last_bases.clear();
        }
        let stated = &self.base_codes[self.last_start..];
        if stated.len() == MANY {
            self.last_bases.extend(stated);
        }
        let is_repeated = match stated.len() {
            ..MANY => stated.contains(&base),
            _ => !self.last_bases.insert(base),
        };
        if is_repeated {
            return;
        }
        self.models.push(model);
        self.relation_codes.push(relation);
        self.base_codes.push(base);
    }

    /// Concatenates the edges of consecutive row ranges. No edge can be added by name afterwards.
    ///
    /// # Errors
    /// When the names of all bases together are longer than 4 GiB.
    pub fn concat(parts: &[EdgeList]) -> Result<EdgeList> {
        let mut all = EdgeList::default();
        let edges = parts.iter().map(EdgeList::len).sum();
        let mut base_names = Interner::default();
        let ((), concatenated) = rayon::join(
            || {
                all.models.reserve_exact(edges);
                all.relation_codes.reserve_exact(edges);
                all.base_codes.reserve_exact(edges);
                let mut names_before = 0;
                for part in parts {
                    all.append(part, names_before);
                    names_before += part.base_names.count();
                }
            },
            || base_names.append_all(parts.iter().map(|part| &part.base_names)),
        );
        concatenated?;
        Ok(EdgeList { base_names, ..all })
    }

    fn append(&mut self, part: &EdgeList, names_before: u32) {
        let names = part.relation_names.iter();
        let codes: Vec<RelationCode> = names.map(|name| self.relation_code(name)).collect();
        let relations = part
            .relation_codes
            .iter()
            .map(|code| codes[code.0 as usize]);
        self.relation_codes.extend(relations);
        let bases = part.base_codes.iter().map(|base| base + names_before);
        self.base_codes.extend(bases);
        self.models.extend_from_slice(&part.models);
    }

    /// Returns the code of a relation, a new one if need be. After 65,536 different names, which no
    /// honest file has, a new one counts as unstated.
    pub fn relation_code(&mut self, name: &str) -> RelationCode {
        if let Some(&code) = self.codes.get(name) {
            return code;
        }
        let Ok(code) = u16::try_from(self.relation_names.len()).map(RelationCode) else {
            return RelationCode::UNSTATED;
        };
        self.relation_names.push(name.to_owned());
        self.codes.insert(name.to_owned(), code);
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edge_lists_concatenate_and_unknown_relations_are_kept() {
        let mut first = EdgeList::default();
        first.push(0, Some("finetune"), "a/b").unwrap();
        first.push(0, None, "c").unwrap();
        let mut later = EdgeList::default();
        later.push(7, Some("distilled"), "d/e").unwrap();
        later.push(8, Some("merge"), "").unwrap();
        let all_edges = EdgeList::concat(&[first, later]).unwrap();
        let all: Vec<_> = (0..all_edges.len())
            .map(|i| {
                (
                    all_edges.models[i],
                    &*all_edges.relation_names[all_edges.relation_codes[i].0 as usize],
                    all_edges.base_name(i),
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
