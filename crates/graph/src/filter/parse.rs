//! From words to an expression: `or` binds weaker than `and`, `not` strongest.

use super::token::{Token, tokens};
use super::{Comparison, Expression, Literal, TextTest};

/// Deeper nesting is not read; it bounds the stack.
const MAX_DEPTH: usize = 32;

/// Reads a whole expression.
pub(super) fn expression(text: &str) -> Option<Expression> {
    let tokens = tokens(text)?;
    let mut reader = Reader { left: &tokens };
    let expression = reader.or(0)?;
    reader.left.is_empty().then_some(expression)
}

struct Reader<'a> {
    left: &'a [Token],
}

impl Reader<'_> {
    fn next(&mut self) -> Option<&Token> {
        let (first, rest) = self.left.split_first()?;
        self.left = rest;
        Some(first)
    }

    /// Takes the next token when it is this keyword.
    fn keyword(&mut self, keyword: &str) -> bool {
        match self.left.split_first() {
            Some((Token::Word(word), rest)) if word.eq_ignore_ascii_case(keyword) => {
                self.left = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes the next token when it is this one.
    fn take(&mut self, wanted: &Token) -> Option<()> {
        (self.next()? == wanted).then_some(())
    }

    fn or(&mut self, depth: usize) -> Option<Expression> {
        let mut left = self.and(depth)?;
        while self.keyword("or") {
            left = Expression::Or(Box::new(left), Box::new(self.and(depth)?));
        }
        Some(left)
    }

    fn and(&mut self, depth: usize) -> Option<Expression> {
        let mut left = self.unary(depth)?;
        while self.keyword("and") {
            left = Expression::And(Box::new(left), Box::new(self.unary(depth)?));
        }
        Some(left)
    }

    fn unary(&mut self, depth: usize) -> Option<Expression> {
        let depth = depth.checked_add(1).filter(|depth| *depth <= MAX_DEPTH)?;
        if self.keyword("not") {
            return Some(Expression::Not(Box::new(self.unary(depth)?)));
        }
        if self.left.first() == Some(&Token::Open) {
            self.next();
            let inner = self.or(depth)?;
            self.take(&Token::Close)?;
            return Some(inner);
        }
        self.test()
    }

    fn test(&mut self) -> Option<Expression> {
        let name = self.word()?;
        if self.left.first() == Some(&Token::Open) {
            return self.function(&name);
        }
        let operator = self.word()?;
        if operator.eq_ignore_ascii_case("in") {
            return Some(Expression::In(name, self.literals()?));
        }
        Some(Expression::Compare(name, comparison(&operator)?, self.literal()?))
    }

    fn function(&mut self, name: &str) -> Option<Expression> {
        let test = match name.to_ascii_lowercase().as_str() {
            "startswith" => TextTest::StartsWith,
            "endswith" => TextTest::EndsWith,
            "contains" => TextTest::Contains,
            _ => return None,
        };
        self.take(&Token::Open)?;
        let property = self.word()?;
        self.take(&Token::Comma)?;
        let Token::Text(part) = self.next()?.clone() else { return None };
        self.take(&Token::Close)?;
        Some(Expression::Text(test, property, part))
    }

    fn literals(&mut self) -> Option<Vec<Literal>> {
        self.take(&Token::Open)?;
        let mut literals = vec![self.literal()?];
        loop {
            match self.next()? {
                Token::Comma => literals.push(self.literal()?),
                Token::Close => return Some(literals),
                Token::Open | Token::Text(_) | Token::Word(_) => return None,
            }
        }
    }

    fn literal(&mut self) -> Option<Literal> {
        Some(match self.next()? {
            Token::Text(text) => Literal::Text(text.clone()),
            Token::Word(word) => match word.to_ascii_lowercase().as_str() {
                "true" => Literal::Bool(true),
                "false" => Literal::Bool(false),
                "null" => Literal::Null,
                _ => Literal::Bare(word.clone()),
            },
            Token::Open | Token::Close | Token::Comma => return None,
        })
    }

    fn word(&mut self) -> Option<String> {
        match self.next()? {
            Token::Word(word) => Some(word.clone()),
            Token::Open | Token::Close | Token::Comma | Token::Text(_) => None,
        }
    }
}

fn comparison(operator: &str) -> Option<Comparison> {
    Some(match operator.to_ascii_lowercase().as_str() {
        "eq" => Comparison::Equal,
        "ne" => Comparison::NotEqual,
        "gt" => Comparison::Greater,
        "ge" => Comparison::GreaterOrEqual,
        "lt" => Comparison::Less,
        "le" => Comparison::LessOrEqual,
        _ => return None,
    })
}
