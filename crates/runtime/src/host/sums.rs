//! What was spent, what is reserved, and how much room that leaves.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use jamey_engine::ports::Spending;
use jamey_protocol::{Usage, model::Price};

use crate::config::Bounds;

/// What was spent on each day. Days stay, so that a clock that is put back and forward again erases nothing.
#[derive(Debug, Default)]
pub(super) struct State {
    /// All days from this one on are known; none before the ledger was read.
    from: Option<NaiveDate>,
    days: BTreeMap<NaiveDate, Spending>,
    pub(super) reserved: Spending,
}

impl State {
    /// Whether all days of the month that begins so are known.
    pub(super) fn knows(&self, first_of_month: NaiveDate) -> bool {
        self.from.is_some_and(|from| from <= first_of_month)
    }

    /// Takes what the ledger says of the days from `first` on. What was read earlier is known better since: a call is
    /// counted here as it ends, and in the ledger a little later.
    pub(super) fn learn(
        &mut self,
        first: NaiveDate,
        ledger: impl IntoIterator<Item = (NaiveDate, Spending)>,
    ) {
        match self.from {
            None => self.days = ledger.into_iter().collect(),
            Some(from) => {
                // A call that ended while the clock stood on such a day is in both.
                for (day, spent) in ledger.into_iter().filter(|(day, _)| *day < from) {
                    let here = self.days.entry(day).or_default();
                    here.tokens = here.tokens.max(spent.tokens);
                    here.micros = here.micros.max(spent.micros);
                }
            }
        }
        self.from = Some(first);
    }

    /// Adds what was spent on a day.
    pub(super) fn add(&mut self, day: NaiveDate, spent: Spending) {
        self.days.entry(day).or_default().add(spent);
    }

    /// What was spent on a day.
    pub(super) fn day(&self, day: NaiveDate) -> Spending {
        self.days.get(&day).copied().unwrap_or_default()
    }

    /// What was spent in the month of a day.
    pub(super) fn month(&self, day: NaiveDate) -> Spending {
        month_of(day, self.days.iter().map(|(day, spent)| (*day, *spent)))
    }
}

/// The sum of those days that are in the month of `day`.
pub(super) fn month_of(day: NaiveDate, days: impl IntoIterator<Item = (NaiveDate, Spending)>) -> Spending {
    let mut sum = Spending::default();
    let is_in_it = |other: &NaiveDate| (other.year(), other.month()) == (day.year(), day.month());
    days.into_iter().filter(|(other, _)| is_in_it(other)).for_each(|(_, spent)| sum.add(spent));
    sum
}

/// How many tokens of output fit, if tokens are bounded.
pub(super) fn room_of_tokens(bounds: Bounds, spent: Spending, input: u64) -> Option<u64> {
    bounds.tokens.map(|most| most.saturating_sub(spent.tokens).saturating_sub(input))
}

/// The use of a request that costs most: nothing is found in the vendor's cache, and where it asks more for what it
/// writes there, all is written.
pub(super) fn dearest(input: u64, output: u64, price: Option<Price>) -> Usage {
    let price = price.map(|price| price.at(input));
    let is_dearer = price.is_some_and(|price| price.cache_written > price.input);
    Usage { input, output, cache_written: if is_dearer { input } else { 0 }, ..Usage::default() }
}

/// The same as `room_of_tokens` if money is bounded and the price is known.
pub(super) fn room_of_money(
    bounds: Bounds,
    spent: Spending,
    input: u64,
    price: Option<Price>,
) -> Option<u64> {
    let (most, price) = (bounds.micros?, price?);
    let sent = price.micros(&dearest(input, 0, Some(price)));
    let left = most.saturating_sub(spent.micros).saturating_sub(sent);
    let price = price.at(input);
    if price.output <= 0.0 {
        // What costs nothing fits as long as what is sent does.
        return Some(if left > 0 || sent == 0 { u64::MAX } else { 0 });
    }
    Some((left as f64 / price.output) as u64)
}

pub(super) fn told(key: &str, used: u64, most: u64) -> String {
    if key.ends_with("cost") {
        let dollars = |micros: u64| micros as f64 / 1e6;
        return format!(
            "{key} is ${:.2}, ${:.4} of it are spent, and the next call could cost more than is left",
            dollars(most),
            dollars(used)
        );
    }
    format!("{key} is {most} tokens, {used} of them are used, and the next call would need more than is left")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_is_the_dearest_that_a_request_can_be() {
        use jamey_protocol::model::LongPrice;
        let long = LongPrice { tokens: 100, input: 2.0, cached: 0.2, cache_written: 2.5, output: 20.0 };
        let price = Price { input: 1.0, cached: 0.1, cache_written: 1.25, output: 10.0, above: Some(long) };
        let most = |input, output, price: Price| price.micros(&dearest(input, output, Some(price)));
        assert_eq!(most(100, 10, price), 125 + 100);
        assert_eq!(most(200, 10, price), 500 + 200);
        assert_eq!(most(100, 10, Price { cache_written: 0.0, ..price }), 100 + 100);
        let bounds = Bounds { micros: Some(1_000), ..Bounds::default() };
        let room = |input| room_of_money(bounds, Spending::default(), input, Some(price));
        assert_eq!((room(100), room(200), room(400)), (Some(87), Some(25), Some(0)));
    }

    #[test]
    fn a_new_day_and_a_new_month_begin_at_nothing_and_the_old_ones_stay() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let tokens = |tokens| Spending { tokens, micros: 0 };
        let mut state = State::default();
        state.learn(day("2026-11-01"), [(day("2026-11-28"), tokens(1)), (day("2027-11-28"), tokens(32))]);
        state.add(day("2026-11-29"), tokens(2));
        for (today, of_day, of_month) in
            [("2026-11-29", 2, 3), ("2026-11-30", 0, 3), ("2026-12-01", 0, 0), ("2026-11-28", 1, 3)]
        {
            let sums = (state.day(day(today)), state.month(day(today)));
            assert_eq!(sums, (tokens(of_day), tokens(of_month)), "{today}");
        }
        assert!(state.knows(day("2026-12-01")) && !state.knows(day("2026-10-01")));
        state.learn(day("2026-10-01"), [(day("2026-10-31"), tokens(4)), (day("2026-11-28"), tokens(1))]);
        assert_eq!((state.month(day("2026-10-01")), state.month(day("2026-11-01"))), (tokens(4), tokens(3)));
    }
}
