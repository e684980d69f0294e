//! Small helpers between SQL and the ports: errors, JSON columns, booleans.

use app::ports::{StoreError, StoreResult};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;
use sqlx::{Any, ColumnIndex, Decode, Row as _, Type};

/// Turns a driver error into a port error; a broken unique key becomes a conflict of `what`.
pub(crate) fn failed(what: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| match &error {
        sqlx::Error::Database(inner) if inner.is_unique_violation() => StoreError::Conflict { what },
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_) | sqlx::Error::Decode(_) => StoreError::Corrupt {
            what,
            reason: error.to_string(),
        },
        _ => StoreError::Failed {
            operation: what,
            source: Box::new(error),
        },
    }
}

/// A row with the name of its table, for errors.
pub(crate) struct Read<'r>(pub(crate) &'r AnyRow, pub(crate) &'static str);

impl<'r> Read<'r> {
    pub(crate) fn get<T>(&self, column: &'static str) -> StoreResult<T>
    where
        T: Decode<'r, Any> + Type<Any>,
        &'static str: ColumnIndex<AnyRow>,
    {
        self.0.try_get(column).map_err(failed(self.1))
    }

    pub(crate) fn flag(&self, column: &'static str) -> StoreResult<bool> {
        Ok(self.get::<i64>(column)? != 0)
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> StoreResult<T> {
        let text: String = self.get(column)?;
        parse(self.1, column, &text)
    }
}

/// The parser's own message can quote what stands there, a name or a passcode; this one says where it stands only.
fn parse<T: DeserializeOwned>(what: &'static str, column: &'static str, text: &str) -> StoreResult<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt {
        what,
        reason: format!(
            "{column}: {:?} error at line {}, column {}",
            error.classify(),
            error.line(),
            error.column()
        ),
    })
}

/// JSON for a TEXT column.
pub(crate) fn json<T: Serialize>(what: &'static str, value: &T) -> StoreResult<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt {
        what,
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_column_is_named_and_not_quoted() {
        let error = parse::<Vec<u32>>("meeting", "invitees", r#"["Anna Berg"]"#)
            .expect_err("no number")
            .to_string();
        assert!(error.contains("invitees") && !error.contains("Anna"), "{error}");
        assert_eq!(parse::<Vec<u32>>("meeting", "invitees", "[1]").ok(), Some(vec![1]));
    }
}
