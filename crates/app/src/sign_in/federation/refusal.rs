//! Why a sign-in through an upstream provider goes no further: a closed list. Wire codes are assigned in `oidc::federation`.
//!
//! The sentences are shown to the person who signs in, so they hold the provider's name and what to do, and nothing of what the provider sent except
//! names of claims and of errors. What an administrator needs beyond that is in the log and in the provider's check.

use thiserror::Error;

/// Why a sign-in through a provider was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FederationRefusal {
    /// No such provider, or it is switched off.
    #[error("This way to sign in does not exist or is switched off. Sign in another way, or ask an administrator.")]
    UnknownProvider,
    /// The state is unknown, too old, used, or another browser's.
    #[error(
        "This sign-in is not valid any more: it took too long, was used already, or was begun in another browser. Begin again from the application."
    )]
    AttemptUnknown,
    /// The person, or the provider in their name, said no.
    #[error("The sign-in at {provider} was cancelled.")]
    Cancelled {
        /// Name of the provider.
        provider: String,
    },
    /// The provider answered with an error.
    #[error("{provider} could not sign you in ({error}). Try again; if it stays, ask an administrator.")]
    Declined {
        /// Name of the provider.
        provider: String,
        /// OAuth's name of the error.
        error: String,
    },
    /// The provider does not answer.
    #[error("{provider} does not answer at the moment. Try again in a few minutes, or sign in another way.")]
    Unreachable {
        /// Name of the provider.
        provider: String,
    },
    /// The provider cannot be used as it is set up, there or here.
    #[error("The sign-in through {provider} is not set up correctly: {reason}. An administrator has to mend it.")]
    Misconfigured {
        /// Name of the provider.
        provider: String,
        /// What is wrong.
        reason: String,
    },
    /// The identity token is not what it must be.
    #[error("The answer of {provider} cannot be trusted: {reason}. Try again; if it stays, an administrator has to look into it.")]
    Untrusted {
        /// Name of the provider.
        provider: String,
        /// Which check failed.
        reason: &'static str,
    },
    /// A claim without which nobody can be told apart is missing or unusable.
    #[error(
        "{provider} did not say who you are: the claim '{claim}' is missing or cannot be used. An administrator has to mend the claim mapping."
    )]
    ClaimUnusable {
        /// Name of the provider.
        provider: String,
        /// Name of the claim.
        claim: String,
    },
    /// The claims do not fulfil the condition.
    #[error("Your account at {provider} may not sign in here. Ask an administrator to be admitted.")]
    NotAdmitted {
        /// Name of the provider.
        provider: String,
    },
    /// The mail address is of another domain, or not verified.
    #[error("Your account at {provider} has no verified mail address of a domain that may sign in here.")]
    DomainNotAdmitted {
        /// Name of the provider.
        provider: String,
    },
    /// Unknown here, and members are not made at their first sign-in.
    #[error("Your account at {provider} belongs to no member of this organisation. Ask an administrator to link it.")]
    NotAMember {
        /// Name of the provider.
        provider: String,
    },
    /// The member is gone or disabled here.
    #[error("Your account at {provider} belongs to a member who may not sign in. Ask an administrator of the organisation.")]
    MemberDisabled {
        /// Name of the provider.
        provider: String,
    },
    /// The sign-in name is somebody else's.
    #[error("The sign-in name '{user_name}' of your account at {provider} belongs to another member. An administrator can link the two.")]
    UserNameTaken {
        /// Name of the provider.
        provider: String,
        /// The name.
        user_name: String,
    },
    /// The sign-in name lies in a domain of members whom no provider made.
    #[error(
        "The sign-in name '{user_name}' of your account at {provider} is in a domain of this organisation's own members. An administrator can link you to a member, or admit the domain for this provider."
    )]
    UserNameOfOwnDomain {
        /// Name of the provider.
        provider: String,
        /// The name.
        user_name: String,
    },
    /// Passwords are switched off.
    #[error("Members of this organisation do not sign in with a password. Use the organisation's own sign-in.")]
    PasswordsOff,
}
