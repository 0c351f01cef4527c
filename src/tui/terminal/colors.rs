//! The palette that the environment asks for.

use termini::{NumberCapability, TermInfo};

use crate::present::palette::Palette;

/// Terminals of 256 colors or more by their names in `TERM`, or the beginnings of those. Over SSH
/// the other side often lacks their descriptions.
const NAMES: [&str; 8] = [
    "alacritty",
    "contour",
    "foot",
    "rio",
    "wezterm",
    "xterm-ghostty",
    "xterm-kitty",
    "xterm-wezterm",
];

/// Returns the palette that the environment asks for: none with `NO_COLOR`
/// (<https://no-color.org>), or with 0 in `CLICOLOR` or `FORCE_COLOR`; else by the number of colors
/// and `COLORFGBG`, in which some terminals state their background. `value` reads a variable,
/// `described` returns the number of colors in the description of a terminal: 0 if it has none,
/// `None` without a description.
pub fn palette(
    value: impl Fn(&str) -> Option<String>,
    described: impl Fn(&str) -> Option<u32>,
) -> Palette {
    deduced(value, described).0
}

/// Returns the same with what decides on the number of colors.
pub fn deduced(
    value: impl Fn(&str) -> Option<String>,
    described: impl Fn(&str) -> Option<u32>,
) -> (Palette, String) {
    let set = |name: &str| value(name).filter(|value| !value.is_empty());
    let is = |name: &str, wanted: &[&str]| set(name).is_some_and(|v| wanted.contains(&v.as_str()));
    let forced = set("FORCE_COLOR").or_else(|| set("CLICOLOR_FORCE"));
    let forbids = |value: &str| matches!(value, "0" | "false");
    let is_forced = forced.as_deref().is_some_and(|value| !forbids(value));
    let forbidding = [
        ("NO_COLOR", set("NO_COLOR").is_some()),
        ("FORCE_COLOR", is("FORCE_COLOR", &["0", "false"])),
        ("CLICOLOR", is("CLICOLOR", &["0"]) && !is_forced),
    ];
    if let Some((name, _)) = forbidding.iter().find(|(_, forbids)| *forbids) {
        return (Palette::None, format!("${name} forbids them"));
    }
    let name = set("TERM").unwrap_or_default();
    let described = described(&name);
    let is_known = name.contains("256color")
        || name.contains("direct")
        || NAMES.iter().any(|known| name.starts_with(known));
    let rich = [
        ("$COLORTERM", is("COLORTERM", &["truecolor", "24bit"])),
        ("$FORCE_COLOR", is("FORCE_COLOR", &["2", "3"])),
        ("the name in $TERM", is_known),
        ("the description of $TERM", described >= Some(256)),
        (
            "$COLORTERM, since $TERM has no description here",
            described.is_none() && set("COLORTERM").is_some(),
        ),
    ];
    let Some((reason, _)) = rich.iter().find(|(_, is_rich)| *is_rich) else {
        let reason = match described {
            Some(colors) => format!("by the description of $TERM, which states {colors}"),
            None => "$TERM has no description here".to_owned(),
        };
        return match described {
            Some(0) if !is_forced => (Palette::None, reason),
            _ => (Palette::Sixteen, reason),
        };
    };
    let background = set("COLORFGBG").and_then(|v| v.rsplit(';').next()?.parse::<u8>().ok());
    let palette = match background {
        Some(7 | 9..) => Palette::Light,
        _ => Palette::Dark,
    };
    (palette, format!("by {reason}"))
}

/// Returns the number of colors in the terminfo description of a terminal; `None` if there is no
/// such description on this machine.
pub fn described(name: &str) -> Option<u32> {
    // The console of Windows has no name, and all colors.
    if cfg!(windows) && name.is_empty() {
        return Some(1 << 24);
    }
    let about = TermInfo::from_name(name).ok()?;
    let colors = about.number_cap(NumberCapability::MaxColors).unwrap_or(0);
    Some(u32::try_from(colors).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The palette of `NAME=VALUE` pairs on a machine that describes a few terminals.
    fn of(environment: &str) -> Palette {
        let mut set = environment
            .split(' ')
            .filter_map(|pair| pair.split_once('='));
        let set: Vec<_> = set.by_ref().collect();
        let value = |name: &str| {
            let found = set.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        palette(value, |name| match name {
            "vt100" | "vt220" => Some(0),
            "xterm" | "linux" | "screen" => Some(8),
            "rxvt-unicode" => Some(88),
            "xterm-256color" | "mintty" => Some(256),
            _ => None,
        })
    }

    #[test]
    fn the_environment_selects_a_palette() {
        for (environment, expected) in [
            ("TERM=xterm-256color", Palette::Dark),
            ("TERM=xterm-256color COLORFGBG=0;15", Palette::Light),
            ("TERM=xterm-256color COLORFGBG=15;0", Palette::Dark),
            ("TERM=xterm-256color COLORFGBG=12;default;7", Palette::Light),
            // A description, a name without one, or a variable.
            ("TERM=mintty", Palette::Dark),
            ("TERM=xterm-kitty", Palette::Dark),
            ("TERM=xterm-ghostty", Palette::Dark),
            ("TERM=foot-extra", Palette::Dark),
            ("TERM=alacritty", Palette::Dark),
            ("TERM=wezterm", Palette::Dark),
            ("TERM=tmux-256color", Palette::Dark),
            ("TERM=xterm-direct", Palette::Dark),
            ("TERM=xterm COLORTERM=truecolor", Palette::Dark),
            ("TERM=unheard-of COLORTERM=yes", Palette::Dark),
            // Few colors, or none.
            ("TERM=xterm", Palette::Sixteen),
            ("TERM=linux", Palette::Sixteen),
            ("TERM=screen", Palette::Sixteen),
            ("TERM=unheard-of", Palette::Sixteen),
            ("TERM=rxvt-unicode COLORTERM=rxvt-xpm", Palette::Sixteen),
            ("TERM=vt100", Palette::None),
            ("TERM=vt220", Palette::None),
            ("", Palette::Sixteen),
        ] {
            assert_eq!(of(environment), expected, "{environment}");
        }
    }

    #[test]
    fn colors_are_forbidden_and_forced() {
        for (environment, expected) in [
            ("TERM=xterm-256color NO_COLOR=1", Palette::None),
            ("TERM=xterm-256color NO_COLOR=", Palette::Dark),
            (
                "TERM=xterm-256color NO_COLOR=1 FORCE_COLOR=3",
                Palette::None,
            ),
            ("TERM=xterm-256color CLICOLOR=0", Palette::None),
            ("TERM=xterm-256color CLICOLOR=1", Palette::Dark),
            (
                "TERM=xterm-256color CLICOLOR=0 CLICOLOR_FORCE=1",
                Palette::Dark,
            ),
            (
                "TERM=xterm-256color CLICOLOR=0 CLICOLOR_FORCE=0",
                Palette::None,
            ),
            ("TERM=xterm-256color FORCE_COLOR=0", Palette::None),
            ("TERM=xterm-256color FORCE_COLOR=false", Palette::None),
            ("TERM=xterm FORCE_COLOR=1", Palette::Sixteen),
            ("TERM=xterm FORCE_COLOR=2", Palette::Dark),
            ("TERM=vt100 FORCE_COLOR=true", Palette::Sixteen),
            ("TERM=vt100 CLICOLOR_FORCE=1", Palette::Sixteen),
        ] {
            assert_eq!(of(environment), expected, "{environment}");
        }
    }
}
