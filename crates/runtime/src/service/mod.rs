//! The runtime as a service of the system: what a service manager is given (`install`) and what it is
//! told while the runtime lives (`notify`).

pub mod notify;
