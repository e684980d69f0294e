//! Groups of members, application access policies, and whom they are granted to.

use crate::Micros;

/// Some members under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// GUID, lower case.
    pub id: String,
    /// Name shown to administrators.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made.
    pub created: Micros,
}

/// A list of applications that may act for whomever it is granted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPolicy {
    /// GUID, lower case.
    pub id: String,
    /// Name, unique in any letter case.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Client ids, lower case, sorted, each once.
    pub applications: Vec<String>,
    /// When it was made.
    pub created: Micros,
}

/// Whom a policy is granted to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Grantee {
    /// One member, by object id.
    Member(String),
    /// The members of a group, by its id.
    Group(String),
    /// Everybody who has no better grant.
    Global,
}

/// One policy granted to one grantee. A grantee has at most one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessGrant {
    /// Whom.
    pub grantee: Grantee,
    /// Which policy.
    pub policy_id: String,
    /// Among groups the smallest rank wins, and no two are equal; 0 for the other kinds.
    pub rank: i64,
    /// When it was granted.
    pub created: Micros,
}
