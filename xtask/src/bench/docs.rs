//! `docs/performance.md`: the words are in `performance.md` beside this file, the numbers come from a run.

use anyhow::Result;
use serde_json::Value;

use super::table::{Samples, Spread, claims_table};
use crate::shell::root;

const PAGE: &str = include_str!("performance.md");

/// Writes the page.
pub(super) fn write(result: &Value, samples: &Samples, floor: Option<Spread>, most: &[Value]) -> Result<()> {
    std::fs::write(root().join("docs/performance.md"), page(result, samples, floor, most))?;
    println!("written: docs/performance.md");
    Ok(())
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
    PAGE.replace("{{date}}", &text("date"))
        .replace("{{commit}}", &text("commit"))
        .replace("{{processor}}", &text("processor"))
        .replace("{{cores}}", &machine["cores"].to_string())
        .replace("{{kernel}}", &text("kernel"))
        .replace("{{noise}}", &noise)
        .replace("{{skipped}}", &skipped.concat())
        .replace("{{floor}}", &floor)
        .replace("{{claims}}", &claims_table(&samples.claims(Spread::of(&floors(result)), most)))
        .replace("{{fan_out}}", &most.iter().map(fan_out).collect::<String>())
        .replace("{{tables}}", samples.tables().trim_end())
}

fn floors(result: &Value) -> Vec<f64> {
    result["floor_us"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_f64)
        .collect()
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
}
