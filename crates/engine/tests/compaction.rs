//! A session whose conversation outgrows its model's window, against a scripted model.
#![allow(clippy::unwrap_used)]

mod fakes;

use std::sync::atomic::Ordering;

use fakes::{Step, World, call, text};
use jamey_engine::{
    ports::{Chunk, ErrorKind, Message, ProviderError, Request},
    session::{fold, recover},
};
use jamey_protocol::{
    ErrorCode, EventBody, Item, ItemBody, Mode, Op, OpId, OpRequest, Outcome, Settings, Usage,
};

fn start(words: &str) -> OpRequest {
    let settings = Settings { mode: Some(Mode::Full), ..Settings::default() };
    OpRequest {
        op_id: OpId::new(),
        op: Op::StartTurn { text: words.into(), attachments: Vec::new(), settings },
    }
}

fn compact(keep: Option<&str>) -> OpRequest {
    OpRequest { op_id: OpId::new(), op: Op::Compact { keep: keep.map(str::to_owned) } }
}

fn answer(words: &str) -> Vec<Step> {
    vec![text(words), Step::End]
}

fn overflow() -> Step {
    Step::Fail(ProviderError::new(ErrorKind::ContextOverflow, "the session no longer fits"))
}

async fn turn(world: &World, request: OpRequest) -> Outcome {
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(request).await.unwrap();
    let seen = world.until_end(&mut subscription).await;
    match &seen.last().unwrap().event.body {
        EventBody::TurnEnded { outcome } => outcome.clone(),
        body => panic!("{body:?}"),
    }
}

fn requests(world: &World) -> Vec<Request> {
    world.models.requests.lock().unwrap().clone()
}

fn is_summary(request: &Request) -> bool {
    request.system.contains("memory of a conversation")
}

fn words(message: &Message) -> &str {
    match message {
        Message::User { text, .. } | Message::Assistant { text, .. } => text,
        Message::Results(_) => "results",
    }
}

fn summaries<'a>(items: &'a [Item]) -> Vec<(&'a str, u64)> {
    let summary = |item: &'a Item| match &item.body {
        ItemBody::Summary { text, replaces } => Some((text.as_str(), *replaces)),
        _ => None,
    };
    items.iter().filter_map(summary).collect()
}

/// Fails unless each request of the conversation begins with the one before, as long as no summary came between.
fn assert_append_only(requests: &[Request]) {
    for pair in requests.windows(2) {
        let [before, after] = pair else { continue };
        if is_summary(before) || is_summary(after) {
            continue;
        }
        assert_eq!((&before.system, &before.tools), (&after.system, &after.tools));
        assert_eq!(after.messages[..before.messages.len()], before.messages[..]);
    }
}

#[tokio::test]
async fn every_request_begins_with_the_one_before() {
    let mut scripts = Vec::new();
    for number in 0..12 {
        scripts.push(vec![text("looking"), call("act"), call("act"), Step::End]);
        scripts.push(answer(&format!("answer {number}")));
    }
    let world = World::new(scripts);
    for number in 0..12 {
        let mut subscription = world.session.subscribe().await.unwrap();
        world.session.op(start(&format!("question {number}"))).await.unwrap();
        for _ in 0..2 {
            world.tool.began.notified().await;
            world.tool.go_on.notify_one();
        }
        world.until_end(&mut subscription).await;
    }
    let all = requests(&world);
    assert_eq!((all.len(), all.last().unwrap().messages.len()), (24, 12 * 4 - 1));
    assert_append_only(&all);
}

