//! A chat request as it came, checked: after this, roles are known and every tool result has its call.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::RequestError;
use crate::llama::{Grammar, Model};

/// A request that makes sense.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatRequest {
    /// The name that the client gave the model.
    pub model: Option<String>,
    /// The conversation.
    pub messages: Vec<Message>,
    /// The conversation as it came, for the model's own template.
    pub raw_messages: Value,
    /// The tools offered, as they came.
    pub tools: Vec<Value>,
    /// Whether a tool may or must be called.
    pub tool_choice: ToolChoice,
    /// Whether to answer in pieces.
    pub stream: bool,
    /// Whether a streamed answer ends with the usage.
    pub include_usage: bool,
    /// The longest answer wanted.
    pub max_tokens: Option<usize>,
    /// How much chance takes part; models of the line protocol never use any.
    pub temperature: Option<f32>,
    /// Chance chooses among the best tokens that together have this probability.
    pub top_p: Option<f32>,
    /// The same seed gives the same answer.
    pub seed: Option<u32>,
    /// Texts that end the answer.
    pub stops: Vec<String>,
    /// The JSON schema that an answer in words must follow.
    pub schema: Option<Value>,
    /// The folder that relative paths of the user mean.
    pub cwd: Option<PathBuf>,
}

/// Whether a tool may or must be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// It must call one.
    Required,
}

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// Instructions.
    System(String),
    /// What the person said.
    User(String),
    /// What the model said or wanted.
    Assistant {
        /// Its words.
        text: String,
        /// The tools it called.
        calls: Vec<Call>,
    },
    /// What a tool gave back.
    Tool {
        /// Which call it answers.
        call_id: String,
        /// The result.
        text: String,
    },
}

/// A tool call of an earlier turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// What its result refers to.
    pub id: String,
    /// The tool.
    pub name: String,
    /// Its arguments.
    pub arguments: Map<String, Value>,
}

impl ChatRequest {
    /// Reads and checks the body of a request.
    pub fn read(body: &[u8]) -> Result<Self, RequestError> {
        let body: Body =
            serde_json::from_slice(body).map_err(|e| bad(format!("the request is not understood: {e}")))?;
        let raw: Vec<WireMessage> = serde::Deserialize::deserialize(&body.messages)
            .map_err(|e| bad(format!("a message is not understood: {e}")))?;
        let messages = raw.into_iter().enumerate().map(|(i, m)| m.check(i)).collect::<Result<Vec<_>, _>>()?;
        check_order(&messages)?;
        let (tools, tool_choice) = choose(body.tools.unwrap_or_default(), body.tool_choice.as_ref());
        Ok(Self {
            model: body.model,
            messages,
            raw_messages: body.messages,
            tools,
            tool_choice,
            stream: body.stream.unwrap_or(false),
            include_usage: body.stream_options.is_some_and(|o| o.include_usage),
            max_tokens: body.max_completion_tokens.or(body.max_tokens),
            temperature: body.temperature,
            top_p: body.top_p,
            seed: body.seed,
            stops: match body.stop {
                None => Vec::new(),
                Some(Stop::One(stop)) => vec![stop],
                Some(Stop::Many(stops)) => stops,
            },
            schema: body.response_format.and_then(Format::schema),
            cwd: body.jamey.and_then(|j| j.cwd).filter(|cwd| cwd.is_absolute()),
        })
    }

    /// The grammar of an answer that has to follow a schema.
    pub fn form<'m>(&self, model: &'m Model) -> Result<Option<Grammar<'m>>, RequestError> {
        let made = self.schema.as_ref().map(|schema| Grammar::of_schema(model, schema)).transpose();
        made.map_err(|why| bad(format!("the schema for the answer is not understood: {why}")))
    }

    /// The names of the tools offered.
    pub fn tool_names(&self) -> impl Iterator<Item = &str> {
        self.tools.iter().filter_map(|t| t.get("function")?.get("name")?.as_str())
    }
}

fn bad(message: impl Into<String>) -> RequestError {
    RequestError::BadRequest(message.into())
}

