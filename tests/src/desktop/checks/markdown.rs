//! A hostile answer in the real web view.

use std::{io::ErrorKind, net::TcpListener};

use serde_json::json;

use super::faces::open_session;
use crate::{
    Fake, Home, Reply,
    desktop::{Driver, Panel, Screen},
};

/// Everything that an answer may try. `EVIL` stands for where its requests would arrive.
const CORPUS: &str = include_str!("../../../fixtures/hostile.md");

/// What in the conversation could load, run or send something.
const LIVE: &str = "return [...document.querySelectorAll('.conversation :is(img, script, iframe, object, embed, style, link, \
    base, meta, form, input:not([type=checkbox]), video, audio, image, [onerror], [onload], [onclick], [srcdoc])')].map((one) => one.outerHTML)";

/// Links that would be followed without a question.
const LINKS: &str = "return [...document.querySelectorAll('.conversation a[href]')].map((one) => one.href)";

pub(super) fn nothing_of_an_answer_runs_or_loads() {
    let evil = TcpListener::bind("127.0.0.1:0").unwrap();
    evil.set_nonblocking(true).unwrap();
    let address = format!("http://{}", evil.local_addr().unwrap());
    let text = CORPUS.replace("EVIL", &address);
    // Whole, and in pieces: what is still open is drawn too.
    let pieces = text.as_bytes().chunks(7).map(|piece| String::from_utf8_lossy(piece).into_owned());
    let streamed = pieces.fold(Reply::stream(), |reply, piece| reply.delta(&piece)).stop();
    let fake = Fake::script([Reply::text(&text), streamed]);
    let home = Home::with(&fake);
    let screen = Screen::begin(&home, Panel::Absent);
    let page = Driver::start(&screen, &home);
    let _ = open_session(&screen, &home, &page);
    let here = page.run("return location.href", &json!([]));
    for (asked, count) in [("go", 1), ("again", 2)] {
        page.say(asked);
        page.counts("the end of the corpus", count);
        assert_eq!(page.run(LIVE, &json!([])), json!([]));
        assert_eq!(page.run(LINKS, &json!([])), json!([]));
    }
    assert_eq!(page.run("return window.pwned ?? null", &json!([])), json!(null));
    assert_eq!(page.run("return location.href", &json!([])), here);
    let requested = evil.accept().map(|(_, from)| from);
    assert_eq!(
        requested.map_err(|error| error.kind()),
        Err(ErrorKind::WouldBlock),
        "something was requested"
    );
    assert_eq!(screen.windows(&home, "Jamey").len(), 1, "another window opened");
}
