//! Asks a server which models it has.

use std::time::Duration;

use jamey_engine::ports::{ErrorKind, ProviderError};
use jamey_protocol::Model;
use reqwest::{
    Method, Url,
    header::{self, HeaderMap, HeaderValue},
};
use tokio::time::timeout;

use super::{
    error::{Peer, from_reply},
    failure,
    wire::{ListedModel, ModelList},
};
use crate::http::{self, Transport};

const WAIT: Duration = Duration::from_secs(15);

/// `GET …/models`, each name with the provider's in front.
pub(super) async fn list(
    transport: &Transport,
    url: Url,
    authorization: Option<HeaderValue>,
    peer: &Peer,
    provider: &str,
) -> Result<Vec<Model>, ProviderError> {
    let asked = async {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(value) = authorization {
            headers.insert(header::AUTHORIZATION, value);
        }
        let mut response = transport
            .send(Method::GET, &url, headers, Vec::new())
            .await
            .map_err(|error| failure::before_answer(peer, &error))?;
        let status = response.status;
        if status.is_redirection() {
            let location = response.header(header::LOCATION);
            return Err(peer.redirect(status.as_u16(), Some(location).filter(|to| !to.is_empty())));
        }
        let mut body = Vec::new();
        while let Some(bytes) =
            response.chunk().await.map_err(|error| failure::inside_answer(peer, &error))?
        {
            body.extend_from_slice(&bytes);
            if body.len() > http::LIST {
                return Err(peer.malformed("a list of models that is too long to be one"));
            }
        }
        if !status.is_success() {
            return Err(from_reply(peer, status.as_u16(), None, &body));
        }
        let list: ModelList = serde_json::from_slice(&body).map_err(|_| peer.other_content("", &body))?;
        Ok(list.data.into_iter().map(|model| named(provider, &model)).collect())
    };
    timeout(WAIT, asked).await.unwrap_or_else(|_| {
        let message = format!("{} did not list its models within {} s", peer.who, WAIT.as_secs());
        Err(ProviderError::new(ErrorKind::Timeout, message))
    })
}

fn named(provider: &str, model: &ListedModel) -> Model {
    let of_meta = model.meta.as_ref().and_then(|meta| meta.n_ctx.or(meta.n_ctx_train));
    Model {
        id: format!("{provider}/{}", model.id),
        context: model.context_length.or(model.max_model_len).or(model.max_context_length).or(of_meta),
        ..Model::default()
    }
}
