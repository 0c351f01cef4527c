//! Facts about the program and its surroundings: plain data, which each floor gathers about itself and
//! `hubscope doctor` prints.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::format::{bytes, grouped};

/// The facts of one subject.
pub struct FactSection {
    /// Its name in JSON.
    pub name: &'static str,
    pub facts: Vec<Fact>,
}

/// A fact.
pub struct Fact {
    /// Its name in JSON; on screen, underscores are blanks.
    pub name: &'static str,
    /// Its value, for programs.
    pub value: Value,
    /// Its value, for people; more than one line for a list.
    pub text: String,
    /// How it is known, or what decides on it.
    pub reason: Option<String>,
    /// Everything that is wrong with it, each with its remedy.
    pub problems: Vec<String>,
}

impl Fact {
    /// Returns a fact; null is printed as `none`.
    pub fn new(name: &'static str, value: impl Into<Value>) -> Fact {
        let value = value.into();
        Fact {
            name,
            text: in_words(&value),
            value,
            reason: None,
            problems: Vec::new(),
        }
    }

    /// Returns a fact of a number of bytes; `None` where it is unknown.
    pub fn of_bytes(name: &'static str, number: Option<u64>) -> Fact {
        let text = number.map(|number| bytes(i64::try_from(number).unwrap_or(i64::MAX)));
        Fact::new(name, number).shown(text.unwrap_or_else(|| "unknown".to_owned()))
    }

    /// Returns it with another text for people.
    pub fn shown(self, text: impl Into<String>) -> Fact {
        let text = text.into();
        Fact { text, ..self }
    }

    /// Returns it with how it is known.
    pub fn because(self, reason: impl Into<String>) -> Fact {
        let reason = Some(reason.into());
        Fact { reason, ..self }
    }

    /// Returns it with something that is wrong.
    pub fn wrong(mut self, problem: impl Into<String>) -> Fact {
        self.problems.push(problem.into());
        self
    }

    /// Returns it with what is wrong, if something is.
    pub fn wrong_if(self, problem: Option<impl Into<String>>) -> Fact {
        match problem {
            Some(problem) => self.wrong(problem),
            None => self,
        }
    }

    /// Passes all of its text through a function.
    pub fn map_text(&mut self, change: &dyn Fn(&str) -> String) {
        map_strings(&mut self.value, change);
        let texts = [&mut self.text].into_iter().chain(&mut self.reason);
        for text in texts.chain(&mut self.problems) {
            *text = change(text);
        }
    }
}

/// The values by name, each with its reason as `NAME_reason`.
impl Serialize for FactSection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for fact in &self.facts {
            object.serialize_entry(fact.name, &fact.value)?;
            if let Some(reason) = &fact.reason {
                object.serialize_entry(&format!("{}_reason", fact.name), reason)?;
            }
        }
        object.end()
    }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => grouped(number),
            None => number.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(_) => value.to_string(),
    }
}

fn map_strings(value: &mut Value, change: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| map_strings(item, change)),
        Value::Object(members) => {
            let members = members.values_mut();
            members.for_each(|member| map_strings(member, change));
        }
        _ => {}
    }
}
