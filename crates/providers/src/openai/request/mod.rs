//! Writes a request as Chat Completions JSON.
//!
//! Invariant: the same conversation is written as the same bytes in every turn and only ever grows at
//! its end, so that a server's prefix cache keeps working. Users and assistants take turns: templates of local
//! models (Gemma's, Devstral's) refuse two messages of the user in a row.

use std::{borrow::Cow, path::Path};

use jamey_engine::ports::{Image, Message, ProposedCall, Request};
use jamey_protocol::{CallId, SessionId, ToolDescription};
use serde::Serialize;
use serde_json::Value;

use super::{
    habits::{Cache, Habits, Schema, Thoughts},
    sealed::{Field, Sealed},
};
use crate::dialect::{
    opaque::unpack,
    schema,
    written::{arguments, data_url},
};

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

/// How one server wants it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style<'a> {
    /// The provider's half of `provider/model`.
    pub provider: &'a str,
    pub extension: Extension,
    pub limit: Limit,
    pub habits: Habits,
}

/// Stands where the model was stopped before it answered to the results of its calls, and the user spoke next.
const BRIDGE: &str = "(No answer: the user went on first.)";

/// Writes the body of `POST …/chat/completions`.
pub(crate) fn body(request: &Request, style: Style<'_>) -> Result<Vec<u8>, serde_json::Error> {
    let Style { extension, limit, habits, .. } = style;
    let most = habits.limit(request);
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    let is_told = matches!(habits.schema, Schema::Words | Schema::Both);
    let system = if is_told { schema::told(request) } else { Cow::Borrowed(request.system.as_str()) };
    if !system.is_empty() {
        messages.push(Line { content: Some(Content::Text(system)), ..Line::of("system") });
    }
    for message in &request.messages {
        push(&mut messages, message, request, style)?;
    }
    let body = Body {
        model: &request.model,
        stream: true,
        stream_options: habits.asked_for_usage.then_some(StreamOptions { include_usage: true }),
        messages,
        tools: request.tools.iter().map(Tool::of).collect(),
        tool_choice: (request.calls_off && !request.tools.is_empty()).then_some("none"),
        max_tokens: most.filter(|_| limit == Limit::MaxTokens),
        max_completion_tokens: most.filter(|_| limit == Limit::MaxCompletionTokens),
        response_format: request
            .schema
            .as_ref()
            .filter(|_| habits.schema != Schema::Words)
            .map(|schema| Format::of(schema, habits)),
        prompt_cache_key: request.session.filter(|_| habits.cache == Cache::BySession),
        session_id: request.session.filter(|_| habits.cache == Cache::OpenRouter),
        cache_control: (habits.cache == Cache::OpenRouter && request.model.starts_with("anthropic/"))
            .then_some(CacheControl { r#type: "ephemeral" }),
        jamey: (extension == Extension::Folder).then(|| Jamey { cwd: &request.cwd }),
    };
    serde_json::to_vec(&body)
}

fn push<'a>(
    lines: &mut Vec<Line<'a>>,
    message: &'a Message,
    request: &'a Request,
    style: Style<'a>,
) -> Result<(), serde_json::Error> {
    match message {
        Message::User { text, images } => match lines.last_mut() {
            Some(Line { role: "user", content: Some(content), .. }) => content.go_on(text, images),
            Some(Line { role: "tool", .. }) if style.habits.bridged => {
                let mut bridge =
                    Line { content: Some(Content::Text(BRIDGE.into())), ..Line::of("assistant") };
                if style.habits.thoughts == Thoughts::Everywhere {
                    bridge.reasoning_content.get_or_insert_default();
                }
                lines.push(bridge);
                lines.push(Line { content: Some(Content::of(text, images)), ..Line::of("user") });
            }
            _ => lines.push(Line { content: Some(Content::of(text, images)), ..Line::of("user") }),
        },
        // An answer that was interrupted before its first word says nothing, and servers refuse it.
        Message::Assistant { text, calls, .. } if text.is_empty() && calls.is_empty() => {}
        Message::Assistant { reasoning, text, calls } => {
            let mut line = Line {
                content: (!text.is_empty()).then_some(Content::Text(text.into())),
                tool_calls: calls.iter().map(Call::of).collect::<Result<_, _>>()?,
                ..Line::of("assistant")
            };
            if style.habits.thoughts != Thoughts::Never {
                for (words, sealed, _) in unpack(reasoning, style.provider, &request.model) {
                    line.think(words, sealed);
                }
            }
            if style.habits.thoughts == Thoughts::Everywhere {
                line.reasoning_content.get_or_insert_default();
            }
            lines.push(line);
        }
        Message::Results(results) => lines.extend(results.iter().map(|result| Line {
            content: Some(Content::Text(Cow::Borrowed(&result.text))),
            tool_call_id: Some(short(result.call_id)),
            ..Line::of("tool")
        })),
    }
    Ok(())
}

/// A call's id as servers take it: Mistral, and the templates of its older models, want exactly nine letters and
/// digits (vllm, mlx-lm#1375, opencode#1680). They are made from the random end of the id; its front is the time.
fn short(id: CallId) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = id.0.as_u64_pair().1;
    let letter = |_| {
        let at = usize::try_from(rest % 62).unwrap_or_default();
        rest /= 62;
        char::from(LETTERS[at])
    };
    (0..9).map(letter).collect()
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    messages: Vec<Line<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Format<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<SessionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<SessionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jamey: Option<Jamey<'a>>,
}

