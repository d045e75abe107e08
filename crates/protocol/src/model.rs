//! Models, what they cost in tokens, and the download of local weights.

use serde::{Deserialize, Serialize};

/// One model that can be asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// `provider/model`, as `--model` takes it.
    pub id: String,
    /// Context window in tokens, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<u64>,
    /// Whether it can call tools, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<bool>,
    /// Whether it can look at images, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vision: Option<bool>,
    /// What it costs, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// The most tokens that it writes at once, where its provider says so. For the runtime alone; nobody else is told.
    #[serde(skip)]
    pub max_output: Option<u64>,
    /// Whether new sessions use it.
    #[serde(default)]
    pub default: bool,
    /// For local weights: what the catalogue says and whether they are here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Weights>,
}

/// What a model costs, in US dollars for a million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// Tokens sent and not found in the vendor's cache.
    pub input: f64,
    /// Tokens found there.
    pub cached: f64,
    /// Tokens written there, where the vendor charges that.
    pub cache_written: f64,
    /// Tokens written by the model.
    pub output: f64,
    /// What a long request costs instead, where the vendor asks more for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<LongPrice>,
}

/// What a request costs that sends more than so many tokens: all of it, not only what is above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct LongPrice {
    /// The most tokens that may be sent at the lower price.
    pub tokens: u64,
    /// See `Price::input`.
    pub input: f64,
    /// See `Price::cached`.
    pub cached: f64,
    /// See `Price::cache_written`.
    pub cache_written: f64,
    /// See `Price::output`.
    pub output: f64,
}

impl Price {
    /// What holds for a request that sends so many tokens.
    #[must_use]
    pub fn at(&self, input: u64) -> Self {
        match self.above {
            Some(long) if input > long.tokens => Self {
                input: long.input,
                cached: long.cached,
                cache_written: long.cache_written,
                output: long.output,
                above: None,
            },
            _ => Self { above: None, ..*self },
        }
    }

    /// What the tokens of one request cost, in millionths of a dollar: a dollar for a million tokens is one of them for
    /// each.
    #[must_use]
    pub fn micros(&self, used: &Usage) -> u64 {
        let price = self.at(used.input);
        let fresh = used.input.saturating_sub(used.cached).saturating_sub(used.cache_written);
        let parts = [
            (fresh, price.input),
            (used.cached, price.cached),
            (used.cache_written, price.cache_written),
            (used.output, price.output),
        ];
        // Counts of tokens are far below 2^53.
        let micros: f64 = parts.iter().map(|(tokens, price)| *tokens as f64 * price.max(0.0)).sum();
        micros.round() as u64
    }
}

/// Local weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Weights {
    /// Size of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// SPDX name of the licence.
    pub licence: String,
    /// Memory that running it takes, in bytes.
    pub memory_bytes: u64,
    /// Whether the verified file is on this machine.
    pub installed: bool,
    /// So many bytes of it are here from a download that nobody goes on with just now; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial_bytes: Option<u64>,
    /// Its place among those that a first run would fetch, from 1; absent if the machine has no room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// One sentence on what it is good for.
    pub about: String,
}

/// One message of a running download (`POST /v1/models/{name}/pull` streams them).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Pull {
    /// So many bytes are here.
    Progress {
        /// Bytes on disk so far, those of an earlier try included.
        done: u64,
        /// Bytes in all.
        total: u64,
        /// Where they come from, in words.
        source: String,
    },
    /// All bytes are here; the checksum is being computed.
    Verifying,
    /// The verified file has its final name.
    Done {
        /// The model's id.
        model: String,
    },
    /// It stopped; what was fetched stays for the next try.
    Failed {
        /// Why, and what to do.
        error: crate::ApiError,
    },
}

/// Tokens of one or more model calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Tokens sent.
    pub input: u64,
    /// Of those, read from the vendor's or the local prefix cache.
    #[serde(default)]
    pub cached: u64,
    /// Of those, written to the vendor's cache, where it charges that.
    #[serde(default)]
    pub cache_written: u64,
    /// Tokens written, reasoning included.
    pub output: u64,
    /// Of those, reasoning.
    #[serde(default)]
    pub reasoning: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        // A server may say any number; a sum that does not move any more is better than one that begins anew.
        self.input = self.input.saturating_add(other.input);
        self.cached = self.cached.saturating_add(other.cached);
        self.cache_written = self.cache_written.saturating_add(other.cache_written);
        self.output = self.output.saturating_add(other.output);
        self.reasoning = self.reasoning.saturating_add(other.reasoning);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_absurd_counts_stands_still() {
        let most = Usage { input: u64::MAX, output: u64::MAX, ..Usage::default() };
        let mut sum = most;
        sum += Usage { input: 1, output: 1, reasoning: 1, ..Usage::default() };
        assert_eq!(sum, Usage { reasoning: 1, ..most });
    }

    #[test]
    fn a_long_request_costs_more_as_a_whole() {
        let long = LongPrice { tokens: 200_000, input: 2.0, cached: 0.2, cache_written: 2.0, output: 20.0 };
        let price = Price { input: 1.0, cached: 0.1, cache_written: 1.0, output: 10.0, above: Some(long) };
        let used = |input, cached| Usage { input, cached, output: 100, ..Usage::default() };
        assert_eq!(price.micros(&used(200_000, 0)), 200_000 + 1_000);
        assert_eq!(price.micros(&used(200_001, 0)), 400_002 + 2_000);
        assert_eq!(price.micros(&used(300_000, 100_000)), 400_000 + 20_000 + 2_000);
        let read: Price =
            serde_json::from_str(r#"{"input":1,"cached":1,"cacheWritten":1,"output":2}"#).unwrap();
        assert_eq!(read.above, None, "what an older runtime says is understood");
    }
}
