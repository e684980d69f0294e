//! Applications at the token endpoint: proving who they are, and tokens for themselves.
//!
//! By a secret, or by an assertion signed with a registered key (`assertion`). Never by both, and a public application by neither.

use super::{
    refusal::{Refusal, SignInError},
    scopes::application_resource,
    tokens::ApplicationAnswer,
};
use crate::{App, model::Application};

/// What a token request shows of its application.
#[derive(Clone, Default)]
pub struct ApplicationProof {
    /// The client id.
    pub client_id: String,
    /// The secret, from the body or from HTTP Basic.
    pub secret: Option<String>,
    /// The signed assertion.
    pub assertion: Option<String>,
}

/// How an application proved who it is; the `azpacr` of the tokens that it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProvedBy {
    Nothing,
    Secret,
    Assertion,
}

impl ProvedBy {
    pub(crate) fn azpacr(self) -> &'static str {
        match self {
            Self::Nothing => "0",
            Self::Secret => "1",
            Self::Assertion => "2",
        }
    }
}

/// An application that is who it says.
#[derive(Debug, Clone)]
pub(crate) struct ProvenApplication {
    pub(crate) application: Application,
    pub(crate) by: ProvedBy,
}

impl App {
    /// The application of a token request: one that keeps a secret or a key must show it, a public one must not have any.
    pub(crate) async fn prove_application(&self, proof: &ApplicationProof) -> Result<ProvenApplication, SignInError> {
        let application = self.application_by_client_id(&proof.client_id).await?;
        let by = match (&proof.secret, &proof.assertion, application.public) {
            (None, None, true) => ProvedBy::Nothing,
            (_, _, true) => return Err(Refusal::ApplicationIsPublic(application.client_id).into()),
            (Some(_), Some(_), false) => return Err(Refusal::ConflictingCredentials.into()),
            (None, None, false) => return Err(Refusal::SecretMissing.into()),
            (Some(secret), None, false) if application.has_secret(secret, self.now()) => ProvedBy::Secret,
            (Some(_), None, false) => return Err(Refusal::SecretWrong(application.client_id).into()),
            (None, Some(assertion), false) => {
                self.verify_assertion(&application, assertion).await?;
                ProvedBy::Assertion
            }
        };
        Ok(ProvenApplication { application, by })
    }

    /// As [`Self::prove_application`], for grants in which the application acts for itself or for somebody who is not there.
    pub(crate) async fn prove_confidential(&self, proof: &ApplicationProof) -> Result<ProvenApplication, SignInError> {
        let proven = self.prove_application(proof).await?;
        match proven.by {
            ProvedBy::Nothing => Err(Refusal::ApplicationIsPublic(proven.application.client_id).into()),
            ProvedBy::Secret | ProvedBy::Assertion => Ok(proven),
        }
    }

    /// A token request with `grant_type=client_credentials`.
    ///
    /// # Errors
    /// The refusal that names what does not fit.
    pub async fn application_token(&self, proof: &ApplicationProof, scope: &str, origin: &str) -> Result<ApplicationAnswer, SignInError> {
        let proven = self.prove_confidential(proof).await?;
        let apis = self.named_apis(scope).await?;
        let resource = application_resource(scope, &apis, self.config())?;
        self.sign_application_token(&proven, &resource, origin)
    }
}
