//! Hears of the engine's spans and hands each over when it ends.

use std::time::SystemTime;

use jamey_engine::session::trace::TARGET;
use tokio::sync::mpsc;
use tracing::{
    Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::{
    names,
    otlp::{Span, Value},
};

/// Tells whether a span is one of those that are exported.
#[must_use]
pub fn is_traced(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == TARGET
}

/// Hands ended spans to whoever sends them.
#[derive(Debug)]
pub struct Recorder(pub(super) mpsc::Sender<Span>);

/// A span that is not over.
struct Open {
    span: Span,
    fields: Vec<(&'static str, Value)>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id).filter(|span| is_traced(span.metadata())) else { return };
        let parent = span
            .parent()
            .and_then(|parent| parent.extensions().get::<Open>().map(|open| (open.span.trace, open.span.id)));
        let (trace, parent) = match parent {
            Some((trace, id)) => (trace, Some(id)),
            None => (random(), None),
        };
        let mut open =
            Open { span: Span::begin(trace, random(), parent, SystemTime::now()), fields: Vec::new() };
        attributes.record(&mut Reader(&mut open.fields));
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            values.record(&mut Reader(&mut open.fields));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(mut open) = span.extensions_mut().remove::<Open>() else { return };
        open.span.ended = SystemTime::now();
        names::give(span.name(), &open.fields, &mut open.span);
        // A collector that is behind loses spans; nobody waits for it.
        let _ = self.0.try_send(open.span);
    }
}

/// Ids are random, as the format asks. Should the system have none left, zeros make the span invalid and
/// the collector drops it.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let _ = getrandom::fill(&mut bytes);
    bytes
}

struct Reader<'a>(&'a mut Vec<(&'static str, Value)>);

impl Reader<'_> {
    fn put(&mut self, field: &Field, value: Value) {
        self.0.retain(|(name, _)| *name != field.name());
        self.0.push((field.name(), value));
    }
}

impl Visit for Reader<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::Text(value.to_owned()));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::Number(value));
    }
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.put(field, Value::Text(format!("{value:?}")));
    }
}
