use serde_json::{Value, json};

use super::{Form, add};
use crate::{
    dialect::{BadCalls, Calls},
    http,
    openai::wire::CallPiece,
};

type Joined = Vec<(String, Result<Value, String>)>;

fn joined(pieces: &[Value]) -> Result<Joined, BadCalls> {
    let mut calls = Calls::default();
    for piece in pieces {
        let text = piece.to_string();
        add(&mut calls, &serde_json::from_str::<CallPiece>(&text).unwrap(), Form::Streamed)?;
    }
    Ok(calls.finish(true)?.into_iter().map(|call| (call.tool, call.arguments)).collect())
}

fn piece(index: Option<u64>, id: Option<&str>, name: Option<&str>, arguments: Option<&str>) -> Value {
    json!({"index": index, "id": id, "function": {"name": name, "arguments": arguments}})
}

fn two() -> Joined {
    vec![("a".into(), Ok(json!({"x": 1}))), ("b".into(), Ok(json!({"y": 2})))]
}

#[test]
fn parallel_calls_are_told_apart_by_number_even_when_interleaved() {
    let pieces = [
        piece(Some(0), Some("1"), Some("a"), Some("")),
        piece(Some(1), Some("2"), Some("b"), Some("{\"y\"")),
        piece(Some(0), None, None, Some("{\"x\":1}")),
        piece(Some(1), None, None, Some(":2}")),
    ];
    assert_eq!(joined(&pieces).unwrap(), two());
}

#[test]
fn servers_that_give_every_call_the_number_zero_are_understood_by_id() {
    let pieces = [
        piece(Some(0), Some("1"), Some("a"), Some("{\"x\":1}")),
        piece(Some(0), Some("2"), Some("b"), Some("{\"y\":")),
        piece(Some(0), None, None, Some("2}")),
    ];
    assert_eq!(joined(&pieces).unwrap(), two());
}

#[test]
fn servers_that_send_whole_calls_without_id_and_with_the_same_number_are_understood() {
    let pieces = [
        piece(Some(0), None, Some("a"), Some("{\"x\":1}")),
        piece(Some(0), None, Some("b"), Some("{\"y\":2}")),
    ];
    assert_eq!(joined(&pieces).unwrap(), two());
}

#[test]
fn servers_that_send_no_number_are_understood() {
    let with_ids = [
        piece(None, Some("1"), Some("a"), Some("{\"x\":1}")),
        piece(None, Some("2"), Some("b"), Some("{\"y\"")),
        piece(None, None, None, Some(":2}")),
    ];
    assert_eq!(joined(&with_ids).unwrap(), two());
    let without = [
        piece(None, None, Some("a"), Some("{\"x\"")),
        piece(None, None, None, Some(":1}")),
        piece(None, None, Some("b"), Some("{\"y\":2}")),
    ];
    assert_eq!(joined(&without).unwrap(), two());
}

#[test]
fn id_and_name_repeated_in_every_piece_make_one_call() {
    let pieces = [
        piece(Some(0), Some("1"), Some("a"), Some("{\"x\"")),
        piece(Some(0), Some("1"), Some("a"), Some(":1")),
        piece(Some(0), Some("1"), Some("a"), Some("}")),
    ];
    assert_eq!(joined(&pieces).unwrap(), two()[..1]);
}

#[test]
fn a_name_in_pieces_is_joined() {
    let pieces = [
        piece(Some(0), Some("1"), Some("file_"), None),
        piece(Some(0), None, Some("read"), Some("")),
        piece(Some(0), None, None, Some("{}")),
    ];
    assert_eq!(joined(&pieces).unwrap(), [("file_read".into(), Ok(json!({})))]);
}

#[test]
fn the_same_tool_twice_without_number_and_id_is_two_calls() {
    let pieces = [piece(None, None, Some("a"), Some("{}")), piece(None, None, Some("a"), Some("{}"))];
    assert_eq!(joined(&pieces).unwrap().len(), 2);
}

