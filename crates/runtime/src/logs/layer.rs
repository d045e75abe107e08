//! Turns what the program says into lines. Secrets are taken out here, before anything is kept, also
//! for spans, so that no line of any form can hold one.

use std::sync::Arc;

use tracing::{
    Event, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::Context,
    registry::{LookupSpan, Scope},
};

use super::{
    line::{Fields, Line},
    pen::Pen,
};
use crate::redact::Redactor;

/// Writes an event as a line, with what the spans around it are about.
#[derive(Debug)]
pub struct Lines {
    pen: Arc<Pen>,
    redactor: Redactor,
}

impl Lines {
    /// Writes with `pen` what `redactor` leaves.
    #[must_use]
    pub fn new(pen: Arc<Pen>, redactor: Redactor) -> Self {
        Self { pen, redactor }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        fields.read(&self.redactor, |reader| attributes.record(reader));
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            fields.read(&self.redactor, |reader| values.record(reader));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        fields.read(&self.redactor, |reader| event.record(reader));
        let around = context.event_scope(event).into_iter().flat_map(Scope::from_root);
        let spans = around.filter_map(|span| span.extensions().get::<Fields>().cloned()).collect();
        let metadata = event.metadata();
        self.pen.write(Line::new(*metadata.level(), metadata.target(), spans, fields));
    }
}
