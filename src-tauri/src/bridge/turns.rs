//! Ops: everything that changes a turn.

use jamey_protocol::{ApiError, Op, OpAccepted, OpId, OpRequest, SessionId, Settings};
use tauri::{State, WebviewWindow};

use crate::{
    desk::Desk,
    given::{Given, LONGEST_TEXT, bounded, refused},
    notify::Work,
    windows,
};

/// Sends an op. When it returns, the op is durable; with the same id it may be sent again. The quick prompt may not say
/// how much happens without asking.
#[tauri::command]
#[specta::specta]
pub async fn submit(
    window: WebviewWindow,
    desk: State<'_, Desk>,
    session: Given<SessionId>,
    op_id: Given<OpId>,
    op: Given<Op>,
) -> Result<OpAccepted, ApiError> {
    let (op_id, op) = (op_id.0, checked(op.0)?);
    if window.label() == windows::QUICK && chooses(&op) {
        return Err(refused("op", "settings are chosen in the main window"));
    }
    let work = Work::of(&op);
    let client = desk.link.client().await?;
    if let Some(work) = work {
        // Before it is sent: its events may be here before its answer.
        desk.ours.note(op_id, work);
    }
    let accepted = client.op(session.0, &OpRequest { op_id, op }).await;
    if work.is_some() && accepted.is_err() {
        desk.ours.forget(op_id);
    }
    accepted
}

/// Whether it changes what holds for a session or a turn.
fn chooses(op: &Op) -> bool {
    match op {
        Op::Configure { .. } => true,
        // Another model for another try is no leave for anything.
        Op::StartTurn { settings, .. } => Settings { model: None, ..settings.clone() } != Settings::default(),
        Op::Steer { .. } | Op::Interrupt | Op::Decide { .. } | Op::Compact { .. } => false,
    }
}

fn checked(op: Op) -> Result<Op, ApiError> {
    Ok(match op {
        Op::StartTurn { text, attachments, settings } => {
            Op::StartTurn { text: bounded("text", text, LONGEST_TEXT)?, attachments, settings }
        }
        Op::Steer { text, attachments } => {
            Op::Steer { text: bounded("text", text, LONGEST_TEXT)?, attachments }
        }
        Op::Compact { keep } => {
            Op::Compact { keep: keep.map(|keep| bounded("keep", keep, LONGEST_TEXT)).transpose()? }
        }
        Op::Interrupt | Op::Decide { .. } | Op::Configure { .. } => op,
    })
}
