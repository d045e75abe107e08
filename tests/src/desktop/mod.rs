//! The desktop on a screen that nobody sees: an X server, a bus, a window manager and a tray host of its own, all
//! under one home and ended with it.

mod bell;
pub mod checks;
mod driver;
mod hub;
pub mod measure;
mod screen;
mod shell;
pub mod shots;
mod tray;

pub use bell::Bell;
pub use driver::Driver;
pub use hub::Hub;
pub use screen::{Panel, Screen};
pub use shell::{Shell, is_renewed};
pub use tray::Tray;
