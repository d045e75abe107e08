//! A fault of Jamey's own that speaks of a key. It has a process for itself, since what is done about faults is set once
//! for all of one.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code)]
#[path = "door/support.rs"]
mod support;

use std::{fs, sync::Arc, time::Duration};

use jamey_runtime::{
    Options,
    keys::Chain,
    logs::{self, Bounds, LogOptions, newest_first},
    start,
};
use tracing_subscriber::layer::Identity;

use self::support::{World, options};

/// Of no vendor's form, so that each is hidden because it is known, and not because of how it looks. The last one's
/// quote is written otherwise wherever it stands within quotes.
const OF_THE_ENVIRONMENT: &str = "canary environment 8c1f";
const OF_THE_FILE: &str = "canary-dot-env-5a20";
const OF_THE_KEYCHAIN: &str = "canary\"keychain\\77be";

#[derive(Debug)]
struct OneKey;

impl Chain for OneKey {
    fn get(&self, _: &str) -> Result<Option<String>, String> {
        let bound = serde_json::json!({"origin": "https://api.groq.com", "key": OF_THE_KEYCHAIN});
        Ok(Some(bound.to_string()))
    }
    fn set(&self, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }
    fn delete(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_speaks_of_a_key_is_kept_without_it() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("log");
    let bounds = Bounds { files: 3, age: Duration::from_secs(3600) };
    let to = LogOptions { level: "trace".to_owned(), folder: Some(folder.clone()), bounds };
    let (log, fault) = logs::start(&to, Identity::new());
    assert_eq!(fault, None);

    let options = Options {
        keychain: Arc::new(OneKey),
        ..options(&dir, &[("ANTHROPIC_API_KEY", OF_THE_ENVIRONMENT)], Vec::new())
    };
    let dot_env = options.folders.dotenv();
    fs::create_dir_all(dot_env.parent().unwrap()).unwrap();
    fs::write(&dot_env, format!("MISTRAL_API_KEY={OF_THE_FILE}\n")).unwrap();
    fs::create_dir_all(&options.folders.data).unwrap();
    fs::write(options.folders.data.join("keychain.json"), "[\"groq\"]").unwrap();
    let world = World { running: start(options).await.unwrap(), dir };
    let keychain = async {
        loop {
            let groq = world.get("/v1/providers").await.json();
            let all = groq["data"].as_array().unwrap().clone();
            if all.iter().any(|one| one["name"] == "groq" && one["keySource"] == "keychain") {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(support::PATIENCE, keychain).await.expect("the keychain is read");

    let keys = [OF_THE_ENVIRONMENT, OF_THE_FILE, OF_THE_KEYCHAIN];
    for key in keys {
        let in_a_task = tokio::spawn(async move { panic!("the header was {key:?}") }).await;
        assert!(in_a_task.unwrap_err().is_panic());
        let in_a_thread =
            std::thread::spawn(move || -> () { panic!("a request: Authorization: Bearer {key}") });
        assert!(in_a_thread.join().is_err());
    }
    log.flush();
    // Everything that is there, whatever it is called: a crash leaves nothing else either.
    let kept: String = files(world.dir.path())
        .into_iter()
        .filter(|(name, _)| name != ".env")
        .map(|(_, text)| text)
        .collect();
    assert!(
        newest_first(&folder).iter().any(|path| fs::read_to_string(path).unwrap().contains("[redacted]"))
    );
    let told = jamey_runtime::recent::lines().into_iter().map(|line| line.text);
    let told = told.collect::<Vec<_>>().join("\n");
    for place in ["the header was", "a request: ", "panics.rs"] {
        assert!(kept.contains(place), "the fault itself is told: {place}");
    }
    assert!(told.contains("a fault of Jamey's own"), "{told}");
    for (key, quoted) in keys.map(|key| (key, format!("{key:?}"))) {
        for text in [&kept, &told] {
            assert!(!text.contains(key) && !text.contains(quoted.trim_matches('"')), "{key} was kept");
        }
    }
    drop(world.end().await);
}

/// Names and texts of all files under a folder.
fn files(folder: &std::path::Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            all.extend(files(&path));
        } else if kind.is_file() {
            let bytes = fs::read(&path).unwrap();
            all.push((
                entry.file_name().to_string_lossy().into_owned(),
                String::from_utf8_lossy(&bytes).into_owned(),
            ));
        }
    }
    all
}
