//! `cargo xtask demo`: from a fresh clone to three links.
//!
//! Builds pages and server, starts `anteroom dev` with its store in `.anteroom/`, then the example application, which schedules a
//! meeting and knows the links. Both run until ctrl-C and are stopped in the opposite order, the server last.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};

use crate::npm;
use crate::shell::{cargo, root, run as run_to_end};

#[derive(Args)]
pub(crate) struct Options {
    /// Where people open the pages.
    #[arg(long, default_value = "127.0.0.1:8080")]
    http: String,
    /// Where programs reach the APIs over TLS.
    #[arg(long, default_value = "127.0.0.1:8443")]
    https: String,
    /// Port of the example application.
    #[arg(long, default_value_t = 8090)]
    visit_port: u16,
    /// Where the server keeps its data.
    #[arg(long, default_value = ".anteroom")]
    data: PathBuf,
    /// Start what was built before.
    #[arg(long)]
    no_build: bool,
}

/// How long a started program may take to say that it is ready.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long a stopped program may take to end by itself.
const STOP_WITHIN: Duration = Duration::from_secs(10);

pub(crate) fn run(options: &Options) -> Result<()> {
    if !options.no_build {
        npm::install()?;
        npm::build()?;
        npm::build_example()?;
        run_to_end(&mut cargo(["build", "--package", "anteroom-server"]))?;
    }
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(serve(options))
}

async fn serve(options: &Options) -> Result<()> {
    let data = root().join(&options.data);
    fs::create_dir_all(&data).with_context(|| format!("{} cannot be created", data.display()))?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut running = Vec::new();
    let outcome = tokio::select! {
        outcome = start_and_watch(options, &data, &mut running) => outcome,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    };
    println!("\nstopping");
    for (name, child) in running.into_iter().rev() {
        stop(name, child).await?;
    }
    outcome
}

/// Starts both programs, prints the links and then waits until one of the two ends.
async fn start_and_watch(options: &Options, data: &Path, running: &mut Vec<(&'static str, Child)>) -> Result<()> {
    let server_ready = data.join("ready.json");
    let visit_ready = data.join("visit.json");
    for file in [&server_ready, &visit_ready] {
        if file.exists() {
            fs::remove_file(file)?;
        }
    }

    let mut server = program(root().join("target/debug/anteroom"));
    server
        .arg("dev")
        .arg("--data")
        .arg(data)
        .args(["--http", &options.http, "--https", &options.https]);
    server.arg("--ready-file").arg(&server_ready);
    let ready = start("anteroom dev", server, &server_ready, running).await?;

    let mut visit = program("node");
    visit.arg(root().join("examples/visit/server.mjs"));
    visit
        .env("READY_FILE", &server_ready)
        .env("PORT", options.visit_port.to_string())
        .env("VISIT_READY_FILE", &visit_ready);
    visit
        .env("VISIT_ORGANIZER", text(&ready, "/members/0/id")?)
        .env("NODE_EXTRA_CA_CERTS", text(&ready, "/caCertificate")?);
    let example = start("the example application", visit, &visit_ready, running).await?;

    print!("{}", links(&ready, &example)?);
    loop {
        for (name, child) in &mut *running {
            if let Some(status) = child.try_wait()? {
                bail!("{name} ended by itself ({status})");
            }
        }
        sleep(Duration::from_millis(250)).await;
    }
}

fn program(path: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(path);
    // An own process group: ctrl-C reaches this task alone, which stops the programs in order.
    command.current_dir(root()).process_group(0).kill_on_drop(true);
    command
}

/// Starts a program and waits for its ready file.
async fn start(name: &'static str, mut command: Command, ready: &Path, running: &mut Vec<(&'static str, Child)>) -> Result<Value> {
    let child = command
        .spawn()
        .with_context(|| format!("{name} could not be started; run without --no-build"))?;
    running.push((name, child));
    let wait = async {
        loop {
            if let Ok(content) = fs::read_to_string(ready)
                && let Ok(value) = serde_json::from_str(&content)
            {
                return Ok(value);
            }
            if let Some((_, child)) = running.last_mut()
                && let Some(status) = child.try_wait()?
            {
                bail!("{name} ended before it was ready ({status})");
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(READY_WITHIN, wait)
        .await
        .with_context(|| format!("{name} was not ready within {} s", READY_WITHIN.as_secs()))?
}

/// Asks a program to end and makes it end when it does not.
async fn stop(name: &str, mut child: Child) -> Result<Option<ExitStatus>> {
    let Some(pid) = child.id() else { return Ok(None) };
    Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]).status().await?;
    match timeout(STOP_WITHIN, child.wait()).await {
        Ok(status) => Ok(Some(status?)),
        Err(_) => {
            println!("{name} does not stop and is killed");
            child.kill().await?;
            Ok(None)
        }
    }
}

/// What the person who started the demo reads.
fn links(ready: &Value, example: &Value) -> Result<String> {
    let account = |index: usize| -> Result<String> {
        let user = text(ready, &format!("/members/{index}/userPrincipalName"))?;
        let password = text(ready, &format!("/members/{index}/password"))?;
        Ok(format!("sign in as {user}  password {password}"))
    };
    Ok(format!(
        "\n\
         Anteroom is running. Open these two in two browser windows:\n\n\
         \x20 member          {}\n\
         \x20                 {}\n\
         \x20 guest           {}\n\
         \x20                 no account needed; the chat beside the call speaks HTTPS: open {}\n\
         \x20                 once in the guest's browser and accept the certificate of this development server\n\n\
         \x20 administration  {}\n\
         \x20                 {}\n\n\
         ctrl-C stops everything; the data stays.\n\n",
        text(example, "/memberUrl")?,
        account(0)?,
        text(example, "/guestUrl")?,
        format_args!("{}/health/live", text(ready, "/origin")?),
        text(ready, "/adminUrl")?,
        account(2)?,
    ))
}

fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .with_context(|| format!("the ready file has no {pointer}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready() -> Value {
        let member = |name: &str| serde_json::json!({"id": name, "userPrincipalName": format!("{name}@example.org"), "password": format!("{name}-secret")});
        serde_json::json!({"origin": "https://127.0.0.1:8443", "adminUrl": "http://127.0.0.1:8080/admin", "members": [member("anna"), member("ben"), member("clara")]})
    }

    #[test]
    fn the_three_links_are_printed_with_the_accounts_that_open_them() {
        let example =
            serde_json::json!({"memberUrl": "http://127.0.0.1:8080/l/meetup-join/x", "guestUrl": "http://127.0.0.1:8090/visit?meeting=x"});
        let page = links(&ready(), &example).unwrap();
        for part in [
            "/l/meetup-join/x",
            "/visit?meeting=x",
            "https://127.0.0.1:8443/health/live",
            "/admin",
            "anna@example.org",
            "anna-secret",
            "clara@example.org",
        ] {
            assert!(page.contains(part), "{part} is not in {page}");
        }
        assert!(!page.contains("ben-secret"));
    }

    #[test]
    fn a_ready_file_without_a_link_is_named() {
        let error = links(&ready(), &serde_json::json!({})).unwrap_err();
        assert!(error.to_string().contains("/memberUrl"), "{error}");
    }
}
