//! What a model may be asked for; a refusal says what to leave out from then on.

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asks {
    /// The schema of the answer, in the field for it. Models before Claude 4.5 and some servers that speak alike do not
    /// know it, and are told in words.
    pub schema: bool,
}

impl Default for Asks {
    fn default() -> Self {
        Self { schema: true }
    }
}

impl Asks {
    /// What is left after a refusal in these words; none if it was about something else, as about the schema itself.
    pub(super) fn after(self, refusal: &[u8]) -> Option<Self> {
        let said = String::from_utf8_lossy(refusal).to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
        let is_it = has(&["output_config", "output_format", "output format", "structured output"]);
        (self.schema && is_it && !has(&["format.schema"])).then_some(Self { schema: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_field_is_left_out_and_a_refused_schema_is_told() {
        let all = Asks::default();
        for (words, left) in [
            ("output_config: Extra inputs are not permitted", Some(Asks { schema: false })),
            ("'claude-3-5-haiku-20241022' does not support output format.", Some(Asks { schema: false })),
            ("output_config.format.schema: For 'object' type, property 'minimum' is not supported", None),
            ("messages: at least one message is required", None),
        ] {
            assert_eq!(all.after(words.as_bytes()), left, "{words}");
            assert_eq!(
                Asks { schema: false }.after(words.as_bytes()),
                None,
                "nothing is tried twice: {words}"
            );
        }
    }
}
