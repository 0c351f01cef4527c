//! The contrast of text and graphics in every theme, after WCAG 2.1, on the backgrounds that
//! terminals have.

use hubscope::tui::headless::Headless;
use hubscope::tui::theme::{Palette, Theme};
use ratatui::style::{Color, Modifier, Style};

use crate::sample::hub;

type Rgb = [u8; 3];

/// The backgrounds of common dark and light schemes.
const DARK: [Rgb; 4] = [[0, 0, 0], [22, 25, 31], [30, 30, 30], [40, 44, 52]];
const LIGHT: [Rgb; 3] = [[255, 255, 255], [253, 246, 227], [238, 238, 238]];

/// The 16 colors of xterm and of the VGA console, of which these are used.
fn named(color: Color) -> Option<[Rgb; 2]> {
    Some(match color {
        Color::Black => [[0, 0, 0], [0, 0, 0]],
        Color::Red => [[205, 0, 0], [170, 0, 0]],
        Color::Green => [[0, 205, 0], [0, 170, 0]],
        Color::Cyan => [[0, 205, 205], [0, 170, 170]],
        Color::White => [[255, 255, 255], [255, 255, 255]],
        _ => return None,
    })
}

/// A color of the cube of 6×6×6 or of the 24 grays.
fn indexed(color: Color) -> Rgb {
    let Color::Indexed(number @ 16..) = color else {
        panic!("{color:?} looks different on each terminal");
    };
    match number {
        232.. => [8 + 10 * (number - 232); 3],
        _ => [36, 6, 1].map(|place| match (number - 16) / place % 6 {
            0 => 0,
            level => 55 + 40 * level,
        }),
    }
}

fn luminance(color: Rgb) -> f64 {
    let linear = color.map(|part| match f64::from(part) / 255.0 {
        part if part <= 0.03928 => part / 12.92,
        part => ((part + 0.055) / 1.055).powf(2.4),
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(one: Rgb, other: Rgb) -> f64 {
    let [one, other] = [one, other].map(luminance);
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn contrast_is_that_of_the_standard() {
    let gray = |level| contrast([level; 3], [255; 3]);
    assert!((gray(0) - 21.0).abs() < 0.001);
    // The lightest gray that is readable on white.
    assert!(gray(0x76) > 4.5 && gray(0x77) < 4.5);
}

fn text_styles(theme: &Theme) -> Vec<(&'static str, Style)> {
    vec![
        ("text", theme.text),
        ("dim", theme.dim),
        ("title", theme.title),
        ("focused", theme.focused),
        ("selected", theme.selected),
        ("selected elsewhere", theme.selected_elsewhere),
        ("matched", theme.matched),
        ("accent", theme.accent),
        ("here", theme.here),
        ("ghost", theme.ghost),
        ("error", theme.error),
        ("wrong", theme.wrong),
    ]
}

fn graphics(theme: &Theme) -> Vec<(&'static str, Style)> {
    let ramp = theme.ramp.iter().map(|style| ("ramp", *style));
    let lines = [
        ("line", theme.line),
        ("bar", theme.bar),
        ("bar apart", theme.bar_apart),
    ];
    lines.into_iter().chain(ramp).collect()
}

#[test]
fn every_style_of_256_colors_is_readable() {
    for (palette, backgrounds) in [(Palette::Dark, &DARK[..]), (Palette::Light, &LIGHT)] {
        let theme = Theme::of(palette);
        let selection = indexed(theme.selected.bg.unwrap());
        let texts = text_styles(&theme).into_iter().map(|style| (style, 4.5));
        let others = graphics(&theme).into_iter().map(|style| (style, 3.0));
        for ((name, style), least) in texts.chain(others) {
            assert!(style.bg.is_none() || style.fg.is_some(), "{name}");
            let Some(fg) = style.fg.map(indexed) else {
                continue;
            };
            let mut behind = match style.bg {
                Some(own) => vec![indexed(own)],
                None => backgrounds.to_vec(),
            };
            // Plain and dim text takes the color of the selection.
            if style.fg != theme.dim.fg && !["error", "wrong", "ramp"].contains(&name) {
                behind.push(selection);
            }
            for behind in behind {
                let found = contrast(fg, behind);
                assert!(
                    found >= least,
                    "{palette:?} {name} on {behind:?}: {found:.2}"
                );
            }
        }
    }
}

/// None of the 16 colors is readable on every background, so they are used in pairs.
#[test]
fn sixteen_colors_appear_in_readable_pairs() {
    let theme = Theme::of(Palette::Sixteen);
    let mut colored = 0;
    for (name, style) in text_styles(&theme).into_iter().chain(graphics(&theme)) {
        let (Some(fg), Some(bg)) = (style.fg, style.bg) else {
            assert_eq!((style.fg, style.bg), (None, None), "{name}");
            continue;
        };
        colored += 1;
        for (fg, bg) in named(fg).unwrap().into_iter().zip(named(bg).unwrap()) {
            let found = contrast(fg, bg);
            assert!(found >= 4.5, "{name}: {found:.2}");
        }
        // Some terminals show bold black as gray.
        let is_bold = style.add_modifier.contains(Modifier::BOLD);
        assert!(!is_bold || fg != Color::Black, "{name}");
    }
    assert!(colored > 0);
}

/// Of styles over each other, too.
#[test]
fn every_cell_of_a_screen_is_readable() {
    let scripts = [
        "",
        "jj",
        "/llama<enter><tab>lj",
        "/qwen task:text-generation license:apache-2.0",
        "/qwen is:nothing",
        "3jjvj",
        "?jj",
        "f",
        "%jjjj",
        "D<enter>",
        "Cjj",
        " j c",
        "/qwen3-vl-8b<enter>P",
        "2jz",
    ];
    let mut seen = 0;
    let palettes = [
        Palette::Dark,
        Palette::Light,
        Palette::Sixteen,
        Palette::None,
    ];
    for script in scripts {
        let mut stage = Headless::new(hub().clone(), (100, 30), Palette::Dark);
        stage.keys(script).unwrap();
        let text = stage.text();
        for palette in palettes {
            stage.app.theme = Theme::of(palette);
            // Shades take the place of a ramp of colors.
            let is_plot = script.starts_with('D');
            assert!(is_plot || stage.text() == text, "{palette:?} {script}");
            let cells = stage.picture().content.into_iter();
            for cell in cells.filter(|cell| cell.bg != Color::Reset) {
                seen += 1;
                assert_ne!(cell.fg, Color::Reset, "{palette:?} {script}: {cell:?}");
                let is_graphic = "█▏▎▍▌▋▊▉░▐│".contains(cell.symbol());
                let least = if is_graphic { 3.0 } else { 4.5 };
                let pairs = match palette {
                    Palette::Sixteen => {
                        let [fg, bg] = [cell.fg, cell.bg].map(|color| named(color).unwrap());
                        fg.into_iter().zip(bg).collect()
                    }
                    _ => vec![(indexed(cell.fg), indexed(cell.bg))],
                };
                for (fg, bg) in pairs {
                    let found = contrast(fg, bg);
                    assert!(found >= least, "{palette:?} {script} {cell:?}: {found:.2}");
                }
            }
        }
    }
    assert!(seen > 1_000);
}
