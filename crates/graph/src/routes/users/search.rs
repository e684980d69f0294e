//! `$search` over members: `"displayName:anna" OR "mail:x"`, words joined by `AND` (or a space) and `OR`.
//!
//! A name matches when each word looked for begins one of its words; an address when it begins with the text. A text without a property looks
//! at name and addresses.

use serde_json::Value;

use crate::error::GraphError;

/// Properties that can be searched; the first one by words.
const SEARCHED: [&str; 3] = ["displayName", "mail", "userPrincipalName"];
/// More terms than this are refused.
const MAX_TERMS: usize = 32;

/// A search: one of these groups holds when all its terms do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Search {
    groups: Vec<Vec<Term>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    property: Option<&'static str>,
    text: String,
}

impl Search {
    pub(super) fn parse(text: &str) -> Result<Self, GraphError> {
        let wrong = || {
            GraphError::invalid(
                "$search",
                format!(
                    "$search looks for texts in quotes, for example \"displayName:anna\" OR \"mail:anna\"; properties are {}",
                    SEARCHED.join(", ")
                ),
            )
        };
        let mut groups = vec![Vec::new()];
        let mut rest = text.trim();
        let mut terms = 0_usize;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('"') {
                let (quoted, behind) = after.split_once('"').ok_or_else(wrong)?;
                terms = terms.saturating_add(1);
                if terms > MAX_TERMS {
                    return Err(wrong());
                }
                let term = Term::parse(quoted).ok_or_else(wrong)?;
                groups.last_mut().ok_or_else(wrong)?.push(term);
                rest = behind.trim_start();
                continue;
            }
            let (word, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            match word {
                "AND" => {}
                "OR" => groups.push(Vec::new()),
                _ => return Err(wrong()),
            }
            rest = behind.trim_start();
        }
        if groups.iter().any(Vec::is_empty) {
            return Err(wrong());
        }
        Ok(Self { groups })
    }

    /// Whether it finds somebody with these properties.
    pub(super) fn finds(&self, property: &impl Fn(&str) -> Value) -> bool {
        self.groups.iter().any(|terms| terms.iter().all(|term| term.finds(property)))
    }
}

impl Term {
    fn parse(quoted: &str) -> Option<Self> {
        let (property, text) = match quoted.split_once(':') {
            Some((name, text)) => {
                let known = SEARCHED.into_iter().find(|known| known.eq_ignore_ascii_case(name.trim()))?;
                (Some(known), text)
            }
            None => (None, quoted),
        };
        let text = text.trim().to_lowercase();
        (!text.is_empty()).then_some(Self { property, text })
    }

    fn finds(&self, property: &impl Fn(&str) -> Value) -> bool {
        SEARCHED
            .into_iter()
            .filter(|name| self.property.is_none_or(|wanted| wanted == *name))
            .any(|name| {
                let Value::String(value) = property(name) else { return false };
                let value = value.to_lowercase();
                value.starts_with(&self.text)
                    || name == "displayName"
                        && self
                            .text
                            .split_whitespace()
                            .all(|word| value.split(|c: char| !c.is_alphanumeric()).any(|own| own.starts_with(word)))
            })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn finds(search: &str) -> bool {
        let person = json!({ "displayName": "Anna Lind-Berg", "mail": "a.lind@x.example", "userPrincipalName": null });
        Search::parse(search).unwrap().finds(&|name| person[name].clone())
    }

    #[test]
    fn words_of_names_and_beginnings_of_addresses_are_found() {
        for search in [
            r#""displayName:lind""#,
            r#""displayName:berg anna""#,
            r#""mail:A.LIND@""#,
            r#""a.li""#,
            r#""displayName:x" OR "mail:a""#,
            r#""displayName:anna" AND "mail:a" "#,
        ] {
            assert!(finds(search), "{search}");
        }
        for search in [
            r#""displayName:ind""#,
            r#""mail:lind""#,
            r#""displayName:anna" AND "mail:x""#,
            r#""displayName:anna" "x""#,
        ] {
            assert!(!finds(search), "{search}");
        }
    }

    #[test]
    fn what_is_no_search_is_refused() {
        for search in [
            "",
            "anna",
            r#""anna"#,
            r#""displayName:""#,
            r#""shoeSize:43""#,
            r#""a" OR"#,
            r#""a" XOR "b""#,
        ] {
            assert!(Search::parse(search).is_err(), "{search}");
        }
        assert!(Search::parse(&r#""a" "#.repeat(33)).is_err());
    }
}
