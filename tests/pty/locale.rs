//! The output of commands on a terminal uses the characters of the locale.

use crate::session::{HUBSCOPE, Session};

#[test]
fn bars_and_branches_are_ascii_where_the_locale_is_not_utf_8() {
    let family = ["tree", "Qwen/Qwen3-VL-8B-Instruct", "--limit", "1"];
    let commands: [(&[&str], &str, &str); 2] = [
        (&["hist", "likes"], "#######", "███████"),
        (&family, "`- ", "└─ "),
    ];
    for (command, plain, drawn) in commands {
        for (locale, wanted) in [
            ("C", plain),
            ("de_DE.ISO-8859-1", plain),
            ("C.UTF-8", drawn),
        ] {
            let mut session = Session::start(HUBSCOPE, command, &[("LC_ALL", locale)]);
            assert_eq!(session.exit(), 0);
            let output = String::from_utf8(session.bytes.clone()).unwrap();
            assert!(output.contains(wanted), "{locale}: {output}");
            assert_eq!(output.is_ascii(), wanted == plain, "{locale}: {output}");
        }
    }
}
