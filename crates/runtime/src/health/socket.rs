//! The local socket: its file is there, it is ours, and it can be dialled. One that is gone is opened anew.

use jamey_protocol::{
    health::Check,
    life::{Manner, Shutdown},
};

use super::Mend;
use crate::{api::socket::RenewError, host::Host};

const NAME: &str = "socket";

pub(super) async fn check(host: &Host, mend: Mend) -> Check {
    let place = host.folders.socket().display().to_string();
    let Some(mark) = host.socket.mark() else { return Check::fine(NAME, place) };
    let Some(fault) = mark.fault() else {
        return match mark.silence().await {
            None => Check::fine(NAME, place),
            Some(silence) => Check::broken(NAME, silence, "restart the runtime: jamey runtime restart"),
        };
    };
    if mend == Mend::Nothing || host.shutdown.is_cancelled() {
        return Check::broken(NAME, fault, "mend it: jamey doctor --fix").mendable();
    }
    match host.socket.renew(&host.folders) {
        Ok(()) => Check::fine(NAME, place).mended(format!("{fault}; it was opened anew")),
        Err(RenewError::Succeeded) => {
            // Two runtimes must not write one database.
            host.ask_to_end(Shutdown { manner: Manner::Interrupt, ..Shutdown::default() });
            Check::broken(NAME, "another runtime has taken this one's place", "this one ends")
        }
        Err(RenewError::Failed(error)) => {
            let remedy = error.hint.unwrap_or_else(|| "look at the folder's permissions".to_owned());
            Check::broken(NAME, format!("{fault}, and {}", error.message), remedy)
        }
    }
}
