//! The device flow (RFC 8628): a device without a keyboard shows a short code; a member types it elsewhere, signs in and says yes.
//!
//! * Owns: issuing both codes, what the page may know of a code, the member's decision, the device's polling.
//! * The user code has 9 characters of 20, about 39 bits; wrong ones are counted per source and per member, so that guessing within its quarter of
//!   an hour is hopeless. It is decided once, and the device's code is exchanged once.
//! * No device code gives the members' own web app, nor a permission of administration; nor does a refresh token that came of one.
//! * Not here: the pages (`oidc::device`).

mod ports;

pub use ports::{DeviceCode, DeviceCodeStore, DeviceDecision};

use std::net::IpAddr;

use super::{
    client::{ApplicationProof, ProvenApplication},
    refusal::{Refusal, SignInError},
    scopes::MemberScopes,
    session::Session,
    throttle::subnet,
    tokens::{SignInAnswer, SignInFacts},
};
use crate::{App, Micros, StoreError, ids, model::Application, passwords::hash_secret, throttle::Limit};

/// How long both codes live.
pub const DEVICE_SECONDS: u32 = 15 * 60;
/// How often a device may ask.
pub const POLL_SECONDS: u32 = 5;
/// A device whose answer was quick may come this much early.
const POLL_TOLERANCE: Micros = 1_000_000;
const SECOND: Micros = 1_000_000;
/// Wrong codes of one member within the life of a code.
const GUESSES_OF_MEMBER: Limit = Limit {
    tries: 10,
    window: 15 * 60 * SECOND,
};
/// Wrong codes of one source, which a whole office may share: some dozens of five hundred thousand million codes are no chance at all.
const GUESSES_OF_SOURCE: Limit = Limit {
    tries: 60,
    window: 15 * 60 * SECOND,
};
/// Codes that one source may have issued within the life of a code.
const ISSUED_TO_SOURCE: Limit = Limit {
    tries: 100,
    window: 15 * 60 * SECOND,
};
/// Codes that may be waiting in all: what this many rows take is what a flood can take. Full means: no device can begin for a while.
const ISSUED_TO_ALL: Limit = Limit {
    tries: 5_000,
    window: 15 * 60 * SECOND,
};

/// The answer to a device that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceBegun {
    /// What the device polls with.
    pub device_code: String,
    /// What the member types, grouped for reading.
    pub user_code: String,
}

/// What the confirmation page shows of a waiting device.
#[derive(Debug, Clone)]
pub struct WaitingDevice {
    /// The application on the device.
    pub application: Application,
    /// What it asks for.
    pub scopes: MemberScopes,
    /// The canonical spelling of the code.
    pub user_code: String,
}