fn choose(tools: Vec<Value>, choice: Option<&Value>) -> (Vec<Value>, ToolChoice) {
    match choice {
        Some(Value::String(word)) if word == "none" => (Vec::new(), ToolChoice::Auto),
        Some(Value::String(word)) if word == "required" => (tools, ToolChoice::Required),
        Some(Value::Object(one)) => {
            let name = one.get("function").and_then(|f| f.get("name"));
            let only =
                tools.into_iter().filter(|t| t.get("function").and_then(|f| f.get("name")) == name).collect();
            (only, ToolChoice::Required)
        }
        _ => (tools, ToolChoice::Auto),
    }
}

fn check_order(messages: &[Message]) -> Result<(), RequestError> {
    if !messages.iter().any(|m| matches!(m, Message::User(_))) {
        return Err(bad("the conversation has no user message"));
    }
    let mut asked: HashSet<&str> = HashSet::new();
    for message in messages {
        match message {
            Message::Assistant { calls, .. } => asked.extend(calls.iter().map(|c| c.id.as_str())),
            Message::Tool { call_id, .. } => {
                if !asked.remove(call_id.as_str()) {
                    return Err(bad(format!("the tool result `{call_id}` answers no tool call")));
                }
            }
            Message::System(_) | Message::User(_) => {}
        }
    }
    match messages.last() {
        Some(Message::Assistant { .. }) => Err(bad("the last message must not be the assistant's")),
        _ => Ok(()),
    }
}

#[derive(Deserialize)]
struct Body {
    model: Option<String>,
    messages: Value,
    tools: Option<Vec<Value>>,
    tool_choice: Option<Value>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    max_tokens: Option<usize>,
    max_completion_tokens: Option<usize>,
    temperature: Option<f32>,
    top_p: Option<f32>,
    seed: Option<u32>,
    stop: Option<Stop>,
    response_format: Option<Format>,
    jamey: Option<Extension>,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

#[derive(Deserialize)]
struct Extension {
    cwd: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Stop {
    One(String),
    Many(Vec<String>),
}

/// `{"type": "json_schema", "json_schema": {"schema": …}}`, `{"type": "json_object"}`, or words of any form.
#[derive(Deserialize)]
struct Format {
    r#type: String,
    json_schema: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    schema: Option<Value>,
}

impl Format {
    fn schema(self) -> Option<Value> {
        let any = || Value::from_iter([("type", "object")]);
        match self.r#type.as_str() {
            "json_schema" => Some(self.json_schema.and_then(|named| named.schema).unwrap_or_else(any)),
            "json_object" => Some(any()),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct WireMessage {
    role: String,
    content: Option<Content>,
    tool_calls: Option<Vec<WireCall>>,
    tool_call_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<HashMap<String, Value>>),
}

#[derive(Deserialize)]
struct WireCall {
    id: String,
    function: WireFunction,
}

#[derive(Deserialize)]
struct WireFunction {
    name: String,
    arguments: String,
}

impl WireMessage {
    fn check(self, index: usize) -> Result<Message, RequestError> {
        let text = match self.content {
            None => String::new(),
            Some(Content::Text(text)) => text,
            Some(Content::Parts(parts)) => join(&parts)?,
        };
        match self.role.as_str() {
            "system" | "developer" => Ok(Message::System(text)),
            "user" => Ok(Message::User(text)),
            "assistant" => {
                let calls = self.tool_calls.unwrap_or_default().into_iter().map(WireCall::check);
                Ok(Message::Assistant { text, calls: calls.collect::<Result<_, _>>()? })
            }
            "tool" => {
                let call_id =
                    self.tool_call_id.ok_or_else(|| bad(format!("message {index} names no tool call")))?;
                Ok(Message::Tool { call_id, text })
            }
            other => Err(bad(format!("message {index} has the unknown role `{other}`"))),
        }
    }
}

fn join(parts: &[HashMap<String, Value>]) -> Result<String, RequestError> {
    let texts = parts.iter().map(|part| part.get("text").and_then(Value::as_str));
    texts.collect::<Option<Vec<_>>>().map(|t| t.join("\n")).ok_or_else(|| bad("this model reads text only"))
}

impl WireCall {
    fn check(self) -> Result<Call, RequestError> {
        let text = if self.function.arguments.trim().is_empty() { "{}" } else { &self.function.arguments };
        let arguments = serde_json::from_str(text).map_err(|e| {
            bad(format!("the arguments of the tool call `{}` are not a JSON object: {e}", self.id))
        })?;
        Ok(Call { id: self.id, name: self.function.name, arguments })
    }
}
