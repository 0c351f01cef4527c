//! What a query finds, worked out in the plainest way there is: every row is looked at for every
//! word and every test, with no index and nothing remembered.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::DateTime;
use serde_json::Value;

use super::asked::{Asked, Number, Pattern, Place, Span, Test, Values, Word};
use crate::common::expected::bases;

pub const TIERS: usize = 7;
const ID: usize = 0;
const NAME: usize = 1;
const PREFIX: usize = 2;
const WORD: usize = 3;
const SUBSTRING: usize = 4;
const SCATTERED: usize = 5;
const FUZZY: usize = 6;

/// What is to be found.
#[derive(Debug, PartialEq)]
pub struct Answer {
    /// Rows by tier. In the last two, scores have a say in the order by downloads: there they are
    /// by row.
    pub tiers: [Vec<usize>; TIERS],
    pub set: Vec<usize>,
    pub hidden: usize,
    pub barred: Option<usize>,
}

pub fn answer(rows: &[Value], asked: &Asked) -> Answer {
    let all: Vec<usize> = (0..rows.len()).collect();
    let words: Vec<&Word> = asked.words.iter().filter(|w| !w.negated).collect();
    let tier = |row: usize| {
        if words.is_empty() {
            Some(SUBSTRING)
        } else {
            let tiers = words.iter().map(|word| tier_of_word(id(&rows[row]), word));
            tiers.collect::<Option<Vec<usize>>>()?.into_iter().max()
        }
    };
    let refused = |row: usize, word: &Word| {
        tier_of_word(id(&rows[row]), word).is_some_and(|tier| tier != FUZZY)
    };
    let lets = |row: usize, test: &Test| test.negated != holds(rows, row, test);
    let passes = |row: usize| {
        let mut negated = asked.words.iter().filter(|w| w.negated);
        asked.tests.iter().all(|test| lets(row, test)) && !negated.any(|word| refused(row, word))
    };
    let mut answer = Answer {
        tiers: Default::default(),
        set: Vec::new(),
        hidden: 0,
        barred: (0..asked.tests.len())
            .find(|test| !all.iter().any(|row| lets(*row, &asked.tests[*test]))),
    };
    for row in all {
        match tier(row) {
            Some(tier) if passes(row) => {
                answer.tiers[tier].push(row);
                if tier != FUZZY {
                    answer.set.push(row);
                }
            }
            Some(_) => answer.hidden += 1,
            None => {}
        }
    }
    let sorted = |rows_of_tier: &mut Vec<usize>| match &asked.sort {
        None => rows_of_tier.sort_by_key(|row| down(&rows[*row]["downloads"])),
        Some((_, member, false)) => rows_of_tier.sort_by_key(|row| down(&rows[*row][*member])),
        Some((_, member, true)) => rows_of_tier.sort_by_key(|row| up(&rows[*row][*member])),
    };
    let by_score = if asked.sort.is_none() {
        SCATTERED
    } else {
        TIERS
    };
    answer.tiers[..by_score].iter_mut().for_each(sorted);
    answer
}

/// The largest first, what is unknown last; sorting keeps the rows' order otherwise.
fn down(value: &Value) -> (bool, Reverse<Option<i64>>) {
    (value.is_null(), Reverse(value.as_i64()))
}

fn up(value: &Value) -> (bool, Option<i64>) {
    (value.is_null(), value.as_i64())
}

pub fn id(row: &Value) -> &str {
    row["id"].as_str().unwrap()
}

// --- words ---

fn tier_of_word(id: &str, word: &Word) -> Option<usize> {
    word.any.iter().filter_map(|p| tier_of_pattern(id, p)).min()
}

fn tier_of_pattern(id: &str, pattern: &Pattern) -> Option<usize> {
    let strict = pattern.text.chars().any(char::is_uppercase);
    let folded = |text: &str| match strict {
        true => text.to_owned(),
        false => text.to_lowercase(),
    };
    let (cased, text) = (folded(id), pattern.text.as_str());
    let fits = match pattern.place {
        Place::Anywhere | Place::Scattered => cased.contains(text),
        Place::Start => cased.starts_with(text),
        Place::End => cased.ends_with(text),
        Place::Whole => cased == text,
        Place::Word => is_whole_word(&cased, text),
    };
    if fits {
        return Some(tier_of_text(&cased, text));
    }
    match pattern.place {
        Place::Scattered if has_letters(&cased, text) => Some(SCATTERED),
        Place::Anywhere
            if text.chars().count() >= 3
                && has_letters(&id.to_lowercase(), &text.to_lowercase()) =>
        {
            Some(FUZZY)
        }
        _ => None,
    }
}

