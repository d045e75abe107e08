//! The support bundle: it can be made whatever state everything is in, and holds nothing that a person
//! would not show to a stranger.
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    fs,
    io::{Read as _, Write as _},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use jamey_tests::{
    Fake, Home, Ran, ReadOnly, Reply, Runtime,
    home::{KEY, MODEL},
    runtime::signal,
};
use rustix::process::Signal;
use serde_json::{Value, json};

/// Every file of an archive by its name.
fn unpacked(path: &Path) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let mut files = BTreeMap::new();
    for number in 0..archive.len() {
        let mut file = archive.by_index(number).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        files.insert(file.name().unwrap().into_owned(), text);
    }
    files
}

fn make(home: &Home, name: &str) -> (Ran, PathBuf) {
    let path = home.path().join(name);
    let ran = home.jamey(&["support-bundle", "--output", path.to_str().unwrap()]).exits(0);
    (ran, path)
}

fn part(files: &BTreeMap<String, String>, name: &str) -> Value {
    serde_json::from_str(&files[name]).unwrap_or_else(|error| panic!("{error}: {}", files[name]))
}

const PARTS: [&str; 8] = [
    "README.txt",
    "about.json",
    "database.json",
    "files.txt",
    "log.jsonl",
    "runtime.json",
    "settings.txt",
    "start.log",
];

