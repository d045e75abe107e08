//! The configuration against everything that a file can hold.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
};

use jamey_runtime::config::{Environment, KEYS, Live, Override, Paths, parse, set, template, variable};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

struct Place {
    _dir: TempDir,
    paths: Paths,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let paths = Paths {
            file: at("runtime.toml"),
            dot_env: at(".env"),
            last_good: at("last-good"),
            schema: Some(at("runtime.schema.json")),
        };
        Self { _dir: dir, paths }
    }

    fn holding(text: impl AsRef<[u8]>) -> Self {
        let place = Self::new();
        fs::write(&place.paths.file, text).unwrap();
        #[cfg(unix)]
        place.mode(0o600);
        place
    }

    #[cfg(unix)]
    fn mode(&self, mode: u32) {
        fs::set_permissions(&self.paths.file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    }

    fn open(&self) -> Result<Live, String> {
        self.open_with(&[], Vec::new())
    }

    fn open_with(&self, variables: &[(&str, &str)], flags: Vec<Override>) -> Result<Live, String> {
        Live::open(self.paths.clone(), Environment::of(variables), flags).map_err(|error| error.to_string())
    }

    fn file(&self) -> String {
        self.paths.file.display().to_string()
    }
}

#[test]
fn the_first_file_has_a_comment_for_every_key_and_says_just_the_defaults() {
    let place = Place::new();
    let live = place.open().unwrap();
    let text = fs::read_to_string(&place.paths.file).unwrap();
    assert_eq!(text, template());
    for key in KEYS {
        let word = key.name.rsplit('.').next().unwrap();
        let line = format!("{word} = {}", key.default);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.windows(2).any(|pair| pair[1] == line && pair[0].starts_with("# ")), "{}", key.name);
    }
    assert_eq!(live.warnings(), Vec::<String>::new());
    let empty = Place::holding("").open().unwrap();
    assert_eq!(empty.view().values, live.view().values);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for path in [&place.paths.file, &place.paths.last_good] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

