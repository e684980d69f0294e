//! Prints the page of all refusals (`docs/refusals.md`).

use std::io::Write;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "# Refusals and ends\n")?;
    writeln!(
        out,
        "Generated from `crates/meeting/src/refusal.rs` by `cargo xtask codegen`; do not edit.\n"
    )?;
    write!(out, "{}", meeting::refusal::table())
}
