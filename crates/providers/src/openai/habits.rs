//! Where servers that speak this dialect differ: what they refuse, and what they insist on.
//!
//! A vendor's own address says it beforehand; of any other server its refusal says it, per model: the request is sent
//! changed, and once that is taken the change is kept.

use jamey_engine::ports::Request;

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
    /// The most tokens of an answer that it may be asked for, where it said so: DeepSeek refuses more than 8,192 of some
    /// models ("the valid range of `max_tokens` is [1, 8192]").
    pub most_output: Option<u64>,
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
            most_output: None,
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
            most_output: None,
        }
    }

    /// The most tokens that an answer may have, as the server is told it.
    pub(super) fn limit(self, request: &Request) -> Option<u64> {
        request.max_output.map(|most| self.most_output.map_or(most, |bound| most.min(bound)))
    }

    /// Those of OpenRouter.
    pub(crate) fn of_openrouter() -> Self {
        Self { schema: Schema::Strict, cache: Cache::OpenRouter, ..Self::default() }
    }

    /// What they are after a refusal in these words of a request that asked for at most `limit` tokens; none if it was
    /// about something else.
    pub(super) fn after(self, refusal: &[u8], limit: Option<u64>) -> Option<Self> {
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
        } else if let Some(most) = limit.and_then(|limit| most_output(&said, limit)) {
            learned.most_output = Some(most);
        } else if self.schema != Schema::Words
            && has(&FORM)
            && !has(&["invalid schema", "invalid_json_schema"])
        {
            learned.schema = Schema::Words;
        }
        (learned != self).then_some(learned)
    }
}

/// The largest answer that a refusal of `limit` tokens names as possible, if it speaks of that.
fn most_output(said: &str, limit: u64) -> Option<u64> {
    let from = ["max_tokens", "max_completion_tokens"].iter().filter_map(|name| said.find(name)).min()?;
    let is_of_a_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let words = said[from..].split(|c| !is_of_a_word(c)).map(|word| word.trim_end_matches('.'));
    // The number that was refused is told too, and so are larger ones: dates in names of models.
    words.filter_map(|word| word.parse().ok()).filter(|number| (2..limit).contains(number)).max()
}

/// With less room for an answer than this a call is not worth making.
const LEAST_ROOM: u64 = 256;

/// How long an answer may be where a refusal of `limit` tokens says that it does not fit the window together with what was
/// sent, if that leaves room worth having. vLLM says so ("'max_tokens' or '`max_completion_tokens`' is too large: 16384. This
/// model's maximum context length is 4096 tokens and your request has 512 input tokens"), and in older words OpenAI did too.
pub(super) fn room_left(refusal: &[u8], limit: u64) -> Option<u64> {
    let said = String::from_utf8_lossy(refusal).to_lowercase();
    let digit = |c: char| c.is_ascii_digit();
    let before = |mark: &str| {
        let head = said[..said.find(mark)?].trim_end_matches([' ', '(']);
        head[head.trim_end_matches(digit).len()..].parse::<u64>().ok()
    };
    let after = |mark: &str| {
        let tail = said[said.find(mark)? + mark.len()..].trim_start();
        tail[..tail.find(|c| !digit(c)).unwrap_or(tail.len())].parse::<u64>().ok()
    };
    let window = after("context length is only").or_else(|| after("context length is"))?;
    let sent = before(" input tokens").or_else(|| before(" in the messages"))?;
    window.checked_sub(sent).filter(|room| (LEAST_ROOM..limit).contains(room))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_that_a_window_leaves_is_read_from_a_refusal() {
        let new = |limit: u64, window: u64, sent: u64| {
            format!(
                "'max_tokens' or 'max_completion_tokens' is too large: {limit}. This model's maximum context length is \
                 {window} tokens and your request has {sent} input tokens ({limit} > {window} - {sent})."
            )
        };
        let old = "This model's maximum context length is 8192 tokens. However, you requested 17384 tokens (1000 in the \
                   messages, 16384 in the completion). Please reduce the length of the messages or completion.";
        let other = "You passed 513 input tokens and requested 16384 output tokens. However, the model's context length is \
                     only 4096 tokens, resulting in a maximum input length of 0 tokens.";
        for (refusal, room) in [
            (new(16_384, 4096, 512), Some(3584)),
            (new(16_384, 4096, 4000), None),
            (new(16_384, 4096, 512).replace("has 512", "has\u{a0}512"), Some(3584)),
            (new(16_384, 4096, 512).replace("has 512", "（输入"), None),
            (new(16_384, 4096, 9000), None),
            (old.to_owned(), Some(7192)),
            (other.to_owned(), Some(3583)),
            ("This model's maximum context length is 4096 tokens".to_owned(), None),
            ("context length is many tokens, input tokens are few".to_owned(), None),
            ("prompt is too long".to_owned(), None),
        ] {
            assert_eq!(room_left(refusal.as_bytes(), 16_384), room, "{refusal}");
        }
        assert_eq!(room_left(new(300, 4096, 512).as_bytes(), 300), None, "nothing is tried twice");
    }

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
            assert_eq!(Habits::default().after(refusal.as_bytes(), None), learned, "{refusal}");
        }
        assert_eq!(none.after(b"stream_options", None), None, "nothing is tried twice");
        let by_session = Habits { cache: Cache::BySession, ..Habits::default() };
        let refusal = b"Unrecognized request argument supplied: prompt_cache_key";
        assert_eq!(by_session.after(refusal, None), Some(Habits::default()));
        assert_eq!(Habits::default().after(refusal, None), None);
    }

    #[test]
    fn the_largest_answer_that_a_server_allows_is_read_from_its_refusal() {
        let learned = |refusal: &str| {
            let habits = Habits::default().after(refusal.as_bytes(), Some(16_384));
            habits.and_then(|habits| habits.most_output)
        };
        for (refusal, most) in [
            (
                r#"{"error":{"message":"Invalid max_tokens value, the valid range of max_tokens is [1, 8192]","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
                Some(8192),
            ),
            (r#"{"error":{"code":"1210","message":"Range of max_tokens should be [1, 512]"}}"#, Some(512)),
            (
                r#"{"error":{"message":"max_tokens is too large: 16384. This model supports at most 4096 completion tokens, whereas you provided 16384.","param":"max_tokens"}}"#,
                Some(4096),
            ),
            (
                r#"{"error":{"message":"`max_completion_tokens` must be less than or equal to `8192`, the maximum value for `max_completion_tokens` is less than the `context_window` for this model"}}"#,
                Some(8192),
            ),
            (
                r#"{"error":{"message":"max_tokens: 16384 > 8192, which is the maximum allowed number of output tokens for claude-3-5-haiku-20241022"}}"#,
                Some(8192),
            ),
            (r#"{"error":{"code":1210,"message":"messages: at least 1"}}"#, None),
        ] {
            assert_eq!(learned(refusal), most, "{refusal}");
        }
        assert_eq!(
            Habits::default().after(b"max_tokens: at most 8192", Some(8192)),
            None,
            "nothing is tried twice"
        );
    }
}
