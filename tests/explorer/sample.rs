//! The explorer on the built-in sample, which is loaded once.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::sync::OnceLock;

use hubscope::engine::Hub;
use hubscope::engine::source::Source;
use hubscope::tui::screen::Stage;
use hubscope::tui::theme::Palette;

/// The built-in sample.
pub fn hub() -> &'static Hub {
    static HUB: OnceLock<Hub> = OnceLock::new();
    HUB.get_or_init(|| Hub::open(&Source::Sample, &|_| {}).unwrap())
}

/// The explorer after these keys.
pub fn after(keys: &str) -> Stage {
    after_at((120, 40), keys)
}

/// The explorer of this size after these keys.
pub fn after_at(size: (u16, u16), keys: &str) -> Stage {
    let mut stage = Stage::new(hub().clone(), size, Palette::None);
    stage.keys(keys).unwrap();
    stage
}
