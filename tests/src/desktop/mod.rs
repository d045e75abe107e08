//! The desktop on a screen that nobody sees: an X server, a bus, a window manager and a tray host of its own, all
//! under one home and ended with it.

pub mod checks;
mod driver;
mod screen;
mod shell;
mod tray;

pub use driver::Driver;
pub use screen::{Panel, Screen};
pub use shell::Shell;
pub use tray::Tray;
