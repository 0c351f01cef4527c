//! Facts about the program, the system that it runs on, and the variables that it reads.

use std::env::{self, consts};
use std::fs;
use std::thread;

use crate::engine::source::caught::caught;
use crate::panics::reading;
use crate::present::charset::Charset;
use crate::present::facts::{Fact, FactSection};
use crate::system::process_limits;

/// The variables that are printed. No other is, whatever it may be named.
const VARIABLES: [&str; 33] = [
    "HUBSCOPE_DATA",
    "HUBSCOPE_NO_CACHE",
    "HUBSCOPE_THEME",
    "HF_HOME",
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "HF_ENDPOINT",
    "HF_HUB_OFFLINE",
    "TRANSFORMERS_OFFLINE",
    "HF_HUB_DISABLE_SYMLINKS",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN",
    "HF_TOKEN_PATH",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "HUBSCOPE_HISTORY",
    "XDG_STATE_HOME",
    "LC_ALL",
    "LC_CTYPE",
    "LANG",
    "NO_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "FORCE_COLOR",
    "COLORFGBG",
    "COLUMNS",
    "LINES",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RUST_BACKTRACE",
    "WSL_DISTRO_NAME",
    "DISPLAY",
    "WAYLAND_DISPLAY",
];

/// The smallest limit of file sizes that holds the Hub's file, in bytes.
const FILE_SIZE: u64 = 2_000_000_000;

/// The fewest open files that suffice: those of a source, and some of the program.
const OPEN_FILES: u64 = 200;

/// The program.
pub fn program() -> FactSection {
    let environment = match () {
        () if cfg!(target_env = "gnu") => "-gnu",
        () if cfg!(target_env = "musl") => "-musl",
        () if cfg!(target_env = "msvc") => "-msvc",
        () => "",
    };
    let profile = match cfg!(debug_assertions) {
        true => "debug",
        false => "release",
    };
    let path = env::current_exe()
        .ok()
        .map(|path| path.display().to_string());
    FactSection {
        name: "program",
        facts: vec![
            Fact::new("version", env!("CARGO_PKG_VERSION")),
            Fact::new(
                "target",
                format!("{}-{}{environment}", consts::ARCH, consts::OS),
            ),
            Fact::new("profile", profile),
            Fact::new("path", path),
        ],
    }
}

/// The system.
pub fn system() -> FactSection {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let memory = memory("MemTotal");
    let (locale, charset) = (locale(), Charset::of(|name| env::var(name).ok()));
    let charset = match charset {
        Charset::Unicode => Fact::new("charset", "Unicode"),
        Charset::Ascii => {
            Fact::new("charset", "ASCII").because("set LANG to a UTF-8 locale for Unicode")
        }
    };
    let mut facts = vec![
        Fact::new("os", release().unwrap_or_else(|| consts::OS.to_owned())),
        Fact::new("kernel", kernel()),
        Fact::new("cores", cores),
        threads(),
        Fact::of_bytes("memory_bytes", memory),
        Fact::of_bytes("memory_available_bytes", self::memory("MemAvailable")),
    ];
    facts.extend(container_memory());
    facts.extend(limits());
    facts.extend([locale, charset, home()]);
    FactSection {
        name: "system",
        facts,
    }
}

/// The variables that are set, of those that the program reads.
pub fn environment() -> FactSection {
    let variable = |name: &&'static str| {
        let value = env::var_os(name)?;
        Some(Fact::new(name, value.to_string_lossy()))
    };
    FactSection {
        name: "environment",
        facts: VARIABLES.iter().filter_map(variable).collect(),
    }
}

/// The threads that the program works on; none where the system refuses them.
fn threads() -> Fact {
    match reading(|| caught(rayon::current_num_threads)) {
        Some(threads) => Fact::new("threads", threads),
        None => Fact::new("threads", 0)
            .wrong("no more threads can be started; raise `ulimit -u`, or end other programs"),
    }
}

fn locale() -> Fact {
    match Charset::locale(|name| env::var(name).ok()) {
        Some((variable, locale)) => Fact::new("locale", locale).because(format!("by ${variable}")),
        None => Fact::new("locale", None::<String>),
    }
}

fn home() -> Fact {
    let path = env::home_dir().filter(|home| home.is_absolute());
    let Some(path) = path else {
        let problem = "there is no home folder; set HOME, or XDG_CACHE_HOME, XDG_CONFIG_HOME, XDG_STATE_HOME and HF_HOME";
        return Fact::new("home", None::<String>).wrong(problem);
    };
    let name = path.display().to_string();
    let problem = format!("{name}: the home folder is missing; make it, or set HOME to another");
    Fact::new("home", name).wrong_if((!path.is_dir()).then_some(problem))
}

/// The system's name for itself.
fn release() -> Option<String> {
    let text = fs::read_to_string("/etc/os-release").ok()?;
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

#[cfg(target_os = "linux")]
fn kernel() -> Option<String> {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
    Some(release.trim().to_owned())
}

#[cfg(not(target_os = "linux"))]
fn kernel() -> Option<String> {
    let printed = std::process::Command::new("uname")
        .arg("-sr")
        .output()
        .ok()?;
    let line = String::from_utf8(printed.stdout).ok()?.trim().to_owned();
    (!line.is_empty()).then_some(line)
}

/// A number of bytes in Linux's account of the memory.
fn memory(name: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    kilobytes.checked_mul(1_024)
}

/// The memory that a container may use, where it is bounded.
fn container_memory() -> Option<Fact> {
    let limit = fs::read_to_string("/sys/fs/cgroup/memory.max").ok()?;
    let limit = limit.trim().parse().ok()?;
    Some(Fact::of_bytes("memory_limit_bytes", Some(limit)).because("of the container"))
}

/// The limits that the shell sets to the program. `None` is no limit.
fn limits() -> Vec<Fact> {
    let Some(limits) = process_limits() else {
        return Vec::new();
    };
    let (size, files) = (limits.file_bytes, limits.open_files);
    let too_small = size.filter(|size| *size < FILE_SIZE);
    let too_small = too_small.map(|size| {
        format!("files of more than {size} bytes cannot be written, such as the Hub's; raise `ulimit -f`")
    });
    let too_few = files.filter(|files| *files < OPEN_FILES);
    let too_few = too_few.map(|files| {
        format!(
            "only {files} files can be open at a time; raise `ulimit -n` to {OPEN_FILES} or more"
        )
    });
    let bytes = |name, limit: Option<u64>| match limit {
        Some(_) => Fact::of_bytes(name, limit),
        None => Fact::new(name, limit),
    };
    vec![
        Fact::new("limit_processes", limits.processes).because("ulimit -u"),
        Fact::new("limit_open_files", files)
            .because("ulimit -n")
            .wrong_if(too_few),
        bytes("limit_file_bytes", size)
            .because("ulimit -f")
            .wrong_if(too_small),
        bytes("limit_memory_bytes", limits.memory_bytes).because("ulimit -v"),
    ]
}
