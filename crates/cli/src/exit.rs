//! Exit codes, the same for every binary. Scripts depend on them.

use jamey_protocol::{ErrorCode, Outcome};

/// It did what was asked.
pub const DONE: u8 = 0;
/// The turn or the command failed.
pub const FAILED: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 2;
/// The runtime cannot be reached.
pub const UNREACHABLE: u8 = 3;
/// An approval was needed and nobody could give it.
pub const APPROVAL: u8 = 4;
/// The provider, the model or the key.
pub const PROVIDER: u8 = 5;
/// A limit was reached.
pub const LIMIT: u8 = 6;
/// The configuration is wrong.
pub const CONFIG: u8 = 78;
/// Interrupted by the person.
pub const INTERRUPTED: u8 = 130;
/// Terminated.
#[cfg(unix)]
pub const TERMINATED: u8 = 143;

/// The exit code of an error.
#[must_use]
pub fn of_error(code: ErrorCode) -> u8 {
    match code {
        ErrorCode::BadRequest | ErrorCode::TooLarge => USAGE,
        ErrorCode::Unreachable | ErrorCode::Version | ErrorCode::ShuttingDown => UNREACHABLE,
        ErrorCode::ApprovalNeeded => APPROVAL,
        ErrorCode::Auth | ErrorCode::Provider | ErrorCode::ContextOverflow | ErrorCode::NoModel => PROVIDER,
        ErrorCode::Limit => LIMIT,
        ErrorCode::Config => CONFIG,
        ErrorCode::Forbidden
        | ErrorCode::NotFound
        | ErrorCode::Conflict
        | ErrorCode::Storage
        | ErrorCode::Internal
        | ErrorCode::Unknown => FAILED,
    }
}

/// The exit code of a turn. An interrupt that did not come from this terminal is a failure.
#[must_use]
pub fn of_outcome(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Completed => DONE,
        Outcome::Interrupted { .. } => FAILED,
        Outcome::Failed { error } => of_error(error.code),
    }
}

#[cfg(test)]
mod tests {
    use jamey_protocol::ApiError;

    use super::*;

    #[test]
    fn each_kind_of_failure_has_the_code_that_was_promised() {
        for (code, exit) in [
            (ErrorCode::BadRequest, 2),
            (ErrorCode::TooLarge, 2),
            (ErrorCode::Unreachable, 3),
            (ErrorCode::Version, 3),
            (ErrorCode::ApprovalNeeded, 4),
            (ErrorCode::Auth, 5),
            (ErrorCode::Provider, 5),
            (ErrorCode::ContextOverflow, 5),
            (ErrorCode::NoModel, 5),
            (ErrorCode::Limit, 6),
            (ErrorCode::Config, 78),
            (ErrorCode::NotFound, 1),
            (ErrorCode::Storage, 1),
            (ErrorCode::Unknown, 1),
        ] {
            assert_eq!(of_error(code), exit, "{code:?}");
            assert_eq!(of_outcome(&Outcome::Failed { error: ApiError::new(code, "x") }), exit);
        }
        assert_eq!(of_outcome(&Outcome::Completed), 0);
        assert_eq!(of_outcome(&Outcome::Interrupted { reason: String::new() }), 1);
    }
}
