//! One suite for every dialect: recorded streams in any framing and cut at every byte, the faults of a bad
//! day, each vendor's errors, and what is carried back to whom.
#![allow(clippy::unwrap_used)]

#[path = "../fake/mod.rs"]
mod fake;
mod faults;
mod matrix;
mod recorded;
mod requests;
mod schemas;
mod tries;
mod vendors;

use std::sync::Arc;

use fake::{Fake, got::Got};
use jamey_engine::ports::{Message, Provider, Request};
use jamey_providers::{
    AnthropicProvider, AzureOptions, ChatProvider, GeminiProvider, OllamaProvider, ResponsesProvider, Secret,
    ServerOptions, Thinking, Timeouts,
};
use serde_json::{Value, json};

/// A dialect and what its streams look like.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    pub name: &'static str,
    /// Folder of its recordings.
    pub folder: &'static str,
    pub media_type: &'static str,
    make: fn(ServerOptions) -> Arc<dyn Provider>,
    /// One event that says something.
    say: fn(&str) -> Value,
    /// What ends an answer.
    end: &'static str,
}

const SSE: &str = "text/event-stream";

pub const CHAT: Dialect = Dialect {
    name: "chat",
    folder: "openai",
    media_type: SSE,
    make: |options| Arc::new(ChatProvider::new(options).unwrap()),
    say: |text| json!({"choices": [{"index": 0, "delta": {"content": text}}]}),
    end: "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
};

pub const AZURE: Dialect = Dialect {
    name: "azure",
    make: |server| Arc::new(AzureOptions { server, ..AzureOptions::default() }.chat().unwrap()),
    ..CHAT
};

/// Azure's older addresses, which name the deployment.
pub const AZURE_BY_DEPLOYMENT: Dialect = Dialect {
    name: "azure-by-deployment",
    make: |server| {
        let api_version = Some("2024-10-21".to_owned());
        Arc::new(AzureOptions { server, api_version, ..AzureOptions::default() }.chat().unwrap())
    },
    ..CHAT
};

pub const AZURE_RESPONSES: Dialect = Dialect {
    name: "azure-responses",
    make: |server| Arc::new(AzureOptions { server, ..AzureOptions::default() }.responses().unwrap()),
    ..RESPONSES
};

pub const RESPONSES: Dialect = Dialect {
    name: "responses",
    folder: "responses",
    media_type: SSE,
    make: |options| Arc::new(ResponsesProvider::new(options).unwrap()),
    say: |text| json!({"type": "response.output_text.delta", "output_index": 0, "delta": text}),
    end: "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n",
};

pub const ANTHROPIC: Dialect = Dialect {
    name: "anthropic",
    folder: "anthropic",
    media_type: SSE,
    make: |options| Arc::new(AnthropicProvider::new(options, Thinking::default()).unwrap()),
    say: |text| json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}),
    end: "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n",
};

pub const GEMINI: Dialect = Dialect {
    name: "gemini",
    folder: "gemini",
    media_type: SSE,
    make: |options| Arc::new(GeminiProvider::new(options).unwrap()),
    say: |text| json!({"candidates": [{"content": {"parts": [{"text": text}], "role": "model"}}]}),
    end: "data: {\"candidates\":[{\"finishReason\":\"STOP\"}]}\n\n",
};

pub const OLLAMA: Dialect = Dialect {
    name: "ollama",
    folder: "ollama",
    media_type: "application/x-ndjson",
    make: |options| Arc::new(OllamaProvider::new(options, None).unwrap()),
    say: |text| json!({"message": {"role": "assistant", "content": text}, "done": false}),
    end: "{\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\"}\n",
};

pub const ALL: [Dialect; 8] =
    [CHAT, AZURE, AZURE_BY_DEPLOYMENT, RESPONSES, AZURE_RESPONSES, ANTHROPIC, GEMINI, OLLAMA];

impl Dialect {
    /// A server and a provider that asks it.
    pub async fn start(self) -> (Fake, Arc<dyn Provider>) {
        self.start_with(Timeouts::default()).await
    }

    pub async fn start_with(self, timeouts: Timeouts) -> (Fake, Arc<dyn Provider>) {
        let fake = Fake::start().await;
        let info = json!({"general.architecture": "a", "a.context_length": 32768});
        fake.beside("POST /api/show", &json!({ "model_info": info }).to_string());
        fake.beside("GET /api/ps", "{\"models\":[]}");
        fake.beside("GET /api/tags", "{\"models\":[]}");
        let base_url = match self.name {
            "azure" | "azure-by-deployment" | "azure-responses" | "ollama" => {
                format!("http://127.0.0.1:{}", fake.port)
            }
            _ => fake.base_url(),
        };
        let provider = (self.make)(ServerOptions {
            id: self.name.into(),
            base_url,
            key: Some(Secret::new("sk-canary-123")),
            key_name: Some("TEST_API_KEY".into()),
            timeouts,
            ..ServerOptions::default()
        });
        (fake, provider)
    }

    /// The bytes of an event that says `text`.
    pub fn said(self, text: &str) -> String {
        let event = (self.say)(text);
        if self.media_type == SSE { format!("data: {event}\n\n") } else { format!("{event}\n") }
    }

    /// The bytes of an answer that says `text` and ends.
    pub fn answer(self, text: &str) -> String {
        self.said(text) + self.end
    }
}

pub fn request() -> Request {
    Request { model: "m-1".into(), messages: vec![Message::user("hello")], ..Request::default() }
}

pub async fn ask(provider: &Arc<dyn Provider>) -> Got {
    fake::got::ask_with(&**provider, request()).await
}
