//! Every code that a client can be told has a row in `docs/errors.md` (law: every refusal explains itself).
//!
//! Reads the one match or table per facade that assigns the codes. What travels on the signalling socket has its own page,
//! which is generated (`codegen`).

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};

use crate::shell::root;

const PAGE: &str = "docs/errors.md";

/// The code in a line of source, if there is one.
type CodeIn = fn(&str) -> Option<String>;

/// A source of codes, and how its codes stand in a line.
const SOURCES: &[(&str, CodeIn)] = &[
    ("crates/graph/src/error.rs", beside_status),
    ("crates/communication/src/error.rs", beside_status),
    ("crates/communication/src/chat/refusal.rs", beside_status),
    ("crates/server/src/api/error.rs", beside_status),
    ("crates/oidc/src/refusal.rs", after_error_name),
    ("crates/oidc/src/federation/refusal.rs", after_error_name),
    ("web/packages/calling/src/core/errors.ts", table_name),
];

pub(crate) fn check() -> Result<()> {
    let page = std::fs::read_to_string(root().join(PAGE)).context(PAGE)?;
    let mut missing = BTreeSet::new();
    for (source, code_in) in SOURCES {
        let text = std::fs::read_to_string(root().join(source)).with_context(|| (*source).to_owned())?;
        let codes: Vec<String> = text.lines().filter_map(code_in).collect();
        if codes.is_empty() {
            bail!("no code was found in {source}; has its table moved?");
        }
        missing.extend(
            codes
                .into_iter()
                .filter(|code| !has_row(&page, code))
                .map(|code| format!("{code} ({source})")),
        );
    }
    if missing.is_empty() {
        return Ok(());
    }
    bail!("{PAGE} has no row for: {}", missing.into_iter().collect::<Vec<_>>().join(", "))
}

fn has_row(page: &str, code: &str) -> bool {
    page.lines()
        .filter(|line| line.starts_with('|'))
        .any(|line| line.contains(&format!("`{code}`")) || line.starts_with(&format!("| {code} |")))
}

/// `… (StatusCode::NOT_FOUND, "NotFound") …`
fn beside_status(line: &str) -> Option<String> {
    let after = line.split_once("StatusCode::")?.1.split_once(", \"")?.1;
    after.split_once('"').map(|(code, _)| code.to_owned())
}

/// `… => ("invalid_grant", 70_000),`
fn after_error_name(line: &str) -> Option<String> {
    let after = line.split_once("=> (\"")?.1.split_once("\", ")?.1;
    let number: String = after.split_once(')')?.0.chars().filter(char::is_ascii_digit).collect();
    (!number.is_empty()).then_some(number)
}

/// `  noServer: [400, 40102, '…', 'application'],`
fn table_name(line: &str) -> Option<String> {
    let (name, rest) = line.strip_prefix("  ")?.split_once(": [")?;
    let is_row = rest.split_once(',').is_some_and(|(code, _)| code.parse::<u32>().is_ok());
    (is_row && name.chars().all(char::is_alphanumeric)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_in_the_three_ways_in_which_they_are_written() {
        assert_eq!(
            beside_status("Self::Gone => (StatusCode::NOT_FOUND, \"NotFound\"),").as_deref(),
            Some("NotFound")
        );
        assert_eq!(
            after_error_name("Refusal::X => (\"invalid_grant\", 70_000),").as_deref(),
            Some("70000")
        );
        assert_eq!(table_name("  noServer: [400, 40102, 'x', 'you'],").as_deref(), Some("noServer"));
        assert_eq!(table_name("  const [code, subCode] = x;"), None);
    }

    #[test]
    fn a_code_without_a_row_is_noticed_and_prose_is_no_row() {
        let page = "see `Other`\n| 404 | `NotFound` | x |\n| 70000 | `invalid_grant` | x |\n";
        assert!(has_row(page, "NotFound") && has_row(page, "70000"));
        assert!(!has_row(page, "Other") && !has_row(page, "7000"));
    }

    #[test]
    fn the_page_of_this_tree_is_complete() {
        check().expect("every code has its row");
    }
}
