//! Traces for an OpenTelemetry collector: one span for a turn, one for each model call and tool call in it.
//!
//! Off unless `telemetry.otlp_endpoint` names a collector; then nothing of this exists. Layout: `layer`
//! hears of the engine's spans, `names` gives them the names of the GenAI conventions, `otlp` writes them
//! as the collector reads them, `export` sends them. Invariants: nothing that was said is exported, only
//! names, times, ids and numbers; a turn never waits for a collector, and what it does not take is
//! dropped.

mod export;
mod layer;
mod names;
mod otlp;

pub use export::{Exporter, Target, TelemetryError};
pub use layer::{Recorder, is_traced};
pub use otlp::{Kind, Span, Value, document};
