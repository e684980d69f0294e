//! The text of an invitation in the reader's language, as the data URL that clients of this API decode (`joinInformation`). Pure.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A language in which invitations are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Language {
    /// The default.
    #[default]
    English,
    /// `de`
    German,
    /// `es`
    Spanish,
    /// `fr`
    French,
}

/// More wishes than this are not read.
const MAX_WISHES: usize = 16;

struct Phrases {
    tag: &'static str,
    join: &'static str,
    meeting_id: &'static str,
    passcode: &'static str,
    options: &'static str,
}

impl Language {
    const ALL: [Self; 4] = [Self::English, Self::German, Self::Spanish, Self::French];

    const fn phrases(self) -> Phrases {
        match self {
            Self::English => Phrases {
                tag: "en",
                join: "Join the meeting",
                meeting_id: "Meeting ID",
                passcode: "Passcode",
                options: "Meeting options",
            },
            Self::German => Phrases {
                tag: "de",
                join: "An der Besprechung teilnehmen",
                meeting_id: "Besprechungs-ID",
                passcode: "Kennung",
                options: "Besprechungsoptionen",
            },
            Self::Spanish => Phrases {
                tag: "es",
                join: "Unirse a la reunión",
                meeting_id: "Id. de reunión",
                passcode: "Código de acceso",
                options: "Opciones de la reunión",
            },
            Self::French => Phrases {
                tag: "fr",
                join: "Participer à la réunion",
                meeting_id: "ID de réunion",
                passcode: "Code secret",
                options: "Options de la réunion",
            },
        }
    }

    /// The best of the languages that `Accept-Language` names: the one with the greatest weight, the first among equals; English when none fits.
    pub(crate) fn accepted(header: Option<&str>) -> Self {
        let mut best = (Self::English, 0.0);
        for wish in header.unwrap_or_default().split(',').take(MAX_WISHES) {
            let mut parts = wish.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let weight = parts
                .find_map(|part| part.strip_prefix("q="))
                .map_or(1.0, |weight| weight.parse::<f32>().unwrap_or(0.0));
            let primary = tag.split('-').next().unwrap_or_default();
            let named = Self::ALL
                .into_iter()
                .find(|language| primary.eq_ignore_ascii_case(language.phrases().tag));
            if let Some(language) = named.filter(|_| weight > best.1) {
                best = (language, weight);
            }
        }
        best.0
    }
}

/// What an invitation says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Invitation<'a> {
    /// The link that people open.
    pub(crate) join_url: &'a str,
    /// The organizer's page with the options.
    pub(crate) options_url: &'a str,
    /// Digits.
    pub(crate) join_meeting_id: &'a str,
    /// When one is needed.
    pub(crate) passcode: Option<&'a str>,
}

impl Invitation<'_> {
    /// The text as HTML.
    pub(crate) fn html(&self, language: Language) -> String {
        let words = language.phrases();
        let passcode = self
            .passcode
            .map(|passcode| format!("<p>{}: {}</p>", words.passcode, escaped(passcode)))
            .unwrap_or_default();
        format!(
            r#"<div lang="{}"><p><a href="{}">{}</a></p><p>{}: {}</p>{passcode}<p><a href="{}">{}</a></p></div>"#,
            words.tag,
            escaped(self.join_url),
            words.join,
            words.meeting_id,
            escaped(&grouped(self.join_meeting_id)),
            escaped(self.options_url),
            words.options,
        )
    }

    /// The same as a data URL.
    pub(crate) fn data_url(&self, language: Language) -> String {
        format!("data:text/html,{}", utf8_percent_encode(&self.html(language), NON_ALPHANUMERIC))
    }
}

/// Digits in groups of three, as people read them out.
fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len().saturating_mul(2));
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % 3 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_greatest_weight_wins_and_english_stands_in() {
        for (header, language) in [
            (None, Language::English),
            (Some("de-CH"), Language::German),
            (Some("nl, FR;q=0.4, es-MX;q=0.8"), Language::Spanish),
            (Some("fr, de"), Language::French),
            (Some("de;q=0, xx"), Language::English),
            (Some("*"), Language::English),
            (Some("de;q=many"), Language::English),
        ] {
            assert_eq!(Language::accepted(header), language, "{header:?}");
        }
    }

    #[test]
    fn the_text_names_link_meeting_id_and_passcode() {
        let invitation = Invitation {
            join_url: "https://h/l?a=1&b=\"2\"",
            options_url: "https://h/o",
            join_meeting_id: "123456789012",
            passcode: Some("abc"),
        };
        let html = invitation.html(Language::German);
        for part in [
            r#"href="https://h/l?a=1&amp;b=&quot;2&quot;""#,
            "Besprechungs-ID: 123 456 789 012",
            "Kennung: abc",
            r#"lang="de""#,
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(
            !Invitation {
                passcode: None,
                ..invitation
            }
            .html(Language::English)
            .contains("Passcode")
        );
        let url = invitation.data_url(Language::French);
        assert!(url.starts_with("data:text/html,%3Cdiv%20lang"), "{url}");
        assert!(url.is_ascii());
    }
}
