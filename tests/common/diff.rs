//! What `hubscope diff --json` is to say of two snapshots, from the rows alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use super::expected::{bases, relation};

/// A row by its place, or a base that is only named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Who {
    Row(usize),
    Ghost(String),
}

/// A snapshot, with what was made from each row and ghost.
struct Naive<'r> {
    rows: &'r [Value],
    made: HashMap<Who, BTreeSet<usize>>,
}

impl<'r> Naive<'r> {
    fn new(rows: &'r [Value]) -> Naive<'r> {
        let ids = grouped((0..rows.len()).map(|at| (id(&rows[at]).to_owned(), at)));
        let mut made: HashMap<Who, BTreeSet<usize>> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            for base in bases(row) {
                let base = match ids.get(&base) {
                    Some(same) => Who::Row(best(rows, same)),
                    None => Who::Ghost(base),
                };
                if base != Who::Row(at) {
                    made.entry(base).or_default().insert(at);
                }
            }
        }
        Naive { rows, made }
    }

    fn downloads(&self, who: &Who) -> Option<i64> {
        match who {
            Who::Row(at) => downloads(&self.rows[*at]),
            Who::Ghost(_) => None,
        }
    }

    fn name(&self, who: &Who) -> String {
        match who {
            Who::Row(at) => id(&self.rows[*at]).to_owned(),
            Who::Ghost(name) => name.clone(),
        }
    }

    fn is_family(&self, who: &Who) -> bool {
        self.made.contains_key(who)
    }

    /// Everything made from it, directly or not, and it.
    fn family(&self, who: &Who) -> BTreeSet<Who> {
        let mut seen = BTreeSet::from([who.clone()]);
        let mut open = vec![who.clone()];
        while let Some(next) = open.pop() {
            for child in self.made.get(&next).into_iter().flatten() {
                if seen.insert(Who::Row(*child)) {
                    open.push(Who::Row(*child));
                }
            }
        }
        seen
    }

    fn descendants(&self, who: &Who) -> i64 {
        i64::try_from(self.family(who).len() - 1).unwrap()
    }

    fn family_downloads(&self, who: &Who) -> Option<i64> {
        let family = self.family(who);
        let known = family.iter().filter_map(|who| self.downloads(who));
        known.reduce(|a, b| a + b)
    }

    /// What stands under nothing else; of a circle the most downloaded, the first of equals.
    fn roots(&self) -> BTreeSet<Who> {
        let families: BTreeMap<&Who, BTreeSet<Who>> = self
            .made
            .keys()
            .map(|who| (who, self.family(who)))
            .collect();
        let mut roots = BTreeSet::new();
        for (who, family) in &families {
            let in_circle = |other: &&Who| families.get(other).is_some_and(|all| all.contains(who));
            let circle: BTreeSet<&Who> = family.iter().filter(in_circle).collect();
            let is_base =
                |base: &Who, of: &Who| matches!(of, Who::Row(at) if self.made[base].contains(at));
            let outside = families
                .keys()
                .any(|base| !circle.contains(base) && circle.iter().any(|of| is_base(base, of)));
            if !outside {
                let first = circle
                    .into_iter()
                    .rev()
                    .max_by_key(|who| self.downloads(who));
                roots.insert(first.unwrap().clone());
            }
        }
        roots
    }
}

fn id(row: &Value) -> &str {
    row["id"].as_str().unwrap()
}

fn downloads(row: &Value) -> Option<i64> {
    row["downloads"].as_i64()
}

fn key(row: &Value) -> Option<String> {
    row["_id"].as_str().map(str::to_owned)
}

fn grouped(named: impl Iterator<Item = (String, usize)>) -> BTreeMap<String, Vec<usize>> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    named.for_each(|(name, at)| groups.entry(name).or_default().push(at));
    groups
}

/// The most downloaded of some rows, unknown last, the first of equals.
fn best(rows: &[Value], some: &[usize]) -> usize {
    let all = some.iter().copied().rev();
    all.max_by_key(|at| downloads(&rows[*at])).unwrap()
}

/// Who is who, and the rows of either side that another stands for.
struct Joined {
    pairs: Vec<(Who, Who)>,
    repeated: [BTreeSet<usize>; 2],
    by_key: bool,
}

