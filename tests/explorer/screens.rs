//! The screens as they are, at three sizes, kept as snapshots: a change is to be looked at before
//! it is accepted (`cargo insta review`).

use hubscope::engine::table::field::Field;
use hubscope::present::charset::Charset;
use hubscope::tui::headless::Headless;
use hubscope::tui::theme::Palette;
use ratatui::buffer::Cell;

use crate::sample::hub;

/// The screen of the built-in sample after some keys, at each size.
fn snap(name: &str, keys: &str) {
    for size in [(80, 24), (120, 40), (50, 15)] {
        let mut stage = Headless::new(hub().clone(), size, Palette::Dark);
        stage.keys(keys).unwrap();
        insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), stage.text());
    }
}

/// The same of several, one after the other in one snapshot a size, without colours, which text does
/// not show.
fn snap_all(name: &str, scripts: &[String]) {
    for size in [(80, 24), (120, 40), (50, 15)] {
        let text = scripts.iter().map(|keys| {
            let mut stage = Headless::new(hub().clone(), size, Palette::None);
            stage.keys(keys).unwrap();
            format!("{keys}\n{}", stage.text())
        });
        let text = text.collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), text);
    }
}

#[test]
fn start() {
    snap("start", "");
}

#[test]
fn query() {
    snap("query", "/qwen3 vl");
}

#[test]
fn nothing_found() {
    snap("nothing", "/zzzz qqqq license:mit<enter>");
}

#[test]
fn tree() {
    snap("tree", "/qwen3-vl-8b-instruct<enter><enter>lj");
}

#[test]
fn details() {
    snap("details", "/qwen3-vl-8b-instruct<enter>4");
}

#[test]
fn histogram() {
    snap("histogram", "/qwen3-vl-8b-instruct<enter>3lll");
}

#[test]
fn statistics() {
    snap("statistics", "/qwen<enter>%<tab><tab><tab>jjj");
}

#[test]
fn help() {
    snap("help", "?");
}

#[test]
fn sort_menu() {
    snap("sort", "s");
}

#[test]
fn compare() {
    snap(
        "compare",
        "/qwen3-vl-8b-instruct<enter><space><space><space><space>c",
    );
}

#[test]
fn save_query() {
    snap("save-query", "/qwen3 vl<enter>slikes<enter>wvision");
}

#[test]
fn saved_queries() {
    snap(
        "saved-queries",
        "/qwen3 vl<enter>wvision<enter>/<ctrl-u>gpt2<enter>wsmall<enter>'",
    );
}

#[test]
fn command() {
    snap("command", "/qwen3 vl<enter>slikes<enter>$");
}

#[test]
fn mistake() {
    snap("mistake", "/llama licens:mit");
}

#[test]
fn filters() {
    snap("filters", "/llama task:text-generation -license:mit<enter>");
}

#[test]
fn picker() {
    snap("picker", "/llama<enter>flicense<enter>");
}

#[test]
fn folded_tree() {
    snap(
        "folded",
        "/qwen3-vl-8b-instruct<enter><enter>/<ctrl-u>tag:gguf<enter>2v",
    );
}

#[test]
fn every_histogram() {
    let fields = Field::histograms().enumerate();
    let scripts = fields.map(|(turns, _)| format!("/qwen<enter>3{}jj", "l".repeat(turns)));
    let range = "3jjvjjj".to_owned();
    snap_all("histograms", &scripts.chain([range]).collect::<Vec<_>>());
}

#[test]
fn density() {
    let scripts = ["D", "/qwen3-vl-8b-instruct<enter>Dhk"];
    snap_all("density", &scripts.map(str::to_owned));
}

#[test]
fn sorted_tables() {
    let tasks = "%<tab><tab><tab><tab><tab><tab><tab>";
    let scripts = ["sss", "<tab><tab><tab><tab>zssssG"];
    snap_all("sorted", &scripts.map(|keys| format!("{tasks}{keys}")));
}

#[test]
fn schema() {
    snap_all("schema", &["Cjjj".to_owned()]);
}

/// Where the locale is not UTF-8, nothing is drawn but ASCII; the sample's ids are.
#[test]
fn ascii() {
    let scripts = [
        "3jvjj",
        "/qwen3-vl-8b-instruct<enter><enter><enter>lj",
        "/qwen3-vl-8b-instruct<enter>3lllz",
        "R",
        "P",
        "%",
        "D",
        "C",
        "?",
        "<space><space>c",
    ];
    let mut shown = Vec::new();
    for keys in scripts {
        for size in [(120, 40), (60, 6)] {
            let mut stage = Headless::new(hub().clone(), size, Palette::None);
            stage.app.charset = Charset::Ascii;
            stage.keys(keys).unwrap();
            let text = stage.text();
            let foreign = text.chars().find(|c| !c.is_ascii());
            assert_eq!(foreign, None, "{keys}\n{text}");
            shown.push(text);
        }
    }
    insta::assert_snapshot!(
        "ascii",
        [&shown[0], &shown[2], &shown[12]]
            .map(std::string::String::as_str)
            .join("\n")
    );
}

/// The styles of a screen: a letter for each cell, spaces for those in the terminal's own style, and
/// the legend.
fn styles(stage: &Headless) -> String {
    let picture = stage.picture();
    let mut legend: Vec<String> = Vec::new();
    let mut letter = |cell: &Cell| {
        let style = format!("{:?} on {:?} {:?}", cell.fg, cell.bg, cell.modifier);
        if style == "Reset on Reset NONE" {
            return ' ';
        }
        let at = legend.iter().position(|known| *known == style);
        let at = at.unwrap_or_else(|| {
            legend.push(style);
            legend.len() - 1
        });
        char::from(b'a' + u8::try_from(at).unwrap())
    };
    let mut text = String::new();
    for line in picture.content.chunks(picture.area.width.into()) {
        let letters: String = line.iter().map(&mut letter).collect();
        text.push_str(letters.trim_end());
        text.push('\n');
    }
    for (at, style) in legend.iter().enumerate() {
        let at = char::from(b'a' + u8::try_from(at).unwrap());
        text.push_str(&format!("{at} = {style}\n"));
    }
    text
}

#[test]
fn colors() {
    let scripts = [
        "/qwen3 vl<enter><space><space>",
        "/qwen3-vl-8b-instruct<enter><enter>/<ctrl-u>tag:gguf<enter>2l",
        "/llama licens:mit",
        "/llama task:text-generation<enter>3jvj",
        "ftask<enter>",
        "%jj",
        "D",
        "/qwen3-vl-8b-instruct-gguf<enter>P",
        "<space><space>c",
    ];
    for palette in [
        Palette::Dark,
        Palette::Light,
        Palette::Sixteen,
        Palette::None,
    ] {
        let shown = scripts.map(|keys| {
            let mut stage = Headless::new(hub().clone(), (80, 24), palette);
            stage.keys(keys).unwrap();
            format!("{keys}\n{}", styles(&stage))
        });
        insta::assert_snapshot!(format!("colors-{palette:?}"), shown.join("\n"));
    }
}
