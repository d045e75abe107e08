use jamey_engine::ports::{Chunk, ErrorKind, StopReason};
use jamey_protocol::Usage;
use proptest::prelude::*;

use super::ChatReader;
use crate::dialect::{Answer, Closing, Peer};

fn chunks(events: &[&str]) -> Vec<Chunk> {
    let peer = Peer::default();
    let mut answer = Answer::new(Box::<ChatReader>::default());
    for event in events {
        answer.take(event.as_bytes(), &peer).unwrap();
    }
    answer.finish(Closing::Marked, &peer).unwrap().into()
}

fn text(text: &str) -> Chunk {
    Chunk::Text(text.into())
}

#[test]
fn deltas_of_one_kind_are_joined_and_their_order_is_kept() {
    let got = chunks(&[
        r#"{"choices":[{"delta":{"reasoning":"a"}}]}"#,
        r#"{"choices":[{"delta":{"reasoning":"b","reasoning_content":"b"}}]}"#,
        r#"{"choices":[{"delta":{"content":"c"}}]}"#,
        r#"{"choices":[{"delta":{"content":[{"type":"text","text":"d"},{"type":"x"}]},"finish_reason":""}]}"#,
        r#"{"choices":[{"index":1,"delta":{"content":"not asked for"}}]}"#,
        r#"{"choices":null,"usage":null,"error":null}"#,
        r#"{"choices":[{"delta":null,"finish_reason":"eos"}]}"#,
    ]);
    let thought =
        Chunk::Reasoning { text: "ab".into(), opaque: Some("{\"field\":\"reasoning_content\"}".into()) };
    assert_eq!(got, [thought, text("cd"), Chunk::End(StopReason::Done)]);
}

#[test]
fn usage_is_given_once_and_is_the_last_that_came() {
    let got = chunks(&[
        r#"{"choices":[{"delta":{"content":"x"}}],"usage":{"prompt_tokens":5,"completion_tokens":1}}"#,
        r#"{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"prompt_cache_hit_tokens":3,"completion_tokens_details":{"reasoning_tokens":1}}}"#,
    ]);
    let Chunk::Usage(usage) = got[1] else { panic!("{got:?}") };
    assert_eq!((usage.input, usage.cached, usage.output, usage.reasoning), (5, 3, 2, 1));
    assert_eq!(got.len(), 3);
}

fn used(usage: &str) -> Usage {
    let event =
        format!(r#"{{"choices":[{{"delta":{{"content":"x"}},"finish_reason":"stop"}}],"usage":{usage}}}"#);
    let got = chunks(&[&event]);
    let Some(Chunk::Usage(usage)) = got.get(1) else { panic!("{got:?}") };
    *usage
}

#[test]
fn what_a_cache_took_up_is_counted_apart() {
    let usage = used(
        r#"{"prompt_tokens":100,"completion_tokens":7,"total_tokens":107,"prompt_tokens_details":{"cached_tokens":20,"cache_write_tokens":60}}"#,
    );
    let expected = Usage { input: 100, cached: 20, cache_written: 60, output: 7, reasoning: 0 };
    assert_eq!(usage, expected);
}

#[test]
fn reasoning_is_part_of_what_was_written_whether_the_server_counts_it_in_or_apart() {
    for (apart, completion, total) in [(true, 9, 349), (false, 317, 349), (false, 317, 0)] {
        let total = if total == 0 { "null".to_owned() } else { total.to_string() };
        let usage = used(&format!(
            r#"{{"prompt_tokens":32,"completion_tokens":{completion},"total_tokens":{total},"completion_tokens_details":{{"reasoning_tokens":308}}}}"#
        ));
        assert_eq!((usage.output, usage.reasoning), (317, 308), "apart: {apart}");
    }
}

#[test]
fn an_answer_that_only_thought_until_its_limit_is_empty_and_says_why() {
    let peer = Peer { who: "a.example".into(), ..Peer::default() };
    let mut answer = Answer::new(Box::<ChatReader>::default());
    let event = br#"{"choices":[{"delta":{"reasoning":"hm"},"finish_reason":"length"}]}"#;
    answer.take(event, &peer).unwrap();
    let error = answer.finish(Closing::Marked, &peer).unwrap_err();
    assert_eq!((error.kind, error.kind.is_passing()), (ErrorKind::NoRoom, false));
    assert!(error.message.contains("output limit") && error.hint.is_some(), "{error:?}");
}

#[test]
fn thoughts_among_the_parts_of_the_content_are_thoughts() {
    let got = chunks(&[
        r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"a"},{"type":"reference"}]}]}}]}"#,
        r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":"b"},{"type":"text","text":"c"}]}}]}"#,
        r#"{"choices":[{"delta":{"content":"d"},"finish_reason":"stop"}]}"#,
    ]);
    let thought = Chunk::Reasoning { text: "ab".into(), opaque: Some("{\"field\":\"content\"}".into()) };
    assert_eq!(got, [thought, text("cd"), Chunk::End(StopReason::Done)]);
    let peer = Peer::default();
    let mut answer = Answer::new(Box::<ChatReader>::default());
    let event = br#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]},"finish_reason":"length"}]}"#;
    answer.take(event, &peer).unwrap();
    assert_eq!(answer.finish(Closing::Marked, &peer).unwrap_err().kind, ErrorKind::NoRoom);
}

#[test]
fn an_answer_for_which_the_window_had_no_room_is_an_overflow_and_one_that_it_cut_is_cut() {
    let peer = Peer::default();
    let mut answer = Answer::new(Box::new(ChatReader::default()));
    let event = br#"{"choices":[{"delta":{},"finish_reason":"model_context_window_exceeded"}]}"#;
    answer.take(event, &peer).unwrap();
    assert_eq!(answer.finish(Closing::Marked, &peer).unwrap_err().kind, ErrorKind::ContextOverflow);
    let got = chunks(&[r#"{"choices":[{"delta":{"content":"half"},"finish_reason":"model_length"}]}"#]);
    assert_eq!(got, [text("half"), Chunk::End(StopReason::Length)]);
}

#[test]
fn a_withheld_answer_is_the_filters_doing() {
    let peer = Peer::default();
    let mut answer = Answer::new(Box::<ChatReader>::default());
    answer.take(br#"{"choices":[{"delta":{},"finish_reason":"content_filter"}]}"#, &peer).unwrap();
    assert_eq!(answer.finish(Closing::Marked, &peer).unwrap_err().kind, ErrorKind::ContentFilter);
}

proptest! {
    #[test]
    fn any_event_is_taken_or_refused_without_a_panic(events in prop::collection::vec(".{0,80}", 0..8)) {
        let peer = Peer::default();
        let mut answer = Answer::new(Box::<ChatReader>::default());
        for event in &events {
            if answer.take(event.as_bytes(), &peer).is_err() {
                return Ok(());
            }
        }
        let _ = answer.finish(Closing::Ended, &peer);
    }
}