fn join(sides: [&Naive; 2]) -> Joined {
    let rows = sides.map(|side| side.rows);
    let by_key = rows
        .iter()
        .all(|rows| rows.iter().any(|r| key(r).is_some()));
    let key_of = |side: usize, at: usize| key(&rows[side][at]).filter(|_| by_key);
    let mut repeated = [BTreeSet::new(), BTreeSet::new()];
    let mut pairs: Vec<(Who, Who)> = Vec::new();
    let [old, new] = [0, 1]
        .map(|side| grouped((0..rows[side].len()).filter_map(|at| Some((key_of(side, at)?, at)))));
    for (side, groups) in [&old, &new].into_iter().enumerate() {
        for group in groups.values() {
            let stands = best(rows[side], group);
            repeated[side].extend(group.iter().filter(|at| **at != stands));
        }
    }
    for (key, group) in &old {
        if let Some(other) = new.get(key) {
            let pair = (best(rows[0], group), best(rows[1], other));
            pairs.push((Who::Row(pair.0), Who::Row(pair.1)));
        }
    }
    let left = [0, 1].map(|side| {
        let joined: BTreeSet<&Who> = pairs.iter().map(|(old, new)| [old, new][side]).collect();
        let left = (0..rows[side].len())
            .filter(|at| !joined.contains(&Who::Row(*at)) && !repeated[side].contains(at));
        grouped(left.map(|at| (id(&rows[side][at]).to_owned(), at)))
    });
    let stands = |side: usize, name: &str| -> Option<Who> {
        let ghost = Who::Ghost(name.to_owned());
        let row = left[side].get(name).map(|g| Who::Row(best(rows[side], g)));
        row.or_else(|| sides[side].is_family(&ghost).then_some(ghost))
    };
    let keyed = |side: usize, who: &Who| matches!(who, Who::Row(at) if key_of(side, *at).is_some());
    let ghosts = sides[0].made.keys().filter_map(|who| match who {
        Who::Ghost(name) => Some(name),
        Who::Row(_) => None,
    });
    let names: BTreeSet<&String> = left[0].keys().chain(ghosts).collect();
    for name in names {
        if let (Some(old), Some(new)) = (stands(0, name), stands(1, name))
            && !(keyed(0, &old) && keyed(1, &new))
        {
            pairs.push((old, new));
        }
    }
    for side in 0..2 {
        for (name, group) in &left[side] {
            let stands = stands(side, name).unwrap();
            let again = group
                .iter()
                .filter(|at| key_of(side, **at).is_none() && Who::Row(**at) != stands);
            repeated[side].extend(again);
        }
    }
    Joined {
        pairs,
        repeated,
        by_key,
    }
}

/// What a row of the new snapshot is to know of the old one.
pub struct Since {
    pub before: Option<i64>,
    pub delta: Option<i64>,
    pub is_new: bool,
    pub was: Option<String>,
}

/// That of every row, in their order, and how many rows of the old snapshot are gone.
pub fn since(old: &[Value], new: &[Value]) -> (Vec<Since>, usize) {
    let sides = [Naive::new(old), Naive::new(new)];
    let joined = join([&sides[0], &sides[1]]);
    let row_of = |who: &Who| match who {
        Who::Row(at) => Some(*at),
        Who::Ghost(_) => None,
    };
    let pairs = joined.pairs.iter();
    let rows: Vec<(usize, usize)> = pairs
        .filter_map(|(o, n)| row_of(o).zip(row_of(n)))
        .collect();
    let was: HashMap<usize, usize> = rows.iter().map(|(old, new)| (*new, *old)).collect();
    let since = |at: usize| {
        let then = was.get(&at).map(|at| &old[*at]);
        let before = then.and_then(downloads);
        Since {
            before,
            delta: downloads(&new[at])
                .zip(before)
                .map(|(now, then)| now - then),
            is_new: then.is_none() && !joined.repeated[1].contains(&at),
            was: then
                .map(id)
                .filter(|was| *was != id(&new[at]))
                .map(str::to_owned),
        }
    };
    let still: BTreeSet<usize> = rows.iter().map(|(old, _)| *old).collect();
    let gone = (0..old.len()).filter(|at| !still.contains(at) && !joined.repeated[0].contains(at));
    ((0..new.len()).map(since).collect(), gone.count())
}

