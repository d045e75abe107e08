//! Streamed text of open items that no event holds yet: appended as it comes, gone when the item
//! completes.

use jamey_engine::ports::OpenText;
use jamey_protocol::{ItemId, SessionId};
use sqlx::{Row, SqliteConnection, query};

use super::{StoreError, rows};

/// Keeps partial text, each by itself: no two texts belong together. Text of an item that is not open
/// came too late and is of no use.
pub(super) async fn keep_text(
    connection: &mut SqliteConnection,
    session: SessionId,
    texts: &[OpenText],
) -> Result<(), StoreError> {
    for text in texts {
        query(
            "INSERT INTO open_text (session, item, n, text) SELECT i.session, i.id, \
             (SELECT coalesce(max(n), 0) + 1 FROM open_text AS o WHERE o.session = i.session AND o.item = i.id), \
             ? FROM open_items AS i JOIN sessions ON sessions.key = i.session WHERE sessions.id = ? AND i.id = ?",
        )
        .bind(text.text.as_str())
        .bind(session.to_string())
        .bind(rows::blob(text.item_id.0))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Reads the partial texts of a session, one for each open item.
pub(super) async fn open_texts(
    connection: &mut SqliteConnection,
    session: SessionId,
) -> Result<Vec<OpenText>, StoreError> {
    let rows = query(
        "SELECT item, text FROM open_text JOIN sessions ON sessions.key = session \
         WHERE sessions.id = ? ORDER BY item, n",
    )
    .bind(session.to_string())
    .fetch_all(connection)
    .await?;
    let mut texts: Vec<OpenText> = Vec::new();
    for row in rows {
        let item_id = ItemId(rows::uuid(row.try_get("item")?)?);
        let more: &str = row.try_get("text")?;
        match texts.last_mut() {
            Some(open) if open.item_id == item_id => open.text.push_str(more),
            _ => texts.push(OpenText { item_id, text: more.to_owned() }),
        }
    }
    Ok(texts)
}
