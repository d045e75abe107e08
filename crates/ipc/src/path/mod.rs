//! Where everything lies.

mod folders;
mod private;
mod run;

pub use folders::Folders;
pub(crate) use private::create_with_parents;
pub use private::{create_private, private_fault};
