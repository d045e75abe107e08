//! One method for each route.
//!
//! Lists are pages (`{data, next}`); `after` takes the `next` of the page before. Streams are
//! server-sent events whose `data` is one JSON value.

use hyper::Method;
use jamey_protocol::{
    ApiError, CreateSession, ErrorCode, Item, Model, OpAccepted, OpRequest, PatchSession, Session, SessionId,
    ToolDescription,
    backup::Backup,
    calls::ProvidersPast,
    config::{ConfigView, SetConfig},
    health::{LookRequest, Report},
    life::Shutdown,
    monitor::MonitorView,
    route::{Page, ProviderView, SearchPage},
    status::Status,
    version::Hello,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    Client,
    events::{AllEventStream, EventStream, PullStream, Stream},
    query::{Query, encode},
};

const NOTHING: Option<&Value> = None;

/// Which sessions to list, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionQuery {
    /// Only those of this folder.
    pub cwd: Option<String>,
    /// At most so many.
    pub limit: Option<u32>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

impl Client {
    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        self.wire.ask(Method::GET, path, NOTHING).await
    }

    /// Opens one more connection ahead of its use.
    ///
    /// # Errors
    /// `Unreachable`.
    pub async fn warm(&self) -> Result<(), ApiError> {
        self.wire.warm().await
    }

    /// `GET /v1/hello`: who answers.
    ///
    /// # Errors
    /// As all methods here: `Unreachable`, `Version`, or what the runtime answered.
    pub async fn hello(&self) -> Result<Hello, ApiError> {
        self.get("/v1/hello").await
    }

    /// `GET /v1/status`: how it is.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn status(&self) -> Result<Status, ApiError> {
        self.get("/v1/status").await
    }

    /// `GET /v1/backups`: the copies of the database, newest first.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn backups(&self) -> Result<Page<Backup>, ApiError> {
        self.get("/v1/backups").await
    }

    /// `POST /v1/backups`: makes a verified copy of the database.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn make_backup(&self) -> Result<Backup, ApiError> {
        self.wire.ask(Method::POST, "/v1/backups", NOTHING).await
    }

    /// `GET /v1/monitor`: the machine now, and the last `hours` (1 to 24) in at most `points` moments.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn monitor(&self, hours: u32, points: usize) -> Result<MonitorView, ApiError> {
        self.get(&format!("/v1/monitor?hours={hours}&points={points}")).await
    }

    /// `GET /v1/providers/health`: how the calls of each provider go, and went over the last `hours` (1 to 24) in at most
    /// `points` spans.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn providers_past(&self, hours: u32, points: u32) -> Result<ProvidersPast, ApiError> {
        self.get(&format!("/v1/providers/health?hours={hours}&points={points}")).await
    }

    /// `GET /v1/health`: what the last look found.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn health(&self) -> Result<Report, ApiError> {
        self.get("/v1/health").await
    }

    /// `POST /v1/health`: looks at everything now, and puts right what can be, if that is asked.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn look(&self, request: &LookRequest) -> Result<Report, ApiError> {
        self.wire.ask(Method::POST, "/v1/health", Some(request)).await
    }

    /// `POST /v1/sessions`. Without an id in `request` one is made here, so that a repeat is harmless.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn create_session(&self, mut request: CreateSession) -> Result<Session, ApiError> {
        request.id.get_or_insert_default();
        self.wire.ask(Method::POST, "/v1/sessions", Some(&request)).await
    }

    /// `GET /v1/sessions?cwd=&limit=&after=`.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn sessions(&self, query: &SessionQuery) -> Result<Page<Session>, ApiError> {
        let path = Query::new("/v1/sessions")
            .with("cwd", query.cwd.as_deref())
            .with("limit", query.limit)
            .with("after", query.after.as_deref());
        self.get(&path.finish()).await
    }

    /// `GET /v1/sessions/{id}`.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn session(&self, id: SessionId) -> Result<Session, ApiError> {
        self.get(&format!("/v1/sessions/{id}")).await
    }

    /// `GET /v1/sessions/{name}`: by id, by name, or by the beginning of its id.
    ///
    /// # Errors
    /// See `hello`; `NotFound` when there is none.
    pub async fn find_session(&self, name: &str) -> Result<Session, ApiError> {
        if name.is_empty() || matches!(name, "." | "..") {
            // These would make another path.
            return Err(ApiError::new(ErrorCode::NotFound, format!("there is no session \"{name}\"")));
        }
        self.get(&format!("/v1/sessions/{}", encode(name))).await
    }

    /// `PATCH /v1/sessions/{id}`: name and settings.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn patch_session(&self, id: SessionId, patch: &PatchSession) -> Result<Session, ApiError> {
        self.wire.ask(Method::PATCH, &format!("/v1/sessions/{id}"), Some(patch)).await
    }

    /// `DELETE /v1/sessions/{id}`.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn delete_session(&self, id: SessionId) -> Result<(), ApiError> {
        let _: Value = self.wire.ask(Method::DELETE, &format!("/v1/sessions/{id}"), NOTHING).await?;
        Ok(())
    }

    /// `GET /v1/sessions/{id}/items?after=`: one page, oldest first.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn items(&self, id: SessionId, after: Option<&str>) -> Result<Page<Item>, ApiError> {
        self.items_page(id, after, None).await
    }

    /// The same with at most `limit` items on a page.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn items_page(
        &self,
        id: SessionId,
        after: Option<&str>,
        limit: Option<u32>,
    ) -> Result<Page<Item>, ApiError> {
        let path = Query::new(&format!("/v1/sessions/{id}/items")).with("after", after).with("limit", limit);
        self.get(&path.finish()).await
    }

    /// All items of a session, oldest first.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn all_items(&self, id: SessionId) -> Result<Vec<Item>, ApiError> {
        let mut page = self.items(id, None).await?;
        let mut items = page.data;
        while let Some(next) = page.next {
            page = self.items(id, Some(&next)).await?;
            items.append(&mut page.data);
        }
        Ok(items)
    }

    /// `GET /v1/sessions/{id}/events?after=SEQ`, on a connection of its own. `follow` is the one
    /// that survives a lost connection.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn events(&self, id: SessionId, after: u64) -> Result<EventStream, ApiError> {
        let path = format!("/v1/sessions/{id}/events?after={after}");
        Ok(Stream::new(self.wire.stream(Method::GET, &path).await?))
    }

    /// `GET /v1/events?after=`: the durable events of all sessions, from now on or after a place, on a
    /// connection of its own.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn all_events(&self, after: Option<u64>) -> Result<AllEventStream, ApiError> {
        let path = Query::new("/v1/events").with("after", after).finish();
        Ok(Stream::new(self.wire.stream(Method::GET, &path).await?))
    }

    /// `POST /v1/sessions/{id}/ops`. When it returns, the op is durable.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn op(&self, id: SessionId, request: &OpRequest) -> Result<OpAccepted, ApiError> {
        self.wire.ask(Method::POST, &format!("/v1/sessions/{id}/ops"), Some(request)).await
    }

    /// `GET /v1/search?q=&limit=`.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn search(&self, words: &str, limit: Option<u32>) -> Result<SearchPage, ApiError> {
        self.get(&Query::new("/v1/search").with("q", Some(words)).with("limit", limit).finish()).await
    }

    /// `GET /v1/tools`.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn tools(&self) -> Result<Vec<ToolDescription>, ApiError> {
        Ok(self.get::<Page<_>>("/v1/tools").await?.data)
    }

    /// `GET /v1/models`: every model of every provider, local weights included.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn models(&self) -> Result<Vec<Model>, ApiError> {
        Ok(self.get::<Page<_>>("/v1/models").await?.data)
    }

    /// `POST /v1/models/{name}/pull`: downloads weights; a stream of `Pull`. Dropping it stops the
    /// download and keeps what was fetched.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn pull(&self, model: &str) -> Result<PullStream, ApiError> {
        let path = format!("/v1/models/{}/pull", encode(model));
        Ok(Stream::new(self.wire.stream(Method::POST, &path).await?))
    }

    /// `DELETE /v1/models/{name}`: removes weights from this machine.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn remove_model(&self, model: &str) -> Result<(), ApiError> {
        let _: Value =
            self.wire.ask(Method::DELETE, &format!("/v1/models/{}", encode(model)), NOTHING).await?;
        Ok(())
    }

    /// Makes `model` the one that new sessions use (`models.default` in the configuration).
    ///
    /// # Errors
    /// See `hello`.
    pub async fn set_default_model(&self, model: &str) -> Result<ConfigView, ApiError> {
        self.set_config(&SetConfig { key: "models.default".to_owned(), value: model.into() }).await
    }

    /// `GET /v1/providers`.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn providers(&self) -> Result<Vec<ProviderView>, ApiError> {
        Ok(self.get::<Page<_>>("/v1/providers").await?.data)
    }

    /// `GET /v1/config`.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn config(&self) -> Result<ConfigView, ApiError> {
        self.get("/v1/config").await
    }

    /// `PATCH /v1/config`: one value.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn set_config(&self, change: &SetConfig) -> Result<ConfigView, ApiError> {
        self.wire.ask(Method::PATCH, "/v1/config", Some(change)).await
    }

    /// `POST /v1/shutdown`: ends the runtime cleanly. It is gone when nobody holds its lock.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn shutdown(&self) -> Result<(), ApiError> {
        self.shut_down(&Shutdown::default()).await
    }

    /// `POST /v1/shutdown`: ends the runtime as told.
    ///
    /// # Errors
    /// See `hello`.
    pub async fn shut_down(&self, how: &Shutdown) -> Result<(), ApiError> {
        match self.wire.ask::<Value>(Method::POST, "/v1/shutdown", Some(how)).await {
            // It may close the connection before its answer is out.
            Err(error) if error.code == ErrorCode::Unreachable => Ok(()),
            other => other.map(|_| ()),
        }
    }
}
