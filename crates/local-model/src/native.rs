//! The native protocol: the model's own chat template and its own way to call tools.
//!
//! llama.cpp renders the template, says which grammar the calls obey, and parses the answer. Models whose
//! template knows no tools just answer in text.

use serde_json::{Map, Value, json};

use crate::engine::{End, Generated, Guidance, Outlet, Tape};
use crate::error::{RequestError, StartError};
use crate::llama::{ChatTemplates, Grammar, Model, Randomness, Rendered, Sampler, Token};
use crate::prompt::Prompt;
use crate::reply::{Finish, Usage};
use crate::request::{ChatRequest, ToolChoice};

/// The longest answer when the request names no limit.
const MOST_TOKENS: usize = 2048;
/// The least room that an answer is left with.
const LEAST_ANSWER: usize = 64;
/// Shorter beginnings are computed sooner than a file is read.
const LEAST_KEPT: usize = 64;

/// Speaks the model's own protocol.
#[derive(Debug)]
pub struct NativeSpeaker<'m> {
    model: &'m Model,
    templates: ChatTemplates<'m>,
    control_words: Vec<String>,
    /// The stable beginning that was found last, and for what.
    last_stable: Option<(String, usize)>,
}

impl<'m> NativeSpeaker<'m> {
    /// A speaker for `model`.
    pub fn open(model: &'m Model) -> Result<Self, StartError> {
        let templates = ChatTemplates::open(model)
            .ok_or_else(|| StartError::LoadFailed("its chat template is not understood".to_owned()))?;
        Ok(Self { model, templates, control_words: model.control_words(), last_stable: None })
    }

    /// Answers `request`.
    pub fn answer(
        &mut self,
        tape: &mut Tape<'m>,
        request: &ChatRequest,
        outlet: &Outlet,
    ) -> Result<(Finish, Usage), RequestError> {
        let form = request.form(self.model)?;
        let rendered = self.render(&request.raw_messages, request)?;
        let prompt = self.tokenize(&rendered.prompt);
        let limit = tape.room().saturating_sub(LEAST_ANSWER.min(request.max_tokens.unwrap_or(LEAST_ANSWER)));
        if prompt.len() > limit {
            return Err(RequestError::ContextLengthExceeded { limit, asked: prompt.len() });
        }
        let stable = self.stable(request, &prompt);
        outlet.accepted();
        let cached = tape.prefill(&prompt, stable)?;
        let room = tape.room().saturating_sub(prompt.len() + 1).max(1);
        let generated = self.generate(tape, request, form, &rendered, room, outlet)?;
        let usage = Usage { prompt: prompt.len(), cached, completion: generated.count };
        Ok((self.finish(&generated, &rendered, request, outlet), usage))
    }

    fn render(&self, messages: &Value, request: &ChatRequest) -> Result<Rendered, RequestError> {
        let choice = match request.tool_choice {
            ToolChoice::Auto => "auto",
            ToolChoice::Required => "required",
        };
        self.templates.apply(&hide(messages, &self.control_words), &request.tools, choice).map_err(
            |problem| {
                RequestError::BadRequest(format!("the model's template refuses the conversation: {problem}"))
            },
        )
    }

    fn tokenize(&self, text: &str) -> Vec<Token> {
        let mut tokens = reveal(text, &self.control_words).tokenize(self.model);
        if let Some(opening) = self.model.opening()
            && tokens.first() != Some(&opening)
        {
            tokens.insert(0, opening);
        }
        tokens
    }

    /// How much of the prompt stays the same whatever the user says: instructions and tools.
    fn stable(&mut self, request: &ChatRequest, prompt: &[Token]) -> usize {
        let system: Vec<Value> = request
            .raw_messages
            .as_array()
            .into_iter()
            .flatten()
            .take_while(|m| m["role"] == "system" || m["role"] == "developer")
            .cloned()
            .collect();
        let key = format!("{}{}", Value::from(system.clone()), Value::from(request.tools.as_slice()));
        if let Some((known, length)) = &self.last_stable
            && *known == key
        {
            return (*length).min(prompt.len());
        }
        let mut probe = system;
        // A beginning unlike that of any message: what both prompts share is the stable part.
        probe.push(json!({"role": "user", "content": "\u{1}"}));
        let length = self.render(&Value::from(probe), request).map_or(0, |rendered| {
            let other = self.tokenize(&rendered.prompt);
            other.iter().zip(prompt).take_while(|(a, b)| a == b).count()
        });
        let length = if length < LEAST_KEPT { 0 } else { length };
        self.last_stable = Some((key, length));
        length
    }

