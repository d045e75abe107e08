//! Pieces of a request that several vendors want alike.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jamey_engine::ports::{Image, ProposedCall};
use serde_json::{Value, json};

/// An image's bytes as text.
pub(crate) fn base64(image: &Image) -> String {
    STANDARD.encode(&image.data)
}

/// An image as a URL that holds it.
pub(crate) fn data_url(image: &Image) -> String {
    format!("data:{};base64,{}", image.media_type, base64(image))
}

/// A call's arguments as an object. Servers parse old arguments again and refuse the whole request over
/// one that is no JSON object; so the model's broken text is shown to it inside one.
pub(crate) fn arguments(call: &ProposedCall) -> Cow<'_, Value> {
    match &call.arguments {
        Ok(value) => Cow::Borrowed(value),
        Err(text) => Cow::Owned(json!({ "invalid_arguments": text })),
    }
}