#[test]
fn a_fault_names_file_line_and_column_and_nothing_of_it_holds() {
    for (text, place, word) in [
        ("[api]\nport = 0\n", ":2:8", "from 1 to 65535"),
        ("[api]\nport = \"3000\"\n", ":2:8", "whole number"),
        ("[api]\nenabled = 1\n", ":2:11", "true or false"),
        ("[api]\nhost = \"0.0.0.0\"\n", ":2:8", "loopback"),
        ("[api]\nhost = \"evil.example\"\n", ":2:8", "loopback"),
        ("[api]\nallowed_origins = [\"*\"]\n", ":2:19", "whole origins"),
        ("[api]\nallowed_origins = [\"http://a.example/\"]\n", ":2:19", "whole origins"),
        ("[api]\nallowed_origins = [\"null\"]\n", ":2:19", "whole origins"),
        ("[api]\nallowed_origins = \"http://a.example\"\n", ":2:19", "whole origins"),
        ("[api]\nhost = \"192.168.1.2\"\n", ":2:8", "ssh -l"),
        ("[logging]\nlevel = \"loud\"\n", ":2:9", "one of trace"),
        ("[tools]\nenabled_tools = [1]\n", ":2:17", "list of names"),
        ("[permissions]\nmode = \"everything\"\n", ":2:8", "read-only"),
        ("[providers.openai]\nbase_url = \"https://u:secret@x\"\n", ":2:12", "password"),
        (
            "[providers.openai]\nbase_url = \"https://x/v1?api-key=secret\"\n",
            ":2:12",
            "looks like one; give the key",
        ),
        ("[providers.openai]\nbase_url = \"file:///etc/passwd\"\n", ":2:12", "write it like"),
        ("[providers.mine]\nkind = \"openai-compatible\"\n", ":1:12", "needs base_url"),
        (
            "[providers.mine]\nkind = \"nonsense\"\nbase_url = \"http://127.0.0.1\"\n",
            ":2:8",
            "one of openai-compatible",
        ),
        ("models = 3\n[api]\nport = 1\nport = 2\n", ":4:1", "duplicate"),
        ("[api]\n[api]\n", ":2:2", "duplicate"),
        ("[models]\ndefault = \"ä\" oops\n", ":2:15", ""),
        ("[api\n", ":1:5", ""),
        ("\u{feff}[api]\r\nport = -1\r\n", ":2:8", "whole number"),
    ] {
        let place_in = Place::holding(text);
        let error = place_in.open().unwrap_err();
        assert!(error.starts_with(&format!("{}{place}: ", place_in.file())), "{text:?}: {error}");
        assert!(error.to_lowercase().contains(word), "{text:?}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn files_that_are_no_text_too_large_or_no_files_are_refused_at_once() {
    let huge = Place::holding(vec![b'#'; 10 * 1024 * 1024]);
    assert!(huge.open().unwrap_err().contains("more than 1 MiB"));
    let binary = Place::holding(b"[api]\nport = 3000 # \xff\n");
    let error = binary.open().unwrap_err();
    assert!(error.contains(":2:15: is no UTF-8"), "{error}");
    let deep = Place::holding(format!("x = {}", "[".repeat(500_000)));
    assert!(deep.open().is_err());
    let folder = Place::new();
    fs::create_dir(&folder.paths.file).unwrap();
    assert!(folder.open().unwrap_err().contains("no regular file"));
}

#[test]
fn unknown_keys_warn_with_what_was_meant_and_secrets_are_sent_where_they_belong() {
    let place = Place::holding(
        "[api]\nprot = 4000\n[providers.openai]\napi_key = \"sk-canary\"\n[modles]\ndefault = 1\n",
    );
    let live = place.open().unwrap();
    let warnings = live.warnings();
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings[0].contains(":2:1: unknown key api.prot; did you mean api.port?"), "{warnings:?}");
    assert!(warnings[1].contains(".env"), "{warnings:?}");
    assert!(warnings[2].contains(":5:2: unknown key modles"), "{warnings:?}");
    let shown = format!("{:?}{:?}", live.view(), warnings);
    assert!(!shown.contains("sk-canary"));
}

#[test]
fn a_broken_file_leaves_the_last_good_one_in_force_and_says_so() {
    let place = Place::holding("[limits]\nmax_turns = 7\n");
    assert_eq!(place.open().unwrap().now().max_turns, 7);
    fs::write(&place.paths.file, "[limits]\nmax_turns = seven\n").unwrap();
    let live = place.open().unwrap();
    assert_eq!(live.now().max_turns, 7);
    assert!(live.warnings()[0].contains(":2:13"), "{:?}", live.warnings());
    assert!(live.warnings()[0].contains("last good configuration"));
    assert_eq!(fs::read_to_string(&place.paths.file).unwrap(), "[limits]\nmax_turns = seven\n");
    // Put right, it holds without a restart.
    fs::write(&place.paths.file, "[limits]\nmax_turns = 12345\n").unwrap();
    assert!(live.now().max_turns == 7, "over the bound");
    fs::write(&place.paths.file, "[limits]\nmax_turns = 1234\n").unwrap();
    assert_eq!(live.now().max_turns, 1234);
    assert_eq!(live.warnings(), Vec::<String>::new());
}

#[test]
fn changes_that_overlap_are_all_there_and_the_file_can_always_be_read() {
    let place = Place::new();
    // As the runtime and `jamey config set` are: each with a view of its own.
    let (one, other) = (place.open().unwrap(), place.open().unwrap());
    let keys = ["api.port", "limits.max_turns", "monitor.interval_seconds", "health.interval_seconds"];
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                let text = fs::read_to_string(&place.paths.file).unwrap();
                parse(&place.paths.file, &text).unwrap();
                assert!(text.contains("[models]"), "it is not whole: {text:?}");
            }
        });
        let writers: Vec<_> = [&one, &other]
            .into_iter()
            .flat_map(|live| keys.map(|key| (live, key)))
            .enumerate()
            .map(|(nth, (live, key))| {
                scope.spawn(move || {
                    for round in 0..5 {
                        live.set(key, &json!(2000 + nth + round)).unwrap();
                        let mine = format!("providers.mine{nth}.base_url");
                        live.set(&mine, &json!(format!("http://127.0.0.1:{}/v1", 4000 + round))).unwrap();
                    }
                })
            })
            .collect();
        let written: Vec<_> = writers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        is_over.store(true, Ordering::Relaxed);
        reader.join().unwrap();
        written.into_iter().for_each(Result::unwrap);
    });
    let text = fs::read_to_string(&place.paths.file).unwrap();
    for nth in 0..8 {
        assert!(
            text.contains(&format!("[providers.mine{nth}]\nbase_url = \"http://127.0.0.1:4004/v1\"")),
            "{text}"
        );
    }
    let left = fs::read_dir(place.paths.file.parent().unwrap()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".new")), "{left:?}");
}