fn tier_of_text(id: &str, text: &str) -> usize {
    let name = id.split_once('/').map_or(id, |(_, name)| name);
    if id == text {
        ID
    } else if name == text {
        NAME
    } else if id.starts_with(text) || name.starts_with(text) {
        PREFIX
    } else if is_whole_word(id, text) {
        WORD
    } else {
        SUBSTRING
    }
}

/// Whether the text stands somewhere between characters that are no letters or digits; what is
/// not ASCII counts as a letter.
fn is_whole_word(id: &str, text: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || !c.is_ascii());
    let places = id.char_indices().map(|(at, _)| at);
    places.filter(|at| id[*at..].starts_with(text)).any(|at| {
        let (before, after) = (&id[..at], &id[at + text.len()..]);
        !part(before.chars().next_back()) && !part(after.chars().next())
    })
}

fn has_letters(id: &str, text: &str) -> bool {
    let mut rest = id.chars();
    text.chars().all(|letter| rest.any(|c| c == letter))
}

// --- tests ---

fn holds(rows: &[Value], at: usize, test: &Test) -> bool {
    let row = &rows[at];
    match &test.values {
        Values::Words(words) => words.iter().any(|word| match test.key {
            "base" => made_from(rows, word).contains(&at),
            "family" => family(rows, word).contains(&at),
            key => has_word(row, key, word),
        }),
        Values::Spans(spans) => spans.iter().any(|span| match test.key {
            "ratio" => share(row).is_some_and(|share| is_in(span, share)),
            "children" | "descendants" => {
                has_lineage(rows) && is_in(span, (made_of_row(rows, at, test.key), 1))
            }
            key => number(row, key).is_some_and(|n| is_in(span, (n, 1))),
        }),
        Values::Times(spans) => {
            let day = time(row, test.key).map(day_of);
            spans
                .iter()
                .any(|span| day.as_ref().is_some_and(|day| is_on(span, day)))
        }
        Values::Names(names) => names.iter().any(|name| {
            let known = match *name {
                "children" | "descendants" => made_of_row(rows, at, name) > 0,
                name => is_known(row, name),
            };
            known != (test.key == "no")
        }),
        Values::Traits(traits) => traits.iter().any(|place| has_trait(rows, at, place)),
    }
}

fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

fn tags(row: &Value) -> Vec<&str> {
    let tags = row["tags"].as_array().into_iter().flatten();
    tags.filter_map(Value::as_str).collect()
}

/// The one word that a row has of a key.
fn word<'r>(row: &'r Value, key: &str) -> Option<&'r str> {
    match key {
        "author" => id(row).split_once('/').map(|(author, _)| author),
        "task" => row["pipeline_tag"].as_str(),
        "library" => row["library_name"].as_str(),
        "license" => tags(row).iter().find_map(|t| t.strip_prefix("license:")),
        "dtype" => dtype(row),
        "relation" => row["baseModels"]["relation"].as_str(),
        other => panic!("{other}"),
    }
}

/// The tensor type with the largest count, of equal ones the first by name.
fn dtype(row: &Value) -> Option<&str> {
    let counts = row["safetensors"]["parameters"].as_object()?.iter();
    let known = counts.filter_map(|(name, count)| Some((count.as_i64()?, name)));
    let largest = known
        .filter(|(count, _)| *count > 0)
        .max_by_key(|(count, name)| (*count, Reverse(*name)))?;
    Some(largest.1)
}

fn has_word(row: &Value, key: &str, wanted: &str) -> bool {
    match key {
        "tag" => tags(row).iter().any(|tag| same(tag, wanted)),
        "lang" => tags(row).iter().any(|tag| same(tag, wanted)),
        _ => word(row, key).is_some_and(|word| same(word, wanted)),
    }
}

