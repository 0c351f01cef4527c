//! What a query finds, worked out from the rows one after another in the plainest way there is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A hub as rows, and what the rows say of each other.
pub struct Naive {
    pub rows: Vec<Value>,
}

/// How a query is meant: the test's own form of it.
#[derive(Clone, Debug)]
pub enum Clause {
    /// Sign (one of `^ $ = ' ~` or a blank), negated, alternatives.
    Word(bool, Vec<(char, String)>),
    /// Negated, key and values, as typed.
    Test(bool, String, Vec<String>),
}

impl Clause {
    /// The clause as it is typed.
    pub fn typed(&self) -> String {
        match self {
            Clause::Word(negated, any) => {
                let one = |(sign, text): &(char, String)| match sign {
                    '$' => format!("{text}$"),
                    '=' => format!("^{text}$"),
                    ' ' => text.clone(),
                    sign => format!("{sign}{text}"),
                };
                let any: Vec<String> = any.iter().map(one).collect();
                format!("{}{}", if *negated { "!" } else { "" }, any.join("|"))
            }
            Clause::Test(negated, key, values) => {
                format!(
                    "{}{key}:{}",
                    if *negated { "-" } else { "" },
                    values.join(",")
                )
            }
        }
    }
}

/// What is found: tier names by row, and how many the tests hide.
pub struct Found {
    pub tiers: BTreeMap<usize, &'static str>,
    /// The rows that are what was asked for.
    pub asked: BTreeSet<usize>,
    pub hidden: usize,
}

impl Naive {
    pub fn id(&self, row: usize) -> &str {
        self.rows[row]["id"].as_str().unwrap()
    }

    pub fn find(&self, clauses: &[Clause]) -> Found {
        let mut found = Found {
            tiers: BTreeMap::new(),
            asked: BTreeSet::new(),
            hidden: 0,
        };
        for row in 0..self.rows.len() {
            // 0 to 4 for where the text stands, 5 for letters that were asked for, 6 for offered.
            let mut worst = Some(if has_words(clauses) { 0 } else { 4 });
            let mut passes = true;
            for clause in clauses {
                match clause {
                    Clause::Word(false, any) => {
                        let best = any
                            .iter()
                            .filter_map(|(s, t)| tier(self.id(row), *s, t))
                            .min();
                        worst = worst.zip(best).map(|(a, b)| a.max(b));
                    }
                    Clause::Word(true, any) => {
                        let hit = |(s, t): &(char, String)| {
                            tier(self.id(row), *s, t).is_some_and(|t| t <= 5)
                        };
                        passes &= !any.iter().any(hit);
                    }
                    Clause::Test(negated, key, values) => {
                        passes &= *negated != values.iter().any(|v| self.has(row, key, v));
                    }
                }
            }
            let Some(tier) = worst else { continue };
            if !passes {
                found.hidden += 1;
                continue;
            }
            let names = [
                "id",
                "name",
                "prefix",
                "word",
                "substring",
                "fuzzy",
                "fuzzy",
            ];
            found.tiers.insert(row, names[tier]);
            if tier <= 5 {
                found.asked.insert(row);
            }
        }
        found
    }

