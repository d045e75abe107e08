//! The way out: which addresses may be spoken to, how long to wait, how much to read, and the HTTP
//! clients themselves.

mod address;
mod caps;
mod client;
mod direct;
mod patience;
mod timeouts;
mod transport;

pub use address::{AddressError, PlainHttp, base_url, is_on_this_machine, with_path};
pub use caps::{ANSWER, CALL_ARGUMENTS, CALLS, ERROR_BODY, LIST, MESSAGE, WHOLE_ANSWER};
pub use client::{Proxy, Way, client};

pub use patience::{Expired, Patience, asleep};
pub use reqwest::Url;
pub use timeouts::Timeouts;
pub use transport::{Broken, Direct, Reply, Transport};
