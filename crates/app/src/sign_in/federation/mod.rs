//! Members of another OpenID provider: discovery, the code flow towards it, mapping of claims, members made at their first sign-in.

mod ports;

pub use ports::FederationStore;
