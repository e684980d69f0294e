//! communication
