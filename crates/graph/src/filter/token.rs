//! The words of a filter expression.

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// A text without its quotes.
    Text(String),
    /// A name, an operator or a literal without quotes.
    Word(String),
}

/// Longer expressions are not read.
const MAX_CHARS: usize = 4096;

/// Takes an expression apart; nothing when a quote is left open or the expression is overlong.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    if text.chars().count() > MAX_CHARS {
        return None;
    }
    let (mut tokens, mut word) = (Vec::new(), String::new());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let token = match character {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            ',' => Some(Token::Comma),
            '\'' => {
                let mut quoted = String::new();
                loop {
                    match characters.next()? {
                        '\'' if characters.peek() == Some(&'\'') => {
                            characters.next();
                            quoted.push('\'');
                        }
                        '\'' => break,
                        inside => quoted.push(inside),
                    }
                }
                Some(Token::Text(quoted))
            }
            blank if blank.is_whitespace() => None,
            other => {
                word.push(other);
                continue;
            }
        };
        if !word.is_empty() {
            tokens.push(Token::Word(std::mem::take(&mut word)));
        }
        tokens.extend(token);
    }
    if !word.is_empty() {
        tokens.push(Token::Word(word));
    }
    Some(tokens)
}
