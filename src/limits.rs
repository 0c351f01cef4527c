//! Limits that the system sets to this process, by `ulimit` or a container.

use std::env;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result};

use crate::engine::guard::NO_THREAD;
use crate::system;

/// The number of threads of Rayon's pool.
const RAYON: &str = "RAYON_NUM_THREADS";

/// The number of threads of Polars' pool, which panics if it cannot have them.
const POLARS: &str = "POLARS_MAX_THREADS";

/// Makes a write beyond the limit of file sizes an error, as that to a full disk is; by default, its
/// signal ends the process.
///
/// # Errors
/// When the system refuses it.
pub fn survive_file_sizes() -> Result<()> {
    system::survive_file_sizes().context("waiting for signals")
}

/// Starts the pool of threads that the library works on; by their name their panics are known to be
/// caught. Where the system has no room for as many again, which read files or are Polars' own, the
/// program begins anew with half as many: a pool is started once a process.
///
/// # Errors
/// When there is no room for one.
pub fn start_threads() -> Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().thread_name(|n| format!("engine-{n}"));
    let pool = pool.build_global();
    let asked = env::var(RAYON)
        .ok()
        .and_then(|threads| threads.parse().ok());
    let cores = || thread::available_parallelism().map_or(1, usize::from);
    let threads = asked.filter(|threads| *threads > 0).unwrap_or_else(cores);
    if threads > 1 && !(pool.is_ok() && has_room(threads + 1)) {
        let fewer = (threads / 2).to_string();
        let mut again = Command::new(env::current_exe()?);
        again.args(env::args_os().skip(1));
        // Returns only if it fails.
        let _ = system::replace_process(again.env(RAYON, &fewer).env(POLARS, &fewer));
    }
    pool.ok().context(NO_THREAD)
}

/// Returns true if this many more threads can run at a time.
fn has_room(threads: usize) -> bool {
    let gate = Mutex::new(());
    thread::scope(|scope| {
        let _closed = gate.lock();
        let wait = || drop(gate.lock());
        let mut started = (0..threads).map(|_| thread::Builder::new().spawn_scoped(scope, wait));
        started.all(|thread| thread.is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_counted_and_end() {
        let count = || std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count);
        let before = count();
        assert!(has_room(20));
        // Other tests start and end threads, too, but not as many.
        assert!(count() < before + 20);
    }
}
