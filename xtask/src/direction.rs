//! The direction of dependencies, as a table. Dependencies point from adapters to `app` to `meeting`; facades never see each other;
//! wire types stop in `signal` and `calling`, SQL in `store`, HTTP in the facades, str0m in `media` and `calling`.
//!
//! Test and build helpers (dev-dependencies) are free: a test may look from outside at what the code may not see.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::shell::{capture, cargo};

/// Our crate, and what it may not reach, directly or through others.
const NEVER: &[(&str, &[&str])] = &[
    // The pure core: no runtime, IO, clock or randomness, and nobody above it.
    (
        "anteroom-meeting",
        &[
            "tokio",
            "mio",
            "futures-util",
            "axum",
            "hyper",
            "http",
            "sqlx",
            "str0m",
            "rand",
            "getrandom",
            "uuid",
            "jiff",
            "chrono",
            "time",
            "tracing",
            "anteroom-wire",
            "anteroom-app",
            "anteroom-media",
            "anteroom-store",
        ],
    ),
    (
        "anteroom-wire",
        &["tokio", "axum", "hyper", "sqlx", "str0m", "anteroom-meeting", "anteroom-app"],
    ),
    // Use cases know ports, not HTTP, SQL or media.
    (
        "anteroom-app",
        &[
            "axum",
            "hyper",
            "http",
            "tower-http",
            "sqlx",
            "str0m",
            "anteroom-wire",
            "anteroom-store",
            "anteroom-media",
            "anteroom-signal",
        ],
    ),
    (
        "anteroom-store",
        &[
            "axum",
            "hyper",
            "tower-http",
            "str0m",
            "anteroom-wire",
            "anteroom-media",
            "anteroom-signal",
        ],
    ),
    (
        "anteroom-media",
        &[
            "axum",
            "hyper",
            "sqlx",
            "anteroom-wire",
            "anteroom-app",
            "anteroom-store",
            "anteroom-relay",
        ],
    ),
    // Formats and arithmetic of the media path: no runtime, no IO, nobody above them.
    ("anteroom-rtp", &["tokio", "mio", "str0m", "aws-lc-rs", "tracing", "anteroom-media"]),
    (
        "anteroom-bwe",
        &["tokio", "mio", "str0m", "tracing", "anteroom-rtp", "anteroom-media"],
    ),
    ("anteroom-srtp", &["tokio", "mio", "anteroom-rtp", "anteroom-media"]),
    (
        "anteroom-relay",
        &["str0m", "axum", "hyper", "sqlx", "anteroom-media", "anteroom-app"],
    ),
    // Signalling knows its port, not the engine behind it.
    (
        "anteroom-signal",
        &[
            "sqlx",
            "str0m",
            "anteroom-media",
            "anteroom-store",
            "anteroom-graph",
            "anteroom-communication",
            "anteroom-oidc",
        ],
    ),
    // Facades stand side by side; only the server sees them all.
    (
        "anteroom-graph",
        &[
            "sqlx",
            "str0m",
            "anteroom-wire",
            "anteroom-store",
            "anteroom-communication",
            "anteroom-oidc",
            "anteroom-signal",
        ],
    ),
    (
        "anteroom-communication",
        &[
            "sqlx",
            "str0m",
            "anteroom-wire",
            "anteroom-store",
            "anteroom-graph",
            "anteroom-oidc",
            "anteroom-signal",
        ],
    ),
    (
        "anteroom-oidc",
        &[
            "sqlx",
            "str0m",
            "anteroom-wire",
            "anteroom-store",
            "anteroom-graph",
            "anteroom-communication",
            "anteroom-signal",
        ],
    ),
    (
        "anteroom-signal",
        &[
            "sqlx",
            "anteroom-store",
            "anteroom-graph",
            "anteroom-communication",
            "anteroom-oidc",
        ],
    ),
    // The client side knows the wire and nothing of the server.
    (
        "anteroom-calling",
        &[
            "axum",
            "sqlx",
            "anteroom-meeting",
            "anteroom-app",
            "anteroom-media",
            "anteroom-store",
            "anteroom-signal",
        ],
    ),
];

/// A package, and the only ones of ours that may name it as a dependency.
const ONLY: &[(&str, &[&str])] = &[
    ("anteroom-wire", &["anteroom-signal", "anteroom-calling"]),
    ("sqlx", &["anteroom-store"]),
    // The keys of its handshakes for the engine's own packets, and the participants of a load.
    (
        "str0m",
        &["anteroom-media", "anteroom-calling", "anteroom-srtp", "anteroom-loadtest"],
    ),
    (
        "axum",
        &[
            "anteroom-graph",
            "anteroom-communication",
            "anteroom-oidc",
            "anteroom-signal",
            "anteroom-server",
        ],
    ),
    ("anteroom-store", &["anteroom-server"]),
    ("anteroom-captions", &["anteroom-server"]),
    ("ropus", &["anteroom-captions"]),
    ("anteroom-server", &[]),
];

