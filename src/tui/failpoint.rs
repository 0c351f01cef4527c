//! Panics on request, so that tests can see what happens to the terminal then.

/// Panics if the environment variable `HUBSCOPE_PANIC` names this place. Does nothing in a release
/// build.
pub fn hit(place: &str) {
    let is_set = || std::env::var_os("HUBSCOPE_PANIC").is_some_and(|at| at == place);
    assert!(
        !(cfg!(debug_assertions) && is_set()),
        "asked for in {place}"
    );
}
