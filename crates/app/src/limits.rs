//! How much may be asked: of the communication facade so many requests of one kind in 30 seconds, for the whole resource; so many exchanges of a
//! member's own token, for that member; and so many tokens for visitors from one source.
//!
//! A quota is counted after the credential was checked, so that nobody else can use an application's share up. The count is in the memory of this process:
//! several nodes grant as many shares.

use std::collections::BTreeMap;

use crate::throttle::{Limit, retry_after_s};
use crate::{App, Micros, Source};

/// The window of every quota.
const WINDOW: Micros = 30 * 1_000_000;
/// Exchanges that one member asks for with their own bearer token. A device does so once an hour; more is a client that runs wild, and takes
/// nothing from the others.
const EXCHANGES_OF_ONE: Limit = Limit { tries: 30, window: WINDOW };
/// Tokens for visitors from one source.
const VISITORS: Limit = Limit {
    tries: 60,
    window: 60 * 1_000_000,
};

/// A kind of request with a share of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quota {
    /// Making identities, with or without a token.
    CreateIdentity,
    /// Issuing tokens.
    IssueToken,
    /// Revoking tokens.
    RevokeTokens,
    /// Deleting identities.
    DeleteIdentity,
    /// Exchanging a member's token, asked for by applications.
    ExchangeToken,
    /// Exchanging a member's token, asked for by members with that token alone.
    ExchangeBearer,
    /// Reading rooms and their people.
    ReadRooms,
    /// Making, changing and deleting rooms, and changing their people.
    WriteRooms,
    /// Relay credentials.
    IssueRelay,
}

impl Quota {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::CreateIdentity,
        Self::IssueToken,
        Self::RevokeTokens,
        Self::DeleteIdentity,
        Self::ExchangeToken,
        Self::ExchangeBearer,
        Self::ReadRooms,
        Self::WriteRooms,
        Self::IssueRelay,
    ];

    /// Its name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateIdentity => "identities.create",
            Self::IssueToken => "tokens.issue",
            Self::RevokeTokens => "tokens.revoke",
            Self::DeleteIdentity => "identities.delete",
            Self::ExchangeToken => "tokens.exchange",
            Self::ExchangeBearer => "tokens.exchange-own",
            Self::ReadRooms => "rooms.read",
            Self::WriteRooms => "rooms.write",
            Self::IssueRelay => "relay.issue",
        }
    }

    /// Requests in 30 seconds unless it is configured otherwise. Those of identities and tokens are the ones that the published service
    /// documents; it documents none for rooms and relays.
    fn usual(self) -> u32 {
        match self {
            Self::CreateIdentity | Self::IssueToken | Self::ReadRooms => 1000,
            Self::RevokeTokens
            | Self::DeleteIdentity
            | Self::ExchangeToken
            | Self::ExchangeBearer
            | Self::WriteRooms
            | Self::IssueRelay => 500,
        }
    }
}

/// Quotas that differ from the usual ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits(BTreeMap<Quota, u32>);

impl Limits {
    /// Reads settings of the form `tokens.issue=2000`: requests in 30 seconds, at least one.
    ///
    /// # Errors
    /// A sentence for whoever wrote the setting.
    pub fn parse<'a>(settings: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut limits = Self::default();
        for setting in settings {
            let known = || Quota::ALL.map(Quota::name).join(", ");
            let (name, count) = setting
                .split_once('=')
                .ok_or_else(|| format!("{setting}: write NAME=REQUESTS; names are {}", known()))?;
            let quota = Quota::ALL
                .into_iter()
                .find(|quota| quota.name() == name)
                .ok_or_else(|| format!("{name} is no quota; names are {}", known()))?;
            let count = count
                .parse()
                .ok()
                .filter(|count| *count > 0)
                .ok_or_else(|| format!("{setting}: a whole number of requests in 30 seconds is needed, at least 1"))?;
            limits.0.insert(quota, count);
        }
        Ok(limits)
    }

    fn of(&self, quota: Quota) -> u32 {
        self.0.get(&quota).copied().unwrap_or_else(|| quota.usual())
    }
}

/// The share is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many requests of this kind; wait {retry_after_s} seconds")]
pub struct QuotaSpent {
    /// When to come back.
    pub retry_after_s: u32,
}

impl App {
    /// Sets quotas; the first call counts. Without it the usual ones hold.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        drop(self.inner.limits.set(limits));
        self
    }

    /// Counts one request.
    ///
    /// # Errors
    /// The share is used up; the request is not counted.
    pub fn spend(&self, quota: Quota) -> Result<(), QuotaSpent> {
        self.take_share(&[self.share(quota)])
    }

    /// Counts an exchange that a member asks for with their own bearer token: against their own share, and against [`Quota::ExchangeBearer`].
    ///
    /// # Errors
    /// One of the shares is used up; the request is counted against neither.
    pub fn spend_own_exchange(&self, raw_id: &str) -> Result<(), QuotaSpent> {
        self.take_share(&[(format!("exchange {raw_id}"), EXCHANGES_OF_ONE), self.share(Quota::ExchangeBearer)])
    }

    /// Counts a visitor's token against its source. All whose source is not known share one.
    ///
    /// # Errors
    /// The source has had its share; the request is not counted.
    pub fn spend_visitor(&self, source: Option<Source>) -> Result<(), QuotaSpent> {
        let source = source.map_or_else(|| "unknown".to_owned(), |source| source.to_string());
        self.take_share(&[(format!("visitor {source}"), VISITORS)])
    }

    fn share(&self, quota: Quota) -> (String, Limit) {
        let tries = self.inner.limits.get().map_or_else(|| quota.usual(), |limits| limits.of(quota));
        (format!("quota {}", quota.name()), Limit { tries, window: WINDOW })
    }

    fn take_share(&self, keys: &[(String, Limit)]) -> Result<(), QuotaSpent> {
        self.inner.throttle.take(self.now(), keys).map_err(|wait| QuotaSpent {
            retry_after_s: retry_after_s(wait),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_replace_the_usual_quotas_by_name() {
        let limits = Limits::parse(["tokens.issue=7", "rooms.read=1"]).expect("settings");
        assert_eq!((limits.of(Quota::IssueToken), limits.of(Quota::ReadRooms)), (7, 1));
        assert_eq!((limits.of(Quota::CreateIdentity), limits.of(Quota::DeleteIdentity)), (1000, 500));
    }

    #[test]
    fn a_setting_that_cannot_be_meant_is_refused_with_the_names_that_can() {
        for setting in [
            "tokens.issue",
            "tokens.issue=0",
            "tokens.issue=-1",
            "tokens.issue=many",
            "=1",
            "tokens=1",
        ] {
            let error = Limits::parse([setting]).expect_err(setting);
            assert!(error.contains("tokens") || error.contains("quota"), "{error}");
        }
    }
}
