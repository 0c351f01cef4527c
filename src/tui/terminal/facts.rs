//! Facts about the terminal, and what the explorer makes of them.

use std::env;
use std::io::{self, IsTerminal};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::background::{QUESTION, is_light};
use super::tty::Tty;
use super::{clipboard, colors, guard};
use crate::present::facts::{Fact, FactSection};
use crate::tui::config::read::Config;
use crate::tui::config::themes::name_of;
use crate::tui::theme::Palette;

/// The longest time that the terminal has to answer; most need a millisecond.
const PATIENCE: Duration = Duration::from_millis(500);

/// Returns the facts. `config` has the settings that the explorer starts with, `theme` is the one that
/// the command line names. A terminal that can say so is asked for its background.
pub fn facts(config: &Config, theme: Option<&str>) -> FactSection {
    let mut facts = vec![
        Fact::new("input_is_terminal", io::stdin().is_terminal()),
        output(),
    ];
    match guard::open() {
        Ok(tty) => {
            facts.extend([size(&tty), term()]);
            facts.extend(colors_of(&tty, config, theme));
            facts.extend(reports(config));
        }
        Err(error) => {
            facts.push(Fact::new("screen", false).because(format!("{error:#}")));
            facts.push(Fact::new("term", set("TERM")));
        }
    }
    facts.push(Fact::new("colorterm", set("COLORTERM")));
    facts.push(Fact::new("emulator", emulator()));
    facts.extend(between());
    FactSection {
        name: "terminal",
        facts,
    }
}

fn output() -> Fact {
    let is_terminal = io::stdout().is_terminal();
    let fact = Fact::new("output_is_terminal", is_terminal);
    match is_terminal {
        true => fact,
        false => fact.because("a pipe or a file; the explorer starts on a terminal only"),
    }
}

fn size(tty: &Tty) -> Fact {
    match guard::size(tty) {
        Ok(size) => Fact::new("size", format!("{}x{}", size.width, size.height)),
        Err(error) => Fact::new("size", None::<String>).because(format!("{error:#}")),
    }
}

fn term() -> Fact {
    let name = set("TERM");
    let is_dumb = name.as_deref() == Some("dumb");
    let problem =
        "TERM is `dumb`, so the explorer does not start; start it in another terminal, or set TERM";
    Fact::new("term", name).wrong_if(is_dumb.then_some(problem))
}

/// The colors, and the background that they suit.
fn colors_of(tty: &Tty, config: &Config, theme: Option<&str>) -> Vec<Fact> {
    let (deduced, reason) = colors::deduced(|name| env::var(name).ok(), colors::described);
    let chosen = config.theme_or(theme).ok().and_then(|theme| theme.palette);
    let palette = chosen.unwrap_or(deduced);
    let number = match palette {
        Palette::Dark | Palette::Light => 256,
        Palette::Sixteen => 16,
        Palette::None => 0,
    };
    let reason = match chosen {
        Some(_) => format!("by the theme `{}`", name_of(chosen)),
        None => reason,
    };
    let number = Fact::new("colors", number).because(reason);
    let (name, reason) = match (chosen, palette) {
        (None, Palette::Sixteen | Palette::None) => (None, "colors suit any".to_owned()),
        (Some(_), _) => (None, "not asked for, since a theme is chosen".to_owned()),
        (None, guess) => background(tty, guess),
    };
    let name = name.map(|palette| name_of(Some(palette)));
    vec![number, Fact::new("background", name).because(reason)]
}

