//! Work of known size for `cargo xtask bench`: how many bytes of a stream one core reads in a second.

use std::time::{Duration, Instant};

use crate::sse::{Limits, Parser, TooLong};

/// What a measurement found.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Bytes that were read.
    pub bytes: usize,
    /// Events that were in them.
    pub events: usize,
    /// How long it took.
    pub took: Duration,
}

impl Rate {
    /// Megabytes (10^6 bytes) in a second.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn megabytes_per_second(&self) -> f64 {
        self.bytes as f64 / 1e6 / self.took.as_secs_f64().max(1e-9)
    }
}

/// Reads `rounds` times a stream of 20,000 token events in pieces of 16 KiB.
///
/// # Errors
/// Never in practice: no event is near a limit.
pub fn sse(rounds: usize) -> Result<Rate, TooLong> {
    let stream = token_stream(20_000);
    let mut rate = Rate { bytes: 0, events: 0, took: Duration::ZERO };
    let start = Instant::now();
    for _ in 0..rounds {
        let mut parser = Parser::new(Limits::default());
        for piece in stream.chunks(16 << 10) {
            parser.feed(piece, |event| {
                rate.events += usize::from(!event.data.is_empty());
                Ok::<_, TooLong>(())
            })?;
        }
        rate.bytes += stream.len();
    }
    rate.took = start.elapsed();
    Ok(rate)
}

/// The most memory that a parser's buffers held while it read a stream of `rounds` times 20,000 token events
/// in pieces that cut every event.
///
/// # Errors
/// Never in practice: no event is near a limit.
pub fn sse_held(rounds: usize) -> Result<usize, TooLong> {
    let stream = token_stream(20_000);
    let mut parser = Parser::new(Limits::default());
    let mut most = 0;
    for piece in (0..rounds).flat_map(|_| stream.chunks(97)) {
        parser.feed(piece, |_| Ok::<_, TooLong>(()))?;
        most = most.max(parser.held());
    }
    Ok(most)
}

fn token_stream(tokens: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for token in 0..tokens {
        out.extend_from_slice(
            format!(
                "data: {{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"m\",\
                 \"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"word{} \"}},\"finish_reason\":null}}]}}\n\n",
                token % 97
            )
            .as_bytes(),
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::sse_held;

    #[test]
    fn the_memory_of_a_stream_does_not_grow_with_its_length() {
        let (short, long) = (sse_held(1).unwrap(), sse_held(20).unwrap());
        assert_eq!(short, long);
        assert!(long < 4096, "{long}");
    }
}