fn number(row: &Value, key: &str) -> Option<i64> {
    match key {
        "downloads" => row["downloads"].as_i64(),
        "all" => row["downloadsAllTime"].as_i64(),
        "likes" => row["likes"].as_i64(),
        "params" => row["safetensors"]["total"].as_i64().or_else(|| {
            let gguf: Value = serde_json::from_str(row["gguf"].as_str()?).unwrap();
            gguf["total"].as_i64()
        }),
        other => panic!("{other}"),
    }
}

/// Downloads of 30 days in those of all time, as a fraction.
fn share(row: &Value) -> Option<(i64, i64)> {
    let (recent, ever) = (number(row, "downloads")?, number(row, "all")?);
    // Billionths, rounded down.
    let parts = i128::from(recent) * 1_000_000_000;
    let whole = i128::from(ever);
    (ever > 0).then(|| {
        (
            parts.div_euclid(whole).try_into().unwrap_or(i64::MAX),
            1_000_000_000,
        )
    })
}

fn time(row: &Value, key: &str) -> Option<i64> {
    match key {
        "created" => row["createdAt"].as_i64(),
        _ => row["lastModified"].as_i64(),
    }
}

fn day_of(micros: i64) -> String {
    let time = DateTime::from_timestamp_micros(micros).unwrap();
    time.format("%Y-%m-%d").to_string()
}

fn is_known(row: &Value, name: &str) -> bool {
    match name {
        "author" | "task" | "library" | "license" | "dtype" | "relation" => {
            word(row, name).is_some()
        }
        "tag" => !tags(row).is_empty(),
        // The two-letter codes among the tags of these hubs.
        "lang" => tags(row)
            .iter()
            .any(|t| ["en", "de", "multilingual"].iter().any(|l| same(t, l))),
        "base" => !bases(row).is_empty(),
        "ratio" => share(row).is_some(),
        "created" | "modified" => time(row, name).is_some(),
        _ => number(row, name).is_some(),
    }
}

/// How a fraction compares with a number as typed, moved up by so many half steps.
fn compare((above, below): (i64, i64), number: &Number, half_steps: i128) -> std::cmp::Ordering {
    let (up, down) = match number.power {
        power @ 0.. => (10_i128.pow(power.unsigned_abs()), 1),
        power => (1, 10_i128.pow(power.unsigned_abs())),
    };
    let typed = (2 * i128::from(number.digits) + half_steps) * up * i128::from(below);
    (2 * i128::from(above) * down).cmp(&typed)
}

fn is_in(span: &Span<Number>, value: (i64, i64)) -> bool {
    match span {
        Span::About(n) if n.digits == 0 => compare(value, n, 0).is_eq(),
        Span::About(n) => compare(value, n, -1).is_ge() && compare(value, n, 1).is_lt(),
        Span::Above(n) => compare(value, n, 0).is_gt(),
        Span::AtLeast(n) => compare(value, n, 0).is_ge(),
        Span::Below(n) => compare(value, n, 0).is_lt(),
        Span::AtMost(n) => compare(value, n, 0).is_le(),
        Span::Between(from, to) => {
            from.as_ref().is_none_or(|n| compare(value, n, 0).is_ge())
                && to.as_ref().is_none_or(|n| compare(value, n, 0).is_le())
        }
    }
}

/// Days are compared as they are written: a year is the beginning of all its days.
fn is_on(span: &Span<String>, day: &str) -> bool {
    let part = |typed: &String| day[..typed.len()].cmp(typed.as_str());
    match span {
        Span::About(typed) => part(typed).is_eq(),
        Span::Above(typed) => part(typed).is_gt(),
        Span::AtLeast(typed) => part(typed).is_ge(),
        Span::Below(typed) => part(typed).is_lt(),
        Span::AtMost(typed) => part(typed).is_le(),
        Span::Between(from, to) => {
            from.as_ref().is_none_or(|typed| part(typed).is_ge())
                && to.as_ref().is_none_or(|typed| part(typed).is_le())
        }
    }
}

// --- lineage ---

/// The row that a base's name means: the most downloaded one of those with this id, the first of
/// several.
fn row_named(rows: &[Value], name: &str) -> Option<usize> {
    best(rows, |id| id == name)
}

fn best(rows: &[Value], fits: impl Fn(&str) -> bool) -> Option<usize> {
    let fitting = (0..rows.len()).filter(|row| fits(id(&rows[*row])));
    fitting.min_by_key(|row| down(&rows[*row]["downloads"]))
}

