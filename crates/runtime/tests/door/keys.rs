//! Keys: where they are kept, what they are used for, and that nobody gets to see one.

use std::{
    collections::HashMap,
    os::unix::fs::PermissionsExt,
    sync::{Arc, Condvar, Mutex},
};

use jamey_runtime::{
    keys::{Chain, NoChain},
    start,
};
use serde_json::{Value, json};

use crate::support::{World, options};

const KEY: &str = "sk-canary-2b7e151628aed2a6";

/// A keychain in memory.
#[derive(Debug, Default)]
struct MemoryChain(Mutex<HashMap<String, String>>);

impl Chain for MemoryChain {
    fn get(&self, account: &str) -> Result<Option<String>, String> {
        Ok(self.0.lock().unwrap().get(account).cloned())
    }
    fn set(&self, account: &str, secret: &str) -> Result<(), String> {
        self.0.lock().unwrap().insert(account.to_owned(), secret.to_owned());
        Ok(())
    }
    fn delete(&self, account: &str) -> Result<(), String> {
        self.0.lock().unwrap().remove(account);
        Ok(())
    }
}

/// A keychain that waits for a person who never comes.
#[derive(Debug, Default)]
struct LockedChain(Mutex<()>, Condvar);

impl LockedChain {
    fn wait<T>(&self) -> Result<T, String> {
        drop(self.1.wait(self.0.lock().unwrap()));
        Err("nobody came".to_owned())
    }
}

impl Chain for LockedChain {
    fn get(&self, _: &str) -> Result<Option<String>, String> {
        self.wait()
    }
    fn set(&self, _: &str, _: &str) -> Result<(), String> {
        self.wait()
    }
    fn delete(&self, _: &str) -> Result<(), String> {
        self.wait()
    }
}

async fn give(world: &World, name: &str, key: &str) -> crate::support::Answer {
    world.call("PUT", &format!("/v1/providers/{name}/key"), Some(&json!({"key": key}))).await
}

