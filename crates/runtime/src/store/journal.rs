//! The engine's port onto the store.

use jamey_engine::ports::{AcceptedOp, Entry, Journal, JournalError, OpenText};
use jamey_protocol::{Event, OpId, SessionId};
use sqlx::{Row, query};

use super::{Store, StoreError, rows, writer::Request};

#[async_trait::async_trait]
impl Journal for Store {
    async fn append(&self, entry: Entry) -> Result<Vec<Event>, JournalError> {
        let entry = Box::new(entry);
        Ok(self.ask(|answer| Request::Append(entry, answer)).await?)
    }

    async fn accepted(&self, session: SessionId, op_id: OpId) -> Result<Option<AcceptedOp>, JournalError> {
        Ok(self.find_op(session, op_id).await?)
    }

    async fn keep_text(&self, session: SessionId, texts: Vec<OpenText>) -> Result<(), JournalError> {
        if texts.is_empty() {
            return Ok(());
        }
        Ok(self.ask(|answer| Request::KeepText(session, texts, answer)).await?)
    }

    async fn read(&self, session: SessionId, after: u64) -> Result<Vec<Event>, JournalError> {
        Ok(self.events(session, after, u64::MAX).await?)
    }
}

impl Store {
    async fn find_op(&self, session: SessionId, op_id: OpId) -> Result<Option<AcceptedOp>, StoreError> {
        let found = query(
            "SELECT body, turn FROM ops JOIN sessions ON sessions.key = session WHERE sessions.id = ? AND op_id = ?",
        )
        .bind(session.to_string())
        .bind(op_id.to_string())
        .fetch_optional(&self.shared.readers)
        .await;
        let Some(row) = self.watch(found)? else { return Ok(None) };
        let turn: Option<&str> = row.try_get("turn")?;
        Ok(Some(AcceptedOp { op_id, body: row.try_get("body")?, turn: turn.map(rows::id).transpose()? }))
    }
}
