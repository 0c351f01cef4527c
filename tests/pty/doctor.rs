//! `hubscope doctor` on a terminal: it is asked for its background as the explorer asks it, and left as
//! it was.

use crate::session::{HUBSCOPE, Session};

const QUESTION: &str = "\x1b]11;?\x1b\\\x1b[c";

/// Starts it, answers the question, and returns the exit code and what was printed, in one line.
fn doctor(variables: &[(&str, &str)], answer: Option<&str>) -> (u32, String) {
    let mut session = Session::start(HUBSCOPE, &["doctor"], variables);
    if let Some(answer) = answer {
        session.wait_for("the question", |session| session.count(QUESTION) == 1);
        session.send(answer);
    }
    let code = session.exit();
    session.assert_modes_restored();
    let asked = usize::from(answer.is_some());
    assert_eq!(session.count(QUESTION), asked, "{variables:?}");
    let printed = String::from_utf8(session.bytes.clone()).unwrap();
    let printed = printed.replace(QUESTION, "");
    assert!(!printed.contains('\x1b'), "{printed:?}");
    assert!(
        printed.lines().all(|line| line.chars().count() <= 120),
        "{printed}"
    );
    let words: Vec<&str> = printed.split_whitespace().collect();
    (code, words.join(" "))
}

#[test]
fn the_background_is_what_the_terminal_answers() {
    let light = "\x1b]11;rgb:fdfd/f6f6/e3e3\x07\x1b[?64;52c";
    let dark = "\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[?6c";
    for (answer, background) in [
        (
            light,
            "background light · the terminal answers OSC 11;rgb:fdfd/f6f6/e3e3",
        ),
        (
            dark,
            "background dark · the terminal answers OSC 11;rgb:0000/0000/0000",
        ),
        (
            "\x1b[?1;2c",
            "background dark · assumed; the terminal does not answer OSC 11",
        ),
        (
            "",
            "background dark · assumed; the terminal does not answer ",
        ),
    ] {
        let (code, printed) = doctor(&[], Some(answer));
        assert_eq!(code, 0, "{printed}");
        for words in [
            background,
            "size 120x40",
            "colors 256 · by the name in $TERM",
            "clipboard OSC 52 ",
            "output is terminal yes",
            "No problems found",
        ] {
            assert!(printed.contains(words), "{words}: {printed}");
        }
    }
}

#[test]
fn what_decides_on_the_colors_is_named() {
    let colored: [(&[(&str, &str)], &str); 4] = [
        (&[("NO_COLOR", "1")], "colors 0 · $NO_COLOR forbids them"),
        (
            &[("HUBSCOPE_THEME", "light")],
            "colors 256 · by the theme `light`",
        ),
        (&[("TERM", "linux")], "colors 16 · "),
        (
            &[("TERM", "screen"), ("LC_ALL", "C")],
            "clipboard OSC 52 whole, and in pieces for GNU screen",
        ),
    ];
    for (variables, words) in colored {
        let (code, printed) = doctor(variables, None);
        assert_eq!(code, 0, "{printed}");
        // Where the locale is ASCII, so are the signs.
        let words = match printed.is_ascii() {
            true => words.replace('·', ","),
            false => words.to_owned(),
        };
        assert!(printed.contains(&words), "{words}: {printed}");
    }
    let (code, printed) = doctor(&[("TERM", "dumb")], None);
    assert_eq!(code, 1);
    let problem = "PROBLEMS 1. TERM is `dumb`, so the explorer does not start; start it in another terminal, or set TERM";
    assert!(printed.contains(problem), "{printed}");
}
