//! The limits of what may be spent, held also when many turns run at once.
//!
//! Before a call is made, the most that it can use is reserved: an estimate of what is sent, and as much
//! output as is allowed, which the request then names as its limit. When the call ends, the reservation gives
//! way to what was really used. Who finds too little left because others hold reservations waits for them;
//! who finds too little left because it was spent is told so.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Local, NaiveDate};
use jamey_engine::{
    context::Size,
    ports::{Clock, ErrorKind, ProviderError, Request, Spending, Spent, SystemClock, TurnMeter},
};
use jamey_protocol::{Usage, model::Price, usage::LimitUse};
use jamey_providers::BYTES_PER_TOKEN;
use tokio::sync::Notify;

use super::{
    sums::{State, dearest, month_of, room_of_money, room_of_tokens, told},
    usage::{first_of_month, start_of},
};
use crate::{
    config::{Bounds, Limits, Live},
    store::{Store, StoreError},
};

/// Output that is reserved for one call, where a limit is set.
const USUAL_OUTPUT: u64 = 16_384;
/// With less room for an answer than this a call is not worth making.
const LEAST_OUTPUT: u64 = 256;

/// About so many tokens are sent; rather too many than too few.
pub(super) fn input_of(request: &Request) -> u64 {
    Size::of(request).tokens(BYTES_PER_TOKEN) + 16
}

/// What was spent and what is reserved.
pub struct Budget {
    live: Arc<Live>,
    store: Store,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Held by the one that reads the ledger.
    reading: tokio::sync::Mutex<()>,
    changed: Notify,
}

/// A call that may be made. What is not used comes back when this goes.
pub struct Reservation {
    budget: Arc<Budget>,
    turn: TurnMeter,
    reserved: Spending,
    used: Spending,
    price: Option<Price>,
    /// The most that the answer may have, where a limit is set.
    pub max_output: Option<u64>,
}

impl Reservation {
    /// Notes what the call used; the last word counts.
    pub fn used(&mut self, used: &Usage) {
        self.used = Spending::of(used, self.price);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.turn.add(self.used);
        // What a call used belongs to the day on which it ends, as its row in the ledger does.
        let today = self.budget.today();
        let mut state = self.budget.state();
        state.reserved.take(self.reserved);
        state.add(today, self.used);
        drop(state);
        self.budget.changed.notify_waiters();
    }
}

/// Why a call cannot be made now.
enum Short {
    /// Others hold what is missing; it may come free.
    Reserved,
    /// It is spent.
    Spent(String),
}

impl Budget {
    /// Knows nothing of the past yet.
    #[must_use]
    pub fn new(live: Arc<Live>, store: Store) -> Arc<Self> {
        Self::with_clock(live, store, Arc::new(SystemClock))
    }

