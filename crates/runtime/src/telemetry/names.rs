//! The names of OpenTelemetry's conventions for generative AI, all in this one place since they are still
//! being developed. Only fields that are named here leave the process.

use super::otlp::{Kind, Span, Value};

/// Gives an ended span its name, its kind and its attributes.
pub(super) fn give(name: &str, fields: &[(&'static str, Value)], span: &mut Span) {
    let find = |name: &str| fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone());
    let text = |name: &str| match find(name) {
        Some(Value::Text(text)) => text,
        _ => String::new(),
    };
    let mut put = |name: &'static str, value: Option<Value>| {
        if let Some(value) = value {
            span.attributes.push((name, value));
        }
    };
    match name {
        "call" => {
            let whole = text("model");
            let (provider, model) = whole.split_once('/').unwrap_or(("", &whole));
            put("gen_ai.operation.name", Some("chat".into()));
            put("gen_ai.provider.name", Some(provider.into()));
            put("gen_ai.request.model", Some(model.into()));
            put("gen_ai.usage.input_tokens", find("input"));
            put("gen_ai.usage.output_tokens", find("output"));
            put("gen_ai.usage.cache_read.input_tokens", find("cached"));
            put("gen_ai.usage.reasoning.output_tokens", find("reasoning"));
            put("gen_ai.response.finish_reasons", find("finish").map(|reason| Value::List(vec![reason])));
            span.name = format!("chat {model}");
            span.kind = Kind::Client;
        }
        "tool" => {
            put("gen_ai.operation.name", Some("execute_tool".into()));
            put("gen_ai.tool.name", find("tool"));
            put("gen_ai.tool.type", Some("function".into()));
            put("gen_ai.tool.call.id", find("call"));
            span.name = format!("execute_tool {}", text("tool"));
        }
        _ => {
            put("gen_ai.operation.name", Some("invoke_agent".into()));
            put("gen_ai.agent.name", Some("jamey".into()));
            put("gen_ai.conversation.id", find("session"));
            put("jamey.turn.id", find("turn"));
            put("jamey.turn.outcome", find("outcome"));
            span.name = "invoke_agent jamey".to_owned();
        }
    }
    let error = find("error");
    span.has_failed = error.is_some();
    if let Some(error) = error {
        span.attributes.push(("error.type", error));
    }
}
