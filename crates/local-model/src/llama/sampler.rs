//! Choosing the next token: grammars that forbid tokens, and random choice for models that want it.

use std::ffi::CString;

use llama_cpp_sys_2 as sys;

use super::chat::{Trigger, grammar_of_schema};
use super::model::{Model, Token};

/// What a grammar can object to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrammarError {
    /// The grammar's text was not understood.
    Malformed,
    /// The token is not allowed here.
    Refused,
}

/// A grammar, and how far the text has come in it.
#[derive(Debug)]
pub struct Grammar<'m> {
    raw: *mut sys::llama_sampler,
    _model: &'m Model,
}

impl<'m> Grammar<'m> {
    /// A grammar that holds from the first token on.
    pub fn new(model: &'m Model, text: &str) -> Result<Self, GrammarError> {
        let text = CString::new(text).map_err(|_| GrammarError::Malformed)?;
        // SAFETY: both strings are NUL-terminated; the wrapper turns C++ exceptions into NULL.
        let raw = unsafe { sys::llama_rs_sampler_init_grammar(model.vocab, text.as_ptr(), c"root".as_ptr()) };
        if raw.is_null() { Err(GrammarError::Malformed) } else { Ok(Self { raw, _model: model }) }
    }

    /// A grammar of the JSON that a schema allows, or why there is none.
    pub fn of_schema(model: &'m Model, schema: &serde_json::Value) -> Result<Self, String> {
        let text = grammar_of_schema(schema)?;
        Self::new(model, &text).map_err(|_| "it cannot be followed".to_owned())
    }

    /// A grammar that begins to hold when one of `triggers` appears.
    pub fn lazy(model: &'m Model, text: &str, triggers: &[Trigger]) -> Result<Self, GrammarError> {
        let text = CString::new(text).map_err(|_| GrammarError::Malformed)?;
        let patterns: Vec<CString> = triggers
            .iter()
            .filter(|t| !t.pattern.is_empty())
            .map(|t| CString::new(t.pattern.as_str()))
            .collect::<Result<_, _>>()
            .map_err(|_| GrammarError::Malformed)?;
        let mut pointers: Vec<_> = patterns.iter().map(|p| p.as_ptr()).collect();
        let tokens: Vec<Token> = triggers.iter().map(|t| t.token).filter(|&t| t >= 0).collect();
        // SAFETY: all strings are NUL-terminated and the lists passed with their lengths.
        let raw = unsafe {
            sys::llama_rs_sampler_init_grammar_lazy_patterns(
                model.vocab,
                text.as_ptr(),
                c"root".as_ptr(),
                pointers.as_mut_ptr(),
                pointers.len(),
                tokens.as_ptr(),
                tokens.len(),
            )
        };
        if raw.is_null() { Err(GrammarError::Malformed) } else { Ok(Self { raw, _model: model }) }
    }

    /// Whether `token` may come next.
    pub fn allows(&mut self, token: Token) -> bool {
        let mut one = [sys::llama_token_data { id: token, logit: 1.0, p: 0.0 }];
        self.apply(&mut one);
        one[0].logit != f32::NEG_INFINITY
    }

    /// The best-scored token that may come next.
    pub fn best(&mut self, logits: &[f32]) -> Option<Token> {
        let mut all: Vec<sys::llama_token_data> =
            (0..).zip(logits).map(|(id, &logit)| sys::llama_token_data { id, logit, p: 0.0 }).collect();
        self.apply(&mut all);
        all.iter()
            .filter(|t| t.logit != f32::NEG_INFINITY)
            .max_by(|a, b| a.logit.total_cmp(&b.logit))
            .map(|t| t.id)
    }

    /// Moves on over `token`.
    pub fn accept(&mut self, token: Token) -> Result<(), GrammarError> {
        // SAFETY: the sampler is open; the wrapper turns C++ exceptions into a status.
        let status = unsafe { sys::llama_rs_sampler_accept(self.raw, token) };
        if status == sys::LLAMA_RS_STATUS_OK { Ok(()) } else { Err(GrammarError::Refused) }
    }

    fn apply(&mut self, candidates: &mut [sys::llama_token_data]) {
        let mut list = sys::llama_token_data_array {
            data: candidates.as_mut_ptr(),
            size: candidates.len(),
            selected: -1,
            sorted: false,
        };
        // SAFETY: the list points to the candidates, which a grammar changes in place.
        unsafe { sys::llama_sampler_apply(self.raw, &raw mut list) };
    }
}

impl Drop for Grammar<'_> {
    fn drop(&mut self) {
        // SAFETY: opened by a constructor, freed once.
        unsafe { sys::llama_sampler_free(self.raw) };
    }
}

/// How much chance takes part in choosing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Randomness {
    /// 0 always takes the best token.
    pub temperature: f32,
    /// Chooses among the best tokens that together have this probability.
    pub top_p: f32,
    /// The same seed chooses the same tokens.
    pub seed: u32,
}

/// Chooses tokens by chance.
#[derive(Debug)]
pub struct Sampler(*mut sys::llama_sampler);

impl Sampler {
    /// A chooser; `None` when the best token is to be taken always.
    pub fn new(randomness: Randomness) -> Option<Self> {
        if randomness.temperature <= 0.0 {
            return None;
        }
        // SAFETY: the chain owns what is added to it.
        unsafe {
            let chain = sys::llama_sampler_chain_init(sys::llama_sampler_chain_default_params());
            sys::llama_sampler_chain_add(chain, sys::llama_sampler_init_top_k(40));
            sys::llama_sampler_chain_add(chain, sys::llama_sampler_init_top_p(randomness.top_p, 1));
            sys::llama_sampler_chain_add(chain, sys::llama_sampler_init_temp(randomness.temperature));
            sys::llama_sampler_chain_add(chain, sys::llama_sampler_init_dist(randomness.seed));
            Some(Self(chain))
        }
    }

    /// Chooses the next token, among those that `grammar` allows.
    pub fn choose(&mut self, logits: &[f32], grammar: Option<&mut Grammar<'_>>) -> Option<Token> {
        let mut all: Vec<sys::llama_token_data> =
            (0..).zip(logits).map(|(id, &logit)| sys::llama_token_data { id, logit, p: 0.0 }).collect();
        if let Some(grammar) = grammar {
            grammar.apply(&mut all);
            all.retain(|t| t.logit != f32::NEG_INFINITY);
        }
        if all.is_empty() {
            return None;
        }
        let mut list = sys::llama_token_data_array {
            data: all.as_mut_ptr(),
            size: all.len(),
            selected: -1,
            sorted: false,
        };
        // SAFETY: the list points to `all`; samplers reorder it in place and shrink its size.
        unsafe {
            sys::llama_sampler_apply(self.0, &raw mut list);
            let selected = usize::try_from(list.selected).ok().filter(|&i| i < list.size)?;
            Some((*list.data.add(selected)).id)
        }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        // SAFETY: opened by `new`, freed once, with the samplers it owns.
        unsafe { sys::llama_sampler_free(self.0) };
    }
}