    fn has(&self, row: usize, key: &str, value: &str) -> bool {
        let model = &self.rows[row];
        let word = |column: &str| model[column].as_str().is_some_and(|w| same(w, value));
        let count = |column: &str| model[column].as_i64();
        let tags: Vec<&str> = model["tags"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        match key {
            "author" => self
                .id(row)
                .split_once('/')
                .is_some_and(|(author, _)| same(author, value)),
            "task" => word("pipeline_tag"),
            "library" => word("library_name"),
            "license" => {
                let license = tags.iter().find_map(|t| t.strip_prefix("license:"));
                license.is_some_and(|l| same(l, value))
            }
            "tag" | "lang" => tags.iter().any(|t| same(t, value)),
            "relation" => {
                !self.bases(row).is_empty() && self.relation(row).is_some_and(|r| same(r, value))
            }
            "base" => {
                let base = self.node(value);
                self.bases(row)
                    .iter()
                    .any(|b| self.node(b) == base && self.node(b) != self.node_of(row))
            }
            "family" => self.family(value).contains(&row),
            "downloads" => in_range(count("downloads"), value),
            "all" => in_range(count("downloadsAllTime"), value),
            "likes" => in_range(count("likes"), value),
            "params" => in_range(model["safetensors"]["total"].as_i64(), value),
            "has" => self.knows(row, value),
            "no" => !self.knows(row, value),
            "is" => self.is(row, value),
            other => panic!("no test has {other}"),
        }
    }

    fn knows(&self, row: usize, key: &str) -> bool {
        let model = &self.rows[row];
        match key {
            "task" => !model["pipeline_tag"].is_null(),
            "params" => !model["safetensors"]["total"].is_null(),
            "base" => !self.bases(row).is_empty(),
            "downloads" | "likes" => !model[key].is_null(),
            other => panic!("no test asks for {other}"),
        }
    }

    fn is(&self, row: usize, what: &str) -> bool {
        let own = self.node_of(row);
        let mut others: Vec<String> = self
            .bases(row)
            .iter()
            .map(|b| self.node(b))
            .filter(|b| *b != own)
            .collect();
        others.sort();
        others.dedup();
        match what {
            "root" => {
                let states_it = |other: usize| {
                    self.node_of(other) != own
                        && self.bases(other).iter().any(|b| self.node(b) == own)
                };
                others.is_empty() && (0..self.rows.len()).any(states_it)
            }
            "ghost" => others.iter().any(|b| b.starts_with("ghost ")),
            _ => others.len() > 1,
        }
    }

    fn relation(&self, row: usize) -> Option<&str> {
        self.rows[row]["baseModels"]["relation"].as_str()
    }

    fn bases(&self, row: usize) -> Vec<&str> {
        let models = self.rows[row]["baseModels"]["models"].as_array();
        models
            .into_iter()
            .flatten()
            .filter_map(|m| m["id"].as_str())
            .collect()
    }

    /// A name for what an id means: a row, or a base that is not in the table. Of rows with one id
    /// it is the most downloaded one, the first of equal ones.
    fn node(&self, id: &str) -> String {
        let rows = (0..self.rows.len()).filter(|row| self.id(*row) == id);
        let best = rows.min_by_key(|row| {
            (
                std::cmp::Reverse(self.rows[*row]["downloads"].as_i64()),
                *row,
            )
        });
        best.map_or_else(|| format!("ghost {id}"), |row| row.to_string())
    }

    fn node_of(&self, row: usize) -> String {
        row.to_string()
    }

    fn family(&self, id: &str) -> BTreeSet<usize> {
        let origin = self.node(id);
        let mut nodes = BTreeSet::from([origin.clone()]);
        loop {
            let fresh: Vec<String> = (0..self.rows.len())
                .filter(|row| {
                    self.bases(*row).iter().any(|b| {
                        self.node(b) != self.node_of(*row) && nodes.contains(&self.node(b))
                    })
                })
                .map(|row| self.node_of(row))
                .filter(|node| !nodes.contains(node))
                .collect();
            if fresh.is_empty() {
                break;
            }
            nodes.extend(fresh);
        }
        nodes.remove(&origin);
        nodes.iter().filter_map(|node| node.parse().ok()).collect()
    }
}

fn has_words(clauses: &[Clause]) -> bool {
    clauses.iter().any(|c| matches!(c, Clause::Word(false, _)))
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// `3`, `>3`, `<=3`, `1..3`: whole numbers.
fn in_range(value: Option<i64>, range: &str) -> bool {
    let Some(value) = value else { return false };
    if let Some((from, to)) = range.split_once("..") {
        let from = from.parse::<i64>().unwrap_or(i64::MIN);
        return from <= value && value <= to.parse::<i64>().unwrap_or(i64::MAX);
    }
    let number = |sign: &str| range.strip_prefix(sign).and_then(|n| n.parse::<i64>().ok());
    if let Some(n) = number(">=") {
        value >= n
    } else if let Some(n) = number("<=") {
        value <= n
    } else if let Some(n) = number(">") {
        value > n
    } else if let Some(n) = number("<") {
        value < n
    } else {
        value == range.parse::<i64>().unwrap()
    }
}

fn tier(id: &str, sign: char, text: &str) -> Option<usize> {
    let strict = text.chars().any(char::is_uppercase);
    let (own, wanted) = match strict {
        true => (id.to_owned(), text.to_owned()),
        false => (id.to_lowercase(), text.to_lowercase()),
    };
    let part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || !c.is_ascii());
    let alone = own.match_indices(&wanted).any(|(at, _)| {
        !part(own[..at].chars().next_back()) && !part(own[at + wanted.len()..].chars().next())
    });
    let name = own.split_once('/').map_or(own.as_str(), |(_, name)| name);
    let standing = if own == wanted {
        Some(0)
    } else if name == wanted {
        Some(1)
    } else if own.starts_with(&wanted) || name.starts_with(&wanted) {
        Some(2)
    } else if alone {
        Some(3)
    } else {
        own.contains(&wanted).then_some(4)
    };
    let in_order = |own: &str, wanted: &str| {
        let mut letters = own.chars();
        wanted.chars().all(|w| letters.any(|c| c == w))
    };
    match sign {
        '^' => standing.filter(|_| own.starts_with(&wanted)),
        '$' => standing.filter(|_| own.ends_with(&wanted)),
        '=' => standing.filter(|_| own == wanted),
        '\'' => standing.filter(|_| alone),
        '~' => standing.or_else(|| in_order(&own, &wanted).then_some(5)),
        _ if text.len() >= 3 => {
            let loose = in_order(&id.to_lowercase(), &text.to_lowercase());
            standing.or_else(|| loose.then_some(6))
        }
        _ => standing,
    }
}
