//! Answers and errors in the shapes of OpenAI's Chat Completions.

use serde_json::{Value, json};

use crate::error::RequestError;
use crate::reply::{Event, Finish, Usage};

/// What all pieces of one answer have in common.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its id.
    pub id: String,
    /// Seconds since 1970.
    pub created: u64,
    /// The model's name, as the client knows it.
    pub model: String,
    /// How many tool calls it has so far.
    calls: usize,
}

impl Answer {
    /// The answer to the request with this number.
    pub fn new(number: u64, model: String) -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        // The process and the time make ids of tool calls unique over restarts, which a session outlives.
        let id = format!("{:x}-{:x}-{number:x}", now.as_millis(), std::process::id());
        Self { id, created: now.as_secs(), model, calls: 0 }
    }

    fn call_id(&self, index: usize) -> String {
        format!("call_{}-{index}", self.id)
    }

    /// The piece that opens a stream.
    pub fn opening(&self) -> Value {
        self.chunk(&json!({"role": "assistant"}), None)
    }

    /// The piece for `event`; `None` for those that have none.
    pub fn piece(&mut self, event: &Event) -> Option<Value> {
        match event {
            Event::Text(text) => Some(self.chunk(&json!({"content": text}), None)),
            Event::Call { name, arguments } => {
                let index = self.calls;
                self.calls += 1;
                let call = json!({"index": index, "id": self.call_id(index), "type": "function",
                    "function": {"name": name, "arguments": arguments.to_string()}});
                Some(self.chunk(&json!({"tool_calls": [call]}), None))
            }
            Event::Done { finish, .. } => Some(self.chunk(&json!({}), Some(*finish))),
            Event::Accepted | Event::Failed(_) => None,
        }
    }

    /// The piece with the usage, which has no choices.
    pub fn usage(&self, usage: Usage) -> Value {
        json!({"id": self.name(), "object": "chat.completion.chunk", "created": self.created, "model": self.model,
            "choices": [], "usage": usage_of(usage)})
    }

    /// The whole answer at once.
    pub fn whole(&self, text: &str, calls: &[(String, Value)], finish: Finish, usage: Usage) -> Value {
        let content = if text.is_empty() && !calls.is_empty() { Value::Null } else { Value::from(text) };
        let mut message = json!({"role": "assistant", "content": content});
        if !calls.is_empty() {
            message["tool_calls"] = calls
                .iter()
                .enumerate()
                .map(|(i, (name, arguments))| {
                    json!({"id": self.call_id(i), "type": "function",
                        "function": {"name": name, "arguments": arguments.to_string()}})
                })
                .collect();
        }
        json!({"id": self.name(), "object": "chat.completion", "created": self.created, "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": finish.word()}], "usage": usage_of(usage)})
    }

    fn chunk(&self, delta: &Value, finish: Option<Finish>) -> Value {
        json!({"id": self.name(), "object": "chat.completion.chunk", "created": self.created, "model": self.model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish.map(Finish::word)}]})
    }

    fn name(&self) -> String {
        format!("chatcmpl-{}", self.id)
    }
}

fn usage_of(usage: Usage) -> Value {
    json!({"prompt_tokens": usage.prompt, "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached}})
}

/// An error as OpenAI writes it.
pub fn error(problem: &RequestError) -> Value {
    let kind = if problem.status() < 500 { "invalid_request_error" } else { "server_error" };
    json!({"error": {"message": problem.to_string(), "type": kind, "code": problem.code(), "param": null}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_have_ids_and_rising_indices() {
        let mut answer = Answer::new(3, "m".into());
        let call = Event::Call { name: "f".into(), arguments: json!({"a": 1}) };
        let (first, second) = (answer.piece(&call).unwrap(), answer.piece(&call).unwrap());
        let of = |v: &Value| v["choices"][0]["delta"]["tool_calls"][0].clone();
        assert_eq!((of(&first)["index"].clone(), of(&second)["index"].clone()), (json!(0), json!(1)));
        assert_ne!(of(&first)["id"], of(&second)["id"]);
        assert_eq!(of(&first)["function"], json!({"name": "f", "arguments": "{\"a\":1}"}));
    }

    #[test]
    fn an_error_says_its_code_and_what_to_know() {
        let value = error(&RequestError::ContextLengthExceeded { limit: 100, asked: 250 });
        assert_eq!(value["error"]["code"], "context_length_exceeded");
        assert_eq!(
            value["error"]["message"],
            "the conversation takes 250 tokens and the model has room for 100"
        );
    }
}
