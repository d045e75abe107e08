//! The parts of one answer as they go back, in the order in which they came.
//!
//! Invariant: a signature stands on the part that it came on. One that came on a part without words stands on the
//! text before it, or else on the next: the vendor's own libraries do not send such a part either.

use serde_json::{Value, json};

use super::sealed::Sealed;
use crate::dialect::opaque::Place;

/// Writes thoughts, text and calls; the calls have their signatures already.
pub(super) fn parts<'a>(
    thoughts: impl IntoIterator<Item = (&'a str, Sealed, Place)>,
    text: &'a str,
    calls: Vec<Value>,
) -> Vec<Value> {
    let mut calls = calls.into_iter();
    let mut called = 0;
    let mut parts = Texts { parts: Vec::new(), text, said: 0, homeless: None };
    for (words, sealed, place) in thoughts {
        match sealed {
            Sealed::Call { .. } => {}
            Sealed::Text { signature } => {
                parts.say_until(place.after_text);
                parts.sign(signature);
            }
            Sealed::Thought { signature } => {
                parts.say_until(place.after_text);
                while called < place.after_calls {
                    let Some(call) = calls.next() else { break };
                    parts.parts.push(call);
                    called += 1;
                }
                if words.is_empty() {
                    parts.sign(signature);
                    continue;
                }
                let thought = json!({"text": words, "thought": true});
                parts.parts.push(signed(thought, Some(signature)));
            }
        }
    }
    parts.say_until(text.len());
    parts.parts.extend(calls);
    parts.parts
}

/// Adds the signature to a part.
pub(super) fn signed(mut part: Value, signature: Option<String>) -> Value {
    if let (Some(map), Some(signature)) = (part.as_object_mut(), signature) {
        map.insert("thoughtSignature".into(), signature.into());
    }
    part
}

struct Texts<'a> {
    parts: Vec<Value>,
    text: &'a str,
    /// Bytes of it that are written.
    said: usize,
    /// The signature of a part without words that had no text before it.
    homeless: Option<String>,
}

impl Texts<'_> {
    fn say_until(&mut self, end: usize) {
        let end = self.text.floor_char_boundary(end).max(self.said);
        if let Some(piece) = self.text.get(self.said..end).filter(|piece| !piece.is_empty()) {
            let part = json!({ "text": piece });
            self.parts.push(signed(part, self.homeless.take()));
        }
        self.said = end;
    }

    fn sign(&mut self, signature: String) {
        let last = self.parts.last_mut().and_then(Value::as_object_mut);
        let text = last.filter(|part| part.len() == 1 && part.contains_key("text"));
        match text {
            Some(part) => drop(part.insert("thoughtSignature".into(), signature.into())),
            None => self.homeless = Some(signature),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(signature: &str, after_text: usize) -> (&'static str, Sealed, Place) {
        ("", Sealed::Text { signature: signature.into() }, Place { after_text, after_calls: 0 })
    }

    fn thought(words: &'static str, signature: &str, place: (usize, usize)) -> (&'static str, Sealed, Place) {
        let place = Place { after_text: place.0, after_calls: place.1 };
        (words, Sealed::Thought { signature: signature.into() }, place)
    }

    fn shape(thoughts: Vec<(&'static str, Sealed, Place)>, text: &str, calls: usize) -> String {
        let calls = (1..=calls).map(|call| json!({ "functionCall": call })).collect();
        let shape = |part: Value| {
            let word = part["text"].as_str().map_or_else(|| part["functionCall"].to_string(), str::to_owned);
            let kind = if part["thought"] == true { "?" } else { "" };
            format!("{word}{kind}{}", part["thoughtSignature"].as_str().unwrap_or_default())
        };
        parts(thoughts, text, calls).into_iter().map(shape).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_signature_stands_on_the_part_that_it_came_on() {
        assert_eq!(shape(vec![text("+A", 3), text("+B", 7)], "one two three", 0), "one+A  two+B  three");
        assert_eq!(shape(vec![thought("hm", "+A", (0, 0)), text("+B", 3)], "one", 1), "hm?+A one+B 1");
        assert_eq!(
            shape(vec![thought("a", "+A", (0, 0)), thought("b", "+B", (3, 1))], "one", 2),
            "a?+A one 1 b?+B 2"
        );
    }

    #[test]
    fn a_signature_without_words_stands_on_the_text_before_it_or_else_on_the_next() {
        assert_eq!(shape(vec![text("+A", 3)], "one", 1), "one+A 1");
        // Also those of an earlier version, which had no place.
        assert_eq!(shape(vec![text("+A", 0)], "one", 1), "one+A 1");
        assert_eq!(shape(vec![text("+A", 3), text("+B", 3)], "one two", 0), "one+A  two+B");
        assert_eq!(shape(vec![text("+A", 0)], "", 1), "1");
        assert_eq!(shape(vec![thought("", "+A", (0, 0))], "one", 1), "one+A 1");
        assert_eq!(shape(vec![text("+A", 99), thought("a", "+B", (1, 9))], "ü", 1), "ü+A 1 a?+B");
    }
}
