//! HTML that people write into chats, made safe before it is kept.
//!
//! * Owns: which elements, attributes and addresses a message may have.
//! * Not here: how long a message may be (`limits`), when it is made safe (`messages`).
//! * Why on the server: the published component library makes elements of what others wrote and takes nothing out, so that a guest could send a form,
//!   a style sheet or a redirection into everybody's page.
//! * Invariants: what comes out has no element, attribute or address but those named here, whatever comes in; time grows with the length, not with its
//!   square. `ammonia` sees to the first, with a parser that reads as browsers do; [`tidy`] to the second, before it. Kept by the tests below.

mod tidy;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::error::ChatError;
use super::limits::MAX_CONTENT;

/// Where an element stands among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a line of text.
    Inline,
    /// In a line of text, and once is enough.
    Formatting,
    /// On its own lines.
    Block,
    /// In a list, on its own lines.
    Item,
    /// Of a table; in one of these.
    Part(&'static [&'static str]),
    /// Without content, in a line of text.
    Break,
    /// Without content, on its own line.
    Rule,
}

impl Place {
    fn is_part(self) -> bool {
        matches!(self, Self::Part(_))
    }
}

const IN_TABLE: &[&str] = &["table"];
const IN_ROWS: &[&str] = &["table", "thead", "tbody", "tfoot"];
const IN_ROW: &[&str] = &["tr"];

/// The elements that a message may have. No images: there are no attachments, and a picture from elsewhere tells who reads when.
const ELEMENTS: [(&str, Place); 36] = [
    ("a", Place::Formatting),
    ("b", Place::Formatting),
    ("code", Place::Formatting),
    ("em", Place::Formatting),
    ("i", Place::Formatting),
    ("s", Place::Formatting),
    ("strike", Place::Formatting),
    ("strong", Place::Formatting),
    ("u", Place::Formatting),
    // How the component library writes that somebody is meant.
    ("msft-mention", Place::Inline),
    ("span", Place::Inline),
    ("sub", Place::Inline),
    ("sup", Place::Inline),
    ("br", Place::Break),
    ("hr", Place::Rule),
    ("blockquote", Place::Block),
    ("div", Place::Block),
    ("h1", Place::Block),
    ("h2", Place::Block),
    ("h3", Place::Block),
    ("h4", Place::Block),
    ("h5", Place::Block),
    ("h6", Place::Block),
    ("ol", Place::Block),
    ("p", Place::Block),
    ("pre", Place::Block),
    ("table", Place::Block),
    ("ul", Place::Block),
    ("li", Place::Item),
    ("caption", Place::Part(IN_TABLE)),
    ("tbody", Place::Part(IN_TABLE)),
    ("tfoot", Place::Part(IN_TABLE)),
    ("thead", Place::Part(IN_TABLE)),
    ("tr", Place::Part(IN_ROWS)),
    ("td", Place::Part(IN_ROW)),
    ("th", Place::Part(IN_ROW)),
];

/// Where a link may lead.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// The attribute that an element may have.
fn attribute_of(element: &str) -> Option<&'static str> {
    match element {
        "a" => Some("href"),
        "msft-mention" => Some("id"),
        _ => None,
    }
}

static RULES: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let names = || ELEMENTS.iter().map(|(name, _)| *name);
    let attributes = names().filter_map(|name| Some((name, HashSet::from([attribute_of(name)?]))));
    let mut rules = Builder::empty();
    rules
        .tags(names().collect())
        .tag_attributes(attributes.collect::<HashMap<_, _>>())
        .url_schemes(HashSet::from(SCHEMES))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"))
        .attribute_filter(|element, attribute, value| {
            // Ids of elements are names in a page's scripts; one that begins with a digit takes the place of none.
            let kept = (element, attribute) != ("msft-mention", "id") || is_raw_id(value);
            kept.then(|| value.into())
        });
    rules
});

/// Whether this has the form of a raw id: a number, a colon, and more.
fn is_raw_id(text: &str) -> bool {
    let named = text.split_once(':');
    named.is_some_and(|(kind, _)| !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What is kept of a message's HTML. Bounded by [`MAX_CONTENT`] as it was sent (`limits::content`), and here as it is kept.
///
/// # Errors
/// `Invalid` when nothing is left, or too much: references and ends of elements that were left out are written in full.
pub(super) fn made_safe(html: &str) -> Result<String, ChatError> {
    let safe = RULES.clean(&tidy::tidy(html)).to_string();
    if safe.trim().is_empty() {
        let why = "nothing of this HTML is kept: a message may have formatted text, lists, tables and links (http, https, mailto), no images, forms or scripts";
        return Err(ChatError::invalid("content", why));
    }
    if safe.len() > MAX_CONTENT {
        let why = format!("this HTML has more than {MAX_CONTENT} bytes of UTF-8 when it is written in full");
        return Err(ChatError::invalid("content", why));
    }
    Ok(safe)
}

#[cfg(test)]
mod tests;
