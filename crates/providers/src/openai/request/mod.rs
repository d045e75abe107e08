//! Writes a request as Chat Completions JSON.
//!
//! Invariant: the same conversation is written as the same bytes in every turn and only ever grows at
//! its end, so that a server's prefix cache keeps working.

use std::{borrow::Cow, path::Path};

use jamey_engine::ports::{Message, ProposedCall, Request};
use jamey_protocol::ToolDescription;
use serde::Serialize;
use serde_json::Value;

/// What the embedded model's dialect adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extension {
    /// Nothing: the published format only.
    None,
    /// A field `jamey` with the session's folder.
    Folder,
}

/// Writes the body of `POST …/chat/completions`.
pub(crate) fn body(request: &Request, extension: Extension) -> Result<Vec<u8>, serde_json::Error> {
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
        jamey: (extension == Extension::Folder).then(|| Jamey { cwd: &request.cwd }),
    };
    serde_json::to_vec(&body)
}

fn push<'a>(lines: &mut Vec<Line<'a>>, message: &'a Message) -> Result<(), serde_json::Error> {
    match message {
        Message::User { text, .. } => lines.push(Line::text("user", text)),
        // An answer that was interrupted before its first word says nothing, and servers refuse it.
        Message::Assistant { text, calls, .. } if text.is_empty() && calls.is_empty() => {}
        Message::Assistant { text, calls, .. } => lines.push(Line {
            role: "assistant",
            content: (!text.is_empty()).then_some(text),
            tool_calls: calls.iter().map(Call::of).collect::<Result<_, _>>()?,
            tool_call_id: None,
        }),
        Message::Results(results) => lines.extend(results.iter().map(|result| Line {
            role: "tool",
            content: Some(&result.text),
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
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<String>,
}

impl<'a> Line<'a> {
    fn text(role: &'static str, text: &'a str) -> Self {
        Self { role, content: Some(text), tool_calls: Vec::new(), tool_call_id: None }
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
    arguments: Cow<'a, str>,
}

impl<'a> Call<'a> {
    fn of(call: &'a ProposedCall) -> Result<Self, serde_json::Error> {
        let arguments = match &call.arguments {
            Ok(value) => Cow::Owned(serde_json::to_string(value)?),
            Err(text) => Cow::Owned(serde_json::to_string(&Broken { invalid_arguments: text })?),
        };
        Ok(Self {
            id: call.call_id.to_string(),
            r#type: "function",
            function: Function { name: &call.tool, arguments },
        })
    }
}

/// Servers that render the conversation through a template parse old arguments again and refuse the
/// whole request over one that is no JSON object; so the model's broken text is shown to it inside one.
#[derive(Serialize)]
struct Broken<'a> {
    invalid_arguments: &'a str,
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
