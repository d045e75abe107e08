//! The model's own chat template and tool-call parser (llama.cpp's `common_chat`, through `shim.cpp`).

use std::ffi::{CStr, CString, c_char, c_int, c_void};

use llama_cpp_sys_2 as sys;
use serde::Deserialize;
use serde_json::Value;

use super::model::Model;

unsafe extern "C" {
    fn jamey_chat_open(model: *const sys::llama_model) -> *mut c_void;
    fn jamey_chat_close(templates: *mut c_void);
    fn jamey_chat_free(text: *mut c_char);
    fn jamey_chat_apply(
        templates: *mut c_void,
        messages: *const c_char,
        tools: *const c_char,
        choice: *const c_char,
    ) -> *mut c_char;
    fn jamey_chat_parse(
        text: *const c_char,
        partial: bool,
        format: c_int,
        parser: *const c_char,
        generation_prompt: *const c_char,
    ) -> *mut c_char;
    fn jamey_grammar_of_schema(schema: *const c_char) -> *mut c_char;
}

/// What wakes a lazy grammar: a pattern in the text, or a token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Trigger {
    /// A regular expression; empty when `token` counts.
    pub pattern: String,
    /// A token; negative when `pattern` counts.
    pub token: i32,
}

/// A conversation as the model wants to read it, and how to understand its answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Rendered {
    /// The text to complete.
    pub prompt: String,
    /// A grammar for tool calls; empty when there is none.
    pub grammar: String,
    /// Whether the grammar waits for a trigger.
    pub lazy: bool,
    /// What it waits for.
    pub triggers: Vec<Trigger>,
    /// Control words that belong to the answer's text.
    pub preserved: Vec<String>,
    /// Texts that end the answer.
    pub stops: Vec<String>,
    /// The end of the prompt that belongs to the answer already.
    pub generation_prompt: String,
    format: c_int,
    parser: String,
}

/// The chat templates of one model.
#[derive(Debug)]
pub struct ChatTemplates<'m> {
    raw: *mut c_void,
    _model: &'m Model,
}

impl<'m> ChatTemplates<'m> {
    /// Reads the model's templates; `None` when it has none that can be understood.
    pub fn open(model: &'m Model) -> Option<Self> {
        // SAFETY: the model is loaded; exceptions become NULL.
        let raw = unsafe { jamey_chat_open(model.raw) };
        (!raw.is_null()).then_some(Self { raw, _model: model })
    }

    /// Renders `messages` (and `tools`, unless empty); both in the OpenAI shape.
    pub fn apply(&self, messages: &Value, tools: &[Value], choice: &str) -> Result<Rendered, String> {
        let tools = if tools.is_empty() { String::new() } else { Value::from(tools).to_string() };
        let (messages, tools, choice) =
            (c_string(&messages.to_string())?, c_string(&tools)?, c_string(choice)?);
        // SAFETY: the templates are open, the strings NUL-terminated; exceptions become an error text.
        let answer =
            unsafe { take(jamey_chat_apply(self.raw, messages.as_ptr(), tools.as_ptr(), choice.as_ptr())) };
        serde_json::from_value(fail_on_error(&answer)?).map_err(|e| e.to_string())
    }
}

impl Rendered {
    /// Reads the model's answer as a message in the OpenAI shape; with `partial`, as much of it as is certain.
    pub fn parse(&self, text: &str, partial: bool) -> Result<Value, String> {
        // The parser takes a C string: it would stop at a NUL, which no template uses.
        let (text, parser) = (c_string(&text.replace('\0', ""))?, c_string(&self.parser)?);
        let opening = c_string(&self.generation_prompt)?;
        // SAFETY: all strings are NUL-terminated; exceptions become an error text.
        let answer = unsafe {
            take(jamey_chat_parse(text.as_ptr(), partial, self.format, parser.as_ptr(), opening.as_ptr()))
        };
        fail_on_error(&answer)
    }
}

/// The grammar of the JSON that a schema allows, or why it cannot be followed.
pub fn grammar_of_schema(schema: &Value) -> Result<String, String> {
    let schema = c_string(&schema.to_string())?;
    // SAFETY: the string is NUL-terminated; exceptions become an error text.
    let answer = fail_on_error(&unsafe { take(jamey_grammar_of_schema(schema.as_ptr())) })?;
    answer["grammar"].as_str().map(str::to_owned).ok_or_else(|| "no grammar came of it".to_owned())
}

fn c_string(text: &str) -> Result<CString, String> {
    CString::new(text).map_err(|e| e.to_string())
}

fn fail_on_error(answer: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(answer).map_err(|e| e.to_string())?;
    match value.get("error").and_then(Value::as_str) {
        Some(problem) => Err(problem.to_owned()),
        None => Ok(value),
    }
}

/// Copies a text that the shim allocated, and frees it.
unsafe fn take(text: *mut c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the shim returns a NUL-terminated string of its own making, freed once here.
    unsafe {
        let copy = CStr::from_ptr(text).to_string_lossy().into_owned();
        jamey_chat_free(text);
        copy
    }
}

impl Drop for ChatTemplates<'_> {
    fn drop(&mut self) {
        // SAFETY: opened by `open`, closed once.
        unsafe { jamey_chat_close(self.raw) };
    }
}
