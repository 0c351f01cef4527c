//! The explorer. `runtime.rs` is its loop, the only place where effects are performed. Everything
//! else is a pure state machine (`app.rs`), a pure drawing of it (`frame.rs`) and thin threads around.

pub mod answers;
pub mod app;
pub mod command;
pub mod config;
pub mod dialog;
mod event;
pub mod export;
mod failpoint;
pub mod frame;
pub mod headless;
mod highlight;
mod history;
pub mod keymap;
pub mod keys;
pub mod layout;
mod loader;
mod markdown;
pub mod queries;
mod runtime;
pub mod session;
pub mod sessions;
pub mod settings;
mod setup;
pub mod state;
pub mod suggestions;
mod svg;
pub mod terminal;
pub mod theme;
pub mod view;
pub mod views;
mod ways_out;
mod widgets;

use std::io::{self, IsTerminal};
use std::mem::ManuallyDrop;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::channel;

use anyhow::{Result, ensure};

use crate::engine::table::clean::clean_lines;
use answers::threads;
use runtime::{BUG, Runtime, end_of_panic};
pub use setup::{End, Setup, Start};
use terminal::guard;

/// Runs the explorer until the user quits.
///
/// # Errors
/// When there is no terminal, or it goes away.
pub fn run(start: Start) -> Result<End> {
    ensure!(
        start.picking || io::stdout().is_terminal(),
        "the explorer needs a terminal, and standard output is none; `hubscope screen` draws one as text, `hubscope show ID` prints a model"
    );
    ensure!(
        std::env::var_os("TERM").is_none_or(|name| name != "dumb"),
        "the explorer needs a terminal that can place text, and TERM is `dumb`; start hubscope in another one, or use a command such as `hubscope search QUERY`"
    );
    let tty = guard::open()?;
    restore_on_panic();
    let (to, arrivals) = channel();
    // The state is left to the system, which frees it at once.
    let mut runtime = ManuallyDrop::new(Runtime::new(start, tty, to)?);
    // A panic of a pool's thread that the loop waits for ends the loop without passing the hook.
    let looping = AssertUnwindSafe(|| runtime.run(&arrivals));
    let end = panic::catch_unwind(looping).unwrap_or_else(|_| Ok(end_of_panic()));
    let has_failed = matches!(&end, Err(_) | Ok(End::Failed(_)));
    runtime.finish(&arrivals, has_failed);
    if matches!(&end, Ok(End::Failed(reason)) if reason == BUG) {
        eprintln!("hubscope: {}", clean_lines(&threads::last_panic()));
    }
    end
}

/// Makes a panic restore the terminal before it prints its message, and end the program: without
/// one of its threads it would wait forever.
fn restore_on_panic() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if crate::panics::is_caught(&std::thread::current()) {
            return threads::keep_panic(info);
        }
        guard::restore();
        print(info);
        eprintln!("hubscope: {BUG}");
        std::process::exit(2);
    }));
}
