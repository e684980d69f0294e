//! What is written in an event, as plain text: for previews and for readers without HTML. Pure.

use crate::model::EventBody;

/// Elements whose content is not shown.
const HIDDEN: [&str; 3] = ["style", "script", "head"];
/// Elements that begin on a line of their own.
const BLOCKS: [&str; 9] = ["p", "div", "br", "tr", "li", "h1", "h2", "h3", "hr"];

/// The text without markup, spaces folded, at most one empty line in a row.
#[must_use]
pub fn plain(body: &EventBody) -> String {
    if body.html {
        without_markup(&body.content)
    } else {
        body.content.trim().to_owned()
    }
}

fn without_markup(html: &str) -> String {
    let (mut text, mut rest, mut hidden) = (String::with_capacity(html.len() / 2), html, None::<String>);
    while let Some((before, after)) = rest.split_once('<') {
        if hidden.is_none() {
            text.push_str(&unescaped(before));
        }
        // A comment ends with its own mark, everything else with the next bracket.
        let (tag, next) = match after.strip_prefix("!--") {
            Some(comment) => ("", comment.split_once("-->").map_or("", |(_, next)| next)),
            None => after.split_once('>').unwrap_or((after, "")),
        };
        let closes = tag.starts_with('/');
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .map(|character| character.to_ascii_lowercase())
            .collect();
        match &hidden {
            Some(open) if closes && *open == name => hidden = None,
            Some(_) => {}
            None if HIDDEN.contains(&name.as_str()) && !closes => hidden = Some(name),
            None if BLOCKS.contains(&name.as_str()) => text.push('\n'),
            None => {}
        }
        rest = next;
    }
    if hidden.is_none() {
        text.push_str(&unescaped(rest));
    }
    folded(&text)
}

/// Spaces within a line become one; more than one empty line becomes one.
fn folded(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim().to_owned()
}

fn unescaped(text: &str) -> String {
    // The ampersand last, so that nothing is read twice.
    [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.replace(['\r', '\n'], " "), |text, (escaped, plain)| {
        text.replace(escaped, plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_html(content: &str) -> String {
        plain(&EventBody {
            html: true,
            content: content.to_owned(),
        })
    }

    #[test]
    fn markup_goes_and_words_stay() {
        assert_eq!(
            of_html("<p>Hello,&nbsp;<b>Ms&amp;Mr</b></p>\n<div>Room &lt;3&gt;</div>"),
            "Hello, Ms&Mr\n\nRoom <3>"
        );
        assert_eq!(
            of_html("<style>p { color: red }</style><!-- <p>no</p> -->yes<br>no wonder"),
            "yes\nno wonder"
        );
        assert_eq!(of_html("&amp;lt;"), "&lt;");
        assert_eq!(of_html("broken < tag"), "broken");
        assert_eq!(of_html("<script>alert(1)"), "");
    }

    #[test]
    fn plain_text_is_left_alone() {
        let body = EventBody {
            html: false,
            content: " a <b> c\n".to_owned(),
        };
        assert_eq!(plain(&body), "a <b> c");
    }
}
