//! The authorization request: what an application asks of the sign-in page, validated before anybody sees the page.
//!
//! Order matters: until application and redirect address are proven, a refusal is shown on our own page and nothing is
//! sent anywhere (an open redirector otherwise); afterwards it travels to the application with the `state` it sent.
//! Not here: who is signed in (`session`), the code itself (`code`), how a redirect is written (the `oidc` facade).

use url::Url;

use super::{
    parameters::Parameters,
    pkce,
    refusal::{Refusal, SignInError},
    scopes::MemberScopes,
    session::Session,
};
use crate::{App, Micros, model::Application};

/// How the answer travels to the redirect address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query.
    Query,
    /// In the fragment, which no server sees.
    Fragment,
    /// By a form that the browser posts.
    FormPost,
}

/// Where the answer goes, proven to belong to the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnAddress {
    /// As the request wrote it, byte for byte.
    pub redirect_uri: String,
    /// How the answer travels.
    pub response_mode: ResponseMode,
    /// To be returned byte for byte.
    pub state: Option<String>,
}

/// What the application wants of a member who is already signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// Go on silently when signed in, ask otherwise.
    Auto,
    /// Never ask: answer `login_required` instead.
    None,
    /// Always ask for the password.
    Login,
    /// Let the person choose the account.
    SelectAccount,
    /// Go on silently when signed in, and ask for consent whatever was consented to before.
    Consent,
}

/// A validated authorization request.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// The application.
    pub application: Application,
    /// Where the answer goes.
    pub return_to: ReturnAddress,
    /// Whether a code is wanted; otherwise the member is only to be signed in (`response_type=none`).
    pub wants_code: bool,
    /// As it was written; it parses.
    pub scope: String,
    /// What it means for this application.
    pub scopes: MemberScopes,
    /// Echoed in the identity token.
    pub nonce: Option<String>,
    /// The S256 challenge.
    pub code_challenge: Option<String>,
    /// What is wanted of a signed-in member.
    pub prompt: Prompt,
    /// The user name that the application expects.
    pub login_hint: Option<String>,
    /// How old the sign-in may be.
    pub max_age_seconds: Option<u32>,
}

/// Why an authorization request goes no further.
#[derive(Debug)]
pub enum AuthorizationRefusal {
    /// Shown on our own page: nothing proves that the redirect address belongs to the application.
    OnPage(Refusal),
    /// Told to the application.
    ToApplication(ReturnAddress, Refusal),
    /// The store failed.
    Unavailable(SignInError),
}

/// How long somebody who had to sign in afresh may read the consent page.
const CONSENT_SECONDS: Micros = 10 * 60;

const READ_ONCE: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "login_hint",
    "max_age",
];

impl App {
    /// Validates an authorization request.
    ///
    /// # Errors
    /// [`AuthorizationRefusal`], which says where the refusal is told.
    pub async fn read_authorization_request(&self, parameters: &Parameters) -> Result<AuthorizationRequest, AuthorizationRefusal> {
        let on_page = AuthorizationRefusal::OnPage;
        parameters.once(READ_ONCE).map_err(on_page)?;
        let client_id = parameters.required("client_id").map_err(on_page)?;
        let application = self.application_by_client_id(client_id).await.map_err(|error| match error {
            SignInError::Refused(refusal) => AuthorizationRefusal::OnPage(refusal),
            error @ SignInError::Unavailable(_) => AuthorizationRefusal::Unavailable(error),
        })?;
        let redirect_uri = parameters.required("redirect_uri").map_err(on_page)?;
        if !redirect_registered(&application, redirect_uri) {
            return Err(on_page(Refusal::RedirectNotRegistered {
                client_id: application.client_id,
                redirect_uri: brief(redirect_uri),
            }));
        }
        let mode = match parameters.get("response_mode") {
            None | Some("query") => Some(ResponseMode::Query),
            Some("fragment") => Some(ResponseMode::Fragment),
            Some("form_post") => Some(ResponseMode::FormPost),
            Some(_) => None,
        };
        let return_to = ReturnAddress {
            redirect_uri: redirect_uri.to_owned(),
            response_mode: mode.unwrap_or(ResponseMode::Query),
            state: parameters.owned("state"),
        };
        let checked = mode.ok_or(Refusal::UnsupportedValue("response_mode"));
        let read = match checked {
            Ok(_) => self.read_rest(application, return_to.clone(), parameters).await,
            Err(refusal) => Err(refusal.into()),
        };
        read.map_err(|error| match error {
            SignInError::Refused(refusal) => AuthorizationRefusal::ToApplication(return_to, refusal),
            error @ SignInError::Unavailable(_) => AuthorizationRefusal::Unavailable(error),
        })
    }

