//! Writes the TypeScript types of the wire into the directory given as the first argument.
//! Run by `cargo xtask codegen`.

use ts_rs::{Config, TS};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = std::env::args().nth(1).ok_or("usage: export DIRECTORY")?;
    let config = Config::new().with_out_dir(dir);
    wire::ClientFrame::export_all(&config)?;
    wire::ServerFrame::export_all(&config)?;
    Ok(())
}
