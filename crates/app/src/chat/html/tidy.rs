//! HTML put in order before a parser sees it: elements of the list only, each opened and closed in its place, nested [`MAX_DEPTH`] deep at most.
//!
//! Why: the parser of browsers repairs what is out of order, and with input made for it that takes the square of its length and more. Here every step
//! goes forward in the text and looks at no more than [`MAX_DEPTH`] open elements, so the whole is linear, and what comes out needs no repair.
//! Where this reads a tag otherwise than a browser would, text is shown that should not be, or is missing; nothing becomes an element that the list
//! does not have, since all that is written here are names of the list and text without angle brackets. Whether an address may stay is not judged here.

use super::{ELEMENTS, Place};

/// Elements inside each other. Tags of what is deeper are left out, their text stays.
pub(super) const MAX_DEPTH: usize = 32;

/// Elements whose content is no text of the message; it goes with them.
const RAW: [&str; 10] = [
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
    "script",
    "style",
    "textarea",
    "title",
    "xmp",
];

/// Puts HTML in order.
pub(super) fn tidy(html: &str) -> String {
    let mut tidied = Tidied {
        out: String::with_capacity(html.len()),
        open: Vec::with_capacity(MAX_DEPTH),
        over: 0,
    };
    let mut source = Source { rest: html };
    while !source.rest.is_empty() {
        tidied.text(source.until(|character| character == '<'));
        if source.eat("<!--") {
            source.after("-->");
        } else if source.rest.starts_with("<!") || source.rest.starts_with("<?") {
            source.after(">");
        } else if source.eat("</") {
            if source.at_name() {
                let name = source.name();
                if source.attributes("").is_some() {
                    tidied.close(name);
                }
            } else {
                source.after(">");
            }
        } else if source.eat("<") {
            if source.at_name() {
                source.start_tag(&mut tidied);
            } else {
                tidied.text("<");
            }
        }
    }
    tidied.close_to(0);
    tidied.out
}

struct Open {
    name: &'static str,
    place: Place,
    /// Not when it says only what is so already: bold in bold.
    shown: bool,
}

struct Tidied {
    out: String,
    /// Outermost first; at most [`MAX_DEPTH`].
    open: Vec<Open>,
    /// Elements that were too deep to be opened, and wait for their end.
    over: usize,
}

impl Tidied {
    fn text(&mut self, text: &str) {
        // Between cells there is no place for text: browsers put it before the table.
        if self.between_cells() {
            return;
        }
        for character in text.chars() {
            match character {
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                // An ampersand stays: it may begin a reference, and is no harm otherwise.
                _ => self.out.push(character),
            }
        }
    }

    fn open(&mut self, name: &'static str, place: Place, attribute: Option<(&str, &str)>) {
        match place {
            Place::Part(parents) => {
                if !self.open.iter().any(|open| open.name == "table") {
                    return;
                }
                while self
                    .open
                    .last()
                    .is_some_and(|open| open.name != "table" && !parents.contains(&open.name))
                {
                    self.close_last();
                }
            }
            _ if self.between_cells() => return,
            Place::Block | Place::Rule => self.end_paragraph(),
            Place::Item => {
                self.end_paragraph();
                let around = self
                    .open
                    .iter()
                    .rposition(|open| matches!(open.name, "ul" | "ol") || open.place == Place::Item || open.place.is_part());
                if let Some(index) = around
                    && self.open.get(index).is_some_and(|open| open.place == Place::Item)
                {
                    self.close_to(index);
                }
            }
            Place::Inline | Place::Formatting | Place::Break => {}
        }
        if matches!(place, Place::Break | Place::Rule) {
            self.tag(name, None);
            return;
        }
        if self.open.len() >= MAX_DEPTH {
            self.over = self.over.saturating_add(1);
            return;
        }
        let shown = place != Place::Formatting || !self.open.iter().any(|open| open.name == name);
        if shown {
            self.tag(name, attribute);
        }
        self.open.push(Open { name, place, shown });
    }