#[tokio::test]
async fn a_conversation_that_nears_its_window_is_summed_up_and_its_last_turns_stay_whole() {
    let long = |letter: &str| letter.repeat(6_000);
    let world = World::new(vec![
        answer(&long("a")),
        answer(&long("b")),
        answer("they wrote letters"),
        answer("c"),
        answer("d"),
    ]);
    world.models.window.store(4_096, Ordering::SeqCst);
    for question in ["one", "two", "three", "four"] {
        assert_eq!(turn(&world, start(question)).await, Outcome::Completed);
    }
    let all = requests(&world);
    assert!(is_summary(&all[2]) && all.iter().filter(|request| is_summary(request)).count() == 1);
    assert!(all[2].tools.is_empty() && all[2].max_output.is_some(), "{:?}", all[2].max_output);
    let asked = words(&all[2].messages[0]);
    assert!(asked.contains("## The person\none") && asked.contains(&"a".repeat(2_000)), "{asked}");
    let sent: Vec<_> = all[3].messages.iter().map(words).collect();
    assert_eq!(sent, ["Summary of the conversation so far:\nthey wrote letters", "three"]);
    assert_append_only(&all);
    // What the window leaves for the answer is told to the provider, less the more was sent.
    let rooms: Vec<_> = all.iter().map(|request| request.room.unwrap()).collect();
    assert!(rooms[0] > rooms[1] && rooms.iter().all(|room| (512..4_096).contains(room)), "{rooms:?}");
    let events = world.journal.events();
    let items = fold(&events);
    assert_eq!(summaries(&items), [("they wrote letters", 4)]);
    assert!(
        items
            .iter()
            .any(|item| matches!(&item.body, ItemBody::AgentMessage { text, .. } if *text == long("a")))
    );
    let noticed = events.iter().filter(|event| matches!(event.body, EventBody::Notice { .. })).count();
    assert_eq!(noticed, 1);
}

#[tokio::test]
async fn an_overflow_is_answered_by_one_summary_and_one_repeat_and_teaches_the_window() {
    let long = "words ".repeat(2_000);
    let world = World::new(vec![
        answer(&long),
        answer("ok"),
        vec![overflow()],
        answer("short"),
        answer("went well"),
        answer("and again"),
    ]);
    for question in ["one", "two", "three", "four"] {
        assert_eq!(turn(&world, start(question)).await, Outcome::Completed);
    }
    let all = requests(&world);
    assert_eq!(all.iter().map(is_summary).collect::<Vec<_>>(), [false, false, false, true, false, false]);
    let sent: Vec<_> = all[4].messages.iter().map(words).collect();
    assert_eq!(sent, ["Summary of the conversation so far:\nshort", "two", "ok", "three"]);
    assert_eq!(summaries(&fold(&world.journal.events())), [("short", 2)]);
}

#[tokio::test]
async fn a_conversation_that_cannot_be_made_to_fit_ends_with_what_to_do() {
    let world = World::new(vec![vec![overflow()]]);
    let Outcome::Failed { error } = turn(&world, start(&"long ".repeat(9_000))).await else { panic!() };
    assert_eq!(error.code, ErrorCode::ContextOverflow);
    assert!(error.message.contains("the newest message alone"), "{error:?}");
    assert!(error.hint.unwrap().contains("larger window"));

    let world = World::new(vec![vec![overflow()]]);
    let Outcome::Failed { error } = turn(&world, start("hi")).await else { panic!() };
    assert!(error.message.contains("the instructions and the tools alone"), "{error:?}");
    assert!(error.hint.unwrap().contains("--no-tools"));
}

/// Starts a turn whose model calls the tool so many times, and waits for its end.
async fn acting(world: &World, words: &str, times: usize) -> Outcome {
    let mut subscription = world.session.subscribe().await.unwrap();
    world.session.op(start(words)).await.unwrap();
    for _ in 0..times {
        world.tool.began.notified().await;
        world.tool.go_on.notify_one();
    }
    match &world.until_end(&mut subscription).await.last().unwrap().event.body {
        EventBody::TurnEnded { outcome } => outcome.clone(),
        body => panic!("{body:?}"),
    }
}

