//! What fuzzing has seen is seen again by every test run: the files of `fuzz/corpus/<target>/`. Part of the tests of each crate that has targets.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::collections::BTreeSet;
use std::path::PathBuf;

pub(crate) fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

/// Runs the targets of these names on every input that is kept of them.
pub(crate) fn keeps_the_invariants(names: &[&str], run: fn(&str, &[u8])) {
    for name in names {
        let mut inputs = 0;
        for entry in std::fs::read_dir(corpus().join(name)).unwrap_or_else(|error| panic!("no corpus of {name}: {error}")) {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let kept = std::panic::catch_unwind(|| run(name, &bytes));
            assert!(kept.is_ok(), "{}", path.display());
            inputs += 1;
        }
        assert!(inputs > 2, "{name} has {inputs} inputs");
    }
}

/// Whether each corpus and each target whose name begins so is among these, and nothing else.
pub(crate) fn are_all(names: &[&str], prefix: &str) {
    let known: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
    for (folder, end) in [("corpus", ""), ("fuzz_targets", ".rs")] {
        let found: BTreeSet<String> = std::fs::read_dir(corpus().parent().unwrap().join(folder))
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter_map(|name| Some(name.strip_suffix(end)?.to_owned()))
            .filter(|name| name.starts_with(prefix))
            .collect();
        assert_eq!(found, known, "{folder}");
    }
}
