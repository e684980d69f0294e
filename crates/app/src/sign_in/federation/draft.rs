//! What a provider may be set up as. Pure; whether its address may be called is asked of the way out (`providers`).

use super::model::{ClaimCondition, ProviderRules, UpstreamProvider};
use crate::AppError;

const MOST_NAME: usize = 80;
const MOST_ISSUER: usize = 512;
const MOST_CREDENTIAL: usize = 1024;
const MOST_LIST: usize = 50;
const MOST_WORD: usize = 256;

/// A provider to be added.
#[derive(Clone)]
pub struct ProviderDraft {
    /// Shown on the sign-in page; 1 to 80 characters.
    pub name: String,
    /// Issuer identifier, byte for byte.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: Option<String>,
    /// Everything else.
    pub rules: ProviderRules,
    /// Whether it is offered at once.
    pub enabled: bool,
}

/// What changes of a provider.
#[derive(Clone, Default)]
pub struct ProviderChange {
    /// Name.
    pub name: Option<String>,
    /// Client id.
    pub client_id: Option<String>,
    /// Secret; `Some(None)` takes it away.
    pub client_secret: Option<Option<String>>,
    /// All rules.
    pub rules: Option<ProviderRules>,
    /// Whether it is offered.
    pub enabled: Option<bool>,
}

/// Whether all of it can be written.
///
/// # Errors
/// `InvalidArgument` names the first thing that cannot.
pub(crate) fn check(provider: &UpstreamProvider) -> Result<(), AppError> {
    text("name", &provider.name, MOST_NAME)?;
    check_issuer(&provider.issuer)?;
    text("clientId", &provider.client_id, MOST_CREDENTIAL)?;
    if let Some(secret) = &provider.client_secret {
        text("clientSecret", secret, MOST_CREDENTIAL)?;
    }
    let rules = &provider.rules;
    list("scopes", &rules.scopes, |scope| {
        scope.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
    })?;
    list("emailDomains", &rules.email_domains, |domain| {
        domain.contains('.')
            && domain
                .chars()
                .all(|character| character.is_alphanumeric() || matches!(character, '.' | '-'))
    })?;
    let mapping = &rules.claims;
    for (field, name) in [
        ("claims.subject", &mapping.subject),
        ("claims.userPrincipalName", &mapping.user_principal_name),
        ("claims.displayName", &mapping.display_name),
        ("claims.mail", &mapping.mail),
        ("claims.givenName", &mapping.given_name),
        ("claims.surname", &mapping.surname),
    ] {
        text(field, name, MOST_WORD)?;
    }
    for (field, condition) in [("required", &rules.required), ("administrators", &rules.administrators)] {
        if let Some(ClaimCondition { claim, value }) = condition {
            text(field, claim, MOST_WORD)?;
            text(field, value, MOST_WORD)?;
        }
    }
    Ok(())
}

fn check_issuer(issuer: &str) -> Result<(), AppError> {
    let wrong = |message: &str| Err(AppError::invalid("issuer", message));
    if issuer.len() > MOST_ISSUER {
        return wrong("an issuer has at most 512 bytes");
    }
    let Ok(url) = url::Url::parse(issuer) else {
        return wrong("an issuer is an absolute https address");
    };
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return wrong("an issuer is an absolute https address");
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return wrong("an issuer has no user, query or fragment");
    }
    if issuer.ends_with("/.well-known/openid-configuration") {
        return wrong("this is the address of the description; the issuer is what stands before /.well-known");
    }
    Ok(())
}

fn text(field: &'static str, value: &str, most: usize) -> Result<(), AppError> {
    if value.trim().is_empty() || value.chars().count() > most || value.chars().any(char::is_control) {
        return Err(AppError::invalid(field, format!("1 to {most} characters, without line breaks")));
    }
    Ok(())
}

fn list(field: &'static str, values: &[String], fits: impl Fn(&str) -> bool) -> Result<(), AppError> {
    if values.len() > MOST_LIST {
        return Err(AppError::invalid(field, format!("at most {MOST_LIST} entries")));
    }
    match values
        .iter()
        .find(|value| value.is_empty() || value.len() > MOST_WORD || !fits(value))
    {
        Some(_) => Err(AppError::invalid(
            field,
            "an entry is empty, too long, or has characters that it cannot have",
        )),
        None => Ok(()),
    }
}
