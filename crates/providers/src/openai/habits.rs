//! Where servers that speak this dialect differ: what they refuse, and what they insist on.
//!
//! A vendor's own address says it beforehand; of any other server it is learned from its refusal, per model, and
//! the request is repeated once.

use crate::http::Url;

/// What to leave out, and what to put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Habits {
    /// It may be asked for usage by `stream_options`. Mistral refuses that, and tells it anyway: openai/openai-agents-python#442.
    pub asked_for_usage: bool,
    /// Thoughts go back.
    pub thoughts: Thoughts,
    /// How the schema of an answer is given.
    pub schema: Schema,
    /// What the user says right after results of tools follows a short answer. Mistral ("Unexpected role 'user' after role
    /// 'tool'", mistral-vibe#578) and templates of its models ("roles must alternate") take nothing else.
    pub bridged: bool,
    /// What it is told so that its cache of beginnings is found again.
    pub cache: Cache,
}

/// What a server is told for the sake of its cache of beginnings. Most find it by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cache {
    /// Nothing.
    Unasked,
    /// The session, so that its requests come to the same machine
    /// (<https://platform.openai.com/docs/guides/prompt-caching>).
    BySession,
    /// The same, so that they come to the same vendor, and that Claude's cache is to be used, which is not done unasked
    /// (<https://openrouter.ai/docs/guides/best-practices/prompt-caching>).
    OpenRouter,
}

/// How a server is given the schema of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    /// In the field for it.
    Field,
    /// There, with the order to be strict where it allows that.
    Strict,
    /// In words, among the instructions.
    Words,
    /// In both: the field only forbids, and does not tell the model what is wanted.
    Both,
}

/// How thoughts go back to the model that had them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thoughts {
    /// Not at all.
    Never,
    /// With the answers that had some.
    WhereTheyWere,
    /// With every answer, empty where there were none: DeepSeek refuses an answer without that field when it thinks
    /// (<https://api-docs.deepseek.com/guides/thinking_mode>).
    Everywhere,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            asked_for_usage: true,
            thoughts: Thoughts::WhereTheyWere,
            schema: Schema::Field,
            bridged: true,
            cache: Cache::Unasked,
        }
    }
}

/// How servers name what they do not know, or do not know together with tools: Groq ("json mode cannot be combined with
/// tool/function calling"), llama.cpp, DeepSeek ("This response_format type is unavailable now"). A schema that is wrong
/// itself is for the person to see.
const FORM: [&str; 7] = [
    "response_format",
    "response format",
    "json_schema",
    "json mode",
    "structured output",
    "guided_json",
    "grammar constraints",
];

impl Habits {
    /// Those of the server at that address.
    pub(crate) fn at(base: &Url) -> Self {
        let host = base.host_str().unwrap_or_default();
        let is_of = |domain: &str| {
            host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        Self {
            asked_for_usage: !is_of("mistral.ai"),
            thoughts: if is_of("deepseek.com") { Thoughts::Everywhere } else { Thoughts::WhereTheyWere },
            schema: if is_of("mistral.ai") { Schema::Strict } else { Schema::Field },
            bridged: true,
            cache: Cache::Unasked,
        }
    }

    /// Those of OpenRouter.
    pub(crate) fn of_openrouter() -> Self {
        Self { schema: Schema::Strict, cache: Cache::OpenRouter, ..Self::default() }
    }

    /// What they are after a refusal in these words; none if it was about something else.
    pub(super) fn after(self, refusal: &[u8]) -> Option<Self> {
        let said = String::from_utf8_lossy(refusal).to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
        let mut learned = self;
        if has(&["stream_options", "include_usage"]) {
            learned.asked_for_usage = false;
        } else if has(&["prompt_cache_key", "cache_control", "session_id"]) {
            learned.cache = Cache::Unasked;
        } else if has(&[
            "reasoning_content",
            "reasoning_details",
            "'reasoning'",
            "\"reasoning\"",
            ".reasoning",
        ]) {
            let is_missing = has(&["missing", "must be passed back", "required"]);
            learned.thoughts = if is_missing { Thoughts::Everywhere } else { Thoughts::Never };
        } else if self.schema != Schema::Words
            && has(&FORM)
            && !has(&["invalid schema", "invalid_json_schema"])
        {
            learned.schema = Schema::Words;
        }
        (learned != self).then_some(learned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_vendor_refuses_is_known_by_its_address_and_learned_from_others() {
        let at = |url: &str| Habits::at(&Url::parse(url).unwrap());
        let none = Habits { asked_for_usage: false, ..Habits::default() };
        let mistral = Habits { schema: Schema::Strict, ..none };
        let words = Habits { schema: Schema::Words, ..Habits::default() };
        let everywhere = Habits { thoughts: Thoughts::Everywhere, ..Habits::default() };
        let never = Habits { thoughts: Thoughts::Never, ..Habits::default() };
        assert_eq!(at("https://api.mistral.ai/v1"), mistral);
        assert_eq!(at("https://api.deepseek.com/v1"), everywhere);
        assert_eq!(at("https://notmistral.ai/v1"), Habits::default());
        for (refusal, learned) in [
            (
                r#"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options","include_usage"],"msg":"Extra inputs are not permitted","input":true}]},"type":"invalid_request_error","param":null,"code":null}"#,
                Some(none),
            ),
            (
                r#"{"error":{"message":"Missing `reasoning_content` field in the assistant message at message index 2."}}"#,
                Some(everywhere),
            ),
            (
                r#"{"error":{"message":"The `reasoning_content` in the thinking mode must be passed back to the API."}}"#,
                Some(everywhere),
            ),
            (
                r#"{"error":{"message":"'messages.2' : for 'role:assistant' the following must be satisfied[('messages.2' : property 'reasoning_content' is unsupported)]"}}"#,
                Some(never),
            ),
            (
                r#"{"error":{"message":"json mode cannot be combined with tool/function calling","type":"invalid_request_error"}}"#,
                Some(words),
            ),
            (r#"{"error":{"message":"This response_format type is unavailable now"}}"#, Some(words)),
            (r#"{"error":{"message":"Invalid schema for response_format 'answer': …"}}"#, None),
            (r#"{"error":{"message":"messages: at least one"}}"#, None),
        ] {
            assert_eq!(Habits::default().after(refusal.as_bytes()), learned, "{refusal}");
        }
        assert_eq!(none.after(b"stream_options"), None, "nothing is tried twice");
        let by_session = Habits { cache: Cache::BySession, ..Habits::default() };
        let refusal = b"Unrecognized request argument supplied: prompt_cache_key";
        assert_eq!(by_session.after(refusal), Some(Habits::default()));
        assert_eq!(Habits::default().after(refusal), None);
    }
}
