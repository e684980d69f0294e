//! calling
