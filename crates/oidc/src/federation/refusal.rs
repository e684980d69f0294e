//! Refusals of sign-ins through providers on the wire: the rows that `crate::refusal` takes from here.

use app::sign_in::FederationRefusal;

/// OAuth's error name and the number of a refusal.
pub(crate) fn row(refusal: &FederationRefusal) -> (&'static str, u32) {
    match refusal {
        FederationRefusal::UnknownProvider => ("invalid_request", 50107),
        FederationRefusal::AttemptUnknown => ("invalid_request", 50089),
        FederationRefusal::Cancelled { .. } => ("access_denied", 40016),
        FederationRefusal::Declined { .. } => ("access_denied", 40015),
        FederationRefusal::Unreachable { .. } => ("temporarily_unavailable", 40010),
        FederationRefusal::Misconfigured { .. } => ("server_error", 40008),
        FederationRefusal::Untrusted { .. } => ("access_denied", 50008),
        FederationRefusal::ClaimUnusable { .. } => ("server_error", 40012),
        FederationRefusal::NotAdmitted { .. } => ("access_denied", 50105),
        FederationRefusal::DomainNotAdmitted { .. } => ("access_denied", 500_208),
        FederationRefusal::NotAMember { .. } => ("access_denied", 50020),
        FederationRefusal::MemberDisabled { .. } => ("access_denied", 50057),
        FederationRefusal::UserNameTaken { .. } => ("access_denied", 51004),
        FederationRefusal::UserNameOfOwnDomain { .. } => ("access_denied", 51005),
        FederationRefusal::PasswordsOff => ("access_denied", 500_212),
    }
}