    fn close(&mut self, name: &str) {
        if self.over > 0 {
            self.over = self.over.saturating_sub(1);
            return;
        }
        let Some(index) = self.open.iter().rposition(|open| open.name.eq_ignore_ascii_case(name)) else {
            return;
        };
        // Nothing in a cell ends what is around the cell, and nothing in a table ends a cell that the table stands in.
        let within = |wall: &dyn Fn(&Open) -> bool| !self.open.iter().skip(index.saturating_add(1)).any(wall);
        let may = match self.open.get(index).map(|open| (open.place, open.name)) {
            Some((_, "table")) => true,
            Some((Place::Part(_), _)) => within(&|open| open.name == "table"),
            _ => within(&|open| open.place.is_part() || open.name == "table"),
        };
        if may {
            self.close_to(index);
        }
    }

    /// A paragraph holds no block.
    fn end_paragraph(&mut self) {
        if let Some(index) = self.open.iter().rposition(|open| open.name == "p") {
            self.close_to(index);
        }
    }

    fn close_to(&mut self, index: usize) {
        while self.open.len() > index {
            self.close_last();
        }
    }

    fn close_last(&mut self) {
        if let Some(Open { name, shown: true, .. }) = self.open.pop() {
            for piece in ["</", name, ">"] {
                self.out.push_str(piece);
            }
        }
    }

    fn tag(&mut self, name: &str, attribute: Option<(&str, &str)>) {
        self.out.push('<');
        self.out.push_str(name);
        if let Some((attribute, value)) = attribute {
            for piece in [" ", attribute, "=\""] {
                self.out.push_str(piece);
            }
            for character in value.chars() {
                match character {
                    '<' => self.out.push_str("&lt;"),
                    '>' => self.out.push_str("&gt;"),
                    '"' => self.out.push_str("&quot;"),
                    _ => self.out.push(character),
                }
            }
            self.out.push('"');
        }
        self.out.push('>');
    }

    fn between_cells(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| matches!(open.name, "table" | "thead" | "tbody" | "tfoot" | "tr"))
    }
}

/// What is still to be read. Every step goes forward; what has no end reaches to the end of the message, as in a browser.
struct Source<'a> {
    rest: &'a str,
}

impl<'a> Source<'a> {
    fn start_tag(&mut self, tidied: &mut Tidied) {
        let name = self.name();
        if let Some(raw) = RAW.into_iter().find(|raw| raw.eq_ignore_ascii_case(name)) {
            self.attributes("");
            self.after_raw(raw);
            return;
        }
        let known = ELEMENTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let wanted = known.and_then(|(known, _)| super::attribute_of(known));
        let value = self.attributes(wanted.unwrap_or_default());
        if let (Some(value), Some((name, place))) = (value, known) {
            tidied.open(name, *place, wanted.zip(value));
        }
    }

