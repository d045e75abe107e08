//! The routes by which a person gives something: keys to providers, files to sessions. And what is spent.

use bytes::Bytes;
use hyper::Method;
use jamey_protocol::{
    ApiError, Attachment, AttachmentId, SessionId,
    key::{GiveKey, KeyKept, ProviderTest},
    route::{FoundFile, Page},
    usage::{UsageBy, UsageReport},
};
use serde_json::Value;

use super::{
    Client,
    query::{Query, encode},
};

const NOTHING: Option<&Value> = None;

impl Client {
    /// `PUT /v1/providers/{name}/key`.
    ///
    /// # Errors
    /// As all methods here: `Unreachable`, `Version`, or what the runtime answered.
    pub async fn give_key(&self, provider: &str, key: &str) -> Result<KeyKept, ApiError> {
        let body = GiveKey { key: key.to_owned() };
        self.wire.ask(Method::PUT, &format!("/v1/providers/{}/key", encode(provider)), Some(&body)).await
    }

    /// `DELETE /v1/providers/{name}/key`.
    ///
    /// # Errors
    /// See `give_key`.
    pub async fn remove_key(&self, provider: &str) -> Result<(), ApiError> {
        let path = format!("/v1/providers/{}/key", encode(provider));
        let _: Value = self.wire.ask(Method::DELETE, &path, NOTHING).await?;
        Ok(())
    }

    /// `POST /v1/providers/{name}/test`: makes the cheapest real call.
    ///
    /// # Errors
    /// See `give_key`; that the provider cannot be asked is part of the answer.
    pub async fn test_provider(&self, provider: &str) -> Result<ProviderTest, ApiError> {
        self.wire.ask(Method::POST, &format!("/v1/providers/{}/test", encode(provider)), NOTHING).await
    }

    /// `POST /v1/sessions/{id}/attachments?name=`: uploads a file, to be named in an op.
    ///
    /// # Errors
    /// See `give_key`.
    pub async fn upload_attachment(
        &self,
        session: SessionId,
        name: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<Attachment, ApiError> {
        let path =
            Query::new(&format!("/v1/sessions/{session}/attachments")).with("name", Some(name)).finish();
        self.wire.give(Method::POST, &path, bytes.into()).await
    }

    /// `GET /v1/sessions/{id}/attachments/{attachment}`: its bytes.
    ///
    /// # Errors
    /// See `give_key`.
    pub async fn attachment_bytes(&self, session: SessionId, id: AttachmentId) -> Result<Bytes, ApiError> {
        self.wire.fetch(&format!("/v1/sessions/{session}/attachments/{id}")).await
    }

    /// `GET /v1/files?cwd=&q=&limit=`: files and folders below a folder whose paths fit the words.
    ///
    /// # Errors
    /// See `give_key`.
    pub async fn find_files(
        &self,
        cwd: &str,
        words: &str,
        limit: Option<u32>,
    ) -> Result<Vec<FoundFile>, ApiError> {
        let path = Query::new("/v1/files")
            .with("cwd", Some(cwd))
            .with("q", Some(words))
            .with("limit", limit)
            .finish();
        Ok(self.wire.ask::<Page<_>>(Method::GET, &path, NOTHING).await?.data)
    }

    /// `GET /v1/usage?by=&days=`.
    ///
    /// # Errors
    /// See `give_key`.
    pub async fn usage(&self, by: UsageBy, days: u32) -> Result<UsageReport, ApiError> {
        let by = match by {
            UsageBy::Day => "day",
            UsageBy::Model => "model",
            UsageBy::Session => "session",
        };
        let path = Query::new("/v1/usage").with("by", Some(by)).with("days", Some(days)).finish();
        self.wire.ask(Method::GET, &path, NOTHING).await
    }
}
