//! The parameters of an OAuth request, already decoded, with the rules that hold for all of them.

use super::refusal::Refusal;

/// Name and value pairs of a query or a form body. An empty value counts as absent (RFC 6749 §3.1); unknown names are kept
/// and ignored.
#[derive(Debug, Clone, Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Takes decoded pairs.
    #[must_use]
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The value of a parameter, when it is there and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The value of a parameter, owned.
    #[must_use]
    pub fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// The value of a required parameter.
    ///
    /// # Errors
    /// [`Refusal::MissingParameter`].
    pub fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or(Refusal::MissingParameter(name))
    }

    /// Refuses a parameter that this server reads and that occurs twice: two readers could believe two values.
    ///
    /// # Errors
    /// [`Refusal::MalformedParameter`].
    pub fn once(&self, names: &[&str]) -> Result<(), Refusal> {
        let repeated = names.iter().find(|name| self.0.iter().filter(|(key, _)| key == *name).count() > 1);
        repeated.map_or(Ok(()), |name| Err(Refusal::MalformedParameter((*name).to_owned())))
    }

    /// All pairs in their order.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}