/// Names of packages and the packages they depend on (without dev-dependencies).
struct Graph {
    edges: BTreeMap<String, BTreeSet<String>>,
    ours: BTreeSet<String>,
}

/// Checks the table against the resolved dependencies of the workspace.
pub(crate) fn check() -> Result<()> {
    let text = capture(&mut cargo(["metadata", "--format-version", "1", "--locked"]))?;
    let broken = violations(&Graph::read(&serde_json::from_str(&text)?)?);
    if !broken.is_empty() {
        bail!("dependencies point the wrong way:\n  {}", broken.join("\n  "));
    }
    Ok(())
}

fn violations(graph: &Graph) -> Vec<String> {
    let mut broken = Vec::new();
    for (package, forbidden) in NEVER {
        for target in *forbidden {
            if let Some(path) = graph.path(package, target) {
                broken.push(format!("{package} may not see {target}, but: {}", path.join(" -> ")));
            }
        }
    }
    for (target, allowed) in ONLY {
        for package in graph.ours.iter().filter(|package| !allowed.contains(&package.as_str())) {
            if graph.edges.get(package).is_some_and(|direct| direct.contains(*target)) {
                broken.push(format!("{package} may not name {target} (only {} may)", allowed.join(", ")));
            }
        }
    }
    broken
}

impl Graph {
    fn read(metadata: &Value) -> Result<Self> {
        let list = |value: &Value, member: &str| value.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
        let text = |value: &Value, member: &str| value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        let names: BTreeMap<String, String> = list(metadata, "packages")
            .iter()
            .map(|package| (text(package, "id"), text(package, "name")))
            .collect();
        let name = |id: &str| {
            names
                .get(id)
                .cloned()
                .with_context(|| format!("cargo metadata names an unknown package {id}"))
        };
        let ours = list(metadata, "workspace_members")
            .iter()
            .filter_map(Value::as_str)
            .map(name)
            .collect::<Result<_>>()?;
        let resolve = metadata.get("resolve").context("cargo metadata has no resolved graph")?;
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in list(resolve, "nodes") {
            let from = edges.entry(name(&text(&node, "id"))?).or_default();
            for dependency in list(&node, "deps") {
                let for_use = list(&dependency, "dep_kinds").iter().any(|kind| text(kind, "kind") != "dev");
                if for_use {
                    from.insert(name(&text(&dependency, "pkg"))?);
                }
            }
        }
        Ok(Self { edges, ours })
    }

    /// The shortest way from one package to another.
    fn path(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let mut ways = vec![vec![from.to_owned()]];
        let mut seen = BTreeSet::from([from.to_owned()]);
        while !ways.is_empty() {
            let mut longer = Vec::new();
            for way in ways {
                for next in way.last().and_then(|last| self.edges.get(last)).into_iter().flatten() {
                    let mut way = way.clone();
                    way.push(next.clone());
                    if next == to {
                        return Some(way);
                    }
                    if seen.insert(next.clone()) {
                        longer.push(way);
                    }
                }
            }
            ways = longer;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> Graph {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        Graph {
            edges: edges.iter().map(|(from, to)| ((*from).to_owned(), owned(to))).collect(),
            ours: edges
                .iter()
                .map(|(from, _)| (*from).to_owned())
                .filter(|name| name.starts_with("anteroom-"))
                .collect(),
        }
    }

    #[test]
    fn a_house_in_order_breaks_no_rule() {
        let house = graph(&[
            ("anteroom-meeting", &["serde", "thiserror"]),
            ("anteroom-app", &["anteroom-meeting", "tokio"]),
            ("anteroom-store", &["anteroom-app", "sqlx"]),
            ("anteroom-signal", &["anteroom-app", "anteroom-wire", "axum"]),
        ]);
        assert_eq!(violations(&house), Vec::<String>::new());
    }

    #[test]
    fn a_pure_crate_that_reaches_a_runtime_through_another_is_found_with_the_way() {
        let house = graph(&[("anteroom-meeting", &["helper"]), ("helper", &["tokio"])]);
        assert_eq!(
            violations(&house),
            ["anteroom-meeting may not see tokio, but: anteroom-meeting -> helper -> tokio"]
        );
    }

    #[test]
    fn sql_outside_the_store_is_found() {
        let house = graph(&[("anteroom-server", &["sqlx"])]);
        assert_eq!(violations(&house), ["anteroom-server may not name sqlx (only anteroom-store may)"]);
    }

    #[test]
    fn dev_dependencies_are_free_and_others_are_not() {
        let metadata = |kind: Value| {
            serde_json::json!({
                "packages": [{"id": "m", "name": "anteroom-meeting"}, {"id": "t", "name": "tokio"}],
                "workspace_members": ["m"],
                "resolve": {"nodes": [{"id": "m", "deps": [{"pkg": "t", "dep_kinds": [{"kind": kind}]}]}, {"id": "t", "deps": []}]},
            })
        };
        assert!(violations(&Graph::read(&metadata("dev".into())).unwrap()).is_empty());
        assert_eq!(violations(&Graph::read(&metadata(Value::Null)).unwrap()).len(), 1);
    }
}
