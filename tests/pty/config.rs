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
