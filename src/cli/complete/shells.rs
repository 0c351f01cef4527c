//! The shells and their scripts. The scripts for bash, zsh and fish are ours: they pass the words as
//! they are typed, in bash also those that readline splits at colons, and the program removes quotes.

use std::ffi::{OsStr, OsString};
use std::io::{Error, Write};
use std::path::Path;

use clap::Command;
use clap_complete::CompletionCandidate;
use clap_complete::engine::complete;
use clap_complete::env::{Elvish, EnvCompleter, Powershell, Shells};

/// The variable by which a script asks for completions: the name of its shell.
pub const VARIABLE: &str = "HUBSCOPE_COMPLETE";

/// The name of the program, as it is called and completed.
const PROGRAM: &str = "hubscope";

/// A shell with a script of ours, which reads a completion a line: the value, a tab and its meaning.
struct Scripted {
    name: &'static str,
    script: &'static str,
}

const BASH: Scripted = Scripted {
    name: "bash",
    script: include_str!("hubscope.bash"),
};

const ZSH: Scripted = Scripted {
    name: "zsh",
    script: include_str!("hubscope.zsh"),
};

const FISH: Scripted = Scripted {
    name: "fish",
    script: include_str!("hubscope.fish"),
};

/// Returns the shells that have completions.
pub const fn shells() -> Shells<'static> {
    Shells(&[&BASH, &ZSH, &FISH, &Elvish, &Powershell])
}

/// Prints the script of a shell.
///
/// # Errors
/// When it cannot be written.
pub fn write_script(shell: &str, mut to: &mut dyn Write) -> Result<(), Error> {
    let shells = shells();
    let completer = shells.completer(shell);
    let completer = completer.ok_or_else(|| Error::other("this shell has no completions"))?;
    completer.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut to)
}

impl EnvCompleter for Scripted {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is(&self, name: &str) -> bool {
        name == self.name
    }

    fn write_registration(
        &self,
        _variable: &str,
        _name: &str,
        _program: &str,
        _completer: &str,
        to: &mut dyn Write,
    ) -> Result<(), Error> {
        to.write_all(self.script.as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        folder: Option<&Path>,
        to: &mut dyn Write,
    ) -> Result<(), Error> {
        let words: Vec<OsString> = words.iter().map(|word| unquoted(word)).collect();
        let last = words.len().saturating_sub(1);
        let is_dashed = words
            .last()
            .is_some_and(|word| word.as_encoded_bytes().starts_with(b"-"));
        let found = complete(command, words, last, folder)?;
        let values = |is_option: bool| {
            found
                .iter()
                .filter(move |one| is_option == self::is_option(one))
        };
        let has_values = values(false).next().is_some();
        values(false).try_for_each(|value| write_line(value, to))?;
        // Options beside values are noise until a dash asks for them. Of one dash and several letters,
        // clap makes several options.
        let is_one = |option: &&CompletionCandidate| {
            let name = option.get_value().as_encoded_bytes();
            name.starts_with(b"--") || name.len() == 2
        };
        let options = values(true).filter(|_| is_dashed || !has_values);
        let mut options = options.filter(is_one);
        options.try_for_each(|option| write_line(option, to))
    }
}

fn is_option(candidate: &CompletionCandidate) -> bool {
    candidate
        .get_tag()
        .is_some_and(|tag| tag.to_string() == "Options")
}

fn write_line(candidate: &CompletionCandidate, to: &mut dyn Write) -> Result<(), Error> {
    let value = candidate.get_value().to_string_lossy();
    let help = candidate
        .get_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    match help.lines().next() {
        Some(help) if !help.is_empty() => writeln!(to, "{value}\t{help}"),
        _ => writeln!(to, "{value}"),
    }
}

/// Returns a word as the shell would pass it, without quotes and backslashes; the last quotes may be
/// open still. One that is no UTF-8 stays as it is.
pub fn unquoted(word: &OsStr) -> OsString {
    let Some(text) = word.to_str() else {
        return word.to_owned();
    };
    let (mut plain, mut quote, mut is_escaped) = (String::new(), None, false);
    for char in text.chars() {
        match (char, quote) {
            _ if is_escaped => {
                plain.push(char);
                is_escaped = false;
            }
            ('\'', Some('\'')) | ('"', Some('"')) => quote = None,
            ('\\', None | Some('"')) => is_escaped = true,
            ('\'' | '"', None) => quote = Some(char),
            _ => plain.push(char),
        }
    }
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_passed_without_quotes() {
        for (typed, plain) in [
            ("meta-", "meta-"),
            ("\"llama ta", "llama ta"),
            ("'tag:\"a b\" it'\\''s", "tag:\"a b\" it's"),
            ("params:\\>7B\\ x", "params:>7B x"),
            ("--where=\"a \\\"b", "--where=a \"b"),
            ("", ""),
        ] {
            assert_eq!(unquoted(OsStr::new(typed)), plain, "{typed}");
        }
    }
}
