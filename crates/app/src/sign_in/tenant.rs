//! Which spellings of the tenant the first segment of a path may have.

use super::refusal::SignInError;
use crate::App;

/// The longest name that the domain name system has.
const MAX_DOMAIN: usize = 253;

impl App {
    /// Whether a path segment means this tenant: its id, `common`, `organizations`, `adfs` (clients that are told so leave the version out of the
    /// discovery path), or the domain of a member's sign-in name.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn is_tenant(&self, segment: &str) -> Result<bool, SignInError> {
        if matches!(segment, "common" | "organizations" | "adfs") {
            return Ok(true);
        }
        if self.cached_tenant().is_some_and(|tenant| tenant.id.eq_ignore_ascii_case(segment)) {
            return Ok(true);
        }
        if !is_domain(segment) {
            return Ok(false);
        }
        Ok(self.store().has_member_of_domain(&segment.to_ascii_lowercase()).await?)
    }
}

fn is_domain(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    text.len() <= MAX_DOMAIN && text.contains('.') && !text.starts_with('.') && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_domain_is_looked_up() {
        assert!(is_domain("Riverside.example") && is_domain("a-b.c.example"));
        for other in ["riverside", ".example", "%.example", "river_side.example", "", &"a.".repeat(200)] {
            assert!(!is_domain(other), "{other}");
        }
    }
}
