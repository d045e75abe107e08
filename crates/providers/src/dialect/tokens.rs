//! Counts of tokens as servers tell them: what is no count is none, and spoils no answer.

use std::fmt;

use serde::{
    Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// No request and no answer has more. A larger number is a server's fault, and would be the end of every sum.
const MOST: u64 = 1_000_000_000;

/// Reads a count: any number that is none below zero, whole or not; anything else is none.
pub(crate) fn tokens<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    deserializer.deserialize_any(Count)
}

struct Count;

impl<'de> Visitor<'de> for Count {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a count of tokens")
    }

    fn visit_u64<E: de::Error>(self, count: u64) -> Result<Self::Value, E> {
        Ok(Some(count.min(MOST)))
    }

    fn visit_i64<E: de::Error>(self, count: i64) -> Result<Self::Value, E> {
        Ok(u64::try_from(count).ok().map(|count| count.min(MOST)))
    }

    fn visit_f64<E: de::Error>(self, count: f64) -> Result<Self::Value, E> {
        Ok((count >= 0.0).then_some((count as u64).min(MOST)))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Told {
        #[serde(default, deserialize_with = "tokens")]
        count: Option<u64>,
        after: u8,
    }

    #[test]
    fn any_number_is_a_count_and_nothing_else_is() {
        for (written, count) in [
            ("12", Some(12)),
            ("0", Some(0)),
            ("12.0", Some(12)),
            ("1e3", Some(1000)),
            ("18446744073709551615", Some(MOST)),
            ("99999999999999999999999", Some(MOST)),
            ("1e300", Some(MOST)),
            ("-1", None),
            ("-0.5", None),
            ("null", None),
            ("\"12\"", None),
            ("true", None),
            ("[1, [2]]", None),
            ("{\"a\": {\"b\": 1}}", None),
        ] {
            let told: Told =
                serde_json::from_str(&format!("{{\"count\": {written}, \"after\": 7}}")).unwrap();
            assert_eq!((told.count, told.after), (count, 7), "{written}");
        }
        assert_eq!(serde_json::from_str::<Told>("{\"after\": 7}").unwrap().count, None);
    }
}
