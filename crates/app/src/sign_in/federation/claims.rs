//! From claims to a person: the mapping of a provider, and who may come in by its rules. Pure.

use serde_json::{Map, Value};

use super::{
    model::{ClaimCondition, UpstreamProvider},
    refusal::FederationRefusal,
};
use crate::links::parse_guid;

/// Longest subject that is accepted (OpenID Connect Core §2).
pub(crate) const MOST_SUBJECT: usize = 255;
/// Longest sign-in name and mail address.
const MOST_NAME: usize = 320;
/// Names are cut there: a profile is not worth refusing somebody.
const MOST_DISPLAY: usize = 256;

/// A person as a provider describes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) subject: String,
    pub(crate) user_name: String,
    pub(crate) display_name: String,
    pub(crate) given_name: Option<String>,
    pub(crate) surname: Option<String>,
    pub(crate) mail: Option<String>,
    /// The provider vouches for the mail address.
    pub(crate) mail_verified: bool,
    /// What the rule for administrators says, when there is one.
    pub(crate) administrator: Option<bool>,
}

impl Person {
    /// The mail address, when the provider vouches for it: members are found by theirs, so no other is kept.
    pub(crate) fn verified_mail(&self) -> Option<&str> {
        self.mail.as_deref().filter(|_| self.mail_verified)
    }
}

/// Whether a claim that the rules use is missing, so that userinfo is worth a call.
pub(crate) fn incomplete(provider: &UpstreamProvider, claims: &Map<String, Value>) -> bool {
    let mapping = &provider.rules.claims;
    let conditions = [&provider.rules.required, &provider.rules.administrators];
    let named = [
        &mapping.user_principal_name,
        &mapping.display_name,
        &mapping.mail,
        &mapping.given_name,
        &mapping.surname,
    ];
    let conditions = conditions.into_iter().flatten().map(|condition| &condition.claim);
    named.into_iter().chain(conditions).any(|name| find(claims, name).is_none())
}

/// The claims of the identity token, completed by userinfo. A mail address of one source is not vouched for by the other.
pub(crate) fn complete(id_token: &Map<String, Value>, mut userinfo: Map<String, Value>) -> Map<String, Value> {
    if id_token.get("email").is_some_and(|mail| userinfo.get("email") != Some(mail)) {
        userinfo.remove("email_verified");
    }
    userinfo.extend(id_token.clone());
    userinfo
}

/// Reads a person, and judges whether the rules let them in. The subject comes from the identity token alone.
///
/// # Errors
/// The claim that is missing, or the rule that says no.
pub(crate) fn read(
    provider: &UpstreamProvider,
    id_token: &Map<String, Value>,
    claims: &Map<String, Value>,
) -> Result<Person, FederationRefusal> {
    let rules = &provider.rules;
    let unusable = |claim: &str| FederationRefusal::ClaimUnusable {
        provider: provider.name.clone(),
        claim: claim.to_owned(),
    };
    let subject = find(id_token, &rules.claims.subject)
        .and_then(plain)
        .filter(|subject| is_subject(subject))
        .ok_or_else(|| unusable(&rules.claims.subject))?;
    let mail = find(claims, &rules.claims.mail)
        .and_then(Value::as_str)
        .filter(|mail| is_mail(mail))
        .map(str::to_owned);
    // The claim speaks of `email` only.
    let told = claims.get("email_verified").filter(|_| rules.claims.mail == "email");
    let mail_verified = match told {
        Some(Value::Bool(verified)) => *verified,
        Some(Value::String(verified)) => verified == "true",
        _ => rules.trust_email,
    };
    if rules.required.as_ref().is_some_and(|condition| !fulfils(claims, condition)) {
        return Err(FederationRefusal::NotAdmitted {
            provider: provider.name.clone(),
        });
    }
    let user_name = match find(claims, &rules.claims.user_principal_name) {
        Some(value) => value.as_str().map(str::to_owned),
        None => mail.clone(),
    };
    let user_name = user_name
        .filter(|name| is_user_name(name))
        .ok_or_else(|| unusable(&rules.claims.user_principal_name))?;
    check_domain(provider, mail.as_deref().filter(|_| mail_verified), &user_name)?;
    let name = |claim: &str| find(claims, claim).and_then(Value::as_str).and_then(cleaned);
    Ok(Person {
        display_name: name(&rules.claims.display_name).unwrap_or_else(|| user_name.clone()),
        given_name: name(&rules.claims.given_name),
        surname: name(&rules.claims.surname),
        administrator: rules.administrators.as_ref().map(|condition| fulfils(claims, condition)),
        subject,
        user_name,
        mail,
        mail_verified,
    })
}

/// With a list of domains: a verified mail address of one of them is needed, and a sign-in name of another domain is refused too, since it is what others
/// see and write to.
fn check_domain(provider: &UpstreamProvider, verified_mail: Option<&str>, user_name: &str) -> Result<(), FederationRefusal> {
    let domains = &provider.rules.email_domains;
    let listed = |address: &str| domain_of(address).is_some_and(|domain| domains.iter().any(|known| known.eq_ignore_ascii_case(domain)));
    let fine = verified_mail.is_some_and(listed) && (domain_of(user_name).is_none() || listed(user_name));
    if domains.is_empty() || fine {
        return Ok(());
    }
    Err(FederationRefusal::DomainNotAdmitted {
        provider: provider.name.clone(),
    })
}

/// What stands after the last `@`.
pub(crate) fn domain_of(address: &str) -> Option<&str> {
    address
        .rsplit_once('@')
        .map(|(_, domain)| domain)
        .filter(|domain| !domain.is_empty())
}

/// Whether a text can be a subject: anything that can be seen, in its bounds.
pub(crate) fn is_subject(text: &str) -> bool {
    !text.is_empty() && text.len() <= MOST_SUBJECT && !text.chars().any(char::is_control)
}

fn is_mail(text: &str) -> bool {
    text.len() <= MOST_NAME && text.split_once('@').is_some_and(|(name, _)| !name.is_empty()) && is_user_name(text)
}

/// A sign-in name stands in paths (`/users/{name}`), where an object id may stand too.
fn is_user_name(text: &str) -> bool {
    let stands = |character: char| !character.is_control() && !character.is_whitespace() && !"/\\?#%\"<>".contains(character);
    !text.is_empty() && text.len() <= MOST_NAME && text.chars().all(stands) && parse_guid(text).is_none()
}

/// A name without characters that nobody sees (line breaks, marks that turn the direction of text), cut to a length.
fn cleaned(text: &str) -> Option<String> {
    let visible = |character: &char| {
        !character.is_control()
            && !matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let text: String = text.trim().chars().filter(visible).take(MOST_DISPLAY).collect();
    Some(text).filter(|text| !text.is_empty())
}

fn fulfils(claims: &Map<String, Value>, condition: &ClaimCondition) -> bool {
    let is = |value: &Value| plain(value).is_some_and(|text| text == condition.value);
    match find(claims, &condition.claim) {
        Some(Value::Array(values)) => values.iter().any(is),
        Some(value) => is(value),
        None => false,
    }
}

/// A claim by name, or by JSON pointer; `null` counts as absent.
fn find<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let value = match name.strip_prefix('/') {
        None => claims.get(name),
        Some(path) => {
            let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
            let first = claims.get(&first.replace("~1", "/").replace("~0", "~"));
            match rest {
                None => first,
                Some(rest) => first.and_then(|value| value.pointer(&format!("/{rest}"))),
            }
        }
    };
    value.filter(|value| !value.is_null())
}

/// A value that is one word: text as it is, numbers and booleans as JSON writes them.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
