//! The ready file: what a test, an example or a person needs to use a running development server.
//!
//! Its shape is a contract (see `docs/operations/dev-mode.md`). It appears whole: written under another name, then renamed.

use std::{fs, path::Path};

use anyhow::Context as _;
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ready {
    pub(crate) origin: String,
    pub(crate) http_origin: String,
    pub(crate) ca_certificate: String,
    pub(crate) tenant_id: String,
    pub(crate) resource_id: String,
    pub(crate) connection_string: String,
    pub(crate) graph_base_url: String,
    pub(crate) authority: String,
    pub(crate) application: ReadyApplication,
    pub(crate) members: Vec<ReadyMember>,
    pub(crate) admin_url: String,
    pub(crate) metrics_url: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReadyApplication {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReadyMember {
    pub(crate) id: String,
    pub(crate) user_principal_name: String,
    pub(crate) display_name: String,
    pub(crate) password: String,
}

impl Ready {
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        crate::tls::write_secret(Path::new(&partial), &serde_json::to_string_pretty(self)?)
            .with_context(|| format!("cannot write the ready file {}", path.display()))?;
        fs::rename(&partial, path).with_context(|| format!("cannot write the ready file {}", path.display()))
    }
}
