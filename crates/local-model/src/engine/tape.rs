//! The text that the model has in mind: tokens whose keys and values are computed already.
//!
//! Invariant: `tokens` is exactly what the context holds. Whatever a new prompt shares with it is not
//! computed again.

use crate::engine::prefix_store::PrefixStore;
use crate::engine::text::StopScanner;
use crate::error::RequestError;
use crate::llama::{Context, DecodeError, Grammar, Model, Sampler, Token};

/// Tokens computed in one go; a cancel is noticed in between at the latest.
pub const BATCH: usize = 512;

/// A context and the tokens in it.
#[derive(Debug)]
pub struct Tape<'m> {
    model: &'m Model,
    context: Context<'m>,
    tokens: Vec<Token>,
    store: Option<PrefixStore>,
}

/// What leads and limits a generation.
#[derive(Debug)]
pub struct Guidance<'a, 'm> {
    /// What the text must obey.
    pub grammar: Option<&'a mut Grammar<'m>>,
    /// Whether the end of the grammar is the end of the text.
    pub ends_with_grammar: bool,
    /// Chooses by chance; the best token is taken without it.
    pub sampler: Option<&'a mut Sampler>,
    /// The most tokens to generate.
    pub max_tokens: usize,
    /// Texts that end the generation and are not part of it.
    pub stops: &'a [String],
    /// Control words that are part of the text.
    pub preserved: &'a [Token],
}

/// A generated text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// All of it.
    pub text: String,
    /// Its tokens.
    pub count: usize,
    /// Why it ended.
    pub end: End,
}

/// Why a generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The model or the grammar ended it.
    Natural,
    /// A stop text was met.
    Stop,
    /// It was long enough.
    Length,
}

impl<'m> Tape<'m> {
    /// An empty tape.
    pub fn new(model: &'m Model, context: Context<'m>, store: Option<PrefixStore>) -> Self {
        Self { model, context, tokens: Vec::new(), store }
    }

    /// The model behind it.
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// Tokens that fit.
    pub fn room(&self) -> usize {
        self.context.room()
    }

    /// Makes `prompt` the text. Its first `stable` tokens come back in other prompts, so they are worth keeping
    /// on disk. Answers how many tokens did not have to be computed.
    pub fn prefill(&mut self, prompt: &[Token], stable: usize) -> Result<usize, RequestError> {
        let stable = stable.min(prompt.len());
        let shared = |tokens: &[Token]| tokens.iter().zip(prompt).take_while(|(a, b)| a == b).count();
        let mut cached = shared(&self.tokens);
        if cached < stable && self.recall(&prompt[..stable]) {
            cached = stable;
        }
        // The logits after the last token are needed, so it is computed in any case.
        cached = cached.min(prompt.len().saturating_sub(1));
        if !self.cut(cached) {
            cached = 0;
        }
        if cached < stable {
            self.feed(&prompt[cached..stable])?;
            self.keep();
        }
        self.feed(&prompt[self.tokens.len()..])?;
        Ok(cached)
    }

    /// Continues the text, handing out new pieces as they come.
    pub fn generate(
        &mut self,
        guidance: Guidance<'_, 'm>,
        show: &mut dyn FnMut(&str),
    ) -> Result<Generated, RequestError> {
        let Guidance { mut grammar, ends_with_grammar, mut sampler, max_tokens, stops, preserved } = guidance;
        let mut scanner = StopScanner::new(stops);
        let mut out = Generated { text: String::new(), count: 0, end: End::Length };
        let ending = self.model.ending();
        let mut piece = Vec::new();
        while out.count < max_tokens {
            let Some(token) = choose(self.context.logits(), grammar.as_deref_mut(), sampler.as_deref_mut())
            else {
                out.end = End::Natural;
                break;
            };
            if self.model.ends_answer(token) {
                out.end = End::Natural;
                break;
            }
            out.count += 1;
            piece.clear();
            self.model.write_piece(token, preserved.contains(&token), &mut piece);
            let scanned = scanner.push(&piece);
            show(&scanned.text);
            out.text.push_str(&scanned.text);
            if scanned.stopped {
                out.end = End::Stop;
                return Ok(out);
            }
            if let Some(grammar) = grammar.as_deref_mut()
                && (grammar.accept(token).is_err() || ends_with_grammar && grammar.allows(ending))
            {
                out.end = End::Natural;
                break;
            }
            if out.count < max_tokens {
                self.feed(&[token])?;
            }
        }
        let rest = scanner.finish();
        show(&rest);
        out.text.push_str(&rest);
        Ok(out)
    }

    fn feed(&mut self, tokens: &[Token]) -> Result<(), RequestError> {
        for batch in tokens.chunks(BATCH) {
            if let Err(problem) = self.context.decode(batch) {
                let known = self.tokens.len();
                self.cut(known);
                return Err(match problem {
                    DecodeError::Cancelled => RequestError::Cancelled,
                    DecodeError::Full => RequestError::ContextLengthExceeded {
                        limit: self.room(),
                        asked: known + tokens.len(),
                    },
                    DecodeError::Failed(number) => {
                        RequestError::Internal(format!("llama.cpp could not go on ({number})"))
                    }
                });
            }
            self.tokens.extend_from_slice(batch);
        }
        Ok(())
    }

    fn cut(&mut self, keep: usize) -> bool {
        let kept = self.context.truncate(keep);
        self.tokens.truncate(if kept { keep } else { 0 });
        kept
    }

    fn recall(&mut self, prefix: &[Token]) -> bool {
        let Some(state) = self.store.as_ref().and_then(|s| s.load(prefix)) else { return false };
        self.tokens.clear();
        if self.context.restore(&state) {
            self.tokens.extend_from_slice(prefix);
            return true;
        }
        if let Some(store) = &self.store {
            store.forget(prefix);
        }
        false
    }

    fn keep(&self) {
        if let (Some(store), Some(state)) =
            (&self.store, self.store.as_ref().and_then(|_| self.context.save()))
        {
            store.save(&self.tokens, &state);
        }
    }
}

fn choose(logits: &[f32], grammar: Option<&mut Grammar<'_>>, sampler: Option<&mut Sampler>) -> Option<Token> {
    if let Some(sampler) = sampler {
        return sampler.choose(logits, grammar);
    }
    let best = best(logits)?;
    let Some(grammar) = grammar else { return Some(best) };
    // Asking about one token is cheap and nearly always enough; the whole vocabulary is not.
    if grammar.allows(best) { Some(best) } else { grammar.best(logits) }
}

fn best(logits: &[f32]) -> Option<Token> {
    (0..).zip(logits).max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(token, _)| token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_token_has_the_highest_score() {
        assert_eq!(best(&[0.5, -1.0, 3.0, 2.0]), Some(2));
        assert_eq!(best(&[]), None);
    }
}
