//! Signals that end the program from within or without any warning: a fault, an abort of a library,
//! a limit of the system, a mapped file that became shorter. Their handler returns the terminal and
//! explains the last of these; then the signal ends the program as it always does.
//!
//! A handler may interrupt anything, even the allocator with its lock held. So this one calls only
//! what POSIX lists as safe there ("async-signal-safe", signal-safety(7)), and reads only atomics.
//! It runs on the alternate stack that the standard library gives every thread, since a stack
//! overflow is a fault, too.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};

use libc::{c_int, c_void, sigaction, siginfo_t, termios};

/// The sequences that return the screen: the end of an update, of reports of the mouse, of bracketed
/// paste and of the alternate screen, and the cursor.
pub const RESTORE: &[u8] =
    b"\x1b[?2026l\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?1049l\x1b[?25h";

/// Printed after SIGBUS, which reading a mapped file beyond its new end raises.
const SHRUNK: &[u8] = b"hubscope: a file that it was reading became shorter; start it again\n";

/// The signals that end a program by default and that nothing else here handles.
const SIGNALS: [c_int; 13] = [
    libc::SIGABRT,
    libc::SIGALRM,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGPROF,
    libc::SIGSEGV,
    libc::SIGSYS,
    libc::SIGTRAP,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGVTALRM,
    libc::SIGXCPU,
];

/// How long the terminal may take to accept a byte. One that is blocked does not keep the program.
/// In milliseconds.
const BLOCKED: c_int = 200;

/// The terminal while it is taken, or else -1.
static TERMINAL: AtomicI32 = AtomicI32::new(-1);

/// Its modes from before it was taken. They are never freed, since a handler may read them.
static MODES: AtomicPtr<termios> = AtomicPtr::new(ptr::null_mut());

/// The actions that the handler replaced, in the order of [`SIGNALS`]: those of the standard
/// library, which report a stack overflow.
static REPLACED: AtomicPtr<[sigaction; SIGNALS.len()]> = AtomicPtr::new(ptr::null_mut());

/// Handles the signals from now on. One that whoever started the program has ignored stays so.
pub fn handle_faults() {
    // SAFETY: all zeros is an action, the default one. Every pointer is to a local variable, and
    // the handler has the type that SA_SIGINFO asks for.
    unsafe {
        let mut replaced: Box<[sigaction; SIGNALS.len()]> = Box::new(std::mem::zeroed());
        for (signal, old) in SIGNALS.iter().zip(&mut *replaced) {
            sigaction(*signal, ptr::null(), old);
        }
        let replaced: &[sigaction; SIGNALS.len()] = Box::leak(replaced);
        REPLACED.store(ptr::from_ref(replaced).cast_mut(), Ordering::SeqCst);
        let mut new: sigaction = std::mem::zeroed();
        new.sa_sigaction = end as *const () as usize;
        new.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        libc::sigfillset(&raw mut new.sa_mask);
        for (signal, old) in SIGNALS.iter().zip(replaced) {
            if old.sa_sigaction != libc::SIG_IGN {
                sigaction(*signal, &raw const new, ptr::null_mut());
            }
        }
    }
}

/// Remembers a terminal with its modes: it is about to be taken, and a signal is to return it. It
/// must stay open.
///
/// # Errors
/// When its modes cannot be read.
pub fn take_terminal(terminal: BorrowedFd) -> io::Result<()> {
    // SAFETY: all zeros is a value of this plain structure, and the pointer is to it.
    let modes = unsafe {
        let mut modes: termios = std::mem::zeroed();
        if libc::tcgetattr(terminal.as_raw_fd(), &raw mut modes) != 0 {
            return Err(io::Error::last_os_error());
        }
        modes
    };
    MODES.store(Box::leak(Box::new(modes)), Ordering::SeqCst);
    TERMINAL.store(terminal.as_raw_fd(), Ordering::SeqCst);
    Ok(())
}

/// Forgets the terminal, which is as it was before.
pub fn forget_terminal() {
    TERMINAL.store(-1, Ordering::SeqCst);
}

/// The handler.
extern "C" fn end(signal: c_int, info: *const siginfo_t, _context: *const c_void) {
    // SAFETY: all calls are async-signal-safe. The system passes a valid `info`, and the pointers
    // in statics are null or to leaked memory.
    unsafe {
        return_terminal();
        if signal == libc::SIGBUS {
            libc::write(libc::STDERR_FILENO, SHRUNK.as_ptr().cast(), SHRUNK.len());
        }
        // A faulty instruction is repeated when the handler returns, and faults again. Everything
        // else is not, so it is raised anew; it waits until then.
        let repeats = matches!(
            signal,
            libc::SIGSEGV | libc::SIGBUS | libc::SIGFPE | libc::SIGILL
        );
        let replaced = REPLACED.load(Ordering::SeqCst).as_ref();
        let at = SIGNALS.iter().position(|other| *other == signal);
        match replaced.zip(at) {
            Some((replaced, at)) if repeats && (*info).si_code > 0 => {
                sigaction(signal, &raw const replaced[at], ptr::null_mut());
            }
            _ => {
                libc::signal(signal, libc::SIG_DFL);
                libc::raise(signal);
            }
        }
    }
}

/// Returns the terminal if it is taken, and if it is not the shell's at the moment.
///
/// # Safety
/// None beyond those of the calls, all of which are async-signal-safe.
unsafe fn return_terminal() {
    let terminal = TERMINAL.swap(-1, Ordering::SeqCst);
    if terminal < 0 {
        return;
    }
    // SAFETY: as stated above; `MODES` is set before `TERMINAL`, to memory that is never freed.
    unsafe {
        if libc::tcgetpgrp(terminal) == libc::getpgrp() {
            libc::tcsetattr(terminal, libc::TCSANOW, MODES.load(Ordering::SeqCst));
        }
        let mut writable = libc::pollfd {
            fd: terminal,
            events: libc::POLLOUT,
            revents: 0,
        };
        if libc::poll(&raw mut writable, 1, BLOCKED) > 0 {
            libc::write(terminal, RESTORE.as_ptr().cast(), RESTORE.len());
        }
    }
}
