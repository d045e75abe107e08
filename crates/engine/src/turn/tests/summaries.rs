//! The laws of summaries, over scripts.

use super::*;

fn planned() -> Signal {
    Signal::Summarising { replaces: 4, below: String::new(), stand_in: None }
}
fn planned_with_stand_in() -> Signal {
    Signal::Summarising { replaces: 4, below: "Said: x".into(), stand_in: Some("the record".into()) }
}

fn summary_of(actions: &[Action]) -> (String, u64) {
    let found = actions.iter().find_map(|action| match action {
        Action::Emit(EventBody::ItemCompleted { item }) => match &item.body {
            ItemBody::Summary { text, replaces } => Some((text.clone(), *replaces)),
            _ => None,
        },
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no summary in {actions:?}"))
}

#[test]
fn a_request_that_is_too_long_waits_for_a_summary_which_is_whole_or_not_at_all() {
    let mut turn = machine(Settings::default());
    turn.handle(start());
    check(&mut turn, [Signal::TooLong, planned(), text("sh"), text("ort")], "notice SUMMARISE");
    assert!(turn.is_summarising() && turn.open_texts().next().is_none());
    let actions = turn.handle(end());
    assert_eq!(summary_of(&actions), ("short".into(), 4));
    assert_eq!(actions.last(), Some(&Action::CallModel(Fit::AsItIs)), "one is enough for a call");
    check(&mut turn, [Signal::TooLong], "");
    check(&mut turn, [text("ok"), end()], "+agent delta =agent completed FINISH");
    // A stop in the middle leaves nothing of it.
    let mut turn = machine(Settings::default());
    turn.handle(start());
    check(&mut turn, [Signal::TooLong, planned(), text("sh")], "notice SUMMARISE");
    check(&mut turn, [Signal::Interrupt { reason: "x".into() }], "STOP interrupted FINISH");
}

#[test]
fn an_overflow_leads_to_one_summary_and_one_repeat_and_then_to_an_error() {
    let mut turn = machine(Settings::default());
    turn.handle(start());
    let overflow = || failed(ErrorKind::ContextOverflow);
    check(&mut turn, [overflow(), planned(), text("short"), end()], "notice SUMMARISE =summary MODEL");
    check(&mut turn, [overflow()], "failed(ContextOverflow) FINISH");
    // Nor after something was said.
    let mut turn = machine(Settings::default());
    turn.handle(start());
    check(&mut turn, [text("a"), overflow()], "+agent delta =partial failed(ContextOverflow) FINISH");
    // What was foreseen and was not enough is made shorter once.
    let mut turn = machine(Settings::default());
    turn.handle(start());
    check(&mut turn, [Signal::TooLong, planned(), text("a"), end()], "notice SUMMARISE =summary MODEL");
    let actions = turn.handle(overflow());
    assert!(matches!(actions.last(), Some(Action::Summarise(wish)) if wish.is_tight), "{actions:?}");
    check(
        &mut turn,
        [planned(), text("b"), end(), overflow()],
        "=summary MODEL failed(ContextOverflow) FINISH",
    );
}

#[test]
fn a_summary_that_overflows_itself_is_made_from_half_as_much_a_few_times() {
    let mut turn = machine(Settings::default());
    turn.handle(start());
    turn.handle(failed(ErrorKind::ContextOverflow));
    for halvings in 1..=4 {
        turn.handle(text("half a summary"));
        let actions = turn.handle(failed(ErrorKind::ContextOverflow));
        assert!(
            matches!(&actions[..], [Action::Summarise(wish)] if wish.halvings == halvings),
            "{actions:?}"
        );
    }
    check(&mut turn, [failed(ErrorKind::ContextOverflow)], "failed(ContextOverflow) FINISH");
}

#[test]
fn a_summary_that_fails_for_good_lets_the_turn_go_on_unless_it_was_needed() {
    let gone = || failed(ErrorKind::BadRequest);
    let mut turn = machine(Settings::default());
    turn.handle(start());
    check(&mut turn, [Signal::TooLong, planned(), gone()], "notice SUMMARISE notice MODEL");
    check(&mut turn, [Signal::TooLong], "");
    check(&mut turn, [text("ok"), end()], "+agent delta =agent completed FINISH");

    let mut turn = machine(Settings::default());
    turn.handle(start());
    turn.handle(failed(ErrorKind::ContextOverflow));
    let actions = turn.handle(gone());
    let Action::Emit(EventBody::TurnEnded { outcome: Outcome::Failed { error } }) = &actions[0] else {
        panic!("{actions:?}")
    };
    assert_eq!(error.message, "it broke, and it could not be summed up: it broke");
    assert!(error.hint.as_deref().unwrap().contains("larger window"));
    // The person's own limit is no reason to go on.
    let mut turn = machine(Settings::default());
    turn.handle(start());
    turn.handle(Signal::TooLong);
    check(&mut turn, [failed(ErrorKind::LimitReached)], "failed(Limit) FINISH");
}

#[test]
fn a_summary_is_tried_again_and_by_another_model_as_any_call_is() {
    let mut turn = machine(Settings::default());
    turn.handle(start());
    turn.handle(Signal::TooLong);
    check(
        &mut turn,
        [text("torn"), failed(ErrorKind::Truncated), Signal::Rang(Timer::Retry(2)), planned()],
        "notice TIMER SUMMARISE",
    );
    assert_eq!(turn.handle(failed(ErrorKind::Auth)), [Action::ChooseModel]);
    // The other model's window is another one, so the conversation may fit.
    let actions = turn.handle(Signal::Chosen(Some("q/n".into())));
    assert_eq!(actions.last(), Some(&Action::CallModel(Fit::Checked)));
}

#[test]
fn a_summary_that_is_cut_empty_withheld_or_endless_takes_the_place_of_nothing() {
    let long = "x".repeat(33 * 1024);
    let thought = |text: &str| Signal::Chunk(Chunk::Reasoning { text: text.into(), opaque: None });
    // What comes, and whether it is worth a second try with more room.
    let cases = [
        (vec![text("half a summ"), ended(StopReason::Length)], ""),
        (vec![thought("hm"), text("half a summ"), ended(StopReason::Length)], "SUMMARISE "),
        (vec![text(" \n"), end()], "SUMMARISE "),
        (vec![failed(ErrorKind::Empty)], "SUMMARISE "),
        (vec![text("I cannot"), ended(StopReason::Refused)], ""),
        (vec![ended(StopReason::Refused)], ""),
        (vec![text(&long)], "STOP "),
        (vec![thought(&long.repeat(9))], "STOP "),
    ];
    for (signals, first) in cases {
        let again = if first == "SUMMARISE " { signals.clone() } else { Vec::new() };
        let all = || signals.iter().chain(&again).cloned();
        // One that was only foreseen: the turn goes on as it is.
        let mut turn = machine(Settings::default());
        turn.handle(start());
        check(&mut turn, [Signal::TooLong, planned()], "notice SUMMARISE");
        check(&mut turn, all(), &format!("{first}notice MODEL"));
        check(&mut turn, [text("ok"), end()], "+agent delta =agent completed FINISH");
        // One that was needed: the program's own record takes its place.
        let mut turn = machine(Settings::default());
        turn.handle(start());
        turn.handle(failed(ErrorKind::ContextOverflow));
        turn.handle(planned_with_stand_in());
        let actions: Vec<_> = all().flat_map(|signal| turn.handle(signal)).collect();
        assert_eq!(summary_of(&actions), ("the record\n\nSaid: x".into(), 4));
        assert_eq!(actions.last(), Some(&Action::CallModel(Fit::AsItIs)));
        // If that is not enough either, the error is that of the request itself.
        check(&mut turn, [failed(ErrorKind::ContextOverflow)], "failed(ContextOverflow) FINISH");
        // One that a person asked for.
        let mut turn = machine(Settings::default());
        turn.handle(compact());
        check(&mut turn, all(), &format!("{first}failed(Provider) FINISH"));
    }
}

#[test]
fn a_summary_without_words_is_asked_for_once_more_with_room_for_thoughts() {
    for signal in [end(), ended(StopReason::Length), failed(ErrorKind::Empty)] {
        let mut turn = machine(Settings::default());
        turn.handle(start());
        turn.handle(Signal::TooLong);
        let actions = turn.handle(signal);
        assert!(matches!(actions.last(), Some(Action::Summarise(wish)) if wish.is_roomy), "{actions:?}");
        check(&mut turn, [planned(), text("ok"), end()], "=summary MODEL");
    }
}

#[test]
fn only_an_overflow_gives_up_what_the_model_has_not_read() {
    let wish = |signals: Vec<Signal>| {
        let mut turn = machine(Settings::default());
        match signals.into_iter().flat_map(|signal| turn.handle(signal)).last() {
            Some(Action::Summarise(wish)) => wish.is_needed,
            last => panic!("{last:?}"),
        }
    };
    assert!(!wish(vec![start(), Signal::TooLong]) && !wish(vec![compact()]));
    assert!(wish(vec![start(), failed(ErrorKind::ContextOverflow)]));
}

#[test]
fn a_summary_that_a_person_asks_for_is_a_turn_of_its_own() {
    let mut turn = machine(Settings::default());
    let actions = turn.handle(compact());
    assert!(
        matches!(actions.last(), Some(Action::Summarise(wish)) if wish.asked.as_deref() == Some("the date"))
    );
    check(&mut turn, [planned(), text("short"), end()], "=summary completed FINISH");
    let nothing = || Signal::NothingToSummarise(ProviderError::new(ErrorKind::ContextOverflow, "x"));
    let mut turn = machine(Settings::default());
    check(&mut turn, [compact(), nothing()], "started SUMMARISE notice completed FINISH");
    // What is said meanwhile is answered.
    let mut turn = machine(Settings::default());
    turn.handle(compact());
    let more = Signal::Steer { text: "and?".into(), attachments: Vec::new() };
    check(&mut turn, [planned(), text("short"), more, end()], "=user =summary MODEL");
    // And where a turn needed room and there is none to make, its error says why.
    let mut turn = machine(Settings::default());
    turn.handle(start());
    check(
        &mut turn,
        [failed(ErrorKind::ContextOverflow), nothing()],
        "notice SUMMARISE failed(ContextOverflow) FINISH",
    );
}

#[test]
fn what_the_turn_must_not_lose_goes_below_a_summary_as_it_is() {
    let mut turn = machine(Settings::default());
    turn.handle(start());
    turn.handle(Signal::TooLong);
    turn.handle(Signal::Summarising { replaces: 2, below: "Said: count to ten".into(), stand_in: None });
    turn.handle(text(" It counts. "));
    let (text, _) = summary_of(&turn.handle(end()));
    assert_eq!(text, "It counts.\n\nSaid: count to ten");
}

#[test]
fn a_record_takes_the_place_of_no_summary_that_failed_for_another_reason_than_the_model() {
    let needed = || {
        let mut turn = machine(Settings::default());
        turn.handle(start());
        turn.handle(failed(ErrorKind::ContextOverflow));
        turn.handle(planned_with_stand_in());
        turn
    };
    for (kind, code) in [
        (ErrorKind::Auth, "Auth"),
        (ErrorKind::Permission, "Auth"),
        (ErrorKind::QuotaExhausted, "Provider"),
        (ErrorKind::NotFound, "Provider"),
        (ErrorKind::LimitReached, "Limit"),
        (ErrorKind::BadRequest, "ContextOverflow"),
    ] {
        check(&mut needed(), [failed(kind)], &format!("failed({code}) FINISH"));
    }
    for kind in [ErrorKind::Transport, ErrorKind::Timeout, ErrorKind::Overloaded, ErrorKind::Truncated] {
        let mut turn = needed();
        let again = |number| [failed(kind), Signal::Rang(Timer::Retry(number)), planned_with_stand_in()];
        check(&mut turn, (1..=4).flat_map(again), &["notice TIMER SUMMARISE"; 4].join(" "));
        check(&mut turn, [failed(kind)], "failed(Provider) FINISH");
    }
    check(&mut needed(), [text("a"), Signal::Interrupt { reason: "x".into() }], "STOP interrupted FINISH");
}

#[test]
fn a_summary_has_a_quarter_of_an_hour_from_its_first_piece_on() {
    let mut turn = machine(Settings::default());
    turn.handle(start());
    turn.handle(failed(ErrorKind::ContextOverflow));
    turn.handle(planned_with_stand_in());
    let actions = turn.handle(text("a"));
    let [Action::SetTimer(Timer::Summary(timer), after)] = actions[..] else { panic!("{actions:?}") };
    assert_eq!(after.as_secs(), 15 * 60);
    let rang = |number| Signal::Rang(Timer::Summary(number));
    check(&mut turn, [text("b"), rang(timer + 1)], "");
    check(&mut turn, [rang(timer)], "STOP notice =summary MODEL");
    // One that rings late concerns nothing.
    check(&mut turn, [rang(timer), text("ok"), end()], "+agent delta =agent completed FINISH");
    assert_eq!(turn.stray_signals(), 0);
}
