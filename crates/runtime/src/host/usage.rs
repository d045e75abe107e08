//! What was used and what it cost, in days of the person's calendar.

use chrono::{Datelike as _, Days, Local, NaiveDate, NaiveTime, TimeZone as _};
use jamey_protocol::{
    ApiError,
    usage::{UsageBy, UsageReport, UsageTotal},
};

use super::Host;

impl Host {
    /// Sums up the model calls of so many days, today included.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn usage(&self, by: UsageBy, days: u32) -> Result<UsageReport, ApiError> {
        let today = Local::now().date_naive();
        let from = today.checked_sub_days(Days::new(u64::from(days.saturating_sub(1)))).unwrap_or(today);
        let rows = self.store.usage(by, start_of(from)).await?;
        let mut total = UsageTotal::default();
        for row in &rows {
            total.calls += row.used.calls;
            total.tokens += row.used.tokens;
            total.cost_micros += row.used.cost_micros;
            total.unpriced_calls += row.used.unpriced_calls;
            total.estimated_calls += row.used.estimated_calls;
        }
        let limits = self.models.budget().limits().await?;
        Ok(UsageReport { by, from: from.to_string(), to: today.to_string(), rows, total, limits })
    }
}

/// When a day begins here, in milliseconds since 1970. Where the clock is put forward at midnight, that is the
/// first moment that exists.
pub(super) fn start_of(day: NaiveDate) -> i64 {
    let midnight = day.and_time(NaiveTime::MIN);
    let start = (0..=4).find_map(|half_hours| {
        let local = midnight + chrono::TimeDelta::minutes(30 * half_hours);
        Local.from_local_datetime(&local).earliest()
    });
    start.map_or_else(|| midnight.and_utc().timestamp_millis(), |start| start.timestamp_millis())
}

/// The first day of its month.
pub(super) fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}
