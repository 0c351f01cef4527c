//! Comparison with an older snapshot: it arrives after the first frame, or a message says why not.

use std::path::Path;

use hubscope::engine::Hub;
use hubscope::engine::source::Source;
use hubscope::present::format::count;
use hubscope::sample::{Recipe, write};
use hubscope::tui::headless::Headless;
use hubscope::tui::theme::Palette;

use crate::session::Session;

/// Writes a file with the first models of a synthetic hub, and opens it.
fn file(path: &Path, rows: usize) -> Hub {
    let recipe = Recipe {
        rows,
        ..Recipe::BUILT_IN
    };
    write(&recipe, std::fs::File::create(path).unwrap(), |_| {}).unwrap();
    Hub::open(&Source::named(Some(path)).unwrap(), &|_| ()).unwrap()
}

#[test]
fn a_comparison_arrives_after_the_hub_and_a_failure_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old.parquet", "new.parquet"].map(|name| folder.path().join(name));
    let compared = file(&new, 3_000).compared(&file(&old, 2_000)).unwrap();
    let named = [old.to_str().unwrap(), new.to_str().unwrap()];
    let mut session = Session::explorer(&[named[1], "--against", named[0]]);
    let mut stage = Headless::new(compared, (120, 40), Palette::Dark);
    session.wait_text("against 20");
    session.send("/is:new\r");
    stage.keys("/is:new<enter>").unwrap();
    assert!(stage.app.session.found() > 0);
    session.wait_text(&format!(
        "{} of 3,000 models",
        count(stage.app.session.found())
    ));
    // A new file at the same path is compared, too.
    let newer = folder.path().join("newer");
    let compared = file(&newer, 3_500).compared(&file(&old, 2_000)).unwrap();
    std::fs::rename(&newer, &new).unwrap();
    session.send("\x12");
    session.wait_text("Reloaded: 3,500 models");
    let mut stage = Headless::new(compared, (120, 40), Palette::Dark);
    stage.keys("/is:new<enter>").unwrap();
    session.wait_text(&format!(
        "{} of 3,500 models",
        count(stage.app.session.found())
    ));
    session.wait_text("against 20");
    session.send("q");
    assert_eq!(session.exit(), 0);
    session.assert_restored();
    let mut session = Session::explorer(&[named[1], "--against", "/no/such/old"]);
    session.wait_text("Not compared: /no/such/old");
    session.send("q");
    assert_eq!(session.exit(), 0);
    session.assert_restored();
}