/// The background as the terminal answers, else the guess, with how it is known.
fn background(tty: &Tty, guess: Palette) -> (Option<Palette>, String) {
    let because = match set("COLORFGBG") {
        Some(_) => "by $COLORFGBG",
        None => "assumed",
    };
    if tty.is_in_background() {
        return (
            Some(guess),
            format!("{because}; not asked by a background job"),
        );
    }
    let answer = match guard::ask(tty, QUESTION, PATIENCE, |bytes| attributes(bytes).is_some()) {
        Ok(answer) => answer,
        Err(error) => return (Some(guess), format!("{because}: {error:#}")),
    };
    let color = color(&answer);
    match color
        .as_deref()
        .and_then(|color| is_light(color.as_bytes()))
    {
        Some(is_light) => {
            let palette = if is_light {
                Palette::Light
            } else {
                Palette::Dark
            };
            let color = color.unwrap_or_default();
            (Some(palette), format!("the terminal answers OSC {color}"))
        }
        None if answer.is_empty() => (
            Some(guess),
            format!("{because}; the terminal does not answer"),
        ),
        None => (
            Some(guess),
            format!("{because}; the terminal does not answer OSC 11"),
        ),
    }
}

/// The attributes that the terminal states (DA1), with which its answers end.
fn attributes(answer: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(answer);
    let (_, after) = text.rsplit_once("\x1b[?")?;
    let (attributes, _) = after.split_once('c')?;
    Some(attributes.to_owned())
}

/// The answer to OSC 11, without the signs around it.
fn color(answer: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(answer);
    let (_, after) = text.split_once("\x1b]")?;
    let end = after.find(['\x1b', '\x07'])?;
    Some(after[..end].to_owned())
}

/// The reports that the explorer asks the terminal for.
fn reports(config: &Config) -> [Fact; 3] {
    let mouse = match config.settings.mouse {
        true => "buttons, wheel and drags; modes 1000, 1002 and 1006",
        false => "by the setting `mouse`",
    };
    [
        Fact::new("mouse_reports", config.settings.mouse).because(mouse),
        Fact::new("synchronized_updates", true).because("mode 2026, which others ignore"),
        Fact::new("clipboard", clipboard::way()),
    ]
}

/// The program that draws the terminal, as far as it says so.
fn emulator() -> Option<String> {
    let version = |name| {
        set(name)
            .map(|version| format!(" {version}"))
            .unwrap_or_default()
    };
    if let Some(name) = set("TERM_PROGRAM") {
        return Some(name + &version("TERM_PROGRAM_VERSION"));
    }
    let others = [
        ("VTE", "VTE_VERSION"),
        ("Konsole", "KONSOLE_VERSION"),
        ("XTerm", "XTERM_VERSION"),
    ];
    let known = others.iter().find(|(_, variable)| set(variable).is_some());
    let known = known.map(|(name, variable)| format!("{name}{}", version(variable)));
    known.or_else(|| set("WT_SESSION").map(|_| "Windows Terminal".to_owned()))
}

/// The programs that are between the explorer and the terminal.
fn between() -> Vec<Fact> {
    let version = |variable, program, option| {
        let version = || version_of(program, option).unwrap_or("unknown version".to_owned());
        set(variable).map(|_| version())
    };
    let is_remote = ["SSH_CONNECTION", "SSH_TTY"]
        .iter()
        .any(|name| set(name).is_some());
    vec![
        Fact::new("tmux", version("TMUX", "tmux", "-V")),
        Fact::new("gnu_screen", version("STY", "screen", "-v")),
        Fact::new("ssh", is_remote),
    ]
}

/// The first line that a program prints about its version.
fn version_of(program: &str, option: &str) -> Option<String> {
    let mut command = Command::new(program);
    command
        .arg(option)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let printed = command.output().ok()?.stdout;
    let line = String::from_utf8_lossy(&printed)
        .lines()
        .next()?
        .trim()
        .to_owned();
    (!line.is_empty()).then_some(line)
}

fn set(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_apart() {
        let answer = b"x\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?64;52c";
        assert_eq!(color(answer).as_deref(), Some("11;rgb:ffff/ffff/ffff"));
        assert_eq!(attributes(answer).as_deref(), Some("64;52"));
        let bell = b"\x1b]11;rgb:0/0/0\x07\x1b[?1;2";
        assert_eq!(color(bell).as_deref(), Some("11;rgb:0/0/0"));
        assert_eq!(attributes(bell), None);
        assert_eq!((color(b""), color(b"\x1b[?6c")), (None, None));
    }
}