    fn generate(
        &self,
        tape: &mut Tape<'m>,
        request: &ChatRequest,
        form: Option<Grammar<'m>>,
        rendered: &Rendered,
        room: usize,
        outlet: &Outlet,
    ) -> Result<Generated, RequestError> {
        // With tools the model must be free to call, so that its instructions alone say what form the answer has.
        let form = form.filter(|_| request.tools.is_empty());
        let mut grammar = if form.is_some() { form } else { self.grammar(rendered)? };
        let mut sampler = Sampler::new(Randomness {
            temperature: request.temperature.unwrap_or(0.0),
            top_p: request.top_p.unwrap_or(0.95),
            seed: request.seed.unwrap_or(u32::MAX),
        });
        let stops: Vec<String> = rendered.stops.iter().chain(&request.stops).cloned().collect();
        let preserved: Vec<Token> =
            rendered.preserved.iter().flat_map(|w| self.model.tokenize(w, true)).collect();
        let guidance = Guidance {
            grammar: grammar.as_mut(),
            ends_with_grammar: false,
            sampler: sampler.as_mut(),
            max_tokens: request.max_tokens.unwrap_or(MOST_TOKENS).clamp(1, room),
            stops: &stops,
            preserved: &preserved,
        };
        let parses = !request.tools.is_empty();
        let (mut all, mut shown) = (String::new(), 0);
        tape.generate(guidance, &mut |piece| {
            if !parses {
                outlet.text(piece);
                return;
            }
            // With tools only the parser knows what is text and what is the beginning of a call.
            all.push_str(piece);
            if let Ok(message) = rendered.parse(&all, true)
                && let Some(text) = message["content"].as_str().and_then(|t| t.get(shown..))
            {
                outlet.text(text);
                shown += text.len();
            }
        })
        .map(|generated| Generated { text: generated.text, ..generated })
        .inspect(|generated| {
            if parses {
                self.finish_text(generated, rendered, shown, outlet);
            }
        })
    }

    fn grammar(&self, rendered: &Rendered) -> Result<Option<Grammar<'m>>, RequestError> {
        if rendered.grammar.is_empty() {
            return Ok(None);
        }
        let broken =
            |_| RequestError::Internal("the grammar for this model's tool calls is broken".to_owned());
        if rendered.lazy {
            return Grammar::lazy(self.model, &rendered.grammar, &rendered.triggers)
                .map(Some)
                .map_err(broken);
        }
        let mut grammar = Grammar::new(self.model, &rendered.grammar).map_err(broken)?;
        // The template has begun the answer already, and the grammar describes all of it.
        for token in self.model.tokenize(&rendered.generation_prompt, true) {
            grammar.accept(token).map_err(broken)?;
        }
        Ok(Some(grammar))
    }

    /// Hands out the text that a partial reading held back.
    fn finish_text(&self, generated: &Generated, rendered: &Rendered, shown: usize, outlet: &Outlet) {
        let whole = rendered.parse(&generated.text, generated.end == End::Length);
        // What cannot be parsed is shown as it is: better than nothing at all.
        let text = whole.map_or_else(
            |_| generated.text.clone(),
            |message| message["content"].as_str().unwrap_or_default().to_owned(),
        );
        if let Some(rest) = text.get(shown..) {
            outlet.text(rest);
        }
    }

    fn finish(
        &self,
        generated: &Generated,
        rendered: &Rendered,
        request: &ChatRequest,
        outlet: &Outlet,
    ) -> Finish {
        let calls = if request.tools.is_empty() || generated.end == End::Length {
            Vec::new()
        } else {
            rendered.parse(&generated.text, false).map(|m| calls(&m)).unwrap_or_default()
        };
        for (name, arguments) in &calls {
            outlet.call(name, arguments.clone());
        }
        match generated.end {
            _ if !calls.is_empty() => Finish::ToolCalls,
            End::Length => Finish::Length,
            End::Natural | End::Stop => Finish::Stop,
        }
    }
}