#[test]
fn a_file_that_is_just_being_written_is_waited_for_before_it_is_changed() {
    let place = Place::new();
    let live = place.open().unwrap();
    let whole = fs::read_to_string(&place.paths.file).unwrap();
    // An editor empties the file and then writes it.
    let mut editor = fs::File::create(&place.paths.file).unwrap();
    std::thread::scope(|scope| {
        let (told, began) = std::sync::mpsc::channel();
        let setting = scope.spawn(|| {
            let told = told;
            told.send(()).unwrap();
            live.set("monitor.interval_seconds", &json!(7))
        });
        began.recv().unwrap();
        editor.write_all(whole.as_bytes()).unwrap();
        setting.join().unwrap().unwrap();
    });
    let text = fs::read_to_string(&place.paths.file).unwrap();
    assert!(text.contains("interval_seconds = 7") && text.contains("[models]"), "{text}");
}

#[test]
fn a_set_keeps_comments_line_ends_links_and_mode_and_changes_nothing_else() {
    let text =
        "# top\r\n[models] # here\r\n# above\r\ndefault = \"a/b\" # behind\r\n\r\n[strange]\r\nx = 1\r\n";
    let place = Place::holding(text);
    let live = place.open().unwrap();
    live.set("models.default", &json!("openai/gpt-5")).unwrap();
    let expected = text.replace("a/b", "openai/gpt-5");
    assert_eq!(fs::read_to_string(&place.paths.file).unwrap(), expected);
    live.set("models.default", &Value::Null).unwrap();
    assert_eq!(live.now().default_model, None);
    live.set("providers.mine.base_url", &json!("http://127.0.0.1:9/v1")).unwrap();
    live.set("providers.mine.key_env", &json!("MINE")).unwrap();
    assert_eq!(live.now().named[0].key_env.as_deref(), Some("MINE"));
    live.set("providers.mine", &Value::Null).unwrap();
    assert!(live.now().named.is_empty());
    let lan = json!("http://192.0.2.7:8080/v1");
    let hint = live.set("providers.lan.base_url", &lan).unwrap_err().hint.unwrap();
    assert!(hint.ends_with("jamey config set providers.lan.plain_http true"), "{hint}");
    live.set("providers.lan.plain_http", &json!(true)).unwrap();
    assert!(live.now().named.is_empty(), "it is only begun");
    live.set("providers.lan.base_url", &lan).unwrap();
    assert_eq!((live.now().named.len(), live.now().named[0].plain_http), (1, true));
    live.set("providers.lan", &Value::Null).unwrap();
    for (key, value) in [
        ("api.port", json!(0)),
        ("api.prot", json!(1)),
        ("api", json!({})),
        ("", json!(1)),
        ("providers.local", Value::Null),
        ("models.default", json!("a\nb")),
        ("models.default", json!({"x": 1})),
        ("providers.Bad Name.base_url", json!("http://127.0.0.1")),
    ] {
        let before = fs::read_to_string(&place.paths.file).unwrap();
        let error = live.set(key, &value).unwrap_err();
        assert!(error.hint.is_some(), "{error}");
        assert_eq!(fs::read_to_string(&place.paths.file).unwrap(), before, "{key}");
    }
    #[cfg(unix)]
    {
        let real = Place::holding("[api]\nport = 1\n");
        let linked = Place::new();
        std::os::unix::fs::symlink(&real.paths.file, &linked.paths.file).unwrap();
        linked.open().unwrap().set("api.port", &json!(2)).unwrap();
        assert!(fs::symlink_metadata(&linked.paths.file).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real.paths.file).unwrap(), "[api]\nport = 2\n");
    }
}

