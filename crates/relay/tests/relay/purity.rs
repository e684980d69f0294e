//! The protocol stays pure.

use std::path::Path;

/// The files of the layers without sockets, with what stands behind their tests cut off.
fn pure_files() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files: Vec<_> = ["budget.rs", "credentials.rs", "frame.rs"].map(|name| src.join(name)).into();
    for folder in ["message", "turn"] {
        let entries = std::fs::read_dir(src.join(folder)).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()));
    }
    files
        .into_iter()
        .filter(|path| !path.ends_with("tests.rs"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            (path.display().to_string(), code)
        })
        .collect()
}

#[test]
fn the_protocol_knows_no_sockets_tasks_clocks_or_randomness() {
    let files = pure_files();
    assert!(files.len() > 10);
    for (path, code) in files {
        for word in [
            "tokio",
            "Instant::now",
            "SystemTime",
            "std::thread",
            "aws_lc_rs::rand",
            "crate::io",
            "crate::gate",
        ] {
            assert!(!code.contains(word), "{path} knows {word}");
        }
    }
}
