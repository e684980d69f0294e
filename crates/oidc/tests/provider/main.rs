//! The sign-in facade as its clients meet it: requests into the router, over a real application and a real store.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod administration;
mod applications;
mod assertions;
mod authorize;
mod codes;
mod consent;
mod device;
mod discovery;
mod federated;
mod federation;
mod federation_members;
mod house;
mod logout;
mod on_behalf_of;
mod refresh;
mod registration;
mod sign_in;
mod upstream;
mod user_info;
