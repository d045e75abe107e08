//! What is known of models without asking anybody: prices, limits, abilities, and short names.
//!
//! `models.json` holds what the vendors' own pages said, and of models after 2025 what the table of `litellm` 1.110.2 on
//! the Python index says of them (`context` is what may be sent); what is not sure is not in it. A person's
//! `[models.catalogue]` lies over it.
//!
//! Compared on 2026-11-27 with stored copies of the vendors' pages: Anthropic's prices and models
//! (`platform.claude.com/docs/en/about-claude/pricing`, `…/docs/en/models`, of October and November), OpenAI's page of GPT-6.2
//! Sol (`developers.openai.com/api/docs/models`, of November) and what others wrote down of its price list between September
//! and November, Google's price list (`ai.google.dev/gemini-api/docs/pricing`, as it was on 2026-10-07). Nothing differed but
//! that GPT-6.2 and Claude Fable 5.2 were missing. Google's list says that Gemini 3.8 Flash costs twice as much from
//! 2027-01-01 on. Groq and Mistral tell prices in their lists of models; of xAI and DeepSeek no page was to be had that is
//! new enough.

use std::{collections::BTreeMap, sync::LazyLock};

use jamey_protocol::{
    Model,
    model::{LongPrice, Price},
};
use serde::Deserialize;
use serde_json::Value;

/// What is known of one model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// Context window in tokens.
    pub context: Option<u64>,
    /// Most tokens of one answer.
    pub max_output: Option<u64>,
    /// Whether it can call tools.
    pub tools: Option<bool>,
    /// Whether it can look at images.
    pub vision: Option<bool>,
    /// US dollars for a million tokens that are sent.
    pub input: Option<f64>,
    /// The same for those found in the vendor's cache; those of `input` if absent.
    pub cached: Option<f64>,
    /// The same for those written there; those of `input` if absent.
    pub cache_written: Option<f64>,
    /// The same for those that the model writes.
    pub output: Option<f64>,
    /// What a long request costs instead.
    pub above: Option<Above>,
}

/// What a request costs, all of it, that sends more than so many tokens.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Above {
    /// So many.
    pub tokens: u64,
    /// As `Facts::input`.
    pub input: f64,
    /// As `Facts::cached`.
    pub cached: Option<f64>,
    /// As `Facts::cache_written`.
    pub cache_written: Option<f64>,
    /// As `Facts::output`.
    pub output: f64,
}

impl Above {
    fn price(self) -> LongPrice {
        LongPrice {
            tokens: self.tokens,
            input: self.input,
            cached: self.cached.unwrap_or(self.input),
            cache_written: self.cache_written.unwrap_or(self.input),
            output: self.output,
        }
    }
}

impl Facts {
    /// The price, if both directions are known.
    #[must_use]
    pub fn price(&self) -> Option<Price> {
        let (input, output) = (self.input?, self.output?);
        Some(Price {
            input,
            cached: self.cached.unwrap_or(input),
            cache_written: self.cache_written.unwrap_or(input),
            output,
            above: self.above.map(Above::price),
        })
    }

    /// Lays `over` on top: what it says wins.
    #[must_use]
    pub fn overlaid(self, over: &Self) -> Self {
        Self {
            context: over.context.or(self.context),
            max_output: over.max_output.or(self.max_output),
            tools: over.tools.or(self.tools),
            vision: over.vision.or(self.vision),
            input: over.input.or(self.input),
            // A price of one's own is whole: the cache's of another would not fit it.
            cached: over.cached.or(self.cached.filter(|_| over.input.is_none())),
            cache_written: over.cache_written.or(self.cache_written.filter(|_| over.input.is_none())),
            output: over.output.or(self.output),
            above: over.above.or(self.above.filter(|_| over.input.is_none())),
        }
    }

    /// Says of a model what its provider did not say.
    pub fn complete(&self, model: &mut Model) {
        model.context = model.context.or(self.context);
        model.tools = model.tools.or(self.tools);
        model.vision = model.vision.or(self.vision);
        model.price = model.price.or(self.price());
    }
}

/// What lies in the program.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The day on which it was true.
    pub as_of: String,
    /// Short names.
    pub aliases: BTreeMap<String, String>,
    /// `provider/model` and what is known of it.
    pub models: BTreeMap<String, Facts>,
}

static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(|| {
    serde_json::from_str(include_str!("models.json")).unwrap_or_else(|_| Catalogue::empty())
});

impl Catalogue {
    /// The one of this program.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    fn empty() -> Self {
        Self { as_of: String::new(), aliases: BTreeMap::new(), models: BTreeMap::new() }
    }

    /// What is known of a model under its full name. One with a date behind it is known by the name alone.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Facts> {
        self.models.get(id).or_else(|| self.models.get(undated(id)?))
    }
}

/// Reads what a person says of models.
///
/// # Errors
/// What is wrong with it, in words that follow the key's name.
pub fn read(value: &Value) -> Result<BTreeMap<String, Facts>, String> {
    let expected =
        "must be models and what is known of them, such as { \"mine/big\" = { input = 1.0, output = 4.0 } }";
    let entries = value.as_object().filter(|entries| entries.len() <= 10_000).ok_or(expected)?;
    let mut read = BTreeMap::new();
    for (name, entry) in entries {
        let place = || name.chars().filter(|c| !c.is_control()).take(80).collect::<String>();
        if !is_model(name) {
            return Err(format!("{expected}; \"{}\" is no provider/model", place()));
        }
        let facts = Facts::deserialize(entry).map_err(|error| format!("{expected}; {}: {error}", place()))?;
        let prices = [facts.input, facts.cached, facts.cache_written, facts.output];
        let above = facts
            .above
            .map(|above| [Some(above.input), above.cached, above.cache_written, Some(above.output)]);
        if prices
            .into_iter()
            .chain(above.into_iter().flatten())
            .flatten()
            .any(|price| !(0.0..=1e6).contains(&price))
        {
            return Err(format!("{expected}; {}: a price is from 0 to 1000000", place()));
        }
        if [facts.context, facts.max_output].contains(&Some(0)) {
            return Err(format!("{expected}; {}: a number of tokens is over 0", place()));
        }
        read.insert(name.clone(), facts);
    }
    Ok(read)
}