#[test]
fn no_arguments_are_an_empty_object() {
    for text in [None, Some(""), Some("  "), Some("null"), Some("{}")] {
        assert_eq!(joined(&[piece(Some(0), Some("1"), Some("a"), text)]).unwrap()[0].1, Ok(json!({})));
    }
    let object = json!({"index": 0, "id": "1", "function": {"name": "a", "arguments": {"x": 1}}});
    assert_eq!(joined(&[object]).unwrap(), two()[..1]);
}

#[test]
fn arguments_that_are_no_json_object_are_kept_as_text_with_the_reason() {
    let bomb = "[".repeat(10_000);
    for text in ["{\"x\": ", "[1]", "\"{}\"", "7", &bomb] {
        let calls = joined(&[piece(Some(0), Some("1"), Some("a"), Some(text))]).unwrap();
        let why = calls[0].1.clone().unwrap_err();
        assert!(why.starts_with(&text[..text.len().min(100)]) && why.contains("JSON"), "{why}");
        assert!(why.len() < 2200);
    }
    let twice = joined(&[piece(Some(0), Some("1"), Some("a"), Some("{\"x\":0,\"x\":1}"))]).unwrap();
    assert_eq!(twice, two()[..1]);
}

#[test]
fn caps_and_nameless_calls_are_refused() {
    let many: Vec<Value> = (0..=http::CALLS as u64).map(|n| piece(Some(n), None, Some("a"), None)).collect();
    assert_eq!(joined(&many), Err(BadCalls::TooMany));
    let large = "x".repeat(http::CALL_ARGUMENTS);
    let pieces = [piece(Some(0), None, Some("a"), Some(&large)), piece(Some(0), None, None, Some("x"))];
    // The model is told, and the rest of its answer stays.
    let why = joined(&pieces).unwrap()[0].1.clone().unwrap_err();
    assert!(why.contains("1048577 bytes") && why.contains("1 MiB") && why.len() < 2200, "{why}");
    assert_eq!(joined(&[piece(Some(0), Some("1"), None, Some("{}"))]), Err(BadCalls::NoName));
}

#[test]
fn a_call_that_lost_its_arguments_to_a_limit_is_not_taken_for_one_without_any() {
    let mut calls = Calls::default();
    let text = piece(Some(0), Some("1"), Some("a"), Some("")).to_string();
    add(&mut calls, &serde_json::from_str::<CallPiece>(&text).unwrap(), Form::Streamed).unwrap();
    assert!(calls.finish(false).unwrap()[0].arguments.is_err());
}

#[test]
fn two_calls_that_were_given_one_id_are_two_calls() {
    let first = piece(Some(0), Some("1"), Some("a"), Some("{\"x\":1}"));
    let at_once = [first.clone(), piece(Some(1), Some("1"), Some("a"), Some("{\"x\":1}"))];
    let in_pieces = [
        first.clone(),
        piece(Some(1), Some("1"), Some("a"), Some("")),
        piece(Some(1), None, None, Some("{\"x\"")),
        piece(Some(1), None, None, Some(":1}")),
    ];
    let unnumbered = [
        piece(None, Some("1"), Some("a"), Some("{\"x\":1}")),
        piece(None, Some("1"), Some("a"), Some("{\"x\":1}")),
    ];
    for pieces in [&at_once[..], &in_pieces, &unnumbered] {
        let calls = joined(pieces).unwrap();
        assert_eq!(calls.len(), 2, "{pieces:?}");
        assert_eq!(calls[0], calls[1]);
    }
    let whole_once_more = [first.clone(), first.clone()];
    assert_eq!(joined(&whole_once_more).unwrap().len(), 1);
    let repeated = [first, piece(Some(0), Some("1"), Some("a"), Some(""))];
    assert_eq!(joined(&repeated).unwrap().len(), 1);
}