/// The whole answer but for sources, each list in no order and without `growth`.
pub fn diff(old: &[Value], new: &[Value], about: Option<&dyn Fn(&Value) -> bool>) -> Value {
    let sides = [Naive::new(old), Naive::new(new)];
    let [before, after] = &sides;
    let joined = join([before, after]);
    let asked = |who: &Who| match who {
        Who::Row(at) => about.is_none_or(|about| about(&new[*at])),
        Who::Ghost(_) => about.is_none(),
    };
    let was: HashMap<&Who, &Who> = joined.pairs.iter().map(|(o, n)| (n, o)).collect();
    let is: HashMap<&Who, &Who> = joined.pairs.iter().map(|(o, n)| (o, n)).collect();
    let is_row = |who: &&Who| matches!(who, Who::Row(_));
    let mut lists: BTreeMap<&str, Option<Vec<Value>>> = BTreeMap::new();
    lists.insert("new", Some(Vec::new()));
    let some = |wanted: bool| wanted.then(Vec::new);
    // A file in which nothing is known of any row does not say what has changed.
    let both_know =
        |knows: &dyn Fn(&Value) -> bool| [old, new].iter().all(|rows| rows.iter().any(knows));
    let has_downloads = both_know(&|row| downloads(row).is_some());
    let has_lineage = both_know(&|row| !bases(row).is_empty() || !relation(row).is_null());
    for kind in ["risen", "fallen"] {
        lists.insert(kind, some(has_downloads));
    }
    lists.insert("family_downloads", some(has_downloads && has_lineage));
    for kind in ["family_descendants", "family_new"] {
        lists.insert(kind, some(has_lineage));
    }
    lists.insert("gone", some(about.is_none()));
    lists.insert("family_gone", some(about.is_none() && has_lineage));
    lists.insert("renamed", some(joined.by_key));
    let mut put = |kind: &str, entry: Value| {
        if let Some(list) = lists.get_mut(kind).unwrap() {
            list.push(entry);
        }
    };
    let (mut both, mut sums) = (0, None);
    for at in (0..new.len()).filter(|at| !joined.repeated[1].contains(at)) {
        let who = Who::Row(at);
        if !asked(&who) {
            continue;
        }
        let name = after.name(&who);
        let now = after.downloads(&who);
        let Some(old) = was.get(&who).copied().filter(is_row) else {
            put("new", entry(&name, None, None, now));
            continue;
        };
        both += 1;
        let (other, then) = (before.name(old), before.downloads(old));
        let other = (other != name).then_some(other);
        let reported = entry(&name, other.as_deref(), then, now);
        if let (Some(then), Some(now)) = (then, now) {
            let (a, b) = sums.unwrap_or((0, 0));
            sums = Some((a + then, b + now));
            match now.cmp(&then) {
                std::cmp::Ordering::Greater => put("risen", reported.clone()),
                std::cmp::Ordering::Less => put("fallen", reported.clone()),
                std::cmp::Ordering::Equal => {}
            }
        }
        if other.is_some() {
            put("renamed", reported);
        }
    }
    for at in (0..old.len()).filter(|at| !joined.repeated[0].contains(at)) {
        let who = Who::Row(at);
        if is.get(&who).copied().as_ref().is_none_or(|x| !is_row(x)) {
            put(
                "gone",
                entry(&before.name(&who), None, before.downloads(&who), None),
            );
        }
    }
    for root in after.roots().iter().filter(|root| asked(root)) {
        let name = after.name(root);
        let now = [after.family_downloads(root), Some(after.descendants(root))];
        let Some(old) = was.get(root).filter(|old| before.is_family(old)) else {
            put("family_new", entry(&name, None, None, now[0]));
            continue;
        };
        let other = before.name(old);
        let other = (other != name).then_some(other);
        let then = [before.family_downloads(old), Some(before.descendants(old))];
        for (at, kind) in ["family_downloads", "family_descendants"]
            .into_iter()
            .enumerate()
        {
            if now[at].zip(then[at]).is_some_and(|(now, then)| now > then) {
                put(kind, entry(&name, other.as_deref(), then[at], now[at]));
            }
        }
    }
    for root in before.roots() {
        if !is.get(&root).is_some_and(|now| after.is_family(now)) {
            let sum = before.family_downloads(&root);
            put("family_gone", entry(&before.name(&root), None, sum, None));
        }
    }
    let mut wanted = json!({
        "joined_by": if joined.by_key { "_id" } else { "id" },
        "both": both,
        "repeated": joined.repeated.map(|set| set.len()),
        "downloads": sums.map(|(then, now)| [then, now]),
    });
    for (kind, list) in lists {
        wanted[kind] = list.map(sorted).into();
    }
    wanted
}

fn entry(id: &str, was: Option<&str>, before: Option<i64>, after: Option<i64>) -> Value {
    let delta = before.zip(after).map(|(before, after)| after - before);
    json!({"id": id, "was": was, "before": before, "after": after, "delta": delta})
}

/// Values in an order of their own, to be compared as sets that may hold one twice.
pub fn sorted(mut list: Vec<Value>) -> Vec<Value> {
    list.sort_by_key(Value::to_string);
    list
}
