//! Applications at the token endpoint: proving who they are, and tokens for themselves.

use super::{
    refusal::{Refusal, SignInError},
    scopes::application_resource,
    tokens::ApplicationAnswer,
};
use crate::{App, model::Application, passwords::secret_matches};

/// What a token request shows of its application.
#[derive(Clone)]
pub struct ApplicationProof {
    /// The client id.
    pub client_id: String,
    /// The secret, from the body or from HTTP Basic.
    pub secret: Option<String>,
}

impl App {
    /// The application of a token request: one that keeps a secret must show it, a public one must not have any.
    pub(crate) async fn prove_application(&self, proof: &ApplicationProof) -> Result<Application, SignInError> {
        let application = self.application_by_client_id(&proof.client_id).await?;
        let refusal = match (&proof.secret, application.public) {
            (None, true) => return Ok(application),
            (Some(secret), false) if secret_matches(secret, &application.secret_hashes) => return Ok(application),
            (Some(_), false) => Refusal::SecretWrong(application.client_id),
            (None, false) => Refusal::SecretMissing,
            (Some(_), true) => Refusal::ApplicationIsPublic(application.client_id),
        };
        Err(refusal.into())
    }

    /// A token request with `grant_type=client_credentials`.
    ///
    /// # Errors
    /// The refusal that names what does not fit.
    pub async fn application_token(&self, proof: &ApplicationProof, scope: &str, origin: &str) -> Result<ApplicationAnswer, SignInError> {
        let application = self.prove_application(proof).await?;
        if application.public {
            return Err(Refusal::ApplicationIsPublic(application.client_id).into());
        }
        let resource = application_resource(scope, self.config())?;
        self.sign_application_token(&application, resource, origin).await
    }
}
