//! What was spent, what is reserved, and how much room that leaves.

use chrono::{Datelike as _, NaiveDate};
use jamey_engine::ports::Spending;
use jamey_protocol::{Usage, model::Price};

use crate::config::Bounds;

/// The sums of today and of this month.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The day that the sums are of; none before they were read.
    pub(super) today: Option<NaiveDate>,
    pub(super) day: Spending,
    pub(super) month: Spending,
    pub(super) reserved: Spending,
}

impl State {
    /// Begins new sums when a day or a month has ended.
    pub(super) fn roll(&mut self, today: NaiveDate) {
        let Some(before) = self.today.filter(|before| *before != today) else { return };
        self.day = Spending::default();
        if (before.year(), before.month()) != (today.year(), today.month()) {
            self.month = Spending::default();
        }
        self.today = Some(today);
    }
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
    fn a_new_day_and_a_new_month_begin_at_nothing() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let spent = Spending { tokens: 5, micros: 5 };
        let mut state =
            State { today: Some(day("2026-11-29")), day: spent, month: spent, reserved: Spending::default() };
        state.roll(day("2026-11-30"));
        assert_eq!((state.day, state.month), (Spending::default(), spent));
        state.roll(day("2026-12-01"));
        assert_eq!(state.month, Spending::default());
    }
}
