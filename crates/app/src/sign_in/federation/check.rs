//! Trying a provider out, for administrators: everything that can be known before somebody signs in.

use super::{discovery, keys, model::UpstreamProvider};
use crate::{
    App, AppError, ids,
    outbound::{OutboundError, OutboundRequest},
    tokens::Caller,
};

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderCheck {
    /// What keeps people from signing in, as sentences.
    pub problems: Vec<String>,
    /// What works and could be better.
    pub warnings: Vec<String>,
    /// What was found right.
    pub passed: Vec<String>,
}

impl App {
    /// Calls the provider: its description, its keys, and its token endpoint with a made-up code (which shows whether it accepts client id and secret).
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`; what is wrong with the provider is in the answer.
    pub async fn check_upstream_provider(&self, caller: &Caller, id: &str) -> Result<ProviderCheck, AppError> {
        let provider = self.upstream_provider(caller, id).await?;
        self.inner.upstreams.forget(id);
        let mut found = ProviderCheck {
            problems: Vec::new(),
            warnings: Vec::new(),
            passed: Vec::new(),
        };
        if let Err(problem) = self.try_provider(&provider, &mut found).await {
            found.problems.push(problem);
        }
        if !provider.enabled {
            found.warnings.push("the provider is switched off: nobody is offered it".to_owned());
        }
        if provider.rules.link_by_email && provider.rules.trust_email {
            found.warnings.push(
                "members are linked by mail addresses that the provider does not say it has verified: whoever can write an address into an account there becomes its owner here".to_owned(),
            );
        }
        Ok(found)
    }

    async fn try_provider(&self, provider: &UpstreamProvider, found: &mut ProviderCheck) -> Result<(), String> {
        let address = discovery::address(&provider.issuer);
        let body = self.fetch(&address).await?;
        let metadata = match discovery::read(&provider.issuer, provider.client_secret.is_some(), &body) {
            Ok(metadata) => metadata,
            Err(problems) => {
                found.problems.extend(problems);
                return Ok(());
            }
        };
        found.passed.push(format!("{address} describes the issuer"));
        found.warnings.extend(metadata.warnings.iter().cloned());
        let keys = keys::read(&self.fetch(&metadata.jwks_uri).await?).unwrap_or_default();
        if keys.is_empty() {
            found
                .problems
                .push(format!("{} has no key for an accepted algorithm", metadata.jwks_uri));
        } else {
            found.passed.push(format!("{} has {} usable keys", metadata.jwks_uri, keys.len()));
        }
        if let Some(endpoint) = &metadata.userinfo_endpoint
            && let Err(error) = self.outbound().check(endpoint).await
        {
            found.problems.push(said(&error));
        }
        if provider.rules.sign_out_upstream && metadata.end_session_endpoint.is_none() {
            found
                .warnings
                .push("the provider has no end_session_endpoint: signing out there is not possible".to_owned());
        }
        let redirect_uri = self
            .upstream_redirect_uris(&provider.id)
            .ok()
            .and_then(|uris| uris.into_iter().next())
            .unwrap_or_default();
        let made_up = ids::secret(self.random());
        let answer = self.post_code(provider, &metadata, &made_up, &redirect_uri, &made_up).await;
        let answer = answer.map_err(|refusal| format!("the token endpoint {}: {refusal}", metadata.token_endpoint))?;
        let error = serde_json::from_slice::<serde_json::Value>(&answer.body).ok().and_then(|body| {
            body.get("error")
                .and_then(serde_json::Value::as_str)
                .map(super::upstream::error_name)
        });
        match error.as_deref() {
            Some("invalid_grant") => found.passed.push("the token endpoint accepts client id and secret".to_owned()),
            Some("invalid_client" | "unauthorized_client") => {
                found
                    .problems
                    .push("the token endpoint does not accept client id or secret".to_owned());
            }
            Some(other) => found
                .warnings
                .push(format!("the token endpoint answered a made-up code with {other}")),
            None => found
                .warnings
                .push(format!("the token endpoint answered a made-up code with status {}", answer.status)),
        }
        Ok(())
    }

    async fn fetch(&self, url: &str) -> Result<Vec<u8>, String> {
        let request = OutboundRequest {
            method: "GET",
            url: url.to_owned(),
            headers: vec![("accept".to_owned(), "application/json".to_owned())],
            body: Vec::new(),
            timeout_ms: 8_000,
            max_answer_bytes: 256 * 1024,
        };
        let answer = self.outbound().send(request).await.map_err(|error| said(&error))?;
        if answer.status == 200 {
            Ok(answer.body)
        } else {
            Err(format!("{url} answers with status {}", answer.status))
        }
    }
}

/// An administrator may know the address and the cause.
fn said(error: &OutboundError) -> String {
    error.to_string()
}
