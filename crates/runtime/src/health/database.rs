//! The database: it answers, its file is there, its log is not too long, and no damage was met.
//!
//! Damage is repaired by a start alone, from the newest good backup, so the runtime begins anew for it: at
//! most once an hour by itself, and whenever a person asks.

use std::time::Duration;

use jamey_protocol::{ApiError, health::Check};
use tokio::time::timeout;

use super::{Mend, amount, anew, with_files};
use crate::{host::Host, store::Condition};

const NAME: &str = "database";
/// How long writer, readers and sessions may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// A log that is longer was not written back for long; SQLite does so from 4 MB on.
const LONG_LOG: u64 = 64 << 20;
const DAMAGED: &str = "the database is damaged";

/// How the database answers.
#[derive(Clone, Debug)]
enum Pulse {
    Answers,
    Fails(ApiError),
    Hangs,
}

pub(super) async fn check(host: &Host, mend: Mend) -> Check {
    let pulse = match timeout(PATIENCE, host.pulse()).await {
        Ok(Ok(())) => Pulse::Answers,
        Ok(Err(error)) => Pulse::Fails(error),
        Err(_) => Pulse::Hangs,
    };
    let store = host.store.clone();
    let condition = move || store.condition();
    // After the pulse, which may have met the damage.
    let Some(found) = with_files(condition.clone()).await else {
        return Check::broken(NAME, "its disk does not answer", "look whether its drive is connected");
    };
    if found.is_suspect {
        return damaged(host, mend).await;
    }
    host.board.clear(NAME);
    let judged = judge(&pulse, found);
    if mend == Mend::Nothing || found.log_bytes <= LONG_LOG || !matches!(pulse, Pulse::Answers) {
        return judged;
    }
    if let Err(error) = host.store.checkpoint().await {
        return Check::warning(NAME, format!("its log cannot be written back: {error}"), "look at the disk");
    }
    let Some(now) = with_files(condition).await else { return judged };
    if now.log_bytes > LONG_LOG {
        return judged;
    }
    judge(&pulse, now).mended(format!("wrote the database's log back ({})", amount(found.log_bytes)))
}

fn judge(pulse: &Pulse, found: Condition) -> Check {
    match pulse {
        Pulse::Hangs => Check::broken(
            NAME,
            format!("the database or a session does not answer within {} s", PATIENCE.as_secs()),
            "look at the disk, or restart the runtime: jamey runtime restart",
        ),
        Pulse::Fails(error) => {
            let remedy =
                error.hint.clone().unwrap_or_else(|| "look at the log: jamey runtime logs".to_owned());
            Check::broken(NAME, error.message.clone(), remedy)
        }
        Pulse::Answers => match found.bytes {
            None => Check::broken(
                NAME,
                "its file was removed while it was in use, so what is said now will not be kept",
                "put it back from the folder backups, then restart the runtime: jamey runtime restart",
            ),
            Some(_) if found.log_bytes > LONG_LOG => Check::warning(
                NAME,
                format!("its log has grown to {}", amount(found.log_bytes)),
                "write it back: jamey doctor --fix",
            )
            .mendable(),
            Some(bytes) => Check::fine(
                NAME,
                format!("answers, {} and {} of log", amount(bytes), amount(found.log_bytes)),
            ),
        },
    }
}

async fn damaged(host: &Host, mend: Mend) -> Check {
    host.board.raise(
        NAME,
        "the database is damaged; the runtime begins anew to restore its newest backup, and keeps the damaged files",
    );
    let may = match mend {
        Mend::Nothing => false,
        Mend::ByItself => anew::may(&host.folders).await,
        Mend::Everything => true,
    };
    if !may {
        return Check::broken(
            NAME,
            DAMAGED,
            "restore the newest backup: jamey doctor --fix, or restart the runtime",
        )
        .mendable();
    }
    anew::note(&host.folders).await;
    host.begin_anew();
    Check::broken(NAME, DAMAGED, "look again in a moment: jamey doctor")
        .mended("the runtime begins anew, to set the damaged files aside and restore the newest backup")
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{ErrorCode, health::State};

    use super::*;

    #[test]
    fn a_database_that_is_gone_hangs_fails_or_has_a_long_log_is_told_with_its_remedy() {
        let well = Condition { bytes: Some(5_000_000), log_bytes: 3000, is_suspect: false };
        let fails =
            || Pulse::Fails(ApiError::new(ErrorCode::Storage, "the disk is full").hint("free some space"));
        for (pulse, found, state, word) in [
            (Pulse::Answers, well, State::Fine, "5 MB and 3 kB of log"),
            (Pulse::Answers, Condition { bytes: None, ..well }, State::Broken, "removed"),
            (Pulse::Answers, Condition { log_bytes: 80 << 20, ..well }, State::Warning, "83 MB"),
            (fails(), well, State::Broken, "the disk is full"),
            (Pulse::Hangs, well, State::Broken, "within 10 s"),
        ] {
            let check = judge(&pulse, found);
            assert_eq!(check.state, state, "{check:?}");
            assert!(check.finding.contains(word), "{check:?}");
            assert_eq!(check.remedy.is_some(), state != State::Fine);
        }
    }
}
