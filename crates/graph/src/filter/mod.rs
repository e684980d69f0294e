//! Filter expressions: the part of OData that lists over small collections need. Comparisons of a property with a literal, `startswith`,
//! `endswith`, `contains`, `in`, joined by `and`, `or`, `not` and parentheses. Texts are compared without letter case, as a directory does.
//!
//! Which properties there are is said by the resource, with a function from name to value: an unknown one is refused.
//! Not here: filters that are a key in disguise (meetings by link or meeting ID, `routes::online_meetings::filter`).

mod parse;
mod token;

use std::cmp::Ordering;

use serde_json::Value;

use crate::error::GraphError;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    /// Both.
    And(Box<Expression>, Box<Expression>),
    /// One of the two.
    Or(Box<Expression>, Box<Expression>),
    /// Not this.
    Not(Box<Expression>),
    /// A property compared with a literal.
    Compare(String, Comparison, Literal),
    /// A property compared with several literals.
    In(String, Vec<Literal>),
    /// A part of a property's text.
    Text(TextTest, String, String),
}

/// How a property is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
}

/// Which part of a text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextTest {
    /// Its beginning.
    StartsWith,
    /// Its end.
    EndsWith,
    /// Any part.
    Contains,
}

/// A value in an expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    /// `'text'`
    Text(String),
    /// `true`, `false`
    Bool(bool),
    /// `null`
    Null,
    /// Anything else without quotes: a number, a date, a GUID.
    Bare(String),
}

impl Expression {
    /// Reads an expression that was decoded once.
    pub(crate) fn parse(text: &str) -> Result<Self, GraphError> {
        parse::expression(text).ok_or_else(|| {
            GraphError::invalid(
                "$filter",
                "$filter cannot be read; it compares properties with literals, for example startswith(displayName,'A') or mail eq 'a@b.example'",
            )
        })
    }

    /// Checks that every property is one of these (letter case ignored).
    pub(crate) fn check(&self, properties: &[&str]) -> Result<(), GraphError> {
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.check(properties)?;
                right.check(properties)
            }
            Self::Not(inner) => inner.check(properties),
            Self::Compare(name, ..) | Self::In(name, _) | Self::Text(_, name, _) => {
                if properties.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                    return Ok(());
                }
                Err(GraphError::invalid(
                    "$filter",
                    format!("$filter answers {} here, not {name}", properties.join(", ")),
                ))
            }
        }
    }

    /// Whether it holds for an item, given its properties by name. Null equals null only, and nothing is greater or smaller than null.
    pub(crate) fn holds(&self, property: &impl Fn(&str) -> Value) -> bool {
        match self {
            Self::And(left, right) => left.holds(property) && right.holds(property),
            Self::Or(left, right) => left.holds(property) || right.holds(property),
            Self::Not(inner) => !inner.holds(property),
            Self::Compare(name, comparison, literal) => {
                let order = literal.order(&property(name));
                match comparison {
                    Comparison::Equal => order == Some(Ordering::Equal),
                    Comparison::NotEqual => order != Some(Ordering::Equal),
                    Comparison::Greater => order == Some(Ordering::Greater),
                    Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
                    Comparison::Less => order == Some(Ordering::Less),
                    Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
                }
            }
            Self::In(name, literals) => {
                let value = property(name);
                literals.iter().any(|literal| literal.order(&value) == Some(Ordering::Equal))
            }
            Self::Text(test, name, part) => {
                let value = property(name);
                let (text, part) = (value.as_str().unwrap_or_default().to_lowercase(), part.to_lowercase());
                value.is_string()
                    && match test {
                        TextTest::StartsWith => text.starts_with(&part),
                        TextTest::EndsWith => text.ends_with(&part),
                        TextTest::Contains => text.contains(&part),
                    }
            }
        }
    }
}

impl Literal {
    /// How the value stands to this literal, when the two can be compared.
    fn order(&self, value: &Value) -> Option<Ordering> {
        match (self, value) {
            (Self::Text(literal) | Self::Bare(literal), Value::String(value)) => Some(value.to_lowercase().cmp(&literal.to_lowercase())),
            (Self::Bool(literal), Value::Bool(value)) => Some(value.cmp(literal)),
            (Self::Null, Value::Null) => Some(Ordering::Equal),
            (Self::Bare(literal), Value::Number(value)) => value.as_f64()?.partial_cmp(&literal.parse().ok()?),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn holds(filter: &str) -> bool {
        let item = json!({ "displayName": "Anna Lind", "mail": null, "accountEnabled": true, "age": 7 });
        Expression::parse(filter).unwrap().holds(&|name| item[name].clone())
    }

    #[test]
    fn what_holds_and_what_does_not() {
        for filter in [
            "displayName eq 'anna lind'",
            "startswith(displayName,'ann') and accountEnabled eq true",
            "endsWith( displayName , 'LIND' )",
            "contains(displayName,'na L')",
            "not startswith(displayName,'b')",
            "NOT(mail ne null)",
            "mail eq null",
            "displayName in ('x', 'Anna Lind')",
            "age gt 6 and age le 7",
            "displayName eq 'x' or (age eq 7 and not (age eq 8))",
            "displayName ge 'Anna'",
        ] {
            assert!(holds(filter), "{filter}");
        }
        for filter in [
            "displayName ne 'Anna Lind'",
            "mail eq 'x'",
            "startswith(mail,'')",
            "accountEnabled eq false",
            "age lt 7",
            "mail gt 'a'",
            "displayName eq 'x' and age eq 7 or age eq 8",
        ] {
            assert!(!holds(filter), "{filter}");
        }
    }

    #[test]
    fn quotes_are_doubled_inside_a_text() {
        assert_eq!(
            Expression::parse("surname eq 'O''Neill'").unwrap(),
            Expression::Compare("surname".to_owned(), Comparison::Equal, Literal::Text("O'Neill".to_owned()))
        );
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for filter in [
            "",
            "displayName",
            "displayName eq",
            "displayName eq 'x",
            "displayName like 'x'",
            "eq 'x'",
            "displayName eq 'x' and",
            "(displayName eq 'x'",
            "displayName eq 'x')",
            "startswith(displayName)",
            "startswith(displayName,7)",
            "displayName in ()",
            "displayName eq 'x' mail eq 'y'",
            &"(".repeat(5000),
            &"not ".repeat(5000),
        ] {
            assert!(Expression::parse(filter).is_err(), "{filter}");
        }
    }

    #[test]
    fn an_unknown_property_is_named_in_the_refusal() {
        let filter = Expression::parse("mail eq 'x' or shoeSize eq 43").unwrap();
        assert!(matches!(filter.check(&["mail"]), Err(GraphError::InvalidArgument { message, .. }) if message.contains("shoeSize")));
        assert!(filter.check(&["Mail", "shoesize"]).is_ok());
    }

    proptest! {
        #[test]
        fn no_expression_makes_the_parser_panic(text in "\\PC{0,80}") {
            let _outcome = Expression::parse(&text);
        }

        #[test]
        fn no_mixture_of_words_makes_the_parser_panic(words in proptest::collection::vec("(a|eq|and|or|not|in|'x'|\\(|\\)|,|startswith|7)", 0..40)) {
            let _outcome = Expression::parse(&words.join(" "));
        }
    }
}
