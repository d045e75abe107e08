use eventsource_stream::Eventsource as _;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use proptest::prelude::*;

use super::{Event, Limits, Parser, TooLong};

type Owned = (Vec<u8>, Vec<u8>);

fn read(pieces: &[&[u8]], limits: Limits) -> Result<Vec<Owned>, TooLong> {
    let mut parser = Parser::new(limits);
    let mut events = Vec::new();
    for piece in pieces {
        parser.feed(piece, |Event { name, data }| {
            events.push((name.to_vec(), data.to_vec()));
            Ok::<_, TooLong>(())
        })?;
    }
    Ok(events)
}

fn all(text: &str) -> Vec<(String, String)> {
    let text_of = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    read(&[text.as_bytes()], Limits::default())
        .unwrap()
        .into_iter()
        .map(|(name, data)| (text_of(name), text_of(data)))
        .collect()
}

fn event(name: &str, data: &str) -> (String, String) {
    (name.to_owned(), data.to_owned())
}

#[test]
fn the_three_line_ends_give_the_same_events() {
    for end in ["\n", "\r", "\r\n"] {
        let text = format!("event: a{end}data: 1{end}data: 2{end}{end}data:3{end}{end}");
        assert_eq!(all(&text), [event("a", "1\n2"), event("", "3")], "{end:?}");
    }
}

#[test]
fn comments_unknown_fields_and_the_byte_order_mark_are_read_past() {
    let text = "\u{feff}: hello\n\ndata: 1\nid: 7\nretry: 3\ndatabase: x\nnonsense\n\n";
    assert_eq!(all(text), [event("", "1")]);
}

#[test]
fn an_event_without_data_is_none_and_its_name_is_forgotten() {
    assert_eq!(all("event: a\n\ndata\n\ndata: 1\n\n"), [event("", ""), event("", "1")]);
}

#[test]
fn only_one_space_behind_the_colon_belongs_to_the_grammar() {
    assert_eq!(all("data:  1 \n\n"), [event("", " 1 ")]);
}

#[test]
fn an_event_that_the_end_cuts_off_is_not_dispatched() {
    assert_eq!(all("data: 1\n\ndata: 2\n"), [event("", "1")]);
}

#[test]
fn a_line_or_an_event_over_its_limit_is_refused_however_it_is_cut() {
    let limits = Limits { line: 16, event: 20 };
    let line = b"data: 0123456789012345\n\n";
    assert_eq!(read(&[line], limits), Err(TooLong { limit: 16 }));
    let bytes: Vec<&[u8]> = line.chunks(1).collect();
    assert_eq!(read(&bytes, limits), Err(TooLong { limit: 16 }));
    assert_eq!(
        read(&[b"data: 01234567\ndata: 01234567\ndata: 01234567\n"], limits),
        Err(TooLong { limit: 20 })
    );
}

#[test]
fn four_megabytes_in_one_line_are_read_and_their_buffer_is_given_back() {
    let big = "x".repeat(4 << 20);
    let text = format!("data: {big}\n\n");
    let mut parser = Parser::new(Limits::default());
    let mut seen = 0;
    for piece in text.as_bytes().chunks(8 << 10) {
        parser
            .feed(piece, |event| {
                seen += event.data.len();
                Ok::<_, TooLong>(())
            })
            .unwrap();
    }
    assert_eq!(seen, 4 << 20);
    assert!(parser.line.capacity() + parser.data.capacity() <= 2 * super::KEEP);
}

fn lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        4 => "data: ?[a-z{}\":é ]{0,12}",
        1 => "event: ?[a-z]{0,5}",
        1 => ": ?[a-z]{0,5}",
        1 => "[a-z]{0,8}:?[a-z]{0,4}",
        3 => Just(String::new()),
    ];
    let end = prop_oneof![3 => Just("\n"), 1 => Just("\r"), 2 => Just("\r\n")];
    prop::collection::vec((line, end), 0..24)
        .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
}

proptest! {
    #[test]
    fn any_cutting_gives_the_same_events(text in lines(), cuts in prop::collection::vec(0usize..400, 0..12)) {
        let bytes = text.as_bytes();
        let whole = read(&[bytes], Limits::default()).unwrap();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        prop_assert_eq!(&read(&pieces, Limits::default()).unwrap(), &whole);
        let singles: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(&read(&singles, Limits::default()).unwrap(), &whole);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = read(&[&bytes], Limits { line: 64, event: 128 });
    }

    #[test]
    fn another_reader_of_the_same_grammar_agrees(text in lines()) {
        // The other reader waits at the end whether an LF follows a CR.
        let text = text + "\n";
        let ours: Vec<String> = read(&[text.as_bytes()], Limits::default()).unwrap()
            .into_iter().map(|(_, data)| String::from_utf8(data).unwrap()).filter(|data| !data.is_empty()).collect();
        let source = stream::iter([Ok::<_, std::convert::Infallible>(text.clone().into_bytes())]);
        let theirs: Vec<String> = source.eventsource().collect::<Vec<_>>().now_or_never().unwrap()
            .into_iter().filter_map(|event| event.ok().map(|event| event.data)).filter(|data| !data.is_empty()).collect();
        prop_assert_eq!(ours, theirs);
    }
}
