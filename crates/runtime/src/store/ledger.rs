//! The ledger: one row for each model call, and the sums of them. A call that belongs to no session, such as the one that
//! tries a key, stands under session 0, which none ever is.

use jamey_engine::ports::{Count, Spent};
use jamey_protocol::{
    SessionId, TurnId, Usage,
    usage::{UsageBy, UsageRow, UsageTotal},
};
use sqlx::{AssertSqlSafe, Row, SqliteConnection, query, sqlite::SqliteRow};

use super::{Store, StoreError, rows, writer::Request};

/// No row counts for more, in tokens as in millionths of a dollar: SQLite fails to read a sum that is too large, and
/// with it every limit and every report. Rows of earlier versions may hold more.
const MOST: i64 = 1_000_000_000_000;

/// The sum of a column.
fn sum(column: &str) -> String {
    format!("coalesce(sum(min({column}, {MOST})), 0)")
}

/// All sums of a report, each by the name of its column.
fn sums() -> String {
    let columns = ["input", "cached", "cache_written", "output", "reasoning", "cost"];
    let columns = columns.map(|column| format!("{} AS {column}", sum(column))).join(", ");
    format!("count(*) AS calls, {columns}, count(*) - count(cost) AS unpriced, sum(estimated) AS estimated")
}

/// A count as a row keeps it.
fn count(count: u64) -> i64 {
    rows::integer(count).min(MOST)
}

/// Whose call it was.
#[derive(Clone, Copy)]
pub(super) struct Of {
    /// When it ended, in milliseconds since 1970.
    pub(super) at: i64,
    /// The session's key.
    pub(super) session: i64,
    pub(super) turn: Option<TurnId>,
}

/// Writes the row of one call, in the transaction of the events that tell its end where there are any.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    of: Of,
    spent: &Spent,
) -> Result<(), StoreError> {
    let used = &spent.used;
    query(
        "INSERT INTO models (name) VALUES (?) ON CONFLICT (name) DO NOTHING; \
         INSERT INTO ledger (at, session, turn, model, input, cached, cache_written, output, reasoning, cost, estimated) \
         SELECT ?, ?, ?, key, ?, ?, ?, ?, ?, ?, ? FROM models WHERE name = ?",
    )
    .bind(spent.model.as_str())
    .bind(of.at)
    .bind(of.session)
    .bind(of.turn.map(|turn| rows::blob(turn.0)))
    .bind(count(used.input))
    .bind(count(used.cached))
    .bind(count(used.cache_written))
    .bind(count(used.output))
    .bind(count(used.reasoning))
    .bind(spent.cost_micros.map(count))
    .bind(spent.count == Count::Estimated)
    .bind(spent.model.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

impl Store {
    /// Writes the row of a call that belonged to no session.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn spend(&self, at: i64, spent: Spent) -> Result<(), StoreError> {
        let spent = Box::new(spent);
        self.ask(|answer| Request::Spend(at, spent, answer)).await
    }

    /// Sums up the calls since a moment: days from the newest, models and sessions from what cost or was used
    /// most.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn usage(&self, by: UsageBy, since: i64) -> Result<Vec<UsageRow>, StoreError> {
        let (columns, group, order) = match by {
            UsageBy::Day => {
                ("date(l.at / 1000, 'unixepoch', 'localtime') AS day, m.name AS model", "1, 2", "day DESC,")
            }
            UsageBy::Model => ("m.name AS model", "1", ""),
            UsageBy::Session => (
                "coalesce(unhex(s.id, '-'), g.id) AS session, coalesce(s.name, s.title) AS name",
                "l.session",
                "",
            ),
        };
        let (sums, cost, input, output) = (sums(), sum("cost"), sum("input"), sum("output"));
        let sql = format!(
            "SELECT {columns}, {sums} FROM ledger AS l JOIN models AS m ON m.key = l.model \
             LEFT JOIN sessions AS s ON s.key = l.session LEFT JOIN gone AS g ON g.session = l.session \
             WHERE l.at >= ? GROUP BY {group} ORDER BY {order} {cost} DESC, {input} + {output} DESC"
        );
        let readers = self.shared.readers.now().await;
        let found = query(AssertSqlSafe(sql)).bind(since).fetch_all(&*readers).await;
        self.watch(found)?.iter().map(|row| report_row(by, row)).collect()
    }

    /// Tokens and cost (millionths of a dollar) of each day of the person's calendar, such as `2026-11-27`, since a
    /// moment. The local model costs nothing and is not counted.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn spent_by_day(&self, since: i64) -> Result<Vec<(String, u64, u64)>, StoreError> {
        let readers = self.shared.readers.now().await;
        let (input, output, cost) = (sum("input"), sum("output"), sum("cost"));
        let sql = format!(
            "SELECT coalesce(date(ledger.at / 1000, 'unixepoch', 'localtime'), '') AS day, \
             {input} + {output} AS tokens, {cost} AS cost \
             FROM ledger JOIN models ON models.key = ledger.model \
             WHERE ledger.at >= ? AND models.name NOT LIKE 'local/%' GROUP BY 1 ORDER BY 1"
        );
        let found = query(AssertSqlSafe(sql)).bind(since).fetch_all(&*readers).await;
        let number = |row: &SqliteRow, name| Ok::<_, StoreError>(rows::number(row.try_get(name)?));
        let day = |row: &SqliteRow| Ok((row.try_get("day")?, number(row, "tokens")?, number(row, "cost")?));
        self.watch(found)?.iter().map(day).collect()
    }
}

fn report_row(by: UsageBy, row: &SqliteRow) -> Result<UsageRow, StoreError> {
    let number = |name| Ok::<_, StoreError>(rows::number(row.try_get(name)?));
    let session = match by {
        UsageBy::Session => row.try_get::<Option<&[u8]>, _>("session")?.map(rows::uuid).transpose()?,
        UsageBy::Day | UsageBy::Model => None,
    };
    Ok(UsageRow {
        day: if by == UsageBy::Day { row.try_get("day")? } else { None },
        model: if by == UsageBy::Session { None } else { row.try_get("model")? },
        session: session.map(SessionId),
        name: if by == UsageBy::Session { row.try_get("name")? } else { None },
        used: UsageTotal {
            calls: number("calls")?,
            tokens: Usage {
                input: number("input")?,
                cached: number("cached")?,
                cache_written: number("cache_written")?,
                output: number("output")?,
                reasoning: number("reasoning")?,
            },
            cost_micros: number("cost")?,
            unpriced_calls: number("unpriced")?,
            estimated_calls: number("estimated")?,
        },
    })
}
