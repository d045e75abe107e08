//! A thin typed client of the runtime's HTTP door: bare HTTP/1.1 over the local socket, the named
//! pipe, or loopback TCP.
//!
//! The operating system has already said who both ends are, so there is no handshake: the first
//! request goes out at once, and the protocol's version is checked on every answer's header. Every
//! request may be repeated without harm, since ops and new sessions carry ids that the client made.

mod delta;
mod events;
mod follow;
mod gifts;
mod later;
mod loopback;
mod query;
mod routes;
mod sse;
mod target;
mod wire;

use std::sync::Arc;

use jamey_protocol::ApiError;

pub use events::{AllEventStream, EventStream, Placed, PullStream};
pub use follow::Follow;
pub use loopback::api_address;
pub use routes::SessionQuery;
pub use wire::is_outdated;

use crate::Folders;

/// A client of one runtime. Clones share its idle connections.
#[derive(Clone, Debug)]
pub struct Client {
    wire: Arc<wire::Wire>,
}

impl Client {
    /// Connects: to `url` if given (`unix:PATH` or `http://127.0.0.1:PORT`), else to the socket,
    /// else to the loopback API when the configuration opens it.
    ///
    /// # Errors
    /// `Unreachable` when nobody listens, `BadRequest` when `url` is not understood.
    pub async fn connect(folders: &Folders, url: Option<&str>) -> Result<Self, ApiError> {
        let target = match url {
            Some(url) => target::Target::parse(url, folders)?,
            None => target::Target::Local(folders.socket()),
        };
        let wire = match wire::Wire::open(target).await {
            Ok(wire) => wire,
            Err(error) if url.is_none() => match loopback::discover(folders) {
                Some(target) => wire::Wire::open(target).await.map_err(|_| error)?,
                None => return Err(error),
            },
            Err(error) => return Err(error),
        };
        Ok(Self { wire: Arc::new(wire) })
    }

    /// Where this client is connected to, for people.
    #[must_use]
    pub fn address(&self) -> String {
        self.wire.address()
    }
}
