//! The built binary in development mode on a temporary directory and free ports, and a small HTTP client for it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "test code; no test file uses all of it"
)]

pub(crate) mod client;

use std::{path::PathBuf, process::Stdio, sync::Arc, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use client::{Answer, Client, get, post_form};

/// No wait in a test lasts longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// One running server.
pub(crate) struct House {
    folder: Arc<TempDir>,
    child: Child,
    more: Vec<String>,
    pub(crate) ready: Value,
}

impl House {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A server with more arguments, also when it is started again.
    pub(crate) async fn start_with(more: &[&str]) -> Self {
        let more = more.iter().map(|&argument| argument.to_owned()).collect();
        Self::start_in(Arc::new(tempfile::tempdir().unwrap()), more).await
    }

    /// Waits for the line in the log that follows the ready file; the end of the log before it is the end of the process.
    async fn start_in(folder: Arc<TempDir>, more: Vec<String>) -> Self {
        let ready_file = folder.path().join("ready.json");
        let arguments: Vec<&str> = more.iter().map(String::as_str).collect();
        let mut child = command(&folder, &arguments).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut log = String::new();
        let waiting = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                log.push_str(&line);
                log.push('\n');
                if line.contains(" ready ") {
                    return;
                }
            }
            panic!("the server ended:\n{log}");
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("ready in time");
        // A pipe that nobody reads would stop the server.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let ready = serde_json::from_str(&std::fs::read_to_string(&ready_file).unwrap()).unwrap();
        Self {
            folder,
            child,
            more,
            ready,
        }
    }

    /// Stops the server and starts another one on the same data.
    pub(crate) async fn start_again(mut self) -> Self {
        assert_eq!(self.stop().await, Some(0));
        std::fs::remove_file(self.ready_file()).unwrap();
        Self::start_in(Arc::clone(&self.folder), std::mem::take(&mut self.more)).await
    }

    /// Kills the server (SIGKILL) and starts another one on the same data.
    pub(crate) async fn kill_and_start_again(mut self) -> Self {
        self.child.kill().await.unwrap();
        std::fs::remove_file(self.ready_file()).unwrap();
        Self::start_in(Arc::clone(&self.folder), std::mem::take(&mut self.more)).await
    }

    /// Asks the server to stop; gives its exit code.
    pub(crate) async fn stop(&mut self) -> Option<i32> {
        let pid = Pid::from_raw(i32::try_from(self.child.id().unwrap()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.expect("an end in time").unwrap().code()
    }

    /// Number of the server's process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Resident memory of the server's process, kibibytes.
    pub(crate) fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().split(' ').next().unwrap().parse().unwrap()
    }

    pub(crate) fn ready_file(&self) -> PathBuf {
        self.folder.path().join("ready.json")
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    pub(crate) fn tenant(&self) -> &str {
        self.text("tenantId")
    }

    /// Talks to the loopback HTTP origin.
    pub(crate) fn http(&self) -> Client {
        Client::new(self.text("httpOrigin"), None)
    }

    /// Talks to `host` on the HTTPS port and trusts the ready file's authority only.
    pub(crate) fn https(&self, host: &str) -> Client {
        let (_, port) = self.text("origin").rsplit_once(':').unwrap();
        Client::new(&format!("https://{host}:{port}"), Some(self.text("caCertificate")))
    }

    /// Signs a member in through the sign-in page and gives their access token.
    pub(crate) async fn sign_in(&self, member: usize) -> String {
        let client = self.http();
        let config = client.send(get("/api/config")).await.json();
        let client_id = config["meetClientId"].as_str().unwrap();
        let redirect = format!("{}/auth/callback", self.text("httpOrigin"));
        let query = form(&[
            ("client_id", client_id),
            ("redirect_uri", &redirect),
            ("response_type", "code"),
            ("scope", "openid profile User.Read Teams.ManageChats Settings.ReadWrite.All"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        let page = client.send(get(&format!("/{}/oauth2/v2.0/authorize?{query}", self.tenant()))).await;
        let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
        let (action, csrf) = (
            attribute(&page, "action=\"").replace("&#38;", "&").replace("&amp;", "&"),
            attribute(&page, "name=\"csrf\" value=\""),
        );
        let person = &self.ready["members"][member];
        let fields = [
            ("csrf", csrf.as_str()),
            ("username", person["userPrincipalName"].as_str().unwrap()),
            ("password", person["password"].as_str().unwrap()),
        ];
        let mut request = post_form(&action, form(&fields));
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        let back = client.send(request).await;
        let code = url::Url::parse(back.header("location"))
            .unwrap()
            .query_pairs()
            .find(|(name, _)| name == "code")
            .unwrap_or_else(|| panic!("no code: {back:?}"))
            .1
            .into_owned();
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", client_id),
            ("code", &code),
            ("redirect_uri", &redirect),
            ("code_verifier", VERIFIER),
        ];
        let token = client
            .send(post_form(&format!("/{}/oauth2/v2.0/token", self.tenant()), form(&fields)))
            .await
            .json();
        token["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("no token: {token}"))
            .to_owned()
    }
}

/// The command that starts a server in `folder`, on free ports unless `more` says otherwise.
pub(crate) fn command(folder: &TempDir, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anteroom"));
    command.arg("dev").arg("--data").arg(folder.path().join("data"));
    command.arg("--ready-file").arg(folder.path().join("ready.json"));
    for flag in ["--http", "--https"] {
        if !more.contains(&flag) {
            command.args([flag, "127.0.0.1:0"]);
        }
    }
    command.args(more).env_remove("ANTEROOM_LOG").env("NO_COLOR", "1");
    command.stderr(Stdio::piped()).stdin(Stdio::null()).kill_on_drop(true);
    command
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn attribute(page: &Answer, start: &str) -> String {
    let (_, rest) = page.body.split_once(start).unwrap_or_else(|| panic!("no {start} in {page:?}"));
    rest.split('"').next().unwrap().to_owned()
}
