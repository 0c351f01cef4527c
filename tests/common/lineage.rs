//! The lineage in the plainest way there is: names and sets, walked again for each question.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use super::expected::bases;

/// The rows by name, and what was made from each name. Ids are taken to stand once.
pub struct Naive<'r> {
    pub rows: HashMap<&'r str, &'r Value>,
    order: Vec<&'r str>,
    children: BTreeMap<String, BTreeSet<&'r str>>,
}

/// What a family adds up to.
#[derive(Debug, PartialEq)]
pub struct Totals {
    pub descendants: usize,
    pub downloads: Option<i64>,
    pub all_time: Option<i64>,
}

/// Which part of a tree is wanted.
#[derive(Clone, Default)]
pub struct Wanted<'a> {
    pub depth: usize,
    pub limit: Option<usize>,
    pub relation: Option<&'a str>,
    pub up: bool,
}

impl<'r> Naive<'r> {
    pub fn new(rows: &'r [Value]) -> Naive<'r> {
        let id = |row: &'r Value| row["id"].as_str().unwrap();
        let mut children: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for row in rows {
            for base in bases(row).into_iter().filter(|base| base != id(row)) {
                children.entry(base).or_default().insert(id(row));
            }
        }
        Naive {
            rows: rows.iter().map(|row| (id(row), row)).collect(),
            order: rows.iter().map(id).collect(),
            children,
        }
    }

    /// Every name: of the rows, then of the bases that are none.
    pub fn names(&self) -> Vec<String> {
        let models = self.order.iter().map(|id| (*id).to_owned());
        let ghosts = self
            .children
            .keys()
            .filter(|id| !self.rows.contains_key(id.as_str()));
        models.chain(ghosts.cloned()).collect()
    }

    /// The rows made from a name, in the order of the file.
    pub fn children(&self, name: &str) -> Vec<&'r str> {
        let made = self.children.get(name);
        let is_made = |id: &&str| made.is_some_and(|made| made.contains(id));
        self.order.iter().copied().filter(is_made).collect()
    }

    /// The bases of a row but itself, each once, in the order of the file.
    pub fn bases(&self, name: &str) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for base in self
            .rows
            .get(name)
            .map(|row| bases(row))
            .unwrap_or_default()
        {
            if base != name && !all.contains(&base) {
                all.push(base);
            }
        }
        all
    }

    /// All that a row was made from, without itself.
    pub fn ancestors(&self, name: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut open = self.bases(name);
        while let Some(base) = open.pop() {
            if base != name && seen.insert(base.clone()) {
                open.extend(self.bases(&base));
            }
        }
        seen
    }

    /// All that was made from a name, without itself.
    pub fn descendants(&self, name: &str) -> BTreeSet<&'r str> {
        let mut seen = BTreeSet::new();
        let mut open = self.children.get(name).cloned().unwrap_or_default();
        while let Some(child) = open.pop_first() {
            if child != name && seen.insert(child) {
                open.extend(self.children.get(child).into_iter().flatten());
            }
        }
        seen
    }

    pub fn totals(&self, name: &str) -> Totals {
        let below = self.descendants(name);
        let sum = |member: &str| {
            let family = below.iter().copied().chain([name]);
            let rows = family.filter_map(|id| self.rows.get(id));
            rows.filter_map(|row| row[member].as_i64())
                .reduce(|a, b| a + b)
        };
        Totals {
            descendants: below.len(),
            downloads: sum("downloads"),
            all_time: sum("downloadsAllTime"),
        }
    }

    fn relation(&self, child: &str) -> &'r str {
        self.rows[child]["baseModels"]["relation"]
            .as_str()
            .unwrap_or_default()
    }

    /// The tree that `hubscope tree` prints: names, totals and what is hidden.
    pub fn tree(&self, name: &str, wanted: &Wanted) -> Value {
        self.branch(name, wanted, &mut Vec::new(), &mut BTreeSet::new())
    }

    fn branch(
        &self,
        name: &str,
        wanted: &Wanted,
        above: &mut Vec<String>,
        seen: &mut BTreeSet<String>,
    ) -> Value {
        let circle = above.iter().any(|other| other == name);
        let again = !seen.insert(name.to_owned());
        let all: Vec<String> = match wanted.up {
            true => self.bases(name),
            false => self.children(name).into_iter().map(str::to_owned).collect(),
        };
        let mut listed = all.clone();
        listed.retain(|other| {
            let child = if wanted.up { name } else { other };
            wanted
                .relation
                .is_none_or(|how| self.relation(child) == how)
        });
        if !wanted.up {
            // The largest family first; sorting keeps the order of the file.
            listed.sort_by_key(|id| std::cmp::Reverse(self.totals(id).downloads));
        }
        listed.truncate(wanted.limit.unwrap_or(usize::MAX));
        if again || circle || above.len() == wanted.depth {
            listed.clear();
        }
        above.push(name.to_owned());
        let below: Vec<Value> = listed
            .iter()
            .map(|id| self.branch(id, wanted, above, seen))
            .collect();
        above.pop();
        let totals = self.totals(name);
        let mark = match (circle, again) {
            (true, _) => json!("cycle"),
            (false, true) => json!("again"),
            (false, false) => Value::Null,
        };
        json!({
            "id": name, "children_total": self.children(name).len(),
            "descendants": totals.descendants, "family_downloads": totals.downloads,
            "family_downloads_all_time": totals.all_time,
            "hidden": all.len() - below.len(), "mark": mark, "children": below,
        })
    }

    /// The names that stand under no other: each alone, or all of a circle together.
    pub fn roots(&self) -> BTreeSet<BTreeSet<String>> {
        let mut roots = BTreeSet::new();
        for name in self
            .names()
            .into_iter()
            .filter(|name| !self.children(name).is_empty())
        {
            let below = self.descendants(&name);
            let mates = below
                .iter()
                .filter(|other| self.descendants(other).contains(&*name));
            let mut circle: BTreeSet<String> = mates.map(|id| (*id).to_owned()).collect();
            circle.insert(name);
            let outside = |base: &String| !circle.contains(base);
            if !circle.iter().any(|id| self.bases(id).iter().any(outside)) {
                roots.insert(circle);
            }
        }
        roots
    }
}
