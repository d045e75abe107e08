//! `jamey approve` and `jamey deny`: answer a question that waits in a session of any face.
//!
//! A yes is given only at a terminal and after what will run was shown there. A no needs neither.

use std::sync::atomic::AtomicBool;

use jamey_ipc::{Client, client::SessionQuery};
use jamey_protocol::{
    ApiError, Approval, Choice, Decision, ErrorCode, EventBody, ItemBody, Op, OpId, OpRequest, Session,
    SessionStatus, ToolCall,
};
use serde_json::json;

use super::wait_for;
use crate::{approve, exit, link::Link, lookup, render};

/// How many sessions are looked through for one that waits.
const LOOK: u32 = 500;
/// An open question is among the last events of its session; only what a person adds can follow it.
const LAST: u64 = 100;

/// A call that waits for a person.
struct Waiting {
    session: Session,
    approval: Approval,
    /// Absent where the history does not show it; then it can only be denied.
    call: Option<ToolCall>,
}

pub fn approve(link: &Link, session: Option<&str>, always: bool) -> Result<u8, ApiError> {
    if !approve::is_possible() {
        return Err(ApiError::new(
            ErrorCode::ApprovalNeeded,
            "a call is approved at a terminal, and here is none",
        )
        .hint("run it in a terminal, or answer in the window"));
    }
    wait_for(async {
        let client = link.reach().await?;
        let mut code = exit::DONE;
        for mut waiting in all(&client, session).await? {
            if always {
                restrict(&mut waiting.approval)?;
            }
            let (approval, call) = (waiting.approval.clone(), shown(&waiting)?.clone());
            let asked =
                tokio::task::spawn_blocking(move || approve::ask(&approval, &call, &AtomicBool::new(false)));
            let Ok(Some(decision)) = asked.await else { continue };
            if !decision.allows() {
                code = exit::APPROVAL;
            }
            answer(link, &client, &waiting, decision).await?;
        }
        Ok(code)
    })
}

pub fn deny(link: &Link, session: Option<&str>, reason: String) -> Result<u8, ApiError> {
    wait_for(async {
        let client = link.reach().await?;
        let waiting = all(&client, session).await?;
        if let [only] = waiting.as_slice() {
            answer(link, &client, only, Decision::Deny { reason }).await?;
            return Ok(exit::DONE);
        }
        let names: Vec<_> = waiting.iter().map(|one| lookup::short(one.session.id)).collect();
        Err(ApiError::new(ErrorCode::BadRequest, format!("{} sessions wait for an answer", names.len()))
            .hint(format!("name one: {}", names.join(", "))))
    })
}

async fn answer(link: &Link, client: &Client, waiting: &Waiting, decision: Decision) -> Result<(), ApiError> {
    let op = Op::Decide { approval_id: waiting.approval.id, decision: decision.clone() };
    // Unlike in a conversation, where the event that says so follows: somebody else was faster, and this command
    // did not have its way.
    client.op(waiting.session.id, &OpRequest { op_id: OpId::new(), op }).await?;
    if link.globals.json {
        render::print_json(&json!({ "session": waiting.session.id, "decision": decision }));
    }
    Ok(())
}

/// What would run. Nobody is asked about a call that cannot be shown.
fn shown(waiting: &Waiting) -> Result<&ToolCall, ApiError> {
    waiting.call.as_ref().ok_or_else(|| {
        let session = lookup::short(waiting.session.id);
        let message =
            format!("a call waits in session {session}, but the history does not show what would run");
        ApiError::new(ErrorCode::ApprovalNeeded, message)
            .hint(format!("deny it with: jamey deny {session}, or look at it in the window"))
    })
}

/// Leaves the one yes that was asked for.
fn restrict(approval: &mut Approval) -> Result<(), ApiError> {
    approval.choices.retain(|choice| matches!(choice, Choice::AllowAlways | Choice::Deny));
    if approval.choices.contains(&Choice::AllowAlways) {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::BadRequest,
        format!("this cannot be allowed for good: {}", approval.question),
    )
    .hint("only plain commands can, where what is shown is all that happens; leave --always out"))
}

/// The questions that wait: that of one session, or all. None is an error, since then there is nothing to do.
async fn all(client: &Client, session: Option<&str>) -> Result<Vec<Waiting>, ApiError> {
    let sessions = match session {
        Some(wanted) => vec![lookup::session(client, wanted).await?],
        None => {
            let query = SessionQuery { limit: Some(LOOK), ..SessionQuery::default() };
            client.sessions(&query).await?.data
        }
    };
    let mut found = Vec::new();
    for session in sessions.into_iter().filter(|session| session.status == SessionStatus::Waiting) {
        found.extend(question(client, session).await?);
    }
    if found.is_empty() {
        return Err(ApiError::new(ErrorCode::NotFound, "no call waits for an answer")
            .hint("see what runs: jamey sessions"));
    }
    Ok(found)
}

async fn question(client: &Client, session: Session) -> Result<Option<Waiting>, ApiError> {
    let recent = session.head.saturating_sub(LAST);
    Ok(match open(client, &session, recent).await? {
        // The question, or the call that it is about, lies further back.
        None | Some(Waiting { call: None, .. }) if recent > 0 => open(client, &session, 0).await?,
        found => found,
    })
}

/// The question that is open at the session's head, among the events after `after`.
async fn open(client: &Client, session: &Session, after: u64) -> Result<Option<Waiting>, ApiError> {
    let mut events = client.follow(session.id, after);
    let (mut asked, mut calls) = (None, Vec::new());
    while events.last() < session.head {
        match events.next().await?.body {
            EventBody::ItemStarted { item } => {
                if let ItemBody::ToolCall { call } = item.body {
                    calls.push((item.id, call));
                }
            }
            EventBody::ApprovalRequested { approval } => asked = Some(approval),
            EventBody::ApprovalResolved { .. } | EventBody::TurnEnded { .. } => asked = None,
            EventBody::SessionUpdated { .. }
            | EventBody::TurnStarted { .. }
            | EventBody::ItemDelta { .. }
            | EventBody::ItemCompleted { .. }
            | EventBody::UsageUpdated { .. }
            | EventBody::Notice { .. }
            | EventBody::ConfigChanged { .. }
            | EventBody::SessionDeleted {}
            | EventBody::Unknown => {}
        }
    }
    Ok(asked.map(|approval| {
        let call = calls.into_iter().rev().find(|(id, _)| *id == approval.item_id);
        Waiting { session: session.clone(), approval, call: call.map(|(_, call)| call) }
    }))
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{ApprovalId, CallId, ItemId, SessionId, Settings};

    use super::*;

    #[test]
    fn a_call_that_the_history_does_not_show_is_never_asked_about() {
        let approval = Approval {
            id: ApprovalId::new(),
            call_id: CallId::new(),
            item_id: ItemId::new(),
            question: "May it?".to_owned(),
            accesses: Vec::new(),
            choices: vec![Choice::AllowOnce, Choice::Deny],
        };
        let session = Session {
            id: SessionId::new(),
            name: None,
            title: None,
            cwd: "/w".into(),
            settings: Settings::default(),
            status: SessionStatus::Waiting,
            created_at: 0,
            updated_at: 0,
            head: 9,
        };
        let error = shown(&Waiting { session, approval, call: None }).unwrap_err();
        assert_eq!(error.code, ErrorCode::ApprovalNeeded);
        assert!(error.hint.unwrap().contains("jamey deny"), "it can still be denied");
    }
}
