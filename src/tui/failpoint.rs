//! Panics and stack overflows on request, so that tests can see what happens to the terminal then.

use std::hint::black_box;

/// Panics if the environment variable `HUBSCOPE_PANIC` names this place, and overflows the stack if
/// it names it with `-deep`. Does nothing in a release build.
pub fn hit(place: &str) {
    let asked = std::env::var("HUBSCOPE_PANIC").ok();
    let asked = asked.filter(|_| cfg!(debug_assertions));
    let Some(asked) = asked.as_deref().and_then(|asked| asked.strip_prefix(place)) else {
        return;
    };
    assert!(!asked.is_empty(), "asked for in {place}");
    if asked == "-deep" {
        overflow(0);
    }
}

fn overflow(depth: usize) -> usize {
    match black_box(depth) {
        usize::MAX => depth,
        depth => 1 + overflow(depth + 1),
    }
}
