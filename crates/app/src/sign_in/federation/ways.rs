//! How members sign in here: with a password, through providers, or both; and when the choice is clear without a page.

use super::{claims::domain_of, refusal::FederationRefusal};
use crate::{
    App,
    model::Member,
    sign_in::{Refusal, SignInError},
};

/// What the sign-in page offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignInWays {
    /// With a password, for everybody. Administrators always may: otherwise a provider that is down or wrongly set up would lock everybody out for good.
    pub passwords: bool,
    /// Providers, by name.
    pub providers: Vec<UpstreamChoice>,
}

/// A provider on the sign-in page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamChoice {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    domains: Vec<String>,
}

impl SignInWays {
    /// The provider that a request goes to without a page: the one whose id or domain the application names, the one whose domain the expected sign-in
    /// name has, or the only way there is.
    #[must_use]
    pub fn direct(&self, domain_hint: Option<&str>, login_hint: Option<&str>) -> Option<&UpstreamChoice> {
        let of_domain = |wanted: &str| {
            self.providers
                .iter()
                .find(|choice| choice.domains.iter().any(|domain| domain.eq_ignore_ascii_case(wanted)))
        };
        let named = |hint: &str| self.providers.iter().find(|choice| choice.id == hint).or_else(|| of_domain(hint));
        let only = match self.providers.as_slice() {
            [only] if !self.passwords => Some(only),
            _ => None,
        };
        domain_hint
            .and_then(named)
            .or_else(|| login_hint.and_then(domain_of).and_then(of_domain))
            .or(only)
    }
}

impl App {
    /// How members sign in.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn sign_in_ways(&self) -> Result<SignInWays, SignInError> {
        let providers = self.store().upstream_providers().await?;
        let enabled = providers.into_iter().filter(|provider| provider.enabled);
        let providers: Vec<UpstreamChoice> = enabled
            .map(|provider| UpstreamChoice {
                id: provider.id,
                name: provider.name,
                domains: provider.rules.email_domains,
            })
            .collect();
        let passwords = providers.is_empty() || self.store().local_sign_in().await?;
        Ok(SignInWays { passwords, providers })
    }

    /// Refuses a right password where passwords are switched off.
    pub(crate) async fn check_password_sign_in(&self, member: &Member) -> Result<(), SignInError> {
        if member.administrator || self.sign_in_ways().await?.passwords {
            return Ok(());
        }
        Err(Refusal::from(FederationRefusal::PasswordsOff).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(id: &str, domain: &str) -> UpstreamChoice {
        UpstreamChoice {
            id: id.to_owned(),
            name: id.to_uppercase(),
            domains: vec![domain.to_owned()],
        }
    }

    #[test]
    fn a_hint_leads_to_its_provider_and_no_other_hint_does() {
        let ways = SignInWays {
            passwords: true,
            providers: vec![choice("a", "a.example"), choice("b", "b.example")],
        };
        let direct = |domain, login| ways.direct(domain, login).map(|choice| choice.id.as_str());
        assert_eq!(direct(Some("B.example"), None), Some("b"));
        assert_eq!(direct(Some("a"), Some("x@b.example")), Some("a"));
        assert_eq!(direct(None, Some("x@B.EXAMPLE")), Some("b"));
        for login in ["x@c.example", "x@sub.b.example", "b.example", "x@b.example@", ""] {
            assert_eq!(direct(None, Some(login)), None, "{login}");
        }
        assert_eq!(direct(Some("organizations"), None), None);
        assert_eq!(direct(None, None), None);
    }

    #[test]
    fn the_only_way_is_taken_without_asking() {
        let one = |passwords| SignInWays {
            passwords,
            providers: vec![choice("a", "a.example")],
        };
        assert_eq!(one(false).direct(None, None).map(|choice| choice.id.as_str()), Some("a"));
        assert_eq!(one(true).direct(None, None), None);
        let two = SignInWays {
            passwords: false,
            providers: vec![choice("a", "a.example"), choice("b", "b.example")],
        };
        assert_eq!(two.direct(None, None), None);
    }
}