impl App {
    /// A device asks for codes.
    ///
    /// # Errors
    /// The refusal that names what does not fit; [`Refusal::DeviceNotForApplication`], [`Refusal::AdministrationByDevice`],
    /// [`Refusal::DeviceCodesExhausted`].
    pub async fn begin_device(&self, proof: &ApplicationProof, scope: &str, source: Option<IpAddr>) -> Result<DeviceBegun, SignInError> {
        let application = match (&proof.secret, &proof.assertion) {
            // As devices do it everywhere: the application is proven when the code is exchanged.
            (None, None) => self.application_by_client_id(&proof.client_id).await?,
            _ => self.prove_application(proof).await?.application,
        };
        self.device_scopes(scope, &application).await?;
        let now = self.now();
        let mut limits = vec![("device code".to_owned(), ISSUED_TO_ALL)];
        limits.extend(source.map(|source| (format!("device code {}", subnet(source)), ISSUED_TO_SOURCE)));
        let waited = self.inner.throttle.take(now, &limits);
        waited.map_err(|wait| Refusal::DeviceCodesExhausted {
            retry_after_seconds: whole_seconds(wait),
        })?;
        // Two living codes are the same once in very long; then another one is taken.
        for _ in 0..3 {
            let (device_code, user_code) = (ids::secret(self.random()), ids::user_code(self.random()));
            let code = DeviceCode {
                device_hash: hash_secret(&device_code),
                user_code_hash: hash_secret(&user_code),
                client_id: application.client_id.clone(),
                scope: scope.to_owned(),
                issued: now,
                expires: now + Micros::from(DEVICE_SECONDS) * SECOND,
                polled: None,
                decision: None,
                used_at: None,
            };
            match self.store().insert_device_code(&code).await {
                Ok(()) => {
                    return Ok(DeviceBegun {
                        device_code,
                        user_code: grouped(&user_code),
                    });
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(SignInError::unavailable("no free user code was found"))
    }

    /// The device behind what a member typed. Wrong codes are counted for the source and for the member.
    ///
    /// # Errors
    /// [`Refusal::UserCodeUnknown`] for unknown, expired and decided codes alike; [`Refusal::Throttled`].
    pub async fn waiting_device(
        &self,
        typed: &str,
        session: Option<&Session>,
        source: Option<IpAddr>,
    ) -> Result<WaitingDevice, SignInError> {
        let mut guesses: Vec<_> = source
            .map(|source| (format!("user code {}", subnet(source)), GUESSES_OF_SOURCE))
            .into_iter()
            .collect();
        guesses.extend(session.map(|session| (format!("user code {}", session.member.id), GUESSES_OF_MEMBER)));
        let counted = self.inner.throttle.take(self.now(), &guesses);
        counted.map_err(|wait| Refusal::Throttled {
            retry_after_seconds: whole_seconds(wait),
        })?;
        let user_code = canonical(typed).ok_or(Refusal::UserCodeUnknown)?;
        let found = self.store().device_code_by_user_code(&hash_secret(&user_code)).await?;
        let code = found.filter(|code| code.decision.is_none() && code.expires > self.now());
        let code = code.ok_or(Refusal::UserCodeUnknown)?;
        let application = self.application_by_client_id(&code.client_id).await?;
        let scopes = self.device_scopes(&code.scope, &application).await?;
        self.inner.throttle.give_back(&guesses);
        Ok(WaitingDevice {
            application,
            scopes,
            user_code: grouped(&user_code),
        })
    }

    /// What a device may ask for. Whoever talks a member into typing a code holds what the device is given, and the member sees neither: so the
    /// members' own web app, which is not consented to, and permissions of administration are not to be had this way.
    async fn device_scopes(&self, scope: &str, application: &Application) -> Result<MemberScopes, SignInError> {
        if self.is_own_web_app(application) {
            return Err(Refusal::DeviceNotForApplication(application.client_id.clone()).into());
        }
        let scopes = self.member_scopes(scope, application).await?;
        refuse_administration(&scopes)?;
        Ok(scopes)
    }

    /// The member's decision, which stands. Saying yes consents to what the device's application asks for.
    ///
    /// # Errors
    /// [`Refusal::UserCodeUnknown`] when the code expired or was decided meanwhile.
    pub async fn decide_device(&self, device: &WaitingDevice, session: &Session, approved: bool) -> Result<(), SignInError> {
        let decision = if approved {
            self.grant_consent(&session.member, &device.application, &device.scopes).await?;
            DeviceDecision::Approved {
                member_id: session.member.id.clone(),
                signed_in_at: session.signed_in_at,
            }
        } else {
            DeviceDecision::Declined
        };
        let user_code = canonical(&device.user_code).ok_or(Refusal::UserCodeUnknown)?;
        match self
            .store()
            .decide_device_code(&hash_secret(&user_code), &decision, self.now())
            .await?
        {
            true => Ok(()),
            false => Err(Refusal::UserCodeUnknown.into()),
        }
    }

    /// A token request with a device code.
    ///
    /// # Errors
    /// [`Refusal::DevicePending`], [`Refusal::DeviceTooFast`], [`Refusal::DeviceDeclined`], [`Refusal::DeviceExpired`], [`Refusal::DeviceUnknown`],
    /// and what the application or the member no longer may.
    pub async fn redeem_device_code(&self, proof: &ApplicationProof, device_code: &str, origin: &str) -> Result<SignInAnswer, SignInError> {
        let proven = self.prove_application(proof).await?;
        let now = self.now();
        let device_hash = hash_secret(device_code);
        let code = self.store().poll_device_code(&device_hash, now).await?;
        let code = code
            .filter(|code| code.client_id == proven.application.client_id && code.used_at.is_none())
            .ok_or(Refusal::DeviceUnknown)?;
        if code.expires <= now {
            return Err(Refusal::DeviceExpired.into());
        }
        let (member_id, signed_in_at) = match &code.decision {
            Some(DeviceDecision::Approved { member_id, signed_in_at }) => (member_id, *signed_in_at),
            Some(DeviceDecision::Declined) => return Err(Refusal::DeviceDeclined.into()),
            None => {
                let gap = Micros::from(POLL_SECONDS) * SECOND - POLL_TOLERANCE;
                let early = code.polled.is_some_and(|before| now - before < gap);
                return Err(if early { Refusal::DeviceTooFast } else { Refusal::DevicePending }.into());
            }
        };
        self.answer_device(&proven, &code, member_id, signed_in_at, origin).await
    }

    async fn answer_device(
        &self,
        proven: &ProvenApplication,
        code: &DeviceCode,
        member_id: &str,
        signed_in_at: Micros,
        origin: &str,
    ) -> Result<SignInAnswer, SignInError> {
        let member = self
            .member_signed_in_at(member_id, signed_in_at)
            .await?
            .ok_or(Refusal::AccountDisabled)?;
        let facts = SignInFacts {
            member: &member,
            proven,
            origin,
            signed_in_at,
            nonce: None,
        };
        let (mut answer, offline) = self.sign_tokens(&facts, &code.scope, &code.scope).await?;
        let mut refresh = offline.then(|| self.fresh_family(&facts, &code.scope, None));
        if let Some(refresh) = &mut refresh {
            refresh.family.by_device = true;
        }
        let rows = refresh.as_ref().map(|refresh| (&refresh.family, &refresh.token));
        if !self.store().redeem_device_code(&code.device_hash, rows, self.now()).await? {
            return Err(Refusal::DeviceUnknown.into());
        }
        answer.refresh_token = refresh.map(|refresh| refresh.secret);
        Ok(answer)
    }
}

/// Refuses scopes with which their holder administers the organisation.
pub(super) fn refuse_administration(scopes: &MemberScopes) -> Result<(), Refusal> {
    match scopes.administration() {
        Some(name) => Err(Refusal::AdministrationByDevice(name.to_owned())),
        None => Ok(()),
    }
}

/// The code as it is kept: without what people put between, in capitals.
fn canonical(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !matches!(c, '-' | ' ' | '\t'))
        .take(ids::USER_CODE_LENGTH + 1)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    (code.len() == ids::USER_CODE_LENGTH && code.bytes().all(|byte| byte.is_ascii_uppercase())).then_some(code)
}

fn grouped(code: &str) -> String {
    let (first, rest) = code.split_at_checked(3).unwrap_or((code, ""));
    let (second, third) = rest.split_at_checked(3).unwrap_or((rest, ""));
    format!("{first}-{second}-{third}")
}

fn whole_seconds(wait: Micros) -> u32 {
    u32::try_from(wait / SECOND + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for typed in ["BCD-FGH-JKL", "bcdfghjkl", " bcd fgh jkl ", "BCDFGHJKL"] {
            assert_eq!(canonical(typed).as_deref(), Some("BCDFGHJKL"), "{typed}");
        }
        for wrong in ["", "BCD-FGH-JK", "BCD-FGH-JKLM", "BCD-FGH-JK1", "BCD-FGH-JKÄ", &"B".repeat(10_000)] {
            assert_eq!(canonical(wrong), None, "{wrong:.20}");
        }
        assert_eq!(grouped("BCDFGHJKL"), "BCD-FGH-JKL");
    }
}
