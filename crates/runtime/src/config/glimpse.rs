//! A look at the configuration that changes nothing, whatever state it is in: no file is made, and a file
//! with a fault still shows what would hold.

use super::{
    Config, Environment, Paths, Values,
    live::{live_state, read_file, stamps},
};

/// What the next start would find.
#[derive(Clone, Debug)]
pub struct Glimpse {
    /// Every value that would hold; none when a variable has a fault.
    pub values: Values,
    /// The variables, those of `.env` included. Their secrets are known to the redaction from here on.
    pub environment: Environment,
    /// What is wrong with the file or a variable; the values are then those of the last good file, or
    /// the defaults.
    pub fault: Option<String>,
    /// What is not in force, or should be put right.
    pub warnings: Vec<String>,
}

impl Glimpse {
    /// Looks.
    #[must_use]
    pub fn of(paths: &Paths, process: &Environment) -> Self {
        let (file, fault) = match read_file(&paths.file) {
            Ok(read) => (read, None),
            Err(fault) => (read_file(&paths.last_good).unwrap_or_default(), Some(fault.to_string())),
        };
        let (environment, _) = process.clone().with_file(&paths.dot_env);
        match live_state(paths, process, &[], file.0, file.1, stamps(paths)) {
            Ok(state) => {
                let Config { values, .. } = state.config.as_ref().clone();
                Self { values, environment, fault, warnings: state.warnings }
            }
            Err(other) => {
                let fault = fault.into_iter().chain([other.to_string()]).collect::<Vec<_>>().join("; ");
                Self { values: Values::new(), environment, fault: Some(fault), warnings: Vec::new() }
            }
        }
    }
}