    async fn read_rest(
        &self,
        application: Application,
        return_to: ReturnAddress,
        parameters: &Parameters,
    ) -> Result<AuthorizationRequest, SignInError> {
        if parameters.get("request").is_some() || parameters.get("request_uri").is_some() {
            return Err(Refusal::UnsupportedValue("request").into());
        }
        let wants_code = match parameters.required("response_type")? {
            "code" => true,
            // Our own pages send somebody here only to be signed in; no application gets anything of it.
            "none" if self.tenant().is_ok_and(|tenant| tenant.meet_client_id == application.client_id) => false,
            _ => return Err(Refusal::UnsupportedResponseType.into()),
        };
        let scope = parameters.required("scope")?.to_owned();
        let scopes = self.member_scopes(&scope, &application).await?;
        let code_challenge = read_challenge(parameters)?;
        if wants_code && application.public && code_challenge.is_none() {
            return Err(Refusal::ProofKeyRequired.into());
        }
        let max_age = parameters.get("max_age").map(str::parse::<u32>).transpose();
        Ok(AuthorizationRequest {
            application,
            return_to,
            wants_code,
            scope,
            scopes,
            nonce: parameters.owned("nonce"),
            code_challenge,
            prompt: read_prompt(parameters.get("prompt"))?,
            login_hint: parameters.owned("login_hint"),
            max_age_seconds: max_age.map_err(|_| Refusal::UnsupportedValue("max_age"))?,
        })
    }
}

impl AuthorizationRequest {
    /// Whether this session answers the request without asking the person again.
    #[must_use]
    pub fn accepts(&self, session: &Session, now: Micros) -> bool {
        let expected = self
            .login_hint
            .as_deref()
            .is_none_or(|hint| hint.eq_ignore_ascii_case(&session.member.user_principal_name));
        expected && self.is_young_enough(session, now) && matches!(self.prompt, Prompt::Auto | Prompt::None | Prompt::Consent)
    }

    /// Whether the person may choose to go on with this session on the page that asks for the account.
    #[must_use]
    pub fn offers(&self, session: &Session, now: Micros) -> bool {
        self.prompt == Prompt::SelectAccount && self.is_young_enough(session, now)
    }

    /// Whether the sign-in must be a new one, made for this request.
    #[must_use]
    pub(crate) fn wants_fresh_sign_in(&self) -> bool {
        self.prompt == Prompt::Login || self.max_age_seconds == Some(0)
    }

    /// Whether this session may answer the request after the person was asked for consent: the sign-in page came before when it had to.
    #[must_use]
    pub fn accepts_after_consent(&self, session: &Session, now: Micros) -> bool {
        let fresh = now - session.signed_in_at <= CONSENT_SECONDS * 1_000_000;
        self.is_young_enough(session, now) && (self.prompt != Prompt::Login || fresh)
    }

    fn is_young_enough(&self, session: &Session, now: Micros) -> bool {
        self.max_age_seconds
            .is_none_or(|seconds| now - session.signed_in_at <= Micros::from(seconds) * 1_000_000)
    }
}

fn read_challenge(parameters: &Parameters) -> Result<Option<String>, Refusal> {
    match (parameters.get("code_challenge"), parameters.get("code_challenge_method")) {
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) if pkce::is_challenge(challenge) => Ok(Some(challenge.to_owned())),
        (Some(_), Some("S256")) => Err(Refusal::UnsupportedValue("code_challenge")),
        // Without a method RFC 7636 means "plain", which proves nothing to whoever read the request.
        _ => Err(Refusal::UnsupportedValue("code_challenge_method")),
    }
}

fn read_prompt(prompt: Option<&str>) -> Result<Prompt, Refusal> {
    let mut read = Prompt::Auto;
    for word in prompt.unwrap_or_default().split_ascii_whitespace() {
        match word {
            "none" if prompt == Some("none") => read = Prompt::None,
            "login" => read = Prompt::Login,
            "select_account" if read == Prompt::Auto => read = Prompt::SelectAccount,
            "consent" if read == Prompt::Auto => read = Prompt::Consent,
            // The stronger question was read, and nobody registers here.
            "select_account" | "consent" | "create" => {}
            _ => return Err(Refusal::UnsupportedValue("prompt")),
        }
    }
    Ok(read)
}

