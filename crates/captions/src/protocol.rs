//! The lines between us and an engine; docs/operations/captions.md is their documentation.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// What an engine is told, one JSON object a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(crate) enum Told {
    /// An utterance begins.
    Begin {
        /// Language that is spoken.
        language: String,
        /// Number of the utterance; another one for each of this engine.
        utterance: u64,
    },
    /// Sound of the utterance.
    Audio {
        /// 16 kHz mono signed 16 bit little endian, base64.
        pcm: String,
    },
    /// The utterance is over; exactly one `final` is expected.
    End,
}

/// What an engine says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(crate) enum Said {
    /// What was understood until now.
    Partial {
        /// The words.
        text: String,
        /// Translations by language.
        #[serde(default)]
        translations: BTreeMap<String, String>,
        /// Number of the utterance, as `begin` gave it.
        #[serde(default)]
        utterance: Option<u64>,
    },
    /// What was understood in all.
    Final {
        /// The words; empty when there were none.
        text: String,
        /// Translations by language.
        #[serde(default)]
        translations: BTreeMap<String, String>,
        /// Number of the utterance, as `begin` gave it.
        #[serde(default)]
        utterance: Option<u64>,
    },
}

impl Said {
    /// The utterance that the line is about, when the engine names it.
    pub(crate) fn utterance(&self) -> Option<u64> {
        match self {
            Self::Partial { utterance, .. } | Self::Final { utterance, .. } => *utterance,
        }
    }
}

impl Told {
    pub(crate) fn audio(samples: &[i16]) -> Self {
        let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        Self::Audio {
            pcm: STANDARD.encode(bytes),
        }
    }

    /// As a line.
    pub(crate) fn line(&self) -> Vec<u8> {
        // Strings only: nothing in it can fail to be written.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_documentation() {
        let text = |told: Told| String::from_utf8(told.line()).unwrap();
        let begin = Told::Begin {
            language: "en-us".to_owned(),
            utterance: 7,
        };
        assert_eq!(text(begin), "{\"type\":\"begin\",\"language\":\"en-us\",\"utterance\":7}\n");
        assert_eq!(text(Told::audio(&[1, -2])), "{\"type\":\"audio\",\"pcm\":\"AQD+/w==\"}\n");
        assert_eq!(text(Told::End), "{\"type\":\"end\"}\n");
        let said: Said = serde_json::from_str(r#"{"type":"final","text":"go","translations":{"de":"los"},"confidence":0.5}"#).unwrap();
        let translations = BTreeMap::from([("de".to_owned(), "los".to_owned())]);
        assert_eq!(
            said,
            Said::Final {
                text: "go".to_owned(),
                translations,
                utterance: None
            },
            "what is not known is ignored"
        );
        assert!(serde_json::from_str::<Said>(r#"{"type":"noise"}"#).is_err());
    }
}