/// The outputs at the end of a request.
fn newest_outputs(request: &Request) -> Vec<&str> {
    match request.messages.last() {
        Some(Message::Results(results)) => results.iter().map(|result| result.text.as_str()).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn a_long_turn_is_cut_between_its_steps_and_keeps_what_was_asked_word_for_word() {
    let speech = |letter: &str| vec![text(&letter.repeat(6_000)), call("act"), Step::End];
    let world = World::new(vec![speech("a"), speech("b"), answer("it acted"), answer("done")]);
    world.models.window.store(4_096, Ordering::SeqCst);
    assert_eq!(acting(&world, "act twice", 2).await, Outcome::Completed);
    let all = requests(&world);
    assert!(is_summary(&all[2]), "{:?}", all[2].system);
    let summary = words(&all[3].messages[0]);
    assert!(
        summary.ends_with("it acted\n\nWhat the person asked for, word for word:\nact twice"),
        "{summary}"
    );
    // The step that the model has not answered yet is whole, its output too.
    assert_eq!(all[3].messages.len(), 3);
    assert_eq!(words(&all[3].messages[1]), "b".repeat(6_000));
    assert_eq!(newest_outputs(&all[3]), ["acted"]);
}

#[tokio::test]
async fn outputs_that_fill_much_of_a_small_window_are_read_before_they_are_summed_up() {
    let steps = 6;
    let mut scripts = Vec::new();
    for _ in 0..steps {
        scripts.push(vec![call("act"), Step::End]);
    }
    scripts.push(answer("done"));
    // A summary may come in front of any of them.
    let world = World::new(scripts);
    world.models.sums_up("it acted");
    world.models.window.store(4_096, Ordering::SeqCst);
    // More than a third of what the window leaves, and less than what an output may be.
    *world.tool.output.lock().unwrap() = "o".repeat(3_500);
    assert_eq!(acting(&world, "act", steps).await, Outcome::Completed);
    let all = requests(&world);
    let (sums, calls): (Vec<_>, Vec<_>) = all.iter().partition(|request| is_summary(request));
    assert!((1..steps).contains(&sums.len()), "{} summaries", sums.len());
    for request in &calls[1..] {
        assert_eq!(newest_outputs(request), ["o".repeat(3_500)], "each output is read whole once");
    }
}

#[tokio::test]
async fn only_an_overflow_sums_up_outputs_that_were_not_read_and_the_model_is_told() {
    let script =
        || vec![vec![call("act"), Step::End], vec![overflow()], answer("it acted"), answer("I read less")];
    let world = World::new(script());
    *world.tool.output.lock().unwrap() = "o".repeat(40_000);
    assert_eq!(acting(&world, "read it", 1).await, Outcome::Completed);
    let all = requests(&world);
    let sent: Vec<_> = all[3].messages.iter().map(words).collect();
    let [told] = sent[..] else { panic!("{sent:?}") };
    assert!(told.contains("it acted") && told.contains("word for word:\nread it"), "{told}");
    assert!(told.contains("did not fit") && told.contains("smaller parts"), "{told}");
    // What fits once the rest is gone is kept.
    let world = World::new([vec![answer(&"long ".repeat(8_000))], script()].concat());
    *world.tool.output.lock().unwrap() = "o".repeat(4_000);
    turn(&world, start("one")).await;
    assert_eq!(acting(&world, "read it", 1).await, Outcome::Completed);
    let all = requests(&world);
    assert_eq!(newest_outputs(all.last().unwrap()), ["o".repeat(4_000)]);
    assert!(!words(&all.last().unwrap().messages[0]).contains("did not fit"));
}

#[tokio::test]
async fn a_person_can_ask_for_a_summary_and_say_what_it_must_keep() {
    let world = World::new(vec![answer("a"), answer("b"), answer("short"), answer("c")]);
    assert_eq!(turn(&world, compact(None)).await, Outcome::Completed, "there is nothing to sum up yet");
    assert!(requests(&world).is_empty());
    turn(&world, start("one")).await;
    turn(&world, start("two")).await;
    let op = compact(Some("the number"));
    assert_eq!(turn(&world, op.clone()).await, Outcome::Completed);
    world.session.op(op).await.unwrap();
    turn(&world, start("three")).await;
    let all = requests(&world);
    assert_eq!(all.len(), 4, "the repeat of an op is a no-op");
    assert!(words(&all[2].messages[0]).ends_with("\nAbove all keep: the number"));
    let sent: Vec<_> = all[3].messages.iter().map(words).collect();
    assert_eq!(sent, ["Summary of the conversation so far:\nshort", "two", "b", "three"]);
}

#[tokio::test]
async fn a_summary_waits_for_the_running_turn_and_its_words_are_bounded() {
    let world = World::new(vec![vec![text("a"), Step::Wait]]);
    world.session.op(start("one")).await.unwrap();
    assert_eq!(world.session.op(compact(None)).await.unwrap_err().code, ErrorCode::Conflict);
    let idle = World::new(vec![]);
    let long = "x".repeat(5_000);
    assert_eq!(idle.session.op(compact(Some(&long))).await.unwrap_err().code, ErrorCode::TooLarge);
}

#[tokio::test]
async fn a_death_while_a_summary_is_made_leaves_nothing_of_it() {
    let world = World::new(vec![answer("a"), vec![text("half a summ"), Step::Wait]]);
    turn(&world, start("one")).await;
    let before = world.journal.events();
    world.session.op(compact(None)).await.unwrap();
    // Closing is what the end of the process is to a turn; what recovery adds is the same.
    let begun = world.journal.events();
    let closed = recover(&begun, &world.journal.texts());
    assert!(
        matches!(closed[..], [EventBody::TurnEnded { outcome: Outcome::Interrupted { .. } }]),
        "{closed:?}"
    );
    world.session.close("stopped").await;
    let events = world.journal.events();
    assert!(summaries(&fold(&events)).is_empty() && fold(&events) == fold(&before));
}

#[tokio::test]
async fn the_estimate_follows_the_vendors_count() {
    // A token is a byte to this vendor, so the same words are four times as much as they were thought to be.
    let counted = |bytes: u64| Step::Say(Chunk::Usage(Usage { input: bytes, output: 5, ..Usage::default() }));
    let script = |words: &str, input| vec![text(words), counted(input), Step::End];
    let world =
        World::new(vec![script("a", 3_000), script("b", 3_400), script("short", 2_500), script("c", 900)]);
    world.models.window.store(4_096, Ordering::SeqCst);
    let long = "w".repeat(3_000);
    turn(&world, start(&long)).await;
    turn(&world, start("two")).await;
    turn(&world, start("three")).await;
    assert!(is_summary(&requests(&world)[1]) || is_summary(&requests(&world)[2]), "it was seen to be full");
}

#[tokio::test]
async fn many_outputs_of_one_answer_share_half_of_the_window() {
    let world =
        World::new(vec![vec![call("act"), call("act"), call("act"), call("act"), Step::End], answer("done")]);
    world.models.window.store(4_096, Ordering::SeqCst);
    *world.tool.output.lock().unwrap() = "o".repeat(9_000);
    assert_eq!(acting(&world, "act", 4).await, Outcome::Completed);
    let all = requests(&world);
    assert_eq!(all.len(), 2, "it fits without a summary");
    let outputs = newest_outputs(&all[1]);
    assert_eq!(outputs.len(), 4);
    for output in outputs {
        assert!(output.len() < 1_900 && output.contains("bytes left out here"), "{}", output.len());
    }
}

#[tokio::test]
async fn a_message_that_was_too_large_is_gone_after_a_summary_that_a_person_asks_for() {
    let world = World::new(vec![
        answer("a"),
        vec![overflow()],
        answer("one was said"),
        vec![overflow()],
        answer("and much more"),
        answer("b"),
    ]);
    turn(&world, start("one")).await;
    let Outcome::Failed { error } = turn(&world, start(&"long ".repeat(9_000))).await else { panic!() };
    assert_eq!(error.code, ErrorCode::ContextOverflow);
    assert_eq!(turn(&world, compact(None)).await, Outcome::Completed);
    let all = requests(&world);
    assert!(words(&all[4].messages[0]).contains("long long"), "the summary is made from it too");
    turn(&world, start("two")).await;
    let all = requests(&world);
    let sent: Vec<_> = all[5].messages.iter().map(words).collect();
    assert_eq!(sent, ["Summary of the conversation so far:\nand much more", "two"]);
}

#[tokio::test]
async fn a_model_that_thinks_has_room_for_it_in_a_summary_too() {
    let thoughts = || Step::Say(Chunk::Reasoning { text: "hm".into(), opaque: None });
    let empty = || Step::Fail(ProviderError::new(ErrorKind::Empty, "it was still thinking at its limit"));
    let long = |letter: &str| vec![text(&letter.repeat(6_000)), Step::End];
    // Nobody knows of it before it thought.
    let world =
        World::new(vec![long("a"), long("b"), vec![thoughts(), empty()], answer("letters"), answer("c")]);
    world.models.window.store(4_096, Ordering::SeqCst);
    for question in ["one", "two", "three"] {
        assert_eq!(turn(&world, start(question)).await, Outcome::Completed);
    }
    let all = requests(&world);
    assert!(is_summary(&all[2]) && is_summary(&all[3]));
    assert!(all[3].max_output.unwrap() >= all[2].max_output.unwrap() + 1_000, "{:?}", all[3].max_output);
    assert_eq!(summaries(&fold(&world.journal.events())), [("letters", 4)]);
    // It is known of one that thought before.
    let thinking = vec![thoughts(), text(&"a".repeat(6_000)), Step::End];
    let world = World::new(vec![thinking, long("b"), answer("letters"), answer("c")]);
    world.models.window.store(4_096, Ordering::SeqCst);
    for question in ["one", "two", "three"] {
        turn(&world, start(question)).await;
    }
    assert_eq!(requests(&world)[2].max_output, all[3].max_output);
}

#[tokio::test]
async fn a_model_that_gave_no_whole_summary_is_not_asked_ahead_again_but_when_it_overflows() {
    let long = |letter: &str| answer(&letter.repeat(6_000));
    let rambling = || vec![text("and so on and so on"), Step::Cut];
    let world = World::new(vec![
        long("a"),
        long("b"),
        rambling(),
        answer("c"),
        answer("d"),
        vec![overflow()],
        rambling(),
        answer("e"),
        long("f"),
        long("g"),
    ]);
    world.models.window.store(4_096, Ordering::SeqCst);
    for question in ["one", "two", "three", "four"] {
        assert_eq!(turn(&world, start(question)).await, Outcome::Completed);
    }
    // Ahead of the third alone; the fourth goes as it is.
    let sums = |world: &World| requests(world).iter().map(is_summary).collect::<Vec<_>>();
    assert_eq!(sums(&world), [false, false, true, false, false]);
    for question in ["five", "six", "seven"] {
        assert_eq!(turn(&world, start(question)).await, Outcome::Completed);
    }
    assert_eq!(sums(&world)[5..], [false, true, false, false, false], "nor after a record took its place");
}

/// The record that the program wrote, in a request or in an item.
fn is_record(text: &str) -> bool {
    text.contains("[Trimmed record: the program wrote this without a model")
}

#[tokio::test]
async fn a_model_that_cannot_sum_up_goes_on_from_a_record_that_the_program_wrote() {
    let long = |words: &str| answer(&words.repeat(1_000));
    // Its summaries have no end.
    let endless = || vec![text(&"and on ".repeat(5_000)), Step::Wait];
    let world = World::new(vec![
        answer("the code is 4711"),
        long("words "),
        vec![overflow()],
        endless(),
        answer("went on"),
        long("more "),
        vec![overflow()],
        endless(),
        long("again "),
        vec![overflow()],
        answer("Codes and words."),
        answer("at last"),
    ]);
    for question in ["one", "two", "three", "four", "five", "six"] {
        assert_eq!(turn(&world, start(question)).await, Outcome::Completed, "{question}");
    }
    let all = requests(&world);
    let sums = all.iter().map(is_summary).collect::<Vec<_>>();
    let (call, sum) = (false, true);
    assert_eq!(sums, [call, call, call, sum, call, call, call, sum, call, call, sum, call]);
    assert_append_only(&all[4..7]);
    // Who has read the record knows what was said, and what it is.
    let told = words(&all[4].messages[0]);
    assert!(told.starts_with("Summary of the conversation so far:\n[Trimmed record"), "{told}");
    assert!(told.contains("## The person\none\n\n## The assistant\nthe code is 4711"), "{told}");
    // The next one is not made from it but from the items, and so is a summary that comes of a better model.
    let again = words(&all[8].messages[0]);
    assert_eq!(again.matches("[Trimmed record").count(), 1, "{again}");
    let asked = words(&all[10].messages[0]);
    assert!(asked.contains("the code is 4711") && !is_record(asked), "{asked}");
    let items = fold(&world.journal.events());
    let made: Vec<_> = summaries(&items).iter().map(|(text, _)| is_record(text)).collect();
    assert_eq!(made, [true, true, false]);
    let said =
        |item: &Item| matches!(&item.body, ItemBody::AgentMessage { text, .. } if text == "the code is 4711");
    assert!(items.iter().any(said), "all of it stays readable");
    let is_told = |body: &EventBody| matches!(body, EventBody::Notice { text, .. } if text.contains("had no end; a trimmed record"));
    assert_eq!(world.journal.events().iter().filter(|event| is_told(&event.body)).count(), 2);
}

#[tokio::test]
async fn what_does_not_fit_with_a_record_either_ends_with_what_to_do_and_a_stop_is_a_stop() {
    let world = World::new(vec![answer("a"), vec![overflow()], answer(" "), answer(" "), vec![overflow()]]);
    turn(&world, start("one")).await;
    let Outcome::Failed { error } = turn(&world, start("two")).await else { panic!() };
    assert_eq!(
        (error.code, error.message.as_str()),
        (ErrorCode::ContextOverflow, "the session no longer fits")
    );
    assert!(error.hint.unwrap().contains("larger window"));

    let world = World::new(vec![answer("a"), vec![overflow()], vec![text("half"), Step::Wait]]);
    turn(&world, start("one")).await;
    world.session.op(start("two")).await.unwrap();
    world.session.close("stopped").await;
    assert!(summaries(&fold(&world.journal.events())).is_empty());
}
