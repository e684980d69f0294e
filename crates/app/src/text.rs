//! What is asked of every text that people will read.

/// Whether there is a control character other than a tab or an end of line.
pub(crate) fn has_control(text: &str) -> bool {
    text.contains(|character: char| character.is_control() && !matches!(character, '\t' | '\n' | '\r'))
}