    /// The same by another clock.
    fn with_clock(live: Arc<Live>, store: Store, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            live,
            store,
            clock,
            state: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            changed: Notify::new(),
        })
    }

    /// Whether any limit is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.live.current().limits != Limits::default()
    }

    /// Reserves what a request may use at most. Waits while others hold what is missing.
    ///
    /// # Errors
    /// `LimitReached` when too little is left, or the ledger cannot be read.
    pub async fn reserve(
        self: &Arc<Self>,
        turn: &TurnMeter,
        request: &Request,
        price: Option<Price>,
        most: Option<u64>,
    ) -> Result<Reservation, ProviderError> {
        let input = input_of(request);
        let wanted = request.max_output.or(most).unwrap_or(USUAL_OUTPUT).min(USUAL_OUTPUT);
        // The request names it, and it must fit the window together with what is sent.
        let wanted = request.room.map_or(wanted, |room| wanted.min(room));
        loop {
            self.load().await.map_err(|error| {
                let message =
                    format!("what was spent so far cannot be read, so no limit can be held: {error}");
                ProviderError::new(ErrorKind::LimitReached, message).hint("look at it with: jamey doctor")
            })?;
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            match self.try_reserve(turn, input, wanted, price) {
                Ok(reservation) => return Ok(reservation),
                Err(Short::Reserved) => changed.await,
                Err(Short::Spent(limit)) => {
                    let message = format!("limit reached: {limit}");
                    return Err(ProviderError::new(ErrorKind::LimitReached, message).hint(
                        "raise it in runtime.toml ([limits]), or use the local model; `jamey usage` shows what was \
                         used",
                    ));
                }
            }
        }
    }

    fn try_reserve(
        self: &Arc<Self>,
        turn: &TurnMeter,
        input: u64,
        wanted: u64,
        price: Option<Price>,
    ) -> Result<Reservation, Short> {
        let limits = self.live.current().limits;
        let today = self.today();
        let mut state = self.state();
        let mut output = wanted;
        // Calls of one turn follow each other, so nobody else holds anything of a turn's limit.
        for (bounds, name, spent, reserved) in [
            (limits.turn, "turn", turn.spent(), Spending::default()),
            (limits.day, "day", state.day(today), state.reserved),
            (limits.month, "month", state.month(today), state.reserved),
        ] {
            for (fits, key, used, most) in [
                (room_of_tokens(bounds, spent, input), "tokens", spent.tokens, bounds.tokens),
                (room_of_money(bounds, spent, input, price), "cost", spent.micros, bounds.micros),
            ] {
                let Some(most) = most else { continue };
                let Some(fits) = fits else { continue };
                if fits < LEAST_OUTPUT.min(wanted) {
                    let key = format!("limits.{name}_{key}");
                    return Err(Short::Spent(told(&key, used, most)));
                }
            }
            let mut all = spent;
            all.add(reserved);
            let fits = [room_of_tokens(bounds, all, input), room_of_money(bounds, all, input, price)];
            let Some(fits) = fits.into_iter().flatten().min() else { continue };
            if fits < LEAST_OUTPUT.min(wanted) {
                return Err(Short::Reserved);
            }
            output = output.min(fits);
        }
        let reserved = Spending::of(&dearest(input, output, price), price);
        state.reserved.add(reserved);
        Ok(Reservation {
            budget: Arc::clone(self),
            turn: turn.clone(),
            reserved,
            used: Spending::default(),
            price,
            max_output: Some(output),
        })
    }

    /// A call without a limit, whose use is counted all the same: a limit may be set while it runs.
    #[must_use]
    pub fn count(self: &Arc<Self>, turn: &TurnMeter, price: Option<Price>) -> Reservation {
        Reservation {
            budget: Arc::clone(self),
            turn: turn.clone(),
            reserved: Spending::default(),
            used: Spending::default(),
            price,
            max_output: None,
        }
    }

    /// Writes the row of a call that was no turn's.
    pub async fn note(&self, spent: Spent) {
        let model = spent.model.clone();
        if let Err(error) = self.store.spend(self.clock.now(), spent).await {
            tracing::warn!(model, "what a call used could not be written down: {error}");
        }
    }

    /// The limits of days and months that are set, and how far they are used.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn limits(&self) -> Result<Vec<LimitUse>, StoreError> {
        let limits = self.live.now().limits;
        let today = self.today();
        let mut all = Vec::new();
        if (limits.day, limits.month) == (Bounds::default(), Bounds::default()) {
            return Ok(all);
        }
        let days = self.spent_by_day(first_of_month(today)).await?;
        let day = days.iter().find(|(day, _)| *day == today).map(|(_, spent)| *spent).unwrap_or_default();
        let month = month_of(today, days);
        for (name, bounds, spent) in [("day", limits.day, day), ("month", limits.month, month)] {
            for (kind, used, most) in
                [("tokens", spent.tokens, bounds.tokens), ("cost", spent.micros, bounds.micros)]
            {
                all.extend(most.map(|most| LimitUse { key: format!("limits.{name}_{kind}"), used, most }));
            }
        }
        Ok(all)
    }

    /// Reads the ledger as far as it is needed for the month that it is now: once, and once more where the clock was put
    /// back to before what was read.
    async fn load(&self) -> Result<(), StoreError> {
        let first = first_of_month(self.today());
        if self.state().knows(first) {
            return Ok(());
        }
        let _alone = self.reading.lock().await;
        if self.state().knows(first) {
            return Ok(());
        }
        let days = self.spent_by_day(first).await?;
        self.state().learn(first, days);
        Ok(())
    }

    /// What the ledger says of the days from `first` on.
    async fn spent_by_day(&self, first: NaiveDate) -> Result<Vec<(NaiveDate, Spending)>, StoreError> {
        let days = self.store.spent_by_day(start_of(first)).await?.into_iter();
        let read = |(day, tokens, micros): (String, u64, u64)| {
            Some((day.parse().ok()?, Spending { tokens, micros }))
        };
        Ok(days.filter_map(read).collect())
    }

    /// The day in the person's calendar.
    fn today(&self) -> NaiveDate {
        let now = DateTime::from_timestamp_millis(self.clock.now()).unwrap_or_default();
        now.with_timezone(&Local).date_naive()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Budget").field("state", &self.state()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Reservation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reservation")
            .field("reserved", &self.reserved)
            .field("used", &self.used)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use futures_util::future::join_all;
    use jamey_engine::ports::Message;

    use super::*;
    use crate::config::{Environment, Paths};

    /// A clock that stands at the noon of a day.
    #[derive(Default)]
    struct Noon(AtomicI64);

    impl Noon {
        fn set(&self, day: &str) {
            let noon = start_of(day.parse().unwrap()) + 12 * 3_600_000;
            self.0.store(noon, Ordering::SeqCst);
        }
    }

    impl Clock for Noon {
        fn now(&self) -> i64 {
            self.0.load(Ordering::SeqCst)
        }
    }

    async fn budget(folder: &std::path::Path, limits: &str) -> Arc<Budget> {
        budget_at(folder, limits, Arc::new(SystemClock)).await
    }

    async fn budget_at(folder: &std::path::Path, limits: &str, clock: Arc<dyn Clock>) -> Arc<Budget> {
        let paths = Paths {
            file: folder.join("runtime.toml"),
            dot_env: folder.join(".env"),
            last_good: folder.join("last-good"),
            schema: None,
        };
        std::fs::write(&paths.file, format!("[limits]\n{limits}\n")).unwrap();
        let live = Arc::new(Live::open(paths, Environment::of(&[]), Vec::new()).unwrap());
        let paths = crate::store::StorePaths {
            db: folder.join("jamey.db"),
            backups: folder.join("backups"),
            quarantine: folder.join("quarantine"),
        };
        Budget::with_clock(live, Store::open(paths).await.unwrap().0, clock)
    }

    fn request() -> Request {
        Request { messages: vec![Message::user("x".repeat(252))], ..Request::default() }
    }

    /// Ten turns at once, each of which asks again and again and uses all that it was given. Returns what
    /// was used and how many were told that the limit is reached.
    async fn ten_at_once(budget: &Arc<Budget>, price: Option<Price>) -> (Spending, usize) {
        let turns = (0..10).map(|_| async {
            let (turn, mut all) = (TurnMeter::default(), Spending::default());
            loop {
                match budget.reserve(&turn, &request(), price, Some(1_000)).await {
                    Ok(mut reservation) => {
                        let output = reservation.max_output.unwrap();
                        let used = Usage { input: 100, output, ..Usage::default() };
                        // Others get their chance in the middle of the call.
                        tokio::task::yield_now().await;
                        reservation.used(&used);
                        all.add(Spending::of(&used, price));
                    }
                    Err(error) => {
                        assert_eq!(error.kind, ErrorKind::LimitReached);
                        return all;
                    }
                }
            }
        });
        let all = join_all(turns).await;
        let mut sum = Spending::default();
        all.iter().for_each(|used| sum.add(*used));
        (sum, all.len())
    }

    #[tokio::test]
    async fn ten_turns_at_once_do_not_overrun_a_limit_of_tokens() {
        let folder = tempfile::tempdir().unwrap();
        let budget = budget(folder.path(), "day_tokens = 50_000").await;
        let (used, told) = ten_at_once(&budget, None).await;
        assert!(used.tokens <= 50_000 && used.tokens > 49_000, "{used:?}");
        assert_eq!(told, 10, "each was told that the limit is reached, none waits for ever");
    }

    #[tokio::test]
    async fn ten_turns_at_once_do_not_overrun_a_limit_of_money() {
        let folder = tempfile::tempdir().unwrap();
        let budget = budget(folder.path(), "month_cost = 0.25").await;
        let price = Price { input: 1.0, cached: 0.1, cache_written: 1.0, output: 10.0, above: None };
        let (used, told) = ten_at_once(&budget, Some(price)).await;
        assert!(used.micros <= 250_000 && used.micros > 240_000, "{used:?}");
        assert_eq!(told, 10);
    }

    #[tokio::test]
    async fn a_turns_limit_is_its_own_and_an_unknown_price_is_not_counted_as_money() {
        let folder = tempfile::tempdir().unwrap();
        let budget = budget(folder.path(), "turn_tokens = 3_000\nday_cost = 0.01").await;
        let (first, second) = (TurnMeter::default(), TurnMeter::default());
        let mut reservation = budget.reserve(&first, &request(), None, Some(1_000)).await.unwrap();
        reservation.used(&Usage { input: 2_000, output: 800, ..Usage::default() });
        drop(reservation);
        let error = budget.reserve(&first, &request(), None, Some(1_000)).await.unwrap_err();
        assert!(error.message.contains("limits.turn_tokens is 3000 tokens, 2800"), "{error}");
        assert!(budget.reserve(&second, &request(), None, Some(1_000)).await.is_ok());
    }

    #[tokio::test]
    async fn no_more_is_reserved_and_named_than_the_models_window_leaves_for_the_answer() {
        let folder = tempfile::tempdir().unwrap();
        let budget = budget(folder.path(), "day_tokens = 50_000").await;
        for (room, named) in [(None, USUAL_OUTPUT), (Some(1_500), 1_500), (Some(90_000), USUAL_OUTPUT)] {
            let request = Request { room, ..request() };
            let call = budget.reserve(&TurnMeter::default(), &request, None, None).await.unwrap();
            assert_eq!(call.max_output, Some(named), "{room:?}");
        }
    }

    /// One call that uses all it asks for, or what it was told instead.
    async fn spend(budget: &Arc<Budget>, output: u64) -> Result<(), ProviderError> {
        let mut call = budget.reserve(&TurnMeter::default(), &request(), None, Some(output)).await?;
        assert_eq!(call.max_output, Some(output));
        call.used(&Usage { input: 100, output, ..Usage::default() });
        Ok(())
    }

    #[tokio::test]
    async fn a_months_limit_outlasts_its_days_and_begins_anew_with_the_next_month() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Noon::default());
        clock.set("2026-11-28");
        let budget =
            budget_at(folder.path(), "day_tokens = 4_300\nmonth_tokens = 8_400", clock.clone()).await;
        spend(&budget, 4_000).await.unwrap();
        let error = spend(&budget, 4_000).await.unwrap_err();
        assert!(error.message.contains("limits.day_tokens is 4300 tokens, 4100 of them are used"), "{error}");
        clock.set("2026-11-29");
        spend(&budget, 4_000).await.unwrap();
        clock.set("2026-11-30");
        let error = spend(&budget, 4_000).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::LimitReached);
        assert!(
            error.message.contains("limits.month_tokens is 8400 tokens, 8200 of them are used"),
            "{error}"
        );
        clock.set("2026-12-01");
        spend(&budget, 4_000).await.unwrap();
    }

    #[tokio::test]
    async fn a_clock_that_is_put_back_and_forward_again_erases_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Noon::default());
        clock.set("2026-11-29");
        let budget =
            budget_at(folder.path(), "day_tokens = 4_300\nmonth_tokens = 8_400", clock.clone()).await;
        spend(&budget, 4_000).await.unwrap();
        for (day, limit) in [
            ("2026-11-28", None),
            ("2026-11-29", Some("limits.day_tokens is 4300 tokens, 4100 of them are used")),
            ("2026-10-31", None),
            ("2026-11-28", Some("limits.day_tokens is 4300 tokens, 4100 of them are used")),
            ("2026-11-27", Some("limits.month_tokens is 8400 tokens, 8200 of them are used")),
            ("2026-10-30", None),
            ("2026-10-29", Some("limits.month_tokens is 8400 tokens, 8200 of them are used")),
            ("2026-12-01", None),
            ("2026-11-27", Some("limits.month_tokens is 8400 tokens, 8200 of them are used")),
        ] {
            clock.set(day);
            let told = spend(&budget, 4_000).await.err().map(|error| error.message).unwrap_or_default();
            assert!(
                told.contains(limit.unwrap_or_default()) && told.is_empty() == limit.is_none(),
                "{day}: {told}"
            );
        }
    }

    /// Writes what a call used at the noon of a day into the ledger.
    async fn spent_on(budget: &Budget, day: &str, tokens: u64) {
        use jamey_engine::ports::{Count, Durability, Entry, Journal as _, Spent};
        use jamey_protocol::{EventBody, Session, SessionId, SessionStatus, Settings};
        let session = Session {
            id: SessionId::new(),
            name: None,
            title: None,
            cwd: "/".into(),
            settings: Settings::default(),
            status: SessionStatus::Idle,
            created_at: 1,
            updated_at: 1,
            head: 0,
        };
        budget.store.create(&session).await.unwrap();
        let clock = Noon::default();
        clock.set(day);
        let used = Usage { input: tokens, ..Usage::default() };
        let entry = Entry {
            session: Session { head: 1, ..session },
            turn: None,
            at: clock.now(),
            bodies: vec![EventBody::UsageUpdated { usage: used }],
            op: None,
            spent: Some(Spent { model: "a/x".into(), used, count: Count::Told, cost_micros: None }),
            durability: Durability::Process,
        };
        budget.store.append(entry).await.unwrap();
    }

    #[tokio::test]
    async fn a_clock_that_is_wrong_at_the_start_hides_nothing_of_what_the_ledger_knows() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Noon::default());
        let budget = budget_at(folder.path(), "day_tokens = 4_300", clock.clone()).await;
        for (day, tokens) in [("2026-11-28", 4_200), ("2026-10-05", 4_200), ("2026-11-27", 100)] {
            spent_on(&budget, day, tokens).await;
        }
        // Not yet set, right, right, put back into what was not read, right.
        for (day, is_reached) in [
            ("1970-02-02", false),
            ("2026-11-28", true),
            ("2026-11-27", false),
            ("2026-10-05", true),
            ("2026-11-28", true),
        ] {
            clock.set(day);
            assert_eq!(spend(&budget, 4_000).await.is_err(), is_reached, "{day}");
        }
        clock.set("2026-11-28");
        let budget = Budget::with_clock(budget.live.clone(), budget.store.clone(), clock.clone());
        for (day, is_reached) in [("2026-11-28", true), ("2026-10-05", true), ("2026-11-28", true)] {
            clock.set(day);
            assert_eq!(spend(&budget, 4_000).await.is_err(), is_reached, "{day}");
            let used = budget.limits().await.unwrap()[0].used;
            assert_eq!(used, 4_200, "what a later day used is none of this one's");
        }
    }

    #[tokio::test]
    async fn a_call_that_ends_after_midnight_counts_for_the_day_and_month_in_which_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Noon::default());
        clock.set("2026-11-30");
        let budget =
            budget_at(folder.path(), "day_tokens = 4_300\nmonth_tokens = 4_300", clock.clone()).await;
        let mut call = budget.reserve(&TurnMeter::default(), &request(), None, Some(4_000)).await.unwrap();
        call.used(&Usage { input: 100, output: 4_000, ..Usage::default() });
        clock.set("2026-12-01");
        drop(call);
        let used = Spending { tokens: 4_100, micros: 0 };
        let today = budget.today();
        let sums = |state: &State| (state.day(today), state.month(today), state.reserved);
        assert_eq!(sums(&budget.state()), (used, used, Spending::default()));
        let error = spend(&budget, 4_000).await.unwrap_err();
        assert!(error.message.contains("limits.day_tokens is 4300 tokens, 4100"), "{error}");
    }
}