#[test]
fn flags_beat_the_environment_which_beats_dot_env_which_beats_the_file() {
    let place =
        Place::holding("[limits]\nmax_turns = 1\n[providers.openai]\nbase_url = \"https://file.example\"\n");
    let url = |live: &Live| live.now().openai_base_url.0.clone();
    assert_eq!(url(&place.open().unwrap()), "https://file.example");
    fs::write(
        &place.paths.dot_env,
        "export OPENAI_BASE_URL='https://dotenv.example' # x\nJAMEY_LIMITS_MAX_TURNS=2\n",
    )
    .unwrap();
    assert_eq!(url(&place.open().unwrap()), "https://dotenv.example");
    assert_eq!(place.open().unwrap().now().max_turns, 2);
    let vendor = ("OPENAI_BASE_URL", "https://vendor.example");
    assert_eq!(url(&place.open_with(&[vendor], Vec::new()).unwrap()), "https://vendor.example");
    let own = ("JAMEY_PROVIDERS_OPENAI_BASE_URL", "https://own.example");
    assert_eq!(url(&place.open_with(&[vendor, own], Vec::new()).unwrap()), "https://own.example");
    let three = [("JAMEY_LIMITS_MAX_TURNS", "3")];
    assert_eq!(place.open_with(&three, Vec::new()).unwrap().now().max_turns, 3);
    let flag = vec![("limits.max_turns", "4".to_owned())];
    assert_eq!(place.open_with(&three, flag).unwrap().now().max_turns, 4);
    let error = place.open_with(&[("JAMEY_API_PORT", "x")], Vec::new()).unwrap_err();
    assert!(error.starts_with("JAMEY_API_PORT: api.port must be"), "{error}");
    assert_eq!(place.open_with(&[("JAMEY_LIMITS_MAX_TURNS", "")], Vec::new()).unwrap().now().max_turns, 2);
    assert_eq!(variable("providers.my-box.base_url"), "JAMEY_PROVIDERS_MY_BOX_BASE_URL");
    // What is stronger is told when the file is changed in vain.
    let live = place.open_with(&three, Vec::new()).unwrap();
    live.set("limits.max_turns", &json!(9)).unwrap();
    assert!(live.note_of_set("limits.max_turns").unwrap().contains("JAMEY_LIMITS_MAX_TURNS"));
    let live = place.open_with(&[], vec![("limits.max_turns", "4".to_owned())]).unwrap();
    live.set("limits.max_turns", &json!(9)).unwrap();
    assert!(live.note_of_set("limits.max_turns").unwrap().contains("a flag"));
    assert_eq!(live.now().max_turns, 4);
}

#[test]
fn what_is_read_only_at_the_start_is_said_to_hold_from_the_next_one_on() {
    let place = Place::new();
    let live = place.open().unwrap();
    for (key, value, waits) in [
        ("api.port", json!(4000), false),
        ("logging.level", json!("debug"), false),
        ("telemetry.otlp_endpoint", json!("http://127.0.0.1:4318"), true),
        ("providers.local.threads", json!(2), true),
        ("providers.local.endpoint", json!("https://example.com"), false),
        ("permissions.mode", json!("full"), false),
    ] {
        live.set(key, &value).unwrap();
        let note = live.note_of_set(key);
        assert_eq!(note.as_ref().is_some_and(|note| note.contains("next start")), waits, "{key}: {note:?}");
    }
}

