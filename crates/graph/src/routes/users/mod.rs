//! Members: `/me`, `/users`.

pub(crate) mod get;
pub(crate) mod list;
mod order;
mod search;
