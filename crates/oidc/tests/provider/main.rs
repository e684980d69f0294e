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
mod authorize;
mod codes;
mod discovery;
mod house;
mod logout;
mod refresh;
mod sign_in;
