//! Exports: what a view shows, written to a file or put on the clipboard. The rows come from the
//! command that `$` shows, run by the program itself, so that both are the same.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::command::{RowFormat, ShellCommand};
use crate::present::atomic::{AtomicFile, is_replaceable};
use crate::present::format::bytes;

/// The maximum length of a text for the clipboard, in bytes; terminals take less.
const MAX_CLIPBOARD: u64 = 1 << 20;

/// What is exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Export {
    /// All rows of a command.
    Rows(ShellCommand, RowFormat),
    /// The screen as an SVG picture.
    Screen,
}

impl Export {
    /// Returns the name of a file for it.
    pub fn file_name(&self) -> String {
        match self {
            Export::Rows(command, format) => {
                format!("{}.{}", command.subject(), format.extension)
            }
            Export::Screen => "screen.svg".to_owned(),
        }
    }
}

/// Where an export goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Clipboard,
    /// A file, which is replaced if the user agreed to that.
    File {
        path: PathBuf,
        replace: bool,
    },
}

/// The outcome of an export.
pub enum Exported {
    /// The text for the clipboard.
    Text(String),
    /// A file was written, of this many bytes.
    Written(PathBuf, u64),
    /// The file is there already, and the user has not been asked yet.
    Exists(Export, PathBuf),
    /// It failed, for this reason.
    Failed(String),
}

impl Exported {
    /// Describes the outcome.
    pub fn status(&self) -> String {
        match self {
            Exported::Text(text) => format!("Copying {} lines…", text.lines().count()),
            Exported::Written(path, size) => {
                let size = i64::try_from(*size).unwrap_or(i64::MAX);
                format!("Wrote {} ({})", path.display(), bytes(size))
            }
            Exported::Exists(_, path) => format!("{} is there already", path.display()),
            Exported::Failed(reason) => format!("Not exported: {reason}"),
        }
    }
}

/// Returns the path that a user typed: `~/` is the home folder.
pub fn path_of(typed: &str) -> PathBuf {
    let home = typed.strip_prefix("~/").zip(std::env::home_dir());
    home.map_or_else(|| typed.into(), |(rest, home)| home.join(rest))
}

/// Exports; `screen` is the picture of the screen. Other arguments of the program, such as
/// `--no-cache`, come after those of the command.
pub fn export(export: &Export, target: &Target, screen: &str, others: &[String]) -> Exported {
    let outcome = match target {
        Target::Clipboard => text_of(export, screen, others).map(Exported::Text),
        Target::File { path, replace } => match is_replaceable(path) {
            Ok(true) if !replace => return Exported::Exists(export.clone(), path.clone()),
            Ok(_) => write_file(export, path, screen, others),
            Err(error) => Err(error),
        },
    };
    outcome.unwrap_or_else(|error| Exported::Failed(format!("{error:#}")))
}

fn text_of(export: &Export, screen: &str, others: &[String]) -> Result<String> {
    match export {
        Export::Screen => Ok(screen.to_owned()),
        Export::Rows(command, format) => {
            let mut child = start(&command.whole(*format), others, Stdio::piped())?;
            let out = child.stdout.take().context("its output is not there")?;
            let mut text = Vec::new();
            out.take(MAX_CLIPBOARD + 1).read_to_end(&mut text)?;
            if text.len() as u64 > MAX_CLIPBOARD {
                let _ = child.kill();
                let _ = child.wait();
                bail!("more than 1 MB is too much for a clipboard; export it to a file");
            }
            finish(child)?;
            Ok(String::from_utf8_lossy(&text).into_owned())
        }
    }
}

fn write_file(export: &Export, path: &Path, screen: &str, others: &[String]) -> Result<Exported> {
    let mut file = AtomicFile::create(path)?;
    match export {
        Export::Screen => file.write_all(screen.as_bytes())?,
        Export::Rows(command, format) => {
            let out: File = file.handle()?;
            finish(start(&command.whole(*format), others, out.into())?)?;
        }
    }
    file.commit()
        .with_context(|| format!("{}: not written", path.display()))?;
    let size = path.metadata().map_or(0, |about| about.len());
    Ok(Exported::Written(path.to_owned(), size))
}

/// Starts a command of the program.
fn start(command: &ShellCommand, others: &[String], out: Stdio) -> Result<Child> {
    let program = std::env::current_exe().context("the program does not find itself")?;
    let mut arguments = command.arguments();
    // Behind the name, since what follows `--` is no option.
    arguments.splice(1..1, others.iter().cloned());
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(Stdio::piped())
        .spawn();
    started.context("the program cannot be started again")
}

/// Waits for a command.
fn finish(child: Child) -> Result<()> {
    let output = child.wait_with_output()?;
    match output.status.code() {
        Some(0) => Ok(()),
        Some(1) => bail!("there is nothing to export"),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            let reason = said.lines().last().unwrap_or("it was interrupted");
            let reason = reason.strip_prefix("hubscope: ").unwrap_or(reason);
            bail!("{}", crate::engine::table::clean::clean(reason))
        }
    }
}