    /// Reads to the end of a tag: the value of the wanted attribute in it, or nothing at all when the tag has no end.
    fn attributes(&mut self, wanted: &str) -> Option<Option<&'a str>> {
        let mut found = None;
        loop {
            self.skip(|character| is_space(character) || character == '/');
            if self.eat(">") {
                return Some(found);
            }
            if self.rest.is_empty() {
                return None;
            }
            let name = self.attribute_name();
            self.skip(is_space);
            let mut value = "";
            if self.eat("=") {
                self.skip(is_space);
                value = self.value()?;
            }
            if found.is_none() && !wanted.is_empty() && name.eq_ignore_ascii_case(wanted) {
                found = Some(value);
            }
        }
    }

    fn attribute_name(&mut self) -> &'a str {
        let whole = self.rest;
        // One that begins the name belongs to it.
        self.eat("=");
        self.skip(|character| !is_space(character) && !matches!(character, '/' | '>' | '='));
        whole.strip_suffix(self.rest).unwrap_or_default()
    }

    fn value(&mut self) -> Option<&'a str> {
        for quote in ['"', '\''] {
            if let Some(quoted) = self.rest.strip_prefix(quote) {
                let (value, rest) = quoted.split_once(quote).unzip();
                self.rest = rest.unwrap_or_default();
                return value;
            }
        }
        Some(self.until(|character| is_space(character) || character == '>'))
    }

    /// Over the content of an element whose content is no text, up to its end tag.
    fn after_raw(&mut self, name: &str) {
        while !self.rest.is_empty() {
            self.after("</");
            let end = self.rest.split_at_checked(name.len());
            if end.is_some_and(|(word, after)| {
                word.eq_ignore_ascii_case(name) && after.starts_with([' ', '\t', '\n', '\r', '\u{c}', '/', '>'])
            }) {
                self.attributes("");
                return;
            }
        }
    }

    fn at_name(&self) -> bool {
        self.rest.starts_with(|character: char| character.is_ascii_alphabetic())
    }

    fn name(&mut self) -> &'a str {
        self.until(|character| is_space(character) || matches!(character, '/' | '>'))
    }

    fn eat(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn until(&mut self, end: impl Fn(char) -> bool) -> &'a str {
        let (taken, rest) = self
            .rest
            .split_at_checked(self.rest.find(end).unwrap_or(self.rest.len()))
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn skip(&mut self, what: impl Fn(char) -> bool) {
        self.until(|character| !what(character));
    }

    fn after(&mut self, text: &str) {
        self.rest = self.rest.split_once(text).map_or("", |(_, rest)| rest);
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_order_stays_as_it_is() {
        for html in [
            "a &amp; b&nbsp;&#228;",
            "<p>one <b>two</b><br>three</p><hr><ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>",
            "<table><caption>c</caption><thead><tr><th>h</th></tr></thead><tbody><tr><td><p>x</p></td></tr></tbody></table>",
            "<a href=\"https://example.org/?a=1&amp;b=2\">x</a><msft-mention id=\"8:acs:a_b\">Ben</msft-mention>",
        ] {
            assert_eq!(tidy(html), html);
        }
    }

    #[test]
    fn what_is_out_of_order_is_put_in_order() {
        for (html, expected) in [
            ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b>c"),
            ("<p>a<p>b<div>c", "<p>a</p><p>b</p><div>c</div>"),
            (
                "<ul><li>a<li>b<ul><li>c</ul><li>d</ul>",
                "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>",
            ),
            (
                "<table> x <tr><td>a<td>b</b><tr>y<td>c</table>z",
                "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>z",
            ),
            ("<b><table><td></b>x</table>y", "<b><table><td>x</td></table>y</b>"),
            (
                "<table><td><table></td><td>x</table>y</table>",
                "<table><td><table><td>x</td></table>y</td></table>",
            ),
            ("<b><table><b>x</b><td>y</table>z", "<b><table><td>y</td></table>z</b>"),
            ("<td>a<tr>b", "ab"),
            ("<B>a<STRONG>b<b>c</b>d</strong></B>", "<b>a<strong>bcd</strong></b>"),
            ("a</b></p></br>b", "ab"),
        ] {
            assert_eq!(tidy(html), expected, "{html}");
        }
    }

    #[test]
    fn what_is_no_text_of_the_message_is_left_out() {
        for (html, expected) in [
            ("a<script>b</scripts></SCRIPT x='>'>c", "ac"),
            ("a<style>b", "a"),
            ("a<!-- <b> -->b<!doctype html>c<?php x ?>d</ e>f", "abcdf"),
            ("a<font color=red>b</font><x-y>c", "abc"),
            ("a<b", "a"),
            ("a<b title=\"never closed>b", "a"),
            ("a<a href='x", "a"),
            ("1 < 2 > 0 <3 <", "1 &lt; 2 &gt; 0 &lt;3 &lt;"),
        ] {
            assert_eq!(tidy(html), expected, "{html}");
        }
    }

    #[test]
    fn attributes_are_read_as_browsers_read_them() {
        for (tag, expected) in [
            ("<a HREF = 'u\"v' class=x>", "<a href=\"u&quot;v\"></a>"),
            ("<a href=u/v>", "<a href=\"u/v\"></a>"),
            ("<a href=u href=v>", "<a href=\"u\"></a>"),
            ("<a x='>' href=\"<b>\">", "<a href=\"&lt;b&gt;\"></a>"),
            ("<a =href=u href>", "<a href=\"\"></a>"),
            ("<a/href=u>", "<a href=\"u\"></a>"),
            ("<p href=u id=v style=w onclick=x>", "<p></p>"),
        ] {
            assert_eq!(tidy(tag), expected, "{tag}");
        }
    }

    #[test]
    fn nothing_is_nested_deeper_than_the_bound_and_its_text_stays() {
        let deep = format!("{}x{}y", "<div>".repeat(MAX_DEPTH * 3), "</div>".repeat(MAX_DEPTH * 3));
        let expected = format!("{}x{}y", "<div>".repeat(MAX_DEPTH), "</div>".repeat(MAX_DEPTH));
        assert_eq!(tidy(&deep), expected);
    }
}