/// The name that is meant: as written, or else a model's but for its case.
fn meant(rows: &[Value], typed: &str) -> String {
    let stated = rows
        .iter()
        .any(|row| bases(row).iter().any(|base| base == typed));
    match row_named(rows, typed).is_some() || stated {
        true => typed.to_owned(),
        false => match best(rows, |id| same(id, typed)) {
            Some(row) => id(&rows[row]).to_owned(),
            None => typed.to_owned(),
        },
    }
}

/// The rows that state this base, but for the base itself.
fn children(rows: &[Value], base: &str) -> BTreeSet<usize> {
    let itself = row_named(rows, base);
    let stating = (0..rows.len()).filter(|row| bases(&rows[*row]).iter().any(|b| b == base));
    stating.filter(|row| Some(*row) != itself).collect()
}

fn made_from(rows: &[Value], typed: &str) -> BTreeSet<usize> {
    children(rows, &meant(rows, typed))
}

fn family(rows: &[Value], typed: &str) -> BTreeSet<usize> {
    let name = meant(rows, typed);
    let mut found = children(rows, &name);
    loop {
        // Of two rows with one id, what is made from it is made from one of them.
        let bases = found.iter().map(|row| (*row, id(&rows[*row])));
        let bases = bases.filter(|(row, id)| row_named(rows, id) == Some(*row));
        let more: Vec<usize> = bases.flat_map(|(_, id)| children(rows, id)).collect();
        let before = found.len();
        found.extend(more);
        if found.len() == before {
            break;
        }
    }
    if let Some(itself) = row_named(rows, &name) {
        found.remove(&itself);
    }
    found
}

/// How many rows are made from one, directly ("children") or at all.
fn made_of_row(rows: &[Value], at: usize, key: &str) -> i64 {
    let own = id(&rows[at]);
    let made = match (row_named(rows, own) == Some(at), key) {
        (false, _) => BTreeSet::new(),
        (true, "children") => children(rows, own),
        (true, _) => family(rows, own),
    };
    made.len().try_into().unwrap()
}

/// Whether any row states a base or a relation; in a file where none does, lineage is unknown.
fn has_lineage(rows: &[Value]) -> bool {
    let states = |row: &Value| !bases(row).is_empty() || word(row, "relation").is_some();
    rows.iter().any(states)
}

/// The row that one is a copy of: its only base but itself, of which it is quantized or has the
/// name. These hubs have no names that end in a form of weights.
fn copied(rows: &[Value], at: usize) -> Option<usize> {
    let own = id(&rows[at]);
    let others: BTreeSet<String> = bases(&rows[at])
        .into_iter()
        .filter(|base| base != own || row_named(rows, own) != Some(at))
        .collect();
    let base = others.first().filter(|_| others.len() == 1)?;
    let name = |id: &str| id.rsplit('/').next().unwrap().to_ascii_lowercase();
    let same = name(base) == name(own);
    let relation = rows[at]["baseModels"]["relation"].as_str();
    let copy = match relation {
        Some("quantized") => true,
        Some("finetune") | None => same,
        _ => false,
    };
    row_named(rows, base).filter(|_| copy)
}

/// Whether copies of copies lead to a row that is none.
fn is_copy(rows: &[Value], at: usize) -> bool {
    let mut seen = BTreeSet::from([at]);
    let mut end = at;
    while let Some(base) = copied(rows, end) {
        if !seen.insert(base) {
            return false;
        }
        end = base;
    }
    end != at
}

fn has_trait(rows: &[Value], at: usize, place: &str) -> bool {
    let own = id(&rows[at]);
    let is_itself = |base: &String| base == own && row_named(rows, own) == Some(at);
    let mut others = bases(&rows[at]);
    others.retain(|base| !is_itself(base));
    others.sort();
    others.dedup();
    match place {
        "root" => {
            let stands = row_named(rows, own) == Some(at);
            others.is_empty() && stands && !children(rows, own).is_empty()
        }
        "copy" => is_copy(rows, at),
        "unrelated" => {
            let stands = row_named(rows, own) == Some(at);
            let states_bases = |row: &Value| !bases(row).is_empty();
            rows.iter().any(states_bases)
                && others.is_empty()
                && (!stands || children(rows, own).is_empty())
        }
        "ghost" => others.iter().any(|base| row_named(rows, base).is_none()),
        _ => others.len() > 1,
    }
}