/// A stranger's text on our page is kept short: it is there to compare, not to be believed.
fn brief(text: &str) -> String {
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Byte-exact comparison; a public application that registered `http://localhost` or `http://127.0.0.1` may use any port
/// of it (RFC 8252 §7.3), since a native program cannot know which one will be free.
fn redirect_registered(application: &Application, redirect_uri: &str) -> bool {
    application.redirect_uris.iter().any(|registered| {
        registered == redirect_uri
            || (application.public
                && matches!(registered.as_str(), "http://localhost" | "http://127.0.0.1")
                && same_loopback(registered, redirect_uri))
    })
}

fn same_loopback(registered: &str, redirect_uri: &str) -> bool {
    let (Ok(known), Ok(asked)) = (Url::parse(registered), Url::parse(redirect_uri)) else {
        return false;
    };
    let bare = asked.path() == "/" && asked.query().is_none() && asked.fragment().is_none() && asked.username().is_empty();
    bare && asked.password().is_none() && asked.scheme() == "http" && asked.host_str() == known.host_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn application(public: bool, redirect_uri: &str) -> Application {
        Application {
            client_id: "c".to_owned(),
            display_name: "Test".to_owned(),
            redirect_uris: vec![redirect_uri.to_owned()],
            public,
            ..Application::default()
        }
    }

    #[test]
    fn a_redirect_address_is_compared_byte_for_byte() {
        let registered = application(true, "https://app.example.org/auth");
        assert!(redirect_registered(&registered, "https://app.example.org/auth"));
        for other in [
            "https://app.example.org/auth/",
            "https://app.example.org/auth?x=1",
            "https://APP.example.org/auth",
            "http://app.example.org/auth",
            "https://app.example.org:444/auth",
        ] {
            assert!(!redirect_registered(&registered, other), "{other}");
        }
    }

    #[test]
    fn a_native_program_may_use_any_loopback_port_and_nothing_else() {
        let native = application(true, "http://localhost");
        assert!(redirect_registered(&native, "http://localhost:51234"));
        assert!(redirect_registered(&native, "http://localhost:51234/"));
        for other in [
            "http://localhost.example.org:1",
            "http://localhost:1/path",
            "http://a@localhost:1",
            "https://localhost:1",
            "http://127.0.0.1:1",
        ] {
            assert!(!redirect_registered(&native, other), "{other}");
        }
        assert!(!redirect_registered(
            &application(false, "http://localhost"),
            "http://localhost:51234"
        ));
        assert!(!redirect_registered(
            &application(true, "http://localhost/auth"),
            "http://localhost:51234/auth"
        ));
    }

    #[test]
    fn prompts_are_read_and_contradictions_refused() {
        assert_eq!(read_prompt(None), Ok(Prompt::Auto));
        assert_eq!(read_prompt(Some("none")), Ok(Prompt::None));
        assert_eq!(read_prompt(Some("select_account")), Ok(Prompt::SelectAccount));
        assert_eq!(read_prompt(Some("select_account login")), Ok(Prompt::Login));
        assert_eq!(read_prompt(Some("consent")), Ok(Prompt::Consent));
        assert_eq!(read_prompt(Some("create")), Ok(Prompt::Auto));
        for wrong in ["none login", "login none", "maybe"] {
            assert_eq!(read_prompt(Some(wrong)), Err(Refusal::UnsupportedValue("prompt")), "{wrong}");
        }
    }

    #[test]
    fn only_s256_challenges_are_accepted() {
        let read = |pairs: &[(&str, &str)]| {
            read_challenge(&Parameters::new(
                pairs
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect(),
            ))
        };
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(
            read(&[("code_challenge", challenge), ("code_challenge_method", "S256")]),
            Ok(Some(challenge.to_owned()))
        );
        assert_eq!(read(&[]), Ok(None));
        assert!(read(&[("code_challenge", challenge)]).is_err());
        assert!(read(&[("code_challenge", challenge), ("code_challenge_method", "plain")]).is_err());
        assert!(read(&[("code_challenge", "short"), ("code_challenge_method", "S256")]).is_err());
    }
}
