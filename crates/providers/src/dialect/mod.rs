//! What all dialects share: a server and the way to it, the stream of one answer, and the words for
//! whatever goes wrong.
//!
//! `server` holds address, key and connection; `stream` drives one answer from a connection; `draft`
//! collects what a dialect's [`Reader`] finds in its events; `calls` holds the pieces of tool calls;
//! `fetch` asks for one JSON document; `peer` turns every failure into one of the engine's kinds,
//! `failure` those of the connection; `opaque` packs what must go back to a vendor unchanged; `written`
//! are pieces of requests that several vendors write alike, `schema` the schema of an answer, and `form` holds the answer
//! to it; `learned` keeps what a server taught by refusing; `frames` cuts bodies into events; `tokens` reads
//! counts of use; `kinds` knows which models do not chat.

mod calls;
mod draft;
mod failure;
mod fetch;
mod fits;
mod form;
mod frames;
pub(crate) mod kinds;
mod learned;
pub(crate) mod opaque;
mod peer;
pub(crate) mod schema;
mod server;
mod stream;
mod text;
mod tokens;
pub(crate) mod written;

pub(crate) use calls::{BadCalls, Calls, Slot};
pub use draft::BYTES_PER_TOKEN;
#[cfg(test)]
pub(crate) use draft::{Answer, Closing};
pub(crate) use draft::{Draft, Reader};
pub(crate) use form::Form;
pub(crate) use frames::Framing;
pub(crate) use learned::Learned;
pub use peer::{Peer, from_reply};
pub use server::{KeyHeader, ServerOptions};
pub(crate) use server::{Server, unwritable};
pub(crate) use stream::{Call, begin, failed};
pub(crate) use text::Text;
pub(crate) use tokens::tokens;
