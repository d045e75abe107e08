//! What a model may be asked for besides its answer; a refusal says what to leave out from then on. Gemma, at the same
//! address, takes neither instructions nor tools (0xPlaygrounds/rig#788, BerriAI/litellm#10313).

use jamey_engine::ports::Request;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asks {
    /// The instructions, in the field for them; else in front of the first words of the user.
    pub instructions: bool,
    /// Calls of tools; else it is told that there are none.
    pub tools: bool,
    /// Its thoughts, for the person.
    pub thoughts: bool,
    /// The schema of the answer, in the field for it; else in words.
    pub schema: bool,
}

impl Default for Asks {
    fn default() -> Self {
        Self { instructions: true, tools: true, thoughts: true, schema: true }
    }
}

/// How the vendor says that a model does not have something: "Developer instruction is not enabled for models/gemma-3-27b-it",
/// "Unable to submit request because thinking is not configurable in this model".
const REFUSED: [&str; 6] =
    ["not enabled", "only enabled when", "not supported", "unsupported", "not configurable", "unknown name"];

impl Asks {
    /// What is left after a refusal of `request` in these words; none if it was about something else.
    pub(super) fn after(self, refusal: &[u8], request: &Request) -> Option<Self> {
        let said = String::from_utf8_lossy(refusal).to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
        let (has_tools, has_schema) = (!request.tools.is_empty(), request.schema.is_some());
        let left = if !has(&REFUSED) {
            return None;
        } else if has_schema && has(&["json mode", "mime type", "mime_type", "responsejsonschema"]) {
            Self { schema: false, ..self }
        } else if has(&["developer instruction", "system instruction", "systeminstruction"]) {
            Self { instructions: false, ..self }
        } else if has_tools && has(&["function calling", "tool use"]) {
            Self { tools: false, ..self }
        } else if has(&["thinking is", "thinking_config", "thinkingconfig"]) {
            Self { thoughts: false, ..self }
        } else {
            return None;
        };
        (left != self).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use jamey_protocol::ToolDescription;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_says_what_to_leave_out() {
        let all = Asks::default();
        let tool = ToolDescription {
            name: "t".into(),
            description: "t".into(),
            parameters: json!({}),
            source: "built-in".into(),
            permission: "runs".into(),
        };
        let request = Request { tools: vec![tool], schema: Some(json!({})), ..Request::default() };
        for (words, left) in [
            (
                "Developer instruction is not enabled for models/gemma-3-27b-it",
                Some(Asks { instructions: false, ..all }),
            ),
            ("Function calling is not enabled for models/gemma-3-27b-it", Some(Asks { tools: false, ..all })),
            (
                "Function calling with a response mime type: 'application/json' is unsupported",
                Some(Asks { schema: false, ..all }),
            ),
            ("JSON mode is not enabled for models/gemma-3-27b-it", Some(Asks { schema: false, ..all })),
            (
                "Thinking is not enabled for models/gemini-2.0-flash-preview-image-generation",
                Some(Asks { thoughts: false, ..all }),
            ),
            (
                "Unable to submit request because Thinking_config.include_thoughts is only enabled when thinking is enabled.",
                Some(Asks { thoughts: false, ..all }),
            ),
            ("Function call is missing a thought_signature in functionCall parts.", None),
            ("* GenerateContentRequest.contents: contents is not specified", None),
        ] {
            assert_eq!(all.after(words.as_bytes(), &request), left, "{words}");
            let nothing = Asks { instructions: false, tools: false, thoughts: false, schema: false };
            assert_eq!(nothing.after(words.as_bytes(), &request), None, "nothing is tried twice: {words}");
        }
        let plain = Request::default();
        for words in ["Function calling is not enabled for models/x", "JSON mode is not enabled for models/x"]
        {
            assert_eq!(all.after(words.as_bytes(), &plain), None, "nothing of it was asked for: {words}");
        }
    }
}
