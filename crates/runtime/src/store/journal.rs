//! The engine's port onto the store.

use jamey_engine::ports::{AcceptedOp, Entry, Journal, JournalError, OpenText};
use jamey_protocol::{Event, OpId, SessionId, TurnId};
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
            "SELECT print, turn FROM ops JOIN sessions ON sessions.key = session WHERE sessions.id = ? AND op_id = ?",
        )
        .bind(session.to_string())
        .bind(rows::blob(op_id.0))
        .fetch_optional(&*self.shared.readers.now().await)
        .await;
        let Some(row) = self.watch(found)? else { return Ok(None) };
        let turn: Option<&[u8]> = row.try_get("turn")?;
        let turn = turn.map(rows::uuid).transpose()?.map(TurnId);
        Ok(Some(AcceptedOp { op_id, print: row.try_get("print")?, turn }))
    }
}
