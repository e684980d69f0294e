//! `docs/performance.md`: the words are in `performance.md` beside this file, the numbers come from a run.

use anyhow::{Context, Result};
use serde_json::Value;

use super::media::GROWN;
use super::table::{Samples, Spread, claims_table};
use crate::shell::root;

const PAGE: &str = include_str!("performance.md");

/// Around what `bench netem` writes.
const PATHS_BEGIN: &str = "<!-- begin: bench netem -->\n";
const PATHS_END: &str = "<!-- end: bench netem -->\n";

/// Writes the page; what `bench netem` has put there stays.
pub(super) fn write(result: &Value, samples: &Samples, floor: Option<Spread>, most: &[Value]) -> Result<()> {
    let file = root().join("docs/performance.md");
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    let page = page(result, samples, floor, most);
    let page = between(&before).map_or(page.clone(), |paths| replaced(&page, paths).unwrap_or(page));
    std::fs::write(file, page)?;
    println!("written: docs/performance.md");
    Ok(())
}

/// Replaces the table of bad paths; the rest of the page stays.
pub(super) fn write_paths(text: &str) -> Result<()> {
    let file = root().join("docs/performance.md");
    let page = std::fs::read_to_string(&file).context("docs/performance.md is not there: `bench media --write-docs` makes it")?;
    std::fs::write(
        file,
        replaced(&page, text).context("docs/performance.md has no place for it: `bench media --write-docs` makes one")?,
    )?;
    println!("written: docs/performance.md");
    Ok(())
}

fn between(page: &str) -> Option<&str> {
    Some(page.split_once(PATHS_BEGIN)?.1.split_once(PATHS_END)?.0)
}

fn replaced(page: &str, text: &str) -> Option<String> {
    let (before, rest) = page.split_once(PATHS_BEGIN)?;
    let (_, after) = rest.split_once(PATHS_END)?;
    Some(format!("{before}{PATHS_BEGIN}{}\n{PATHS_END}{after}", text.trim_end()))
}

fn page(result: &Value, samples: &Samples, floor: Option<Spread>, most: &[Value]) -> String {
    let machine = &result["machine"];
    let text = |name: &str| machine[name].as_str().unwrap_or("unknown").to_owned();
    let skipped: Vec<String> = result["skipped"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|line| format!("- {line}\n"))
        .collect();
    let noise = match (samples.noisy(), result["load_before"].as_f64()) {
        (0, None) => "No run was disturbed by other programs.".to_owned(),
        (runs, load) => format!(
            "**Other programs used the machine in {runs} of these runs{}: the numbers are to be measured again.**",
            load.map(|load| format!(" (load average {load} before the first)"))
                .unwrap_or_default()
        ),
    };
    let fan_out = |one: &Value| {
        let packets = one["packets"].as_f64().unwrap_or_default();
        let then = one["then"]
            .as_str()
            .filter(|why| !why.is_empty())
            .unwrap_or("not reached: the search ends there");
        format!(
            "| {} | {} | {packets:.0} | {then} |\n",
            one["target"].as_str().unwrap_or_default(),
            one["receivers"]
        )
    };
    let floor = floor.map_or_else(
        || "not measured".to_owned(),
        |floor| format!("{:.2} µs [{:.2}–{:.2}]", floor.median, floor.min, floor.max),
    );
    let steered_floor = Spread::of(&numbers(result, "steered_floor_us"))
        .map_or_else(|| "not measured".to_owned(), |floor| format!("{:.2} µs", floor.median));
    let earlier: Vec<&str> = result
        .get("with")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let commit = match earlier.as_slice() {
        [] => text("commit"),
        earlier => format!("{}, with the numbers of earlier runs at {}", text("commit"), earlier.join(", ")),
    };
    PAGE.replace("{{date}}", &text("date"))
        .replace("{{commit}}", &commit)
        .replace("{{processor}}", &text("processor"))
        .replace("{{cores}}", &machine["cores"].to_string())
        .replace("{{kernel}}", &text("kernel"))
        .replace("{{noise}}", &noise)
        .replace("{{skipped}}", &skipped.concat())
        .replace("{{floor}}", &floor)
        .replace(
            "{{claims}}",
            &claims_table(&samples.claims(Spread::of(&numbers(result, "floor_us")), most)),
        )
        .replace("{{fan_out}}", &most.iter().map(fan_out).collect::<String>())
        .replace("{{growth}}", samples.growth(&GROWN).trim_end())
        .replace("{{steered_floor}}", &steered_floor)
        .replace("{{tables}}", samples.tables().trim_end())
}

fn numbers(result: &Value, name: &str) -> Vec<f64> {
    result[name].as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_the_page_is_filled() {
        let result = serde_json::json!({"machine": {"cores": 2}, "floor_us": [1.5], "skipped": ["one"], "load_before": 3.0});
        let page = page(&result, &Samples::default(), None, &[]);
        assert!(!page.contains("{{") && !page.contains("}}"), "{page}");
        assert!(page.contains("- one\n") && page.contains("measured again"));
    }

    #[test]
    fn the_table_of_bad_paths_is_replaced_and_kept() {
        let page = PAGE.to_owned();
        let with = replaced(&page, "a table\n").unwrap();
        assert_eq!(between(&with), Some("a table\n"));
        assert_eq!(between(&replaced(&with, "another").unwrap()), Some("another\n"));
        assert_eq!(replaced("no place", "a table"), None);
    }
}
