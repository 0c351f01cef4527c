//! The explorer on the built-in sample, which is loaded once.

use std::sync::{Mutex, OnceLock};

use hubscope::engine::source::Source;
use hubscope::engine::{Hub, LoadEvent};
use hubscope::tui::headless::Headless;
use hubscope::tui::theme::Palette;

/// The built-in sample at each stage of loading, the last one complete, and the progress that was
/// reported meanwhile.
pub fn loaded() -> &'static (Vec<Hub>, Vec<f32>) {
    static LOADED: OnceLock<(Vec<Hub>, Vec<f32>)> = OnceLock::new();
    LOADED.get_or_init(|| {
        let reported = Mutex::new((Vec::new(), Vec::new()));
        let tell = |step| {
            let mut reported = reported.lock().unwrap();
            match step {
                LoadEvent::Usable(hub) => reported.0.push(*hub),
                LoadEvent::Progress(part) => reported.1.push(part),
            }
        };
        let whole = Hub::open(&Source::Sample, &tell).unwrap();
        let (mut hubs, parts) = reported.into_inner().unwrap();
        hubs.push(whole);
        (hubs, parts)
    })
}

/// The built-in sample, complete.
pub fn hub() -> &'static Hub {
    loaded().0.last().unwrap()
}

/// The explorer after these keys.
pub fn after(keys: &str) -> Headless {
    after_at((120, 40), keys)
}

/// The explorer of this size after these keys.
pub fn after_at(size: (u16, u16), keys: &str) -> Headless {
    let mut stage = Headless::new(hub().clone(), size, Palette::None);
    stage.keys(keys).unwrap();
    stage
}
