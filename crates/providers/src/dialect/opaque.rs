//! What must go back to a vendor unchanged, packed into the one string that the engine carries.
//!
//! Invariants: what comes out of [`unpack`] is byte for byte what went into [`pack`]; a thought goes back to
//! where it stood among the words and the calls of its answer.

use jamey_engine::ports::Thought;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Where in its answer a thought stood. The engine carries thoughts, words and calls apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Bytes of text before it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub after_text: usize,
    /// Calls before it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub after_calls: usize,
}

#[derive(Serialize, Deserialize)]
struct Placed<T> {
    #[serde(flatten)]
    sealed: T,
    #[serde(flatten)]
    place: Place,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Packs it.
pub(crate) fn pack<T: Serialize>(sealed: &T, place: Place) -> String {
    // Structs of strings and numbers can always be written.
    serde_json::to_string(&Placed { sealed, place }).unwrap_or_default()
}

/// The packed parts of the thoughts that `provider/model` itself had, each with its readable text and its
/// place. Another model's are left out: no vendor can read another's.
pub(crate) fn unpack<'a, T: DeserializeOwned>(
    thoughts: &'a [Thought],
    provider: &'a str,
    model: &'a str,
) -> impl Iterator<Item = (&'a str, T, Place)> {
    thoughts.iter().filter_map(move |thought| {
        let own = thought.model.strip_prefix(provider)?.strip_prefix('/')? == model;
        let sealed = thought.opaque.as_deref().filter(|_| own)?;
        let Placed { sealed, place } = serde_json::from_str(sealed).ok()?;
        Some((thought.text.as_str(), sealed, place))
    })
}

/// The parts of one answer in the order in which the model made them. `say` writes a piece of the text.
///
/// A thought that nothing followed is left out: it led to nothing, and vendors refuse it.
pub(crate) fn in_order<P>(
    thoughts: impl IntoIterator<Item = (Place, P)>,
    text: &str,
    say: impl Fn(&str) -> Option<P>,
    calls: impl IntoIterator<Item = P>,
) -> Vec<P> {
    let (mut parts, mut calls) = (Vec::new(), calls.into_iter().peekable());
    let (mut said, mut called) = (0, 0);
    for (place, thought) in thoughts {
        let until = text.floor_char_boundary(place.after_text).max(said);
        parts.extend(text.get(said..until).and_then(&say));
        said = until;
        while called < place.after_calls {
            let Some(call) = calls.next() else { break };
            parts.push(call);
            called += 1;
        }
        let leads_somewhere = calls.peek().is_some() || text.get(said..).and_then(&say).is_some();
        if leads_somewhere {
            parts.push(thought);
        }
    }
    parts.extend(text.get(said..).and_then(&say));
    parts.extend(calls);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(thoughts: &[(usize, usize)], text: &str, calls: usize) -> String {
        let thoughts = thoughts
            .iter()
            .map(|&(after_text, after_calls)| (Place { after_text, after_calls }, "T".to_owned()));
        let say = |text: &str| (!text.trim().is_empty()).then(|| text.to_owned());
        in_order(thoughts, text, say, (1..=calls).map(|n| n.to_string())).join(" ")
    }

    #[test]
    fn a_thought_goes_back_to_where_it_stood() {
        assert_eq!(shape(&[(0, 0), (0, 1)], "", 2), "T 1 T 2");
        assert_eq!(shape(&[(0, 0), (4, 0), (9, 2)], "lookagain", 3), "T look T again 1 2 T 3");
        // Of an earlier version, without a place.
        assert_eq!(shape(&[(0, 0), (0, 0)], "a", 1), "T T a 1");
        assert_eq!(shape(&[(0, 0), (1, 1)], "a", 1), "T a 1", "the last one led to nothing");
        assert_eq!(shape(&[(99, 0), (1, 9)], "ü", 1), "ü T 1", "places that cannot be");
        assert_eq!(shape(&[(0, 0)], "  ", 0), "");
    }

    #[test]
    fn what_was_sealed_comes_out_as_it_went_in() {
        let sealed = serde_json::json!({"type": "thinking", "signature": "a\"b/é=="});
        for place in [Place::default(), Place { after_text: 3, after_calls: 2 }] {
            let packed = pack(&sealed, place);
            let thought = Thought { text: "t".into(), opaque: Some(packed), model: "p/m".into() };
            let thoughts = [thought];
            let (text, out, at): (_, serde_json::Value, _) = unpack(&thoughts, "p", "m").next().unwrap();
            assert_eq!((text, out["signature"].as_str(), at), ("t", Some("a\"b/é=="), place));
            assert!(unpack::<serde_json::Value>(&thoughts, "p", "other").next().is_none());
        }
        assert_eq!(pack(&sealed, Place::default()), sealed.to_string());
    }
}
