//! What a model is asked for besides its answer. A deployment may have any name, and an account may not be allowed
//! everything, so a refusal says what to leave out from then on.

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asks {
    /// Its reasoning, encrypted, to be sent back.
    pub encrypted: bool,
    /// A summary of it, for the person. Without a word about it none is sent.
    pub summary: bool,
    /// That it finds the session in its cache.
    pub by_session: bool,
    /// The schema of the answer, in the field for it; else in words.
    pub schema: bool,
}

impl Asks {
    /// What to ask a model of that name for; `by_session` where the server is known to keep a cache for sessions.
    pub(super) fn of(model: &str, by_session: bool) -> Self {
        let reasons = reasons(model);
        Self { encrypted: reasons, summary: reasons, by_session, schema: true }
    }

    /// What is left after a refusal in these words of a request that `has_schema` or not; none if it was about something
    /// else, as about the schema itself.
    ///
    /// OpenAI says "Encrypted content is not supported with this model" and "Unsupported parameter:
    /// 'reasoning.summary' is not supported with this model" of models that do not reason, and "Your organization must
    /// be verified to generate reasoning summaries" of accounts. Models without structured output say "Invalid parameter:
    /// 'text.format' of type 'json_schema' is not supported with this model".
    pub(super) fn after(self, refusal: &[u8], has_schema: bool) -> Option<Self> {
        let said = String::from_utf8_lossy(refusal).to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
        let is_of_schema = has(&["text.format", "json_schema", "response_format", "structured output"]);
        let left = if has_schema && is_of_schema {
            // One that is wrong itself is for the person to see.
            let is_wrong = has(&["invalid schema", "invalid_json_schema", "format.schema"]);
            Self { schema: self.schema && is_wrong, ..self }
        } else if has(&["prompt_cache_key"]) {
            Self { by_session: false, ..self }
        } else if has(&["encrypted content", "encrypted_content"])
            || (has(&["not supported with this model"]) && has(&["reasoning"]))
        {
            Self { encrypted: false, summary: false, ..self }
        } else if has(&["reasoning summar", "reasoning.summary"]) {
            Self { summary: false, ..self }
        } else {
            return None;
        };
        (left != self).then_some(left)
    }
}

/// Whether the model reasons. Those that do not refuse to be asked for encrypted reasoning.
fn reasons(model: &str) -> bool {
    let model = model.strip_prefix("ft:").unwrap_or(model);
    !["gpt-3", "gpt-4", "chatgpt"].iter().any(|plain| model.starts_with(plain)) && !model.contains("-chat")
}

#[cfg(test)]
mod tests {
    use super::{Asks, reasons};

    #[test]
    fn models_that_do_not_reason_are_not_asked_for_it() {
        for (model, does) in [
            ("gpt-5-mini", true),
            ("o4-mini", true),
            ("gpt-6.1", true),
            ("gpt-4.1", false),
            ("gpt-4o-mini", false),
            ("ft:gpt-4o:x", false),
            ("gpt-5-chat-latest", false),
        ] {
            assert_eq!(reasons(model), does, "{model}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_leave_out() {
        let all = Asks { encrypted: true, summary: true, by_session: true, schema: true };
        let nothing = Asks { encrypted: false, summary: false, ..all };
        let words = Asks { schema: false, ..all };
        for (words, left) in [
            ("Encrypted content is not supported with this model.", Some(nothing)),
            ("Unsupported parameter: 'reasoning.summary' is not supported with this model.", Some(nothing)),
            (
                "Your organization must be verified to generate reasoning summaries. Please go to …",
                Some(Asks { summary: false, ..all }),
            ),
            ("Unknown parameter: 'prompt_cache_key'.", Some(Asks { by_session: false, ..all })),
            (
                "Invalid parameter: 'text.format' of type 'json_schema' is not supported with this model.",
                Some(words),
            ),
            (
                "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
                Some(words),
            ),
            ("Invalid schema for response_format 'answer': schema must be a JSON Schema", None),
            ("Unsupported parameter: 'temperature' is not supported with this model.", None),
            ("Invalid value: 'x'", None),
        ] {
            assert_eq!(all.after(words.as_bytes(), true), left, "{words}");
            let nothing = Asks { by_session: false, schema: false, ..nothing };
            assert_eq!(nothing.after(words.as_bytes(), true), None, "nothing is tried twice: {words}");
        }
        let other = "tools[0].parameters: json_schema is unknown";
        assert_eq!(all.after(other.as_bytes(), false), None, "no schema was sent");
    }
}
