//! The config file of a real home: it is read at the start, and written when a setting changes.

use crate::session::Session;

/// Returns a shell whose home has this config file.
fn shell(config: &str) -> Session {
    let mut shell = Session::shell(&["--noediting"]);
    shell.send("mkdir -p $HOME/.config/hubscope; cd $HOME/.config/hubscope\n");
    shell.send(&format!("printf '{config}' > config.toml; clear\n"));
    shell
}

#[test]
fn a_wrong_file_does_not_prevent_the_start() {
    let mut shell = shell("panes.focus = \"tree\"\\nthem = 1\\nmouse = \"no\\n");
    shell.send("$HUBSCOPE\n");
    shell.wait_text("config.toml:2: there is no setting `them`; did you mean `theme`? (2 mistakes");
    shell.wait_text("● 2 Tree");
    shell.send("q");
    shell.wait_for("the shell", |s| s.foreground() == s.pid());
    // A named file that is missing is a mistake of the command line.
    shell.send("clear; $HUBSCOPE --config nothing.toml; echo code $?\n");
    shell.wait_text("code 2");
    assert!(
        shell
            .text()
            .contains("hubscope: nothing.toml: there is no such config file")
    );
    // Without any file.
    shell.send("clear; $HUBSCOPE --config none\n");
    shell.wait_text("● 1 Models");
    shell.send("q");
    shell.wait_for("the shell", |s| s.foreground() == s.pid());
}

#[test]
fn settings_that_change_inside_are_written_with_everything_else_kept() {
    let mut shell = shell("# mine\\n\\n[panes] # wide\\nleft = 50 # half\\n");
    shell.send("$HUBSCOPE\n");
    shell.wait_text("q quit");
    // Steps that come quickly are one write; the last one counts.
    shell.send(">>>");
    shell.send(",\x1b[B\t\r");
    shell.send("q");
    shell.wait_for("the shell", |s| s.foreground() == s.pid());
    shell.send("clear; cat config.toml; ls -A\n");
    // Three steps of 4 columns are 10 % of 120.
    shell.wait_text("left = 60 # half");
    let text = shell.text();
    let lines: Vec<&str> = text.lines().collect();
    let columns = "columns = [\"task\", \"likes\", \"all\", \"params\", \"growth\", \"delta\", \"downloads\"]";
    assert_eq!(
        lines[..6],
        [
            "# mine",
            "",
            columns,
            "",
            "[panes] # wide",
            "left = 60 # half"
        ],
        "{text}"
    );
    shell.wait_for("the only file", |s| {
        s.text().contains("\nconfig.toml\nready>")
    });
    // A file with a mistake in its syntax stays as it is, and that is said.
    shell.send("clear; printf 'mouse = \"no' > config.toml; $HUBSCOPE\n");
    shell.wait_text("config.toml:1:");
    shell.send(">");
    shell.wait_text("Not kept: config.toml:1:12: invalid basic string");
    shell.send("q");
    shell.wait_for("the shell", |s| s.foreground() == s.pid());
    shell.send("clear; cat config.toml\n");
    shell.wait_text("mouse = \"no");
}
