//! What a registration may contain.
//!
//! A redirect address leads to exactly one place that nobody else can take; permissions and scopes exist; everything is bounded.

use url::Url;

use super::registration::ApplicationPatch;
use crate::{
    AppError, links,
    model::{Application, ExposedScope},
    permissions::{APPLICATION, DELEGATED},
    sign_in::API,
};

/// Entries of each list of a registration.
const MOST_ENTRIES: usize = 100;
const LONGEST_NAME: usize = 120;
const LONGEST_URI: usize = 2048;
/// What people are shown when they are asked for a scope.
const LONGEST_DESCRIPTION: usize = 500;

/// Changes a registration that its caller throws away when this fails; `known` are all applications of the tenant.
pub(super) fn apply(application: &mut Application, patch: ApplicationPatch, known: &[Application]) -> Result<(), AppError> {
    if let Some(name) = patch.display_name {
        application.display_name = text("displayName", &name, LONGEST_NAME)?;
        if application.display_name.is_empty() {
            return Err(AppError::invalid("displayName", "an application needs a name"));
        }
    }
    if let Some(uris) = patch.redirect_uris {
        bounded("redirectUris", uris.len())?;
        for uri in &uris {
            check_redirect_uri(uri, application.public)?;
        }
        application.redirect_uris = unique(uris);
    }
    if let Some(permissions) = patch.application_permissions {
        bounded("applicationPermissions", permissions.len())?;
        if application.public && !permissions.is_empty() {
            let message = "a public application cannot act for itself and has no application permissions";
            return Err(AppError::invalid("applicationPermissions", message));
        }
        if let Some(unknown) = permissions.iter().find(|name| !APPLICATION.contains(&name.as_str())) {
            return Err(AppError::invalid(
                "applicationPermissions",
                format!("{unknown:?} does not exist; known are {}", APPLICATION.join(", ")),
            ));
        }
        application.application_permissions = unique(permissions);
    }
    if let Some(permissions) = patch.delegated_permissions {
        bounded("delegatedPermissions", permissions.len())?;
        let read: Result<Vec<_>, _> = permissions.iter().map(|name| read_delegated(name, known)).collect();
        application.delegated_permissions = unique(read?);
    }
    if let Some(scopes) = patch.exposed_scopes {
        bounded("exposedScopes", scopes.len())?;
        application.exposed_scopes = read_scopes(scopes)?;
    }
    Ok(())
}

