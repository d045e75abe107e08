//! Ending the running runtime.

use std::time::{Duration, Instant};

use jamey_ipc::{Client, Folders, instance::Lock};
use jamey_protocol::{ApiError, ErrorCode};

use super::briefly;
use crate::serve::END_PATIENCE;

/// How often the lock is looked at.
const GLANCE: Duration = Duration::from_millis(10);

pub(super) fn run(folders: &Folders, now: bool) -> Result<u8, ApiError> {
    if Lock::holder(folders).is_none() {
        println!("no runtime is running");
        return Ok(0);
    }
    briefly(async {
        let client = Client::connect(folders, None).await?;
        client.shutdown().await?;
        if now {
            return Ok(());
        }
        let deadline = Instant::now() + END_PATIENCE + Duration::from_secs(2);
        while let Some(held) = Lock::holder(folders) {
            if Instant::now() > deadline {
                let who = held.pid.map(|pid| format!(" {pid}")).unwrap_or_default();
                return Err(ApiError::new(ErrorCode::Internal, "the runtime does not end").hint(format!(
                    "look at its log with `jamey-runtime logs`, or end the process{who} yourself"
                )));
            }
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    })?;
    println!("{}", if now { "the runtime is ending" } else { "the runtime has ended" });
    Ok(0)
}