fn calls(message: &Value) -> Vec<(String, Value)> {
    let read = |call: &Value| {
        let function = call.get("function")?;
        let arguments: Map<String, Value> = match function.get("arguments")? {
            Value::String(text) => serde_json::from_str(text).ok()?,
            Value::Object(map) => map.clone(),
            _ => return None,
        };
        Some((function.get("name")?.as_str()?.to_owned(), Value::Object(arguments)))
    };
    message["tool_calls"].as_array().into_iter().flatten().filter_map(read).collect()
}

/// Marks that stand for control words while a template is rendered; they are in no alphabet.
const OPEN: char = '\u{F0000}';
const CLOSE: char = '\u{F0001}';

/// Replaces control words in all texts of `value`, so that a template cannot mistake them for its own.
fn hide(value: &Value, control_words: &[String]) -> Value {
    match value {
        Value::String(text) => Value::String(hide_text(text, control_words)),
        Value::Array(list) => list.iter().map(|v| hide(v, control_words)).collect(),
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), hide(v, control_words))).collect(),
        other => other.clone(),
    }
}

fn hide_text(text: &str, control_words: &[String]) -> String {
    let mut out = text.replace([OPEN, CLOSE], "");
    // Nearly every text has none of them, and looking for one character is cheap.
    if !out.contains(['<', '[', '|']) {
        return out;
    }
    for (i, word) in control_words.iter().enumerate() {
        if out.contains(word.as_str()) {
            out = out.replace(word.as_str(), &format!("{OPEN}{i}{CLOSE}"));
        }
    }
    out
}

/// Cuts a rendered template at the marks, and puts the words back as ordinary text.
fn reveal(text: &str, control_words: &[String]) -> Prompt {
    let mut prompt = Prompt::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        prompt.template(before);
        let Some((number, behind)) = after.split_once(CLOSE) else {
            rest = after;
            break;
        };
        if let Some(word) = number.parse::<usize>().ok().and_then(|i| control_words.get(i)) {
            prompt.plain(word);
        }
        rest = behind;
    }
    prompt.template(rest);
    prompt
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::Piece;
    use proptest::prelude::*;

    fn words() -> Vec<String> {
        vec!["<|im_start|>".to_owned(), "<|im_end|>".to_owned()]
    }

    #[test]
    fn control_words_of_others_end_up_as_ordinary_text() {
        let hidden = hide(&json!([{"role": "user", "content": "a<|im_end|>b"}]), &words());
        let content = hidden[0]["content"].as_str().unwrap();
        assert!(!content.contains("im_end"));
        let prompt = reveal(&format!("<|im_start|>user\n{content}<|im_end|>"), &words());
        assert_eq!(
            prompt.pieces(),
            [
                Piece::Template("<|im_start|>user\na".into()),
                Piece::Plain("<|im_end|>".into()),
                Piece::Template("b<|im_end|>".into()),
            ]
        );
    }

    #[test]
    fn calls_are_read_whether_arguments_are_text_or_not() {
        let message = json!({"tool_calls": [
            {"function": {"name": "a", "arguments": "{\"x\":1}"}},
            {"function": {"name": "b", "arguments": {"y": 2}}},
            {"function": {"name": "broken", "arguments": "{"}},
        ]});
        assert_eq!(calls(&message), [("a".to_owned(), json!({"x": 1})), ("b".to_owned(), json!({"y": 2}))]);
    }

    proptest! {
        #[test]
        fn hiding_and_revealing_gives_the_text_back(parts in proptest::collection::vec("<\\|im_end\\|>|<\\|im_start\\|>|[a-z<|>]{0,5}", 0..8)) {
            let text = parts.concat();
            prop_assert_eq!(reveal(&hide_text(&text, &words()), &words()).text(), text);
        }
    }
}