async fn provider(world: &World, name: &str) -> Value {
    let answer = world.get("/v1/providers").await;
    assert!(!answer.text.contains(KEY), "{answer:?}");
    let all = answer.json()["data"].as_array().unwrap().clone();
    all.into_iter().find(|provider| provider["name"] == name).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_the_keychain_makes_its_provider_exist_and_is_read_again_at_the_next_start() {
    let chain: Arc<dyn Chain> = Arc::new(MemoryChain::default());
    let world = World::with_chain(&[], Vec::new(), Arc::clone(&chain)).await;
    let before = provider(&world, "groq").await;
    assert_eq!((&before["takesKey"], &before["hasKeptKey"]), (&json!(true), &json!(false)), "{before}");
    let kept = give(&world, "groq", &format!(" {KEY}\n")).await;
    assert_eq!((kept.status, kept.json()), (200, json!({"place": "keychain"})), "{kept:?}");
    let after = provider(&world, "groq").await;
    assert_eq!((&after["state"], &after["keySource"]), (&json!("ready"), &json!("keychain")), "{after}");

    let dir = world.end().await;
    let mut again = options(&dir, &[], Vec::new());
    again.keychain = chain;
    let world = World { running: start(again).await.unwrap(), dir };
    // A turn waits for the keychain; so does this.
    world.running.host.models.test("groq").await.unwrap();
    assert_eq!(provider(&world, "groq").await["keySource"], "keychain");
    assert_eq!(world.call("DELETE", "/v1/providers/groq/key", None).await.status, 200);
    assert_eq!(provider(&world, "groq").await["hasKeptKey"], false);
    assert_eq!(world.call("DELETE", "/v1/providers/groq/key", None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_the_key_lies_in_dotenv_for_its_owner_alone_and_other_lines_stay() {
    let world = World::start().await;
    let dot_env = world.running.host.folders.dotenv();
    std::fs::write(&dot_env, "# mine\nOTHER=1\n").unwrap();
    let kept = give(&world, "openai", KEY).await;
    assert_eq!(kept.json()["place"], ".env OPENAI_API_KEY", "{kept:?}");
    let text = std::fs::read_to_string(&dot_env).unwrap();
    assert!(text.starts_with("# mine\nOTHER=1\nOPENAI_API_KEY=sk-canary"), "{text}");
    assert!(text.contains("OPENAI_API_KEY_ORIGIN=https://api.openai.com\n"), "{text}");
    assert_eq!(std::fs::metadata(&dot_env).unwrap().permissions().mode() & 0o777, 0o600);
    let openai = provider(&world, "openai").await;
    assert_eq!((&openai["keySource"], &openai["hasKeptKey"]), (&kept.json()["place"], &json!(true)));
    assert_eq!(world.call("DELETE", "/v1/providers/openai/key", None).await.status, 200);
    assert_eq!(std::fs::read_to_string(&dot_env).unwrap(), "# mine\nOTHER=1\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_key_is_used_for_its_own_origin_and_no_other() {
    for chain in [Arc::new(MemoryChain::default()) as Arc<dyn Chain>, Arc::new(NoChain)] {
        let world = World::with_chain(&[], Vec::new(), chain).await;
        assert_eq!(give(&world, "openai", KEY).await.status, 200);
        let set = |to: &str| json!({"key": "providers.openai.base_url", "value": to});
        world.call("PATCH", "/v1/config", Some(&set("http://127.0.0.1:9/v1"))).await;
        let moved = provider(&world, "openai").await;
        assert_eq!((&moved["keySource"], &moved["hasKeptKey"]), (&Value::Null, &json!(true)), "{moved}");
        assert!(moved["state"].as_str().unwrap().contains("belongs to https://api.openai.com"), "{moved}");
        world.call("PATCH", "/v1/config", Some(&set("https://api.openai.com/v1/"))).await;
        assert_eq!(provider(&world, "openai").await["state"], "ready");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keychain_holds_up_neither_the_start_nor_anybody_else() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("work")).unwrap();
    let mut options = options(
        &dir,
        &[("OPENAI_API_KEY", "sk-other-canary"), ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")],
        Vec::new(),
    );
    options.keychain = Arc::new(LockedChain::default());
    std::fs::create_dir_all(&options.folders.data).unwrap();
    std::fs::write(options.folders.data.join("keychain.json"), "[\"groq\"]").unwrap();
    let world = World { running: start(options).await.unwrap(), dir };
    let groq = provider(&world, "groq").await;
    assert_eq!((&groq["keySource"], &groq["hasKeptKey"]), (&Value::Null, &json!(true)), "{groq}");
    // The turn fails at its provider, and not at the keychain.
    let session = world.new_session().await;
    let mut events = world.events(session, 0).await;
    assert_eq!(world.say(session, "hello").await.status, 202);
    let _ = world.op(session, json!({"type": "interrupt"})).await;
    events.until_the_turn_ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_key_or_no_provider_is_refused_without_repeating_it() {
    let world = World::start().await;
    for (name, body, status) in [
        ("openai", json!({"key": format!("{KEY} x")}), 400),
        ("openai", json!({"key": ""}), 400),
        ("openai", json!({"kye": KEY}), 400),
        ("openai", json!(KEY), 400),
        ("local", json!({"key": KEY}), 400),
        ("azure", json!({"key": KEY}), 400),
        ("gorq", json!({"key": KEY}), 404),
        ("..%2f..%2fx", json!({"key": KEY}), 404),
    ] {
        let answer = world.call("PUT", &format!("/v1/providers/{name}/key"), Some(&body)).await;
        assert_eq!(answer.status, status, "{name} {answer:?}");
        assert!(!answer.text.contains(KEY), "{answer:?}");
    }
    let close = give(&world, "gorq", KEY).await.json();
    assert!(close["hint"].as_str().unwrap().contains("groq"), "{close}");
    assert!(!world.running.host.folders.dotenv().exists());
    assert_eq!(world.call("POST", "/v1/providers/groq/test", None).await.json()["code"], "auth");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_environment_outranks_one_that_is_kept() {
    let chain = Arc::new(MemoryChain::default());
    let world = World::with_chain(&[("OPENAI_API_KEY", "sk-of-the-environment")], Vec::new(), chain).await;
    let kept = give(&world, "openai", KEY).await.json();
    assert_eq!(kept, json!({"place": "keychain", "outrankedBy": "environment OPENAI_API_KEY"}));
    assert_eq!(provider(&world, "openai").await["keySource"], "environment OPENAI_API_KEY");
}
