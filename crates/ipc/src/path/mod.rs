//! Where everything lies.

mod config;
mod folders;
mod label;
mod places;
mod private;
mod run;

pub use config::config_fault;
pub use folders::Folders;
pub use label::service_name;
pub use places::{Fault, Kind, Place};
pub(crate) use private::create_with_parents;
pub use private::{create_private, private_fault};
