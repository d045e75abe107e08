//! Jamey's desktop: windows, tray and quick prompt.
//!
//! A face like the command line: it speaks to the runtime through the typed client alone and holds no truth. The
//! webview is one step further out: it may call the commands in `bridge` and nothing else.
//!
//! Layout: `connection` finds, starts and keeps the runtime; `bridge` are the commands; `follow` streams events to
//! pages; `adopt` follows `[desktop]` in runtime.toml; `windows`, `tray`, `hotkey`, `autostart`, `notify` are what a
//! person sees; `ending` and `rest` end, begin anew and shrink; `trouble` tells what went wrong; `words` is
//! what the shell says; `desk` is what the parts share.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod adopt;
#[cfg(target_os = "linux")]
mod again;
mod autostart;
pub mod bridge;
mod connection;
mod desk;
mod ending;
mod first;
mod flags;
mod follow;
mod given;
mod hotkey;
mod notify;
mod raw;
#[cfg(target_os = "linux")]
mod renewal;
mod rest;
mod settings;
mod shell;
mod tray;
mod trouble;
mod upload;
mod windows;
mod words;

pub use shell::run;
