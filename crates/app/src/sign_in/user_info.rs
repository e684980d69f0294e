//! What the userinfo endpoint tells about the member of an access token.

use serde_json::{Map, Value};

use super::tokens::pairwise;
use crate::{App, Caller, TokenError};

impl App {
    /// The claims about the member of an access token for Graph with the scope `openid`, as far as the token's scopes reach. `sub` is that of the
    /// application's identity tokens.
    ///
    /// # Errors
    /// Says which check failed.
    pub async fn user_info(&self, jwt: &str) -> Result<Map<String, Value>, TokenError> {
        let Caller::Member { member, scopes, client_id } = self.verify_bearer(jwt).await? else {
            return Err(TokenError::MissingScope { needed: "openid" });
        };
        let has = |name: &str| scopes.iter().any(|scope| scope == name);
        if !has("openid") {
            return Err(TokenError::MissingScope { needed: "openid" });
        }
        let tenant = self.cached_tenant().ok_or(TokenError::ForeignTenant)?;
        let mut told = vec![("sub", Some(pairwise(&tenant.id, &client_id, &member.id)))];
        if has("profile") {
            told.extend([
                ("name", Some(member.display_name)),
                ("preferred_username", Some(member.user_principal_name)),
                ("given_name", member.given_name),
                ("family_name", member.surname),
                ("locale", member.preferred_language),
            ]);
        }
        if has("email") {
            told.push(("email", member.mail));
        }
        let present = told.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
        Ok(present.collect())
    }
}
