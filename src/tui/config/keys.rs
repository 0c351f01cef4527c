//! Keys of the user: for an action of a context, the list of its keys in place of those of the keymap.

use super::values::{Fault, Placed, entries, texts, unknown};
use crate::tui::keymap::{Action, ContextKeys, KEYMAP, Keymap};
use crate::tui::keys::{KEY_NAMES, key_of, name_of};

/// The keys that the file has for an action.
struct Override<'v> {
    /// The index of the action's binding.
    binding: usize,
    keys: Vec<(&'v str, usize)>,
}

/// Reads the table of keys into a keymap.
pub fn read(table: &Placed, keymap: &mut Keymap, faults: &mut Vec<Fault>) {
    for (name, at, value) in entries(table, faults) {
        match keymap.contexts().iter().position(|keys| keys.name == name) {
            Some(context) => read_context(keymap, context, value, faults),
            None => {
                let contexts = keymap.contexts().iter();
                let names: Vec<&str> = contexts.map(|keys| keys.name.as_str()).collect();
                let reason = unknown("context", name, &names);
                faults.push(Fault { at, reason });
            }
        }
    }
}

fn read_context(keymap: &mut Keymap, context: usize, table: &Placed, faults: &mut Vec<Fault>) {
    let mut overrides = Vec::new();
    for (name, at, value) in entries(table, faults) {
        let keys = &keymap.contexts()[context];
        let binding = keys.bindings.iter();
        let Some(binding) = binding
            .map(|binding| binding.action)
            .position(|a| a.name() == name)
        else {
            let reason = no_action(keymap, keys, name);
            faults.push(Fault { at, reason });
            continue;
        };
        match texts(value) {
            // Something has to end the program.
            Ok(none) if none.is_empty() && name == Action::Interrupt.name() => {
                let reason = format!("`{name}` needs a key, so that there is always a way out");
                faults.push(Fault::of(value, reason));
            }
            Ok(keys) => overrides.push(Override { binding, keys }),
            Err(fault) => faults.push(fault),
        }
    }
    let keys = keymap.context_mut(context);
    let defaults: Vec<Vec<String>> = overrides
        .iter()
        .map(|own| std::mem::take(&mut keys.bindings[own.binding].keys))
        .collect();
    for (own, default) in overrides.iter().zip(defaults) {
        let mut bound = Vec::new();
        for (name, at) in &own.keys {
            match key(keys, &bound, name) {
                Ok(name) => bound.push(name),
                Err(reason) => faults.push(Fault { at: *at, reason }),
            }
        }
        // Where every key is wrong, the action keeps its own.
        if bound.is_empty() && !own.keys.is_empty() {
            bound = default
                .into_iter()
                .filter(|key| owner(keys, key).is_none())
                .collect();
        }
        keys.bindings[own.binding].keys = bound;
    }
}

/// Returns the name of a key if it is one and is free in its context.
fn key(keys: &ContextKeys, bound: &[String], name: &str) -> Result<String, String> {
    let own = key_of(name).and_then(name_of);
    let Some(name) = own.filter(|own| own.eq_ignore_ascii_case(name)) else {
        return Err(unknown("key", name, &KEY_NAMES));
    };
    let is_character = name.chars().count() == 1 || name == "space";
    if keys.is_typed() && is_character && !is_bound_by_default(keys, &name) {
        let context = &keys.name;
        return Err(format!(
            "`{name}` is text in `{context}`; choose one such as `ctrl-x`"
        ));
    }
    match owner(keys, &name) {
        Some(action) => Err(format!(
            "`{name}` is a key of `{action}` already; give that another one, or `{action} = []`"
        )),
        None if bound.contains(&name) => Err(format!("`{name}` is listed twice")),
        None => Ok(name),
    }
}

fn is_bound_by_default(keys: &ContextKeys, name: &str) -> bool {
    let default = KEYMAP
        .contexts()
        .iter()
        .find(|other| other.name == keys.name);
    default.is_some_and(|default| owner(default, name).is_some())
}

/// Returns the name of the action that has a key.
fn owner(keys: &ContextKeys, name: &str) -> Option<String> {
    let mut bindings = keys.bindings.iter();
    let found = bindings.find(|binding| binding.keys.iter().any(|key| key == name));
    found.map(|binding| binding.action.name())
}

/// Returns the reason that a context has no action of a name: the context that has it, or the nearest
/// name.
fn no_action(keymap: &Keymap, keys: &ContextKeys, name: &str) -> String {
    let names = |keys: &ContextKeys| -> Vec<String> {
        let bindings = keys.bindings.iter();
        bindings.map(|binding| binding.action.name()).collect()
    };
    let mut contexts = keymap.contexts().iter();
    if let Some(other) = contexts.find(|other| names(other).iter().any(|known| known == name)) {
        let (other, context) = (&other.name, &keys.name);
        return format!("`{name}` is an action of `{other}`, not of `{context}`");
    }
    let names = names(keys);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    unknown("action", name, &names)
}
