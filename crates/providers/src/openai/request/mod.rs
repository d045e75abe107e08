//! Writes a request as Chat Completions JSON.
//!
//! Invariant: the same conversation is written as the same bytes in every turn and only ever grows at
//! its end, so that a server's prefix cache keeps working.

use std::path::Path;

use jamey_engine::ports::{Image, Message, ProposedCall, Request};
use jamey_protocol::ToolDescription;
use serde::Serialize;
use serde_json::Value;

use crate::dialect::written::{SCHEMA_NAME, arguments, data_url};

/// What the embedded model's dialect adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extension {
    /// Nothing: the published format only.
    None,
    /// A field `jamey` with the session's folder.
    Folder,
}

/// The name by which a server knows the most tokens of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// What compatible servers know.
    MaxTokens,
    /// What OpenAI and Azure want; their reasoning models refuse the old name.
    MaxCompletionTokens,
}

/// Writes the body of `POST …/chat/completions`.
pub(crate) fn body(
    request: &Request,
    extension: Extension,
    limit: Limit,
) -> Result<Vec<u8>, serde_json::Error> {
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    if !request.system.is_empty() {
        messages.push(Line::text("system", &request.system));
    }
    for message in &request.messages {
        push(&mut messages, message)?;
    }
    let body = Body {
        model: &request.model,
        stream: true,
        stream_options: StreamOptions { include_usage: true },
        messages,
        tools: request.tools.iter().map(Tool::of).collect(),
        max_tokens: request.max_output.filter(|_| limit == Limit::MaxTokens),
        max_completion_tokens: request.max_output.filter(|_| limit == Limit::MaxCompletionTokens),
        response_format: request.schema.as_ref().map(Format::of),
        jamey: (extension == Extension::Folder).then(|| Jamey { cwd: &request.cwd }),
    };
    serde_json::to_vec(&body)
}

fn push<'a>(lines: &mut Vec<Line<'a>>, message: &'a Message) -> Result<(), serde_json::Error> {
    match message {
        Message::User { text, images } if images.is_empty() => lines.push(Line::text("user", text)),
        Message::User { text, images } => lines.push(Line {
            role: "user",
            content: Some(Content::Parts(parts(text, images))),
            tool_calls: Vec::new(),
            tool_call_id: None,
        }),
        // An answer that was interrupted before its first word says nothing, and servers refuse it.
        Message::Assistant { text, calls, .. } if text.is_empty() && calls.is_empty() => {}
        Message::Assistant { text, calls, .. } => lines.push(Line {
            role: "assistant",
            content: (!text.is_empty()).then_some(Content::Text(text)),
            tool_calls: calls.iter().map(Call::of).collect::<Result<_, _>>()?,
            tool_call_id: None,
        }),
        Message::Results(results) => lines.extend(results.iter().map(|result| Line {
            role: "tool",
            content: Some(Content::Text(&result.text)),
            tool_calls: Vec::new(),
            tool_call_id: Some(result.call_id.to_string()),
        })),
    }
    Ok(())
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    stream: bool,
    stream_options: StreamOptions,
    messages: Vec<Line<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Format<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jamey: Option<Jamey<'a>>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct Jamey<'a> {
    cwd: &'a Path,
}

#[derive(Serialize)]
struct Line<'a> {
    role: &'static str,
    // `null` is what the format asks for when an answer only calls.
    content: Option<Content<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<String>,
}

impl<'a> Line<'a> {
    fn text(role: &'static str, text: &'a str) -> Self {
        Self { role, content: Some(Content::Text(text)), tool_calls: Vec::new(), tool_call_id: None }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(&'a str),
    Parts(Vec<Part<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part<'a> {
    Text { text: &'a str },
    ImageUrl { image_url: ImageUrl },
}

#[derive(Serialize)]
struct ImageUrl {
    url: String,
}

fn parts<'a>(text: &'a str, images: &[Image]) -> Vec<Part<'a>> {
    let images = images.iter().map(|image| Part::ImageUrl { image_url: ImageUrl { url: data_url(image) } });
    // Servers refuse a part of text that is empty.
    (!text.is_empty()).then_some(Part::Text { text }).into_iter().chain(images).collect()
}

#[derive(Serialize)]
struct Format<'a> {
    r#type: &'static str,
    json_schema: Named<'a>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'static str,
    schema: &'a Value,
}

impl<'a> Format<'a> {
    fn of(schema: &'a Value) -> Self {
        Self { r#type: "json_schema", json_schema: Named { name: SCHEMA_NAME, schema } }
    }
}

#[derive(Serialize)]
struct Call<'a> {
    id: String,
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: String,
}

impl<'a> Call<'a> {
    fn of(call: &'a ProposedCall) -> Result<Self, serde_json::Error> {
        let arguments = serde_json::to_string(arguments(call).as_ref())?;
        Ok(Self {
            id: call.call_id.to_string(),
            r#type: "function",
            function: Function { name: &call.tool, arguments },
        })
    }
}

#[derive(Serialize)]
struct Tool<'a> {
    r#type: &'static str,
    function: Described<'a>,
}

#[derive(Serialize)]
struct Described<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a Value,
}

impl<'a> Tool<'a> {
    fn of(tool: &'a ToolDescription) -> Self {
        Self {
            r#type: "function",
            function: Described {
                name: &tool.name,
                description: &tool.description,
                parameters: &tool.parameters,
            },
        }
    }
}

#[cfg(test)]
mod tests;
