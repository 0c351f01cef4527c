//! Values of the config file, and what is wrong with them.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with its place in the file.
pub type Placed<'t> = Spanned<DeValue<'t>>;

/// Something wrong at a byte of the file, in one line for its user.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub at: usize,
    pub reason: String,
}

impl Fault {
    /// Returns the fault of a value.
    pub fn of(value: &Placed, reason: impl Into<String>) -> Fault {
        Fault {
            at: value.span().start,
            reason: reason.into(),
        }
    }

    fn of_type(value: &Placed, wanted: &str) -> Fault {
        let found = match value.get_ref().type_str() {
            kind @ ("integer" | "array") => format!("an {kind}"),
            kind => format!("a {kind}"),
        };
        Fault::of(value, format!("{found} in place of {wanted}"))
    }
}

/// Returns a string.
pub fn text<'v>(value: &'v Placed) -> Result<&'v str, Fault> {
    let text = value.get_ref().as_str();
    text.ok_or_else(|| Fault::of_type(value, "a string in quotes"))
}

/// Returns a truth value.
pub fn flag(value: &Placed) -> Result<bool, Fault> {
    let flag = value.get_ref().as_bool();
    flag.ok_or_else(|| Fault::of_type(value, "true or false"))
}

/// Returns a whole number from 0 to 100.
pub fn percent(value: &Placed) -> Result<u16, Fault> {
    let wanted = "a whole number from 0 to 100";
    let Some(number) = value.get_ref().as_integer() else {
        return Err(Fault::of_type(value, wanted));
    };
    let read = u16::from_str_radix(number.as_str(), number.radix()).ok();
    let in_range = read.filter(|percent| *percent <= 100);
    in_range.ok_or_else(|| Fault::of(value, format!("{number} in place of {wanted}")))
}

/// Returns a list of strings, each with its place.
pub fn texts<'v>(value: &'v Placed) -> Result<Vec<(&'v str, usize)>, Fault> {
    let Some(list) = value.get_ref().as_array() else {
        return Err(Fault::of_type(value, "a list in brackets"));
    };
    let texts = list.iter();
    texts
        .map(|item| Ok((text(item)?, item.span().start)))
        .collect()
}

/// Returns the one of these choices that the string names.
pub fn choice<T: Copy>(value: &Placed, choices: &[(&str, T)]) -> Result<T, Fault> {
    let name = text(value)?;
    let chosen = choices.iter().find(|(known, _)| *known == name);
    chosen.map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(known, _)| *known).collect();
        Fault::of(value, unknown("value", name, &names))
    })
}

/// Returns the entries of a table, in the order of the file; of anything else, none.
pub fn entries<'v, 't>(
    value: &'v Placed<'t>,
    faults: &mut Vec<Fault>,
) -> Vec<(&'v str, usize, &'v Placed<'t>)> {
    match value.get_ref().as_table() {
        Some(table) => in_order(table),
        None => {
            faults.push(Fault::of_type(value, "a table"));
            Vec::new()
        }
    }
}

/// Returns the entries of a table, in the order of the file: names, their places, values.
pub fn in_order<'v, 't>(table: &'v DeTable<'t>) -> Vec<(&'v str, usize, &'v Placed<'t>)> {
    let entries = table.iter();
    let mut entries: Vec<_> = entries
        .map(|(name, value)| (name.get_ref().as_ref(), name.span().start, value))
        .collect();
    entries.sort_by_key(|(_, at, _)| *at);
    entries
}

/// Returns the reason that a name is none of the known ones, with the nearest of them or all.
pub fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let distance = |known: &&&str| strsim::damerau_levenshtein(known, name);
    let near = known.iter().min_by_key(distance);
    match near.filter(|near| distance(near) * 2 <= near.len()) {
        Some(near) => format!("there is no {what} `{name}`; did you mean `{near}`?"),
        None => format!("there is no {what} `{name}`; one of {}", known.join(", ")),
    }
}
