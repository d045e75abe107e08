//! What to do when a provider fails, which it cannot know itself: where its key came from, and which model
//! was probably meant.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, stream::BoxStream};
use jamey_engine::ports::{Chunk, ErrorKind, Provider, ProviderError, Request};
use jamey_protocol::Model;
use tokio_util::sync::CancellationToken;

use super::providers::Entry;

/// How long a provider may take to name its models after it said that it does not have one.
const PATIENCE: Duration = Duration::from_secs(3);
/// So many names are offered.
const OFFERED: usize = 3;

/// A provider whose failures say what to do about them.
pub(super) struct Advised {
    inner: Arc<dyn Provider>,
    key_source: Option<String>,
    deployments: Option<Vec<String>>,
}

impl Advised {
    /// `entry` says where its key comes from and how its models are named.
    pub(super) fn new(inner: Arc<dyn Provider>, entry: &Entry) -> Self {
        let key_source = entry.key_source().map(str::to_owned);
        Self { inner, key_source, deployments: entry.deployments().map(<[String]>::to_vec) }
    }
}

/// Says of a refused key where it came from.
pub(super) fn about_key(error: ProviderError, provider: &str, key_source: Option<&str>) -> ProviderError {
    if !matches!(error.kind, ErrorKind::Auth | ErrorKind::Permission) {
        return error;
    }
    let Some(source) = key_source else { return error };
    let hint = match source.split_once(' ') {
        Some(("environment", name)) => format!(
            "the key comes from {name} in the runtime's environment, which is stronger than any other: change \
             it there, then: jamey runtime restart"
        ),
        _ => format!("the key comes from {source}; give another with: jamey providers login {provider}"),
    };
    error.hint(hint)
}

/// The names that are most like `word`, the likeliest first.
pub(super) fn nearest_of<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut close: Vec<_> = names
        .map(|name| (strsim::jaro_winkler(word, name), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .collect();
    close.sort_by(|a, b| b.0.total_cmp(&a.0));
    close.dedup_by(|a, b| a.1 == b.1);
    close.into_iter().take(OFFERED).map(|(_, name)| name).collect()
}

/// Says of a deployment that is not there what models are called. What the vendor lists are none.
fn about_deployment(error: ProviderError, deployments: &[String], model: &str) -> ProviderError {
    if error.kind != ErrorKind::NotFound {
        return error;
    }
    match nearest_of(model, deployments.iter().map(String::as_str)).as_slice() {
        [] => error.hint(
            "models are named by their deployments there: look for the name of yours in Azure's portal",
        ),
        close => error.hint(format!("did you mean the deployment {}?", close.join(" or "))),
    }
}

/// Says of a model that is not there which one may have been meant.
async fn about_model(error: ProviderError, provider: &dyn Provider, model: &str) -> ProviderError {
    if error.kind != ErrorKind::NotFound {
        return error;
    }
    let Ok(Ok(models)) = tokio::time::timeout(PATIENCE, provider.models()).await else { return error };
    let wanted = format!("{}/{model}", provider.id());
    if models.iter().any(|known| known.id == wanted) {
        return error;
    }
    match nearest_of(&wanted, models.iter().map(|model| model.id.as_str())).as_slice() {
        [] => error,
        close => error.hint(format!("did you mean {}? `jamey models` lists them", close.join(" or "))),
    }
}

#[async_trait::async_trait]
impl Provider for Advised {
    fn id(&self) -> &str {
        self.inner.id()
    }

    async fn models(&self) -> Result<Vec<Model>, ProviderError> {
        let source = self.key_source.as_deref();
        self.inner.models().await.map_err(|error| about_key(error, self.id(), source))
    }

    fn stream(
        &self,
        request: Request,
        cancel: CancellationToken,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        let (provider, key_source) = (Arc::clone(&self.inner), self.key_source.clone());
        let deployments = self.deployments.clone();
        let model: Arc<str> = request.model.as_str().into();
        self.inner
            .stream(request, cancel)
            .then(move |chunk| {
                // Only a failure needs them; a stream has at most one.
                let advice =
                    chunk.is_err().then(|| (Arc::clone(&provider), key_source.clone(), model.clone()));
                let deployments = chunk.is_err().then(|| deployments.clone()).flatten();
                async move {
                    let Some((provider, key_source, model)) = advice else { return chunk };
                    match chunk {
                        Err(error) => {
                            let error = about_key(error, provider.id(), key_source.as_deref());
                            Err(match deployments {
                                Some(deployments) => about_deployment(error, &deployments, &model),
                                None => about_model(error, &*provider, &model).await,
                            })
                        }
                        chunk => chunk,
                    }
                }
            })
            .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_key_is_traced_to_where_it_came_from() {
        let refused = || ProviderError::new(ErrorKind::Auth, "no");
        let hint = |source| about_key(refused(), "openai", source).hint.unwrap_or_default();
        assert!(hint(Some("keychain")).contains("comes from keychain"));
        assert!(hint(Some(".env OPENAI_API_KEY")).contains("jamey providers login openai"));
        assert!(hint(Some("environment OPENAI_API_KEY")).contains("the runtime's environment"));
        assert_eq!(hint(None), "");
    }

    #[test]
    fn the_likeliest_names_are_offered_and_no_far_ones() {
        let names = ["openai/gpt-5", "openai/gpt-5-mini", "openai/o3", "openai/text-embedding-3-small"];
        assert_eq!(nearest_of("openai/gpt-5-mni", names.into_iter())[0], "openai/gpt-5-mini");
        assert!(nearest_of("zzz", names.into_iter()).is_empty());
    }

    #[test]
    fn a_deployment_that_is_not_there_is_likened_to_deployments_alone() {
        let unknown = || ProviderError::new(ErrorKind::NotFound, "no");
        let own = ["prod-4o".to_owned()];
        let hint = |own: &[String], model| about_deployment(unknown(), own, model).hint.unwrap();
        assert_eq!(hint(&own, "prod-40"), "did you mean the deployment prod-4o?");
        assert!(hint(&own, "zzz").contains("named by their deployments"));
        assert!(hint(&[], "gpt-5").contains("named by their deployments"));
    }
}