#[derive(Serialize)]
struct CacheControl {
    r#type: &'static str,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasoning_details: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<String>,
}

impl<'a> Line<'a> {
    fn of(role: &'static str) -> Self {
        Self {
            role,
            content: None,
            reasoning_content: None,
            reasoning: None,
            reasoning_details: Vec::new(),
            tool_calls: Vec::new(),
            tool_call_id: None,
        }
    }

    /// Adds a thought in the form in which it came.
    fn think(&mut self, words: &'a str, sealed: Sealed) {
        let field = match sealed.field {
            Some(Field::Content) => {
                self.think_in_content(words);
                None
            }
            Some(Field::ReasoningContent) => Some(&mut self.reasoning_content),
            Some(Field::Reasoning) => Some(&mut self.reasoning),
            None => None,
        };
        if let Some(field) = field {
            field.get_or_insert_default().push_str(words);
        }
        self.reasoning_details.extend(sealed.reasoning_details);
        for (at, extra) in sealed.extra_content {
            if let Some(call) = self.tool_calls.get_mut(at) {
                call.extra_content = Some(extra);
            }
        }
    }

    /// Adds a thought in front of the words, behind those that are there.
    fn think_in_content(&mut self, words: &'a str) {
        let mut parts = match self.content.take() {
            Some(Content::Parts(parts)) => parts,
            Some(Content::Text(text)) => vec![Part::Text { text }],
            None => Vec::new(),
        };
        let before = parts.iter().take_while(|part| matches!(part, Part::Thinking { .. })).count();
        parts.insert(before, Part::Thinking { thinking: vec![Part::Text { text: words.into() }] });
        self.content = Some(Content::Parts(parts));
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(Cow<'a, str>),
    Parts(Vec<Part<'a>>),
}

impl<'a> Content<'a> {
    fn of(text: &'a str, images: &[Image]) -> Self {
        if images.is_empty() { Self::Text(text.into()) } else { Self::Parts(parts(text, images)) }
    }

    /// Adds what the user said next.
    fn go_on(&mut self, text: &'a str, images: &[Image]) {
        match self {
            Self::Text(so_far) if images.is_empty() => {
                let so_far = so_far.to_mut();
                so_far.push_str("\n\n");
                so_far.push_str(text);
            }
            Self::Text(so_far) => {
                let before = Part::Text { text: std::mem::take(so_far) };
                *self = Self::Parts(std::iter::once(before).chain(parts(text, images)).collect());
            }
            Self::Parts(so_far) => so_far.extend(parts(text, images)),
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part<'a> {
    Text { text: Cow<'a, str> },
    ImageUrl { image_url: ImageUrl },
    Thinking { thinking: Vec<Part<'a>> },
}

#[derive(Serialize)]
struct ImageUrl {
    url: String,
}

fn parts<'a>(text: &'a str, images: &[Image]) -> Vec<Part<'a>> {
    let images = images.iter().map(|image| Part::ImageUrl { image_url: ImageUrl { url: data_url(image) } });
    // Servers refuse a part of text that is empty.
    (!text.is_empty()).then(|| Part::Text { text: text.into() }).into_iter().chain(images).collect()
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
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

impl<'a> Format<'a> {
    fn of(schema: &'a Value, habits: Habits) -> Self {
        let strict = (habits.schema == Schema::Strict && schema::is_strict(schema)).then_some(true);
        Self { r#type: "json_schema", json_schema: Named { name: schema::NAME, schema, strict } }
    }
}

#[derive(Serialize)]
struct Call<'a> {
    id: String,
    r#type: &'static str,
    function: Function<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_content: Option<Value>,
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
            id: short(call.call_id),
            r#type: "function",
            function: Function { name: &call.tool, arguments },
            extra_content: None,
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
