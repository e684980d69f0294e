//! Running other programs from the root of the repository.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// A program with its arguments, to be run in the root.
pub(crate) fn command<I, S>(program: &str, arguments: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// The cargo that runs this task.
pub(crate) fn cargo<I, S>(arguments: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()), arguments)
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let program = |word: &OsStr| {
        Path::new(word)
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    words
        .enumerate()
        .map(|(index, word)| {
            if index == 0 {
                program(word)
            } else {
                word.to_string_lossy().into_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs a command with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let text = shown(command);
    println!("$ {text}");
    let status = command
        .status()
        .with_context(|| format!("`{text}` could not be started: is the program installed?"))?;
    if !status.success() {
        bail!("`{text}` failed ({status})");
    }
    Ok(())
}

/// Runs a command and returns what it printed.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let text = shown(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("`{text}` could not be started"))?;
    if !output.status.success() {
        bail!("`{text}` failed ({})", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether a command runs and succeeds; its output is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a command, shows its output as it comes and hands back the lines that `keep` wants, and whether it succeeded.
pub(crate) fn watch(command: &mut Command, keep: fn(&str) -> bool) -> Result<(bool, Vec<String>)> {
    let text = shown(command);
    println!("$ {text}");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{text}` could not be started: is the program installed?"))?;
    let errors = child
        .stderr
        .take()
        .map(|pipe| thread::spawn(move || tee(pipe, std::io::stderr(), keep)));
    let mut kept = child
        .stdout
        .take()
        .map(|pipe| tee(pipe, std::io::stdout(), keep))
        .unwrap_or_default();
    if let Some(lines) = errors.and_then(|handle| handle.join().ok()) {
        kept.extend(lines);
    }
    Ok((child.wait()?.success(), kept))
}

fn tee(pipe: impl Read, mut to: impl Write, keep: fn(&str) -> bool) -> Vec<String> {
    let mut kept = Vec::new();
    for line in BufReader::new(pipe).split(b'\n').map_while(std::io::Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        let plain = without_colours(&line);
        if keep(&plain) {
            kept.push(plain.trim().to_owned());
        }
        if writeln!(to, "{line}").is_err() {
            break;
        }
    }
    kept
}

/// Drops terminal colour sequences (`ESC [ … letter`).
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            let _ = characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_dropped_and_the_text_stays() {
        assert_eq!(without_colours("\u{1b}[32m 12 passed\u{1b}[0m (3)"), " 12 passed (3)");
        assert_eq!(without_colours("plain"), "plain");
    }

    #[test]
    fn a_command_is_shown_without_the_path_of_its_program() {
        assert_eq!(shown(&command("/usr/bin/cargo", ["test", "--workspace"])), "cargo test --workspace");
    }
}