/// A redirect address is where credentials are sent, so it must lead to exactly one place that nobody else can take.
fn check_redirect_uri(uri: &str, public: bool) -> Result<(), AppError> {
    let invalid = |message: &str| Err(AppError::invalid("redirectUris", format!("{uri:?}: {message}")));
    if uri.len() > LONGEST_URI {
        return Err(AppError::invalid("redirectUris", "an address has at most 2048 characters"));
    }
    let Ok(url) = Url::parse(uri) else {
        return invalid("this is not an absolute URI");
    };
    if uri.contains(['#', '*']) || uri.chars().any(|c| c.is_whitespace() || c.is_control()) || !uri.is_ascii() {
        return invalid("fragments, wildcards, spaces and characters outside ASCII are not allowed");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return invalid("an address has no user name or password");
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        "http" => invalid("http is for localhost, 127.0.0.1 and [::1] only; use https"),
        "javascript" | "data" | "file" | "blob" | "about" | "ws" | "wss" | "ftp" | "view-source" | "vbscript" => {
            invalid("this scheme cannot be returned to")
        }
        _ if public => Ok(()),
        _ => invalid("an application that keeps a secret returns to https, or to http on loopback"),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn read_delegated(name: &str, known: &[Application]) -> Result<String, AppError> {
    let Some(rest) = name.strip_prefix(API) else {
        return match DELEGATED.contains(&name) {
            true => Ok(name.to_owned()),
            false => Err(AppError::invalid(
                "delegatedPermissions",
                format!(
                    "{name:?} does not exist; known are {}, and api://<client id>/<scope>",
                    DELEGATED.join(", ")
                ),
            )),
        };
    };
    let found = rest.split_once('/').and_then(|(client_id, scope)| {
        let client_id = links::parse_guid(client_id)?;
        let api = known.iter().find(|api| api.client_id == client_id && api.exposes(scope))?;
        Some(format!("{API}{}/{scope}", api.client_id))
    });
    found.ok_or_else(|| AppError::invalid("delegatedPermissions", format!("no registered application exposes {name:?}")))
}

fn read_scopes(scopes: Vec<ExposedScope>) -> Result<Vec<ExposedScope>, AppError> {
    let mut read: Vec<ExposedScope> = Vec::with_capacity(scopes.len());
    for scope in scopes {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let named = (1..=LONGEST_NAME).contains(&scope.name.len()) && scope.name.bytes().all(allowed) && !scope.name.starts_with('.');
        if !named || read.iter().any(|known| known.name.eq_ignore_ascii_case(&scope.name)) {
            let message =
                "the name of a scope is unique, has 1 to 120 letters, digits, dots, hyphens and underscores, and does not begin with a dot";
            return Err(AppError::invalid("exposedScopes", message));
        }
        read.push(ExposedScope {
            description: text("exposedScopes", &scope.description, LONGEST_DESCRIPTION)?,
            name: scope.name,
        });
    }
    Ok(read)
}

fn bounded(field: &'static str, count: usize) -> Result<(), AppError> {
    match count <= MOST_ENTRIES {
        true => Ok(()),
        false => Err(AppError::invalid(field, "at most 100 entries are kept")),
    }
}

/// Text that people read: trimmed, without control characters.
pub(super) fn text(field: &'static str, text: &str, longest: usize) -> Result<String, AppError> {
    let text = text.trim();
    if text.chars().count() > longest || text.chars().any(char::is_control) {
        return Err(AppError::invalid(
            field,
            format!("at most {longest} characters, and no control characters"),
        ));
    }
    Ok(text.to_owned())
}

fn unique(mut names: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_address_is_https_or_loopback_or_for_public_applications_a_scheme_of_their_own() {
        for good in [
            "https://app.example.org/auth?x=1",
            "http://localhost",
            "http://127.0.0.1:8000/cb",
            "http://[::1]/",
        ] {
            assert!(check_redirect_uri(good, false).is_ok(), "{good}");
        }
        assert!(check_redirect_uri("com.example.app://auth", true).is_ok());
        for bad in [
            "com.example.app://auth",
            "http://app.example.org/auth",
            "http://localhost.example.org/",
            "https://*.example.org/",
            "https://app.example.org/#x",
            "https://user@app.example.org/",
            "https://app.example.org/a b",
            "/auth",
            "",
            "javascript:alert(1)",
        ] {
            assert!(check_redirect_uri(bad, false).is_err(), "{bad}");
        }
        assert!(check_redirect_uri("javascript:alert(1)", true).is_err());
        assert!(check_redirect_uri("data:text/html,x", true).is_err());
    }

    #[test]
    fn permissions_are_those_that_exist() {
        let api = Application {
            client_id: "22222222-0000-4000-8000-000000000000".to_owned(),
            exposed_scopes: vec![ExposedScope {
                name: "access".to_owned(),
                description: String::new(),
            }],
            ..Application::default()
        };
        let known = [api];
        assert!(read_delegated("User.Read", &known).is_ok());
        assert_eq!(
            read_delegated("api://22222222-0000-4000-8000-000000000000/access", &known)
                .ok()
                .as_deref(),
            Some("api://22222222-0000-4000-8000-000000000000/access")
        );
        for unknown in [
            "User.Write",
            "user.read",
            "api://22222222-0000-4000-8000-000000000000/other",
            "api://x/access",
            "api://",
        ] {
            assert!(read_delegated(unknown, &known).is_err(), "{unknown}");
        }
    }

    #[test]
    fn scopes_of_an_api_have_plain_and_unique_names() {
        let scope = |name: &str| ExposedScope {
            name: name.to_owned(),
            description: " Reads  ".to_owned(),
        };
        assert_eq!(read_scopes(vec![scope("access_as_user")]).unwrap()[0].description, "Reads");
        for bad in [
            vec![scope("")],
            vec![scope("a b")],
            vec![scope(".default")],
            vec![scope("a/b")],
            vec![scope("a"), scope("A")],
        ] {
            assert!(read_scopes(bad).is_err());
        }
    }
}
