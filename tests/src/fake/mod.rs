//! A scripted model provider on loopback that speaks OpenAI Chat Completions and holds every request
//! to the vendor's rules.

mod check;
mod reply;
mod server;

pub use reply::{Gate, Reply};
pub use server::{Fake, Seen};
