//! Azure OpenAI: the dialects of OpenAI at addresses of its own, with a key or with a token of Entra.

use reqwest::Url;

use crate::{
    ChatProvider, KeyHeader, ServerOptions,
    http::{AddressError, base_url},
    responses::ResponsesProvider,
};

/// How an Azure resource is spoken to.
#[derive(Clone, Debug, Default)]
pub struct AzureOptions {
    /// `base_url` is the resource's endpoint, `https://NAME.openai.azure.com`, with or without a path;
    /// `key` a key of the resource, or a token of Entra.
    pub server: ServerOptions,
    /// A version such as `2024-10-21` for the older addresses, which name the deployment; none for `v1`.
    pub api_version: Option<String>,
    /// What `key` is.
    pub credential: AzureCredential,
}

/// What opens an Azure resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AzureCredential {
    /// A key, in the header `api-key`.
    #[default]
    Key,
    /// A token of Entra, as a bearer.
    Entra,
}

impl AzureOptions {
    fn options(&self) -> ServerOptions {
        let key_header = match self.credential {
            AzureCredential::Key => KeyHeader::Own("api-key"),
            AzureCredential::Entra => KeyHeader::Bearer,
        };
        ServerOptions { key_header, ..self.server.clone() }
    }

    /// The endpoint without whatever of the API's path was pasted along.
    fn endpoint(&self) -> Result<Url, AddressError> {
        let mut url = base_url(&self.server.base_url, self.server.plain_http)?;
        // A gateway's own path may have `openai` in a name: only the whole part is the API's.
        let path: Vec<&str> = url.path().split('/').take_while(|part| *part != "openai").collect();
        let path = path.join("/");
        url.set_path(&path);
        url.set_query(None);
        Ok(url)
    }

    /// Speaks Chat Completions.
    ///
    /// # Errors
    /// When the endpoint is no URL, or may not be spoken to.
    pub fn chat(&self) -> Result<ChatProvider, AddressError> {
        let endpoint = self.endpoint()?;
        let base = endpoint.as_str().trim_end_matches('/');
        let base_url = match &self.api_version {
            None => format!("{base}/openai/v1"),
            Some(version) => format!("{base}/openai?api-version={version}"),
        };
        let provider = ChatProvider::new(ServerOptions { base_url, ..self.options() })?.of_vendor();
        Ok(if self.api_version.is_some() { provider.by_deployment() } else { provider })
    }

    /// Speaks Responses, which only `v1` has at a fixed place.
    ///
    /// # Errors
    /// When the endpoint is no URL, or may not be spoken to.
    pub fn responses(&self) -> Result<ResponsesProvider, AddressError> {
        let endpoint = self.endpoint()?;
        let base_url = format!("{}/openai/v1", endpoint.as_str().trim_end_matches('/'));
        Ok(ResponsesProvider::new(ServerOptions { base_url, ..self.options() })?.of_azure())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_the_api_are_cut_off_and_those_of_a_gateway_are_kept() {
        for (written, endpoint) in [
            ("https://a.openai.azure.com", "https://a.openai.azure.com/"),
            ("https://a.openai.azure.com/openai/v1/", "https://a.openai.azure.com/"),
            ("https://a.example/openai/deployments/x/chat/completions?api-version=1", "https://a.example/"),
            ("https://gw.example/openai-eu/team", "https://gw.example/openai-eu/team"),
            ("https://gw.example/openai-eu/team/openai/v1", "https://gw.example/openai-eu/team"),
            ("https://gw.example/my-openai", "https://gw.example/my-openai"),
        ] {
            let server = ServerOptions { base_url: written.into(), ..ServerOptions::default() };
            let azure = AzureOptions { server, ..AzureOptions::default() };
            let found = azure.endpoint().unwrap();
            assert_eq!(found.as_str().trim_end_matches('/'), endpoint.trim_end_matches('/'), "{written}");
        }
    }
}