/// Tells whether a text is `provider/model`.
#[must_use]
pub fn is_model(text: &str) -> bool {
    let is_plain = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    let halves = text.split_once('/');
    text.len() <= 200 && is_plain && halves.is_some_and(|(p, m)| !p.is_empty() && !m.is_empty())
}

/// The name without the date that vendors put behind it: `-2025-08-07`, `-20250929`, `-latest`.
fn undated(id: &str) -> Option<&str> {
    if let Some(name) = id.strip_suffix("-latest") {
        return Some(name);
    }
    let digits = |text: &str, lengths: &[usize]| {
        let parts: Vec<&str> = text.split('-').collect();
        parts.len() == lengths.len()
            && parts
                .iter()
                .zip(lengths)
                .all(|(part, length)| part.len() == *length && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    for (length, shape) in [(10, [4, 2, 2].as_slice()), (8, &[8])] {
        let Some(at) = id.len().checked_sub(length + 1).filter(|at| id.is_char_boundary(*at)) else {
            continue;
        };
        if let Some(date) = id[at..].strip_prefix('-')
            && digits(date, shape)
        {
            return Some(&id[..at]);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_data_file_is_sound_and_dated() {
        let built_in: Catalogue = serde_json::from_str(include_str!("models.json")).unwrap();
        assert!(built_in.as_of.len() == 10 && built_in.models.len() > 20, "{}", built_in.as_of);
        for (id, facts) in &built_in.models {
            assert!(is_model(id), "{id}");
            let price = facts.price().unwrap_or_else(|| panic!("{id} has no price"));
            for price in
                [Some(price.at(0)), price.above.map(|long| price.at(long.tokens + 1))].into_iter().flatten()
            {
                assert!(price.cached <= price.input && price.output > price.input, "{id}");
            }
            assert!(price.above.is_none_or(|long| Some(long.tokens) < facts.context), "{id}");
            assert!(facts.context > facts.max_output, "{id}");
        }
        for (alias, model) in &built_in.aliases {
            assert!(!alias.contains('/') && built_in.models.contains_key(model), "{alias}");
        }
    }

    #[test]
    fn the_models_that_are_chosen_unasked_are_known_with_their_price() {
        use crate::host::{dialects::DEFAULTS, models::OPENAI_DEFAULT};
        let defaults = DEFAULTS.iter().map(|(vendor, model)| format!("{vendor}/{model}"));
        for id in defaults.chain([format!("openai/{OPENAI_DEFAULT}")]) {
            let facts = Catalogue::built_in().get(&id);
            assert!(facts.is_some_and(|facts| facts.price().is_some()), "{id}");
        }
    }

    #[test]
    fn a_name_with_a_date_is_known_by_the_name_alone() {
        let catalogue = Catalogue::built_in();
        for id in ["openai/gpt-5-2025-08-07", "openai/gpt-5", "anthropic/claude-sonnet-4-5-20250929"] {
            assert!(catalogue.get(id).is_some(), "{id}");
        }
        for id in ["openai/gpt-5-turbo", "openai/gpt-5-2025", "openai/", "-20250929", "é-20250929"] {
            assert!(catalogue.get(id).is_none(), "{id}");
        }
    }

    #[test]
    fn a_price_of_ones_own_does_not_mix_with_the_built_in_one() {
        let known = *Catalogue::built_in().get("openai/gpt-5").unwrap();
        let own = Facts { input: Some(3.0), output: Some(9.0), ..Facts::default() };
        let price = known.overlaid(&own).price().unwrap();
        assert_eq!((price.input, price.cached, price.output), (3.0, 3.0, 9.0));
        assert_eq!(known.overlaid(&own).context, known.context);
        let long = Catalogue::built_in().get("gemini/gemini-2.5-pro").unwrap();
        let above =
            |facts: &Facts| facts.price().unwrap().above.map(|long| (long.tokens, long.input, long.output));
        assert_eq!((above(long), above(&long.overlaid(&own))), (Some((200_000, 2.5, 15.0)), None));
    }

    #[test]
    fn what_a_person_says_is_checked_and_the_fault_is_named() {
        assert!(read(&json!({"mine/x": {"input": 1, "output": 2.5, "vision": true}})).is_ok());
        let above = |input: i64| json!({"tokens": 9, "input": input, "output": 5});
        let tiered = |input| json!({"mine/x": {"input": 1, "output": 2.5, "above": above(input)}});
        assert!(read(&tiered(2)).is_ok());
        assert!(read(&tiered(-2)).unwrap_err().contains("a price is from 0"));
        for wrong in [
            json!([]),
            json!({"x": {}}),
            json!({"a/x": {"inptu": 1}}),
            json!({"a/x": {"input": -1}}),
            json!({"a/x": {"context": 0}}),
        ] {
            assert!(read(&wrong).unwrap_err().starts_with("must be"), "{wrong}");
        }
    }
}
