//! Relay (TURN) configuration: short credentials for relays that the operator runs.
