//! A prompt in pieces: what the template wrote, and what other people wrote.
//!
//! Invariant: control words such as `<|im_end|>` count only in template pieces. Text from users, files
//! and tools is cut into ordinary tokens, unchanged, so that it can neither end a turn nor forge one.

use crate::llama::{Model, Token};

/// One piece of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Written by Jamey or the model's template: control words count.
    Template(String),
    /// Written by anybody else: control words are ordinary text.
    Plain(String),
}

/// A text for the model to continue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompt {
    pieces: Vec<Piece>,
}

impl Prompt {
    /// Appends text whose control words count.
    pub fn template(&mut self, text: &str) -> &mut Self {
        // Adjoining template text is one piece, so that it is cut into tokens as a whole.
        if let Some(Piece::Template(last)) = self.pieces.last_mut() {
            last.push_str(text);
        } else if !text.is_empty() {
            self.pieces.push(Piece::Template(text.to_owned()));
        }
        self
    }

    /// Appends text whose control words do not count.
    pub fn plain(&mut self, text: &str) -> &mut Self {
        if !text.is_empty() {
            self.pieces.push(Piece::Plain(text.to_owned()));
        }
        self
    }

    /// Appends all of `other`.
    pub fn append(&mut self, other: &Self) -> &mut Self {
        for piece in &other.pieces {
            match piece {
                Piece::Template(text) => self.template(text),
                Piece::Plain(text) => self.plain(text),
            };
        }
        self
    }

    /// The pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The prompt as the model sees it.
    pub fn tokenize(&self, model: &Model) -> Vec<Token> {
        let mut out = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Template(text) => out.extend(model.tokenize(text, true)),
                Piece::Plain(text) => out.extend(model.tokenize(text, false)),
            }
        }
        out
    }

    /// All text, for tests and cache names.
    pub fn text(&self) -> String {
        self.pieces
            .iter()
            .map(|p| match p {
                Piece::Template(t) | Piece::Plain(t) => t.as_str(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjoining_template_text_is_one_piece() {
        let mut p = Prompt::default();
        p.template("a").template("b").plain("c").plain("").template("d");
        assert_eq!(
            p.pieces(),
            [Piece::Template("ab".into()), Piece::Plain("c".into()), Piece::Template("d".into())]
        );
        assert_eq!(p.text(), "abcd");
    }
}