#[test]
fn dot_env_faults_are_told_by_line_without_any_value() {
    let place = Place::new();
    fs::write(&place.paths.dot_env, "A=1\n# c\n\nnonsense sk-canary\n1X=2\nB=\"open\nC = 'x' \n").unwrap();
    #[cfg(unix)]
    fs::set_permissions(&place.paths.dot_env, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let live = place.open().unwrap();
    let warnings = live.warnings();
    let count = if cfg!(unix) { 4 } else { 3 };
    assert_eq!(warnings.len(), count, "{warnings:?}");
    assert!(!format!("{warnings:?}{live:?}").contains("sk-canary"));
    assert!(!cfg!(unix) || warnings[0].contains("chmod 600"), "{warnings:?}");
    assert_eq!(live.environment().get("C").map(|(value, _)| value), Some("x"));
    assert!(live.environment().get("B").is_none());
}

#[test]
fn a_folder_that_cannot_be_written_is_no_obstacle_to_a_start() {
    let paths = Paths {
        file: PathBuf::from("/proc/nowhere/runtime.toml"),
        dot_env: PathBuf::from("/proc/nowhere/.env"),
        last_good: PathBuf::from("/proc/nowhere/last-good"),
        schema: None,
    };
    let live = Live::open(paths, Environment::of(&[]), Vec::new()).unwrap();
    assert_eq!(live.now().api.port, 3000);
    assert!(live.warnings()[0].contains("could not be made"));
    assert!(live.set("api.port", &json!(1)).is_err());
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_taken_or_refused_whole_and_never_half() {
    let whole = "[limits]\nmax_turns = 1234\n[permissions]\nmode = \"read-only\" # ünd\n[providers.mine]\nbase_url = \"http://127.0.0.1:1\"\n";
    let place = Place::holding(whole);
    let live = place.open().unwrap();
    for end in (1..whole.len()).rev() {
        fs::write(&place.paths.file, &whole.as_bytes()[..end]).unwrap();
        let taken = live.reload();
        let now = live.now();
        if let Err(fault) = taken {
            assert!(fault.place.starts_with(&place.file()), "{end}: {fault}");
            assert!(live.warnings()[0].contains("configuration from before holds"), "{end}");
        }
        assert!(now.max_turns >= 1, "{end}");
    }
}

#[test]
fn a_file_that_is_being_written_does_not_loosen_anything_in_between() {
    let text = "[permissions]\nmode = \"read-only\"\n";
    let place = Place::holding(text);
    let live = place.open().unwrap();
    let mode = |live: &Live| live.now().values["permissions.mode"].value.clone();
    fs::write(&place.paths.file, "").unwrap();
    assert_eq!(mode(&live), json!("read-only"));
    fs::write(&place.paths.file, format!("# more\n{text}")).unwrap();
    assert_eq!(mode(&live), json!("read-only"));
    fs::write(&place.paths.file, "").unwrap();
    let earlier = std::time::SystemTime::now() - std::time::Duration::from_secs(5);
    fs::File::options().write(true).open(&place.paths.file).unwrap().set_modified(earlier).unwrap();
    assert_eq!(mode(&live), json!("ask"), "empty for good");
}

#[test]
fn a_file_of_ten_megabytes_leaves_the_last_good_one_in_force() {
    let place = Place::holding("[limits]\nmax_turns = 7\n");
    let live = place.open().unwrap();
    fs::write(&place.paths.file, vec![b'#'; 10 * 1024 * 1024]).unwrap();
    assert_eq!(live.now().max_turns, 7);
    assert!(live.warnings()[0].contains("more than 1 MiB"), "{:?}", live.warnings());
    assert!(live.set("limits.max_turns", &json!(8)).unwrap_err().message.contains("more than 1 MiB"));
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_a_changed_target_is_seen() {
    let real = Place::holding("[limits]\nmax_turns = 7\n");
    let linked = Place::new();
    std::os::unix::fs::symlink(&real.paths.file, &linked.paths.file).unwrap();
    let live = linked.open().unwrap();
    assert_eq!(live.now().max_turns, 7);
    fs::write(&real.paths.file, "[limits]\nmax_turns = 1234\n").unwrap();
    assert_eq!(live.now().max_turns, 1234);
    fs::remove_file(&linked.paths.file).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &linked.paths.file).unwrap();
    assert_eq!(live.now().max_turns, 1234);
    assert!(live.warnings()[0].contains("no regular file"), "{:?}", live.warnings());
}

#[cfg(unix)]
#[test]
fn a_file_with_a_key_that_others_can_read_warns_and_one_without_does_not() {
    let place = Place::holding("[providers.openai]\napi_key = \"sk-canary-0123456789\"\n");
    assert_eq!(place.open().unwrap().warnings().len(), 1, "only that it belongs elsewhere");
    place.mode(0o644);
    let warnings = place.open().unwrap().warnings();
    assert!(warnings.iter().any(|warning| warning.contains("chmod 600")), "{warnings:?}");
    assert!(!format!("{warnings:?}").contains("sk-canary"), "{warnings:?}");
    let plain = Place::holding(template());
    plain.mode(0o644);
    assert_eq!(plain.open().unwrap().warnings(), Vec::<String>::new());
}

#[test]
fn a_key_in_the_wrong_place_is_in_no_message() {
    for text in [
        "[logging]\nlevel = \"sk-canary-0123456789\"\n",
        "[tools]\nenabled_tools = \"sk-canary-0123456789\"\n",
        "[api]\nport = \"sk-canary-0123456789\"\n",
        "[api]\nhost = \"http://me:canary-0123456789@here\"\n",
    ] {
        let error = Place::holding(text).open().unwrap_err();
        assert!(!error.contains("0123456789"), "{error}");
    }
}

#[test]
fn a_change_is_told_to_those_who_wait_for_it_and_only_a_change() {
    let place = Place::holding("[limits]\nmax_turns = 7\n");
    let live = place.open().unwrap();
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let hook = std::sync::Arc::clone(&seen);
    live.whenever_changed(move |config| {
        hook.lock().unwrap().push(config.max_turns);
        (config.max_turns == 9).then(|| "nine cannot be done".to_owned())
    });
    let changed = live.changed();
    live.reload().unwrap();
    fs::write(&place.paths.file, "[limits]\nmax_turns = 7 # a comment\n").unwrap();
    live.refresh();
    assert!(!changed.has_changed().unwrap());
    live.set("limits.max_turns", &json!(9)).unwrap();
    assert!(changed.has_changed().unwrap());
    assert!(live.warnings()[0].contains("nine cannot be done"));
    live.set("limits.max_turns", &json!(10)).unwrap();
    assert_eq!(live.warnings(), Vec::<String>::new());
    assert_eq!(*seen.lock().unwrap(), [9, 10]);
}

#[test]
fn the_schema_knows_every_key_and_the_file_points_to_it() {
    let place = Place::new();
    place.open().unwrap();
    let text = fs::read_to_string(&place.paths.file).unwrap();
    assert!(text.starts_with("#:schema ./runtime.schema.json\n"), "{text:.80}");
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(place.paths.schema.as_ref().unwrap()).unwrap()).unwrap();
    for key in KEYS {
        let place = key.name.split('.').fold(&schema, |at, part| &at["properties"][part]);
        assert!(place["type"].is_string(), "{}: {place}", key.name);
        assert!(place["description"].as_str().is_some_and(|about| about.len() > 5), "{}", key.name);
        assert!(!place["default"].is_null(), "{}", key.name);
    }
    let added = &schema["properties"]["providers"]["patternProperties"]["^[a-z0-9_-]{1,40}$"];
    assert_eq!(added["required"], json!(["base_url"]));
    let kinds = ["openai-compatible", "openai", "openai-responses", "anthropic", "gemini", "azure", "ollama"];
    assert_eq!(added["properties"]["kind"]["enum"], json!(kinds));
    assert_eq!(schema["properties"]["api"]["properties"]["port"]["maximum"], 65535);
    // An outdated one is replaced.
    fs::write(place.paths.schema.as_ref().unwrap(), "{}").unwrap();
    place.open().unwrap();
    assert!(fs::read_to_string(place.paths.schema.as_ref().unwrap()).unwrap().contains("max_turns"));
}

#[tokio::test]
async fn a_changed_file_is_read_without_anybody_asking() {
    let place = Place::holding("[limits]\nmax_turns = 7\n");
    let live = std::sync::Arc::new(place.open().unwrap());
    let stop = tokio_util::sync::CancellationToken::new();
    let watching = tokio::spawn(jamey_runtime::config::watch(live.clone(), stop.clone()));
    let mut changed = live.changed();
    // The watch begins with its task; a change before that is seen when it is asked for.
    tokio::task::yield_now().await;
    for (turns, renamed) in [(8, false), (9, true), (10, false)] {
        let text = format!("[limits]\nmax_turns = {turns}\n");
        if renamed {
            // As editors do it.
            let fresh = place.paths.file.with_extension("new");
            fs::write(&fresh, text).unwrap();
            fs::rename(fresh, &place.paths.file).unwrap();
        } else {
            fs::write(&place.paths.file, text).unwrap();
        }
        tokio::time::timeout(std::time::Duration::from_secs(30), changed.changed()).await.unwrap().unwrap();
        assert_eq!(live.current().max_turns, turns);
    }
    fs::write(&place.paths.dot_env, "JAMEY_LIMITS_MAX_TURNS=11\n").unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(30), changed.changed()).await.unwrap().unwrap();
    assert_eq!(live.current().max_turns, 11);
    stop.cancel();
    watching.await.unwrap();
}

proptest! {
    #[test]
    fn no_text_makes_reading_or_changing_panic(text in "(\\[[a-z.]{0,9}\\]|[a-z_.]{1,9} ?= ?[^\n]{0,12}|#[^\n]{0,5}|\n|.){0,20}") {
        let path = std::path::Path::new("runtime.toml");
        let _ = jamey_runtime::config::parse(path, &text);
        if let Ok(changed) = set(path, &text, "api.port", &json!(4000)) {
            let (values, _) = jamey_runtime::config::parse(path, &changed).unwrap_or_default();
            if !values.is_empty() {
                prop_assert_eq!(&values["api.port"].value, &json!(4000));
            }
        }
    }
}
