//! Holds everything while `runtime.paused` says so.

use std::sync::Arc;

use jamey_engine::ports::Gate;
use tokio::sync::watch;

use crate::config::Live;

/// The gate of all sessions: it follows the configuration.
pub(super) fn gate(live: &Arc<Live>) -> Gate {
    let (sender, closed) = watch::channel(live.current().paused);
    live.whenever_changed(move |config| {
        sender.send_if_modified(|closed| std::mem::replace(closed, config.paused) != config.paused);
        None
    });
    Gate::new(closed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::{Environment, Paths};

    #[tokio::test]
    async fn the_gate_follows_the_configuration_and_begins_as_it_was_left() {
        let folder = tempfile::tempdir().unwrap();
        let open = || {
            let paths = Paths {
                file: folder.path().join("runtime.toml"),
                dot_env: folder.path().join(".env"),
                last_good: folder.path().join("last-good"),
                schema: None,
            };
            Arc::new(Live::open(paths, Environment::of(&[]), Vec::new()).unwrap())
        };
        let live = open();
        let before = gate(&live);
        assert!(!before.is_closed());
        live.set("runtime.paused", &json!(true)).unwrap();
        assert!(before.is_closed());
        let again = open();
        let after = gate(&again);
        assert!(after.is_closed(), "a restart does not resume");
        again.set("runtime.paused", &json!(false)).unwrap();
        after.opened().await;
    }
}