#[test]
fn a_canary_of_every_kind_is_nowhere_in_the_bundle() {
    const DOTENV: &str = "canary-dotenv-91c2";
    const PASSWORD: &str = "canary-pa55word-77";
    let fake = Fake::new(|seen| match (seen.number, seen.outputs().as_slice()) {
        (0, _) => Reply::status(500, &format!("trouble with {KEY} and {DOTENV}")),
        (_, []) => {
            Reply::call("shell_exec", &json!({"command": "printf 'canary-%s' output; false canary-argument"}))
        }
        _ => Reply::text("canary-answer"),
    });
    // The home folder's own name stands for the person's.
    let home = Home::with(&fake)
        .env("HTTPS_PROXY", format!("http://me:{PASSWORD}@127.0.0.1:9"))
        .env("NO_PROXY", "127.0.0.1")
        .env("USER", "canaryuser")
        .env("LOGNAME", "canaryuser");
    let config = home.jamey_home().join("config");
    fs::create_dir_all(&config).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(config.join(".env"), format!("MY_SERVICE={DOTENV}\n")).unwrap();
    fs::set_permissions(config.join(".env"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(config.join("runtime.toml"), "[logging]\nlevel = \"trace\"\n").unwrap();
    let folder = home.path().join("canary-folder");
    fs::create_dir(&folder).unwrap();
    let runtime = Runtime::start(&home);
    let cwd = folder.to_str().unwrap();
    let made = home.jamey(&["new", "--name", "canary-session", "-C", cwd]).exits(0);
    let words = ["ask", "-m", MODEL, "-s", made.stdout.trim(), "--mode", "full", "canary-prompt"];
    let _ = home.jamey(&words).exits(0);
    // Lines as a fault would leave them: they name what they failed at.
    let log = home.jamey_home().join("cache/logs/runtime.log");
    for message in [
        format!("the folder {cwd}/x cannot be read, said canaryuser"),
        "a fault of Jamey's own: byte index 1 is not a char boundary; it is inside 'é' of `canary-quoted`"
            .to_owned(),
        format!("the session canary-session used {DOTENV} and Authorization: Bearer {KEY}"),
    ] {
        let line = json!({"timestamp": "2026-11-26T16:00:00.000Z", "level": "ERROR", "target": "t", "message": message});
        let mut file = fs::File::options().append(true).open(&log).unwrap();
        file.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
    let (ran, path) = make(&home, "bundle.zip");
    runtime.stop();
    let files = unpacked(&path);
    assert_eq!(files.keys().collect::<Vec<_>>(), PARTS);
    let said = ran.stdout.clone() + &ran.stderr;
    assert!(said.contains("bundle.zip") && said.contains("not inside: prompts"), "{said}");
    let token = fs::read_to_string(home.jamey_home().join("data/api-token")).unwrap_or_default();
    let home_path = home.path().display().to_string();
    for (name, text) in &files {
        // The variables' names are there on purpose, and one is this test's.
        for canary in ["canary", PASSWORD, &home_path] {
            assert!(!text.contains(canary), "{canary} is in {name}: {text}");
        }
        assert!(token.is_empty() || !text.contains(token.trim()), "the token is in {name}");
    }
    // And what helps is there.
    assert!(
        files["log.jsonl"].contains("the runtime answers") && files["log.jsonl"].contains("byte index 1")
    );
    assert!(!files["log.jsonl"].contains("\"DEBUG\"") && files["log.jsonl"].contains("were left out"));
    assert!(
        files["settings.txt"].contains("logging.level = \"trace\"  # runtime.toml"),
        "{}",
        files["settings.txt"]
    );
    assert!(files["settings.txt"].contains("MY_SERVICE") && files["settings.txt"].contains("OPENAI_API_KEY"));
    let database = part(&files, "database.json");
    assert_eq!(
        (&database["integrity"], &database["rows"]["sessions"]),
        (&json!("ok"), &json!(1)),
        "{database}"
    );
    let told = part(&files, "runtime.json");
    assert!(told["status"]["pid"].is_u64(), "{told}");
    assert!(
        files["files.txt"].contains("jamey.db") && files["files.txt"].contains("-600"),
        "{}",
        files["files.txt"]
    );
}

#[test]
fn nothing_is_overwritten_and_only_the_owner_may_read_it() {
    let home = Home::new();
    let ran = home.jamey(&["support-bundle"]).exits(0);
    let made: Vec<_> = fs::read_dir(home.work()).unwrap().flatten().collect();
    let name = made[0].file_name().into_string().unwrap();
    assert!(name.starts_with("jamey-support-") && name.ends_with(".zip") && name.len() == 33, "{name}");
    assert!(
        ran.stdout.contains(&name) && ran.stdout.contains("Look through it before you send it"),
        "{ran:?}"
    );
    assert_eq!(fs::metadata(made[0].path()).unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = fs::read(made[0].path()).unwrap();
    let again = home.jamey(&["support-bundle", "-o", &name]).exits(1);
    assert!(again.stderr.contains("is there already") && again.stderr.contains("--output"), "{again:?}");
    assert_eq!(fs::read(made[0].path()).unwrap(), bytes);
    let nowhere = home.jamey(&["support-bundle", "-o", "/nowhere/x.zip"]).exits(1);
    assert!(nowhere.stderr.contains("/nowhere/x.zip cannot be written"), "{nowhere:?}");
    let json = home.jamey(&["support-bundle", "--json", "-o", "other.zip"]).exits(0).json();
    assert_eq!(json["parts"].as_array().unwrap().len(), PARTS.len());
    assert_eq!(
        json["bytes"].as_u64(),
        fs::metadata(home.work().join("other.zip")).ok().map(|facts| facts.len())
    );
    // Nothing was made or started by looking.
    assert!(!home.jamey_home().join("config").exists() && !home.jamey_home().join("data").exists());
    assert_eq!(home.processes(), []);
}

#[test]
fn a_runtime_that_hangs_costs_its_own_part_alone() {
    let home = Home::new();
    let runtime = Runtime::start(&home);
    signal(runtime.pid(), Signal::STOP);
    let (_, path) = make(&home, "bundle.zip");
    signal(runtime.pid(), Signal::CONT);
    let files = unpacked(&path);
    let told = part(&files, "runtime.json");
    assert!(told["runs"] == true && told["answers"].to_string().contains("no answer within"), "{told}");
    assert_eq!(part(&files, "about.json")["runtime"]["pid"], runtime.pid());
    assert!(files["log.jsonl"].contains("the runtime answers"));
    runtime.stop();
}

#[test]
fn what_is_broken_is_told_instead_of_shown() {
    let fake = Fake::new(|_| Reply::text("noted"));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let _ = home.ask(&["remember"]).exits(0);
    runtime.stop();
    let database = home.jamey_home().join("data/jamey.db");
    let mut bytes = fs::read(&database).unwrap();
    for page in 1..bytes.len() / 4096 {
        bytes[page * 4096..][..512].fill(0xA5);
    }
    fs::write(&database, &bytes).unwrap();
    let toml = home.jamey_home().join("config/runtime.toml");
    fs::write(&toml, format!("[api]\nport = \"{KEY}\"\n")).unwrap();
    let files = unpacked(&make(&home, "broken.zip").1);
    let shown = part(&files, "database.json");
    assert!(shown["integrity"] != "ok" && shown["fault"].to_string().contains("damaged"), "{shown}");
    let settings = &files["settings.txt"];
    assert!(settings.contains("# FAULT: ") && settings.contains("runtime.toml:2:8"), "{settings}");
    assert!(settings.contains("api.port = 3000"), "what would hold is shown: {settings}");
    assert!(!files.values().any(|text| text.contains(KEY)));
    assert_eq!(fs::read(&database).unwrap(), bytes, "a look changes nothing");
    // A database that is a folder, and one of another program.
    fs::remove_file(&database).unwrap();
    fs::create_dir(&database).unwrap();
    let shown = part(&unpacked(&make(&home, "folder.zip").1), "database.json");
    assert_eq!(shown["fault"], "there is no database");
}

#[test]
fn a_home_that_cannot_be_written_or_is_not_there_can_still_be_told_of() {
    let fake = Fake::new(|_| Reply::text("noted"));
    let home = Home::with(&fake);
    let runtime = Runtime::start(&home);
    let _ = home.ask(&["remember"]).exits(0);
    // As a crash leaves it: with its log, which a reader may not even touch.
    runtime.kill();
    let _disk = ReadOnly::at(&home.jamey_home());
    let files = unpacked(&make(&home, "readonly.zip").1);
    assert!(!part(&files, "database.json")["integrity"].is_null());
    assert!(files["settings.txt"].contains("api.port = 3000"));
    for place in ["/proc/jamey", "/dev/null/jamey"] {
        let other = Home::new().env("JAMEY_HOME", place);
        let files = unpacked(&make(&other, "none.zip").1);
        assert_eq!(part(&files, "database.json")["fault"], "there is no database");
    }
}
