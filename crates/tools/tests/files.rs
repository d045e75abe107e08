//! The file tools through the port, as the engine calls them: what they declare, what they do, and what
//! hostile paths and files get from them.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    time::Duration,
};

#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicBool, Ordering};

use jamey_engine::ports::{ReadFiles, ToolContext, Tools};
use jamey_protocol::{Access, CallId};
use jamey_tools::{ToolSettings, built_in};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// A working folder inside another one, which is the world outside.
struct World {
    tools: Tools,
    cwd: PathBuf,
    outside: PathBuf,
    read: ReadFiles,
    _keep: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let keep = tempfile::tempdir().unwrap();
        let outside = keep.path().canonicalize().unwrap();
        let cwd = outside.join("work");
        fs::create_dir(&cwd).unwrap();
        fs::write(outside.join("secret"), "TOP SECRET\n").unwrap();
        let settings = ToolSettings { timeout: Duration::from_secs(60), ..ToolSettings::default() };
        Self { tools: built_in(settings), cwd, outside, read: ReadFiles::default(), _keep: keep }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.cwd.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.cwd.join(name)).unwrap()
    }

    fn access(&self, tool: &str, arguments: &Value) -> Vec<Access> {
        self.tools.get(tool).unwrap().access(arguments, &self.cwd).unwrap()
    }

    async fn allowed(&self, tool: &str, arguments: Value, accesses: Vec<Access>) -> Result<String, String> {
        let context = ToolContext {
            call_id: CallId::new(),
            cwd: self.cwd.clone(),
            accesses,
            cancel: CancellationToken::new(),
            progress: tokio::sync::mpsc::channel(1).0,
            spill_dir: self.outside.clone(),
            read_files: self.read.clone(),
        };
        let result = self.tools.get(tool).unwrap().run(arguments, context).await;
        result.map(|output| output.text).map_err(|error| error.to_string())
    }

    async fn call(&self, tool: &str, arguments: Value) -> Result<String, String> {
        let accesses =
            self.tools.get(tool).unwrap().access(&arguments, &self.cwd).map_err(|error| error.to_string())?;
        self.allowed(tool, arguments, accesses).await
    }

    async fn read(&self, path: impl AsRef<Path>) -> Result<String, String> {
        self.call("file_read", json!({"path": path.as_ref()})).await
    }

    async fn write(&self, path: &str, mode: &str, content: &str) -> Result<String, String> {
        self.call("file_write", json!({"path": path, "mode": mode, "content": content})).await
    }
}

fn reads(path: impl Into<PathBuf>) -> Vec<Access> {
    vec![Access::Read { path: path.into() }]
}

#[tokio::test]
async fn a_guessed_name_opens_the_only_similar_file_and_says_so() {
    let world = World::new();
    let real = world.file("café menü.txt", "Soup\nCake\n");
    let arguments = json!({"path": "cafe menu.txt"});
    assert_eq!(world.access("file_read", &arguments), reads(&real), "what is opened is what is declared");
    assert_eq!(
        world.call("file_read", arguments).await.unwrap(),
        "(cafe menu.txt does not exist, this is café menü.txt. 2 lines)\nSoup\nCake\n"
    );
    world.file("old/menu.txt", "x");
    assert_eq!(
        world.read("menu.md").await.unwrap_err(),
        "no such file: menu.md. Similar files: café menü.txt, old/menu.txt"
    );
    assert_eq!(world.read("zebra.txt").await.unwrap_err(), "no such file: zebra.txt");
}

#[tokio::test]
async fn folders_empty_and_binary_files_are_told_apart() {
    let world = World::new();
    world.file("sub/empty", "");
    world.file("bin", "a\0b");
    assert_eq!(world.read("sub").await.unwrap_err(), "sub is a folder, use list_directory");
    assert_eq!(world.read("sub/empty").await.unwrap(), "(the file is empty)");
    assert_eq!(world.read("bin").await.unwrap_err(), "bin is not a text file (3 bytes)");
}

#[tokio::test]
async fn ways_out_of_the_folder_are_declared_as_what_they_are() {
    let world = World::new();
    let secret = world.outside.join("secret");
    symlink(&secret, world.cwd.join("link")).unwrap();
    symlink(&world.outside, world.cwd.join("up")).unwrap();
    for path in ["../secret", "link", "up/secret", "./sub/../../secret", secret.to_str().unwrap()] {
        assert_eq!(world.access("file_read", &json!({"path": path})), reads(&secret), "{path}");
    }
    for path in ["link", "up/new", "up/sub/new"] {
        let arguments = json!({"path": path, "content": "x"});
        let Access::Write { path: declared } = world.access("file_write", &arguments).remove(0) else {
            panic!("not a write");
        };
        assert!(!declared.starts_with(&world.cwd), "{path} was declared as {}", declared.display());
    }
    assert_eq!(
        world.access("file_read", &json!({"path": "../../../../../../../../../etc/passwd"})),
        reads("/etc/passwd")
    );
}

#[tokio::test]
async fn only_what_was_allowed_is_touched() {
    let world = World::new();
    let inside = world.file("a", "harmless");
    let arguments = json!({"path": "a"});
    let allowed = world.access("file_read", &arguments);
    fs::remove_file(&inside).unwrap();
    symlink(world.outside.join("secret"), &inside).unwrap();
    let refused = world.allowed("file_read", arguments.clone(), allowed.clone()).await.unwrap_err();
    assert!(refused.contains("leads elsewhere now"), "{refused}");
    let refused = world.allowed("file_write", json!({"path": "a", "content": "x"}), allowed).await;
    assert!(refused.unwrap_err().contains("leads elsewhere now"));
    for tool in ["list_directory", "search_files"] {
        let arguments = json!({"path": "..", "query": "x"});
        let refused = world.allowed(tool, arguments, reads(&world.cwd)).await.unwrap_err();
        assert!(refused.contains("leads elsewhere now"), "{tool}: {refused}");
    }
}

/// Exchanges two names, at once, over and over.
#[cfg(target_os = "linux")]
fn swap(one: &Path, other: &Path, end: &AtomicBool) {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    while !end.load(Ordering::Relaxed) {
        renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_link_swapped_in_between_check_and_open_gains_nothing() {
    let world = World::new();
    let dir = world.file("dir/secret", "harmless\n").parent().unwrap().to_owned();
    let link = world.cwd.join("link");
    symlink(&world.outside, &link).unwrap();
    let end = AtomicBool::new(false);
    let (mut ok, mut refused) = (0, 0);
    let allowed = reads(dir.join("secret"));
    let may_write = vec![Access::Write { path: dir.join("new") }];
    std::thread::scope(|scope| {
        scope.spawn(|| swap(&dir, &link, &end));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for _ in 0..1500 {
                let arguments = json!({"path": "dir/secret"});
                match world.allowed("file_read", arguments, allowed.clone()).await {
                    Ok(text) => {
                        assert!(!text.contains("TOP SECRET"), "read through the link: {text}");
                        ok += 1;
                    }
                    Err(_) => refused += 1,
                }
            }
            for _ in 0..200 {
                let arguments = json!({"path": "dir/new", "mode": "append", "content": "x"});
                let _ = world.allowed("file_write", arguments, may_write.clone()).await;
                assert!(!world.outside.join("new").exists(), "written through the link");
            }
        });
        end.store(true, Ordering::Relaxed);
    });
    assert!(ok > 0 && refused > 0, "both sides of the race were seen: {ok} and {refused}");
}

#[tokio::test]
async fn devices_pipes_and_views_into_programs_are_refused_without_waiting() {
    let world = World::new();
    let pipe = world.cwd.join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    symlink("/dev/zero", world.cwd.join("endless")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(world.cwd.join("socket")).unwrap();
    assert_eq!(world.read("pipe").await.unwrap_err(), "pipe is a pipe, not an ordinary file");
    assert_eq!(world.read("socket").await.unwrap_err(), "socket is a socket, not an ordinary file");
    for path in ["/dev/zero", "endless", "/dev/null", "/dev/tty"] {
        let error = world.read(path).await.unwrap_err();
        assert!(error.ends_with("is a device, not an ordinary file"), "{path}: {error}");
    }
    for path in ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        assert!(world.read(path).await.is_err(), "{path}");
    }
    let error = world.write("pipe", "append", "x").await.unwrap_err();
    assert_eq!(error, "pipe is a pipe, not an ordinary file");
    assert!(world.call("search_files", json!({"query": "x"})).await.unwrap().starts_with("No match"));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_environment_and_memory_of_programs_are_never_read() {
    let world = World::new();
    symlink("/proc/self/environ", world.cwd.join("notes")).unwrap();
    for path in ["/proc/self/environ", "/proc/self/mem", "/proc/1/cmdline", "notes"] {
        let error = world.read(path).await.unwrap_err();
        assert!(error.contains("a view into a running program"), "{path}: {error}");
    }
    assert!(world.read("/proc/cpuinfo").await.unwrap().contains("processor"));
}

#[tokio::test]
async fn huge_files_are_refused_with_a_way_on() {
    let world = World::new();
    fs::File::create(world.cwd.join("huge")).unwrap().set_len(10 << 30).unwrap();
    let error = world.read("huge").await.unwrap_err();
    assert!(
        error.starts_with("huge is too big to read (10240 MB). Use search_files, or shell_exec"),
        "{error}"
    );
    let error = world.write("huge", "append", "x").await.unwrap_err();
    assert!(error.contains("too big"), "{error}");
    assert!(world.call("search_files", json!({"query": "zzz"})).await.unwrap().starts_with("No match"));
}

#[tokio::test]
async fn a_file_that_was_not_read_is_not_overwritten() {
    let world = World::new();
    world.file("a", "precious\n");
    let refused = world.write("a", "overwrite", "guess").await.unwrap_err();
    assert!(refused.contains("Read it first with file_read"), "{refused}");
    let without_mode = world.call("file_write", json!({"path": "a", "content": "guess"})).await.unwrap_err();
    assert!(without_mode.contains("Read it first with file_read"), "{without_mode}");
    assert!(world.write("a", "create", "guess").await.unwrap_err().starts_with("a exists already"));
    assert_eq!(world.text("a"), "precious\n");
    world.read("a").await.unwrap();
    assert_eq!(world.write("a", "overwrite", "new\n").await.unwrap(), "OK: saved a");
    assert_eq!(world.text("a"), "new\n");
}

#[tokio::test]
async fn files_are_made_with_their_folders_and_may_then_be_changed() {
    let world = World::new();
    assert_eq!(world.write("a/b/c.txt", "create", "x").await.unwrap(), "OK: saved a/b/c.txt");
    assert_eq!(world.write("a/b/c.txt", "overwrite", "y").await.unwrap(), "OK: saved a/b/c.txt");
    assert_eq!(world.text("a/b/c.txt"), "y");
    let arguments = json!({"file_path": "d", "content": "z"});
    assert_eq!(world.call("file_write", arguments).await.unwrap(), "OK: saved d");
    let error = world.write("a/b/c.txt/d", "create", "x").await.unwrap_err();
    assert!(error.starts_with("a/b/c.txt/d was not written: "), "{error}");
    assert_eq!(world.write("a", "create", "x").await.unwrap_err(), "a is a folder");
}

#[tokio::test]
async fn adding_keeps_lines_apart() {
    let world = World::new();
    world.file("a", "one");
    assert_eq!(world.write("a", "append", "two").await.unwrap(), "OK: added to the end of a");
    world.write("a", "append", "three\n").await.unwrap();
    assert_eq!(world.text("a"), "one\ntwo\nthree\n");
    world.write("new", "append", "x").await.unwrap();
    assert_eq!(world.text("new"), "x\n");
    world.file("dos", "one\r\ntwo");
    world.write("dos", "append", "three").await.unwrap();
    assert_eq!(world.text("dos"), "one\r\ntwo\r\nthree\r\n");
}

#[tokio::test]
async fn replacing_needs_the_text_once_and_needs_no_mode() {
    let world = World::new();
    world.file("config.ini", "port = 8443\nhost = a\n");
    let arguments = json!({"path": "config.ini", "mode": "replace", "old": "8443", "new": "9000"});
    assert_eq!(
        world.call("file_write", arguments.clone()).await.unwrap(),
        "OK: replaced \"8443\" with \"9000\" in config.ini"
    );
    assert_eq!(
        world.call("file_write", arguments).await.unwrap_err(),
        "the text \"8443\" is not in config.ini. Use old text copied from the file, which holds:\nport = 9000\nhost = a\n"
    );
    let arguments = json!({"path": "config.ini", "old_string": "9000", "new_string": "1"});
    world.call("file_write", arguments).await.unwrap();
    assert_eq!(world.text("config.ini"), "port = 1\nhost = a\n");
    let missing = json!({"path": "config.txt", "mode": "replace", "old": "a", "new": "b"});
    assert_eq!(
        world.call("file_write", missing).await.unwrap_err(),
        "no such file: config.txt. Similar files: config.ini"
    );
}

#[tokio::test]
async fn a_write_keeps_the_mode_and_leaves_nothing_else_behind() {
    let world = World::new();
    let script = world.file("run.sh", "#!/bin/sh\n");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o751)).unwrap();
    world.write("run.sh", "append", "exit 0").await.unwrap();
    assert_eq!(script.metadata().unwrap().permissions().mode() & 0o7777, 0o751);
    fs::set_permissions(&script, fs::Permissions::from_mode(0o444)).unwrap();
    let error = world.write("run.sh", "append", "exit 1").await.unwrap_err();
    assert!(error.contains("read-only"), "{error}");
    let names: Vec<_> = fs::read_dir(&world.cwd).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["run.sh"]);
}

#[tokio::test]
async fn another_name_of_the_same_file_outside_is_not_changed() {
    let world = World::new();
    let secret = world.outside.join("secret");
    fs::hard_link(&secret, world.cwd.join("same")).unwrap();
    world.write("same", "append", "more").await.unwrap();
    assert_eq!(fs::read_to_string(&secret).unwrap(), "TOP SECRET\n");
    assert_eq!(secret.metadata().unwrap().nlink(), 1);
}

#[tokio::test]
async fn a_write_through_an_allowed_link_changes_its_target_and_keeps_the_link() {
    let world = World::new();
    let target = world.file("real/notes", "a\n");
    symlink("real/notes", world.cwd.join("link")).unwrap();
    let declared = world.access("file_write", &json!({"path": "link", "mode": "append", "content": "b"}));
    assert_eq!(declared, [Access::Write { path: target.clone() }]);
    world.write("link", "append", "b").await.unwrap();
    assert_eq!(fs::read_to_string(target).unwrap(), "a\nb\n");
    assert!(world.cwd.join("link").symlink_metadata().unwrap().is_symlink());
}

#[tokio::test]
async fn folders_are_listed_searched_and_missed_with_a_hint() {
    let world = World::new();
    world.file("photos/beach.jpg", "x");
    world.file("todo.md", "buy stamps\n");
    let list = |path: &'static str| world.call("list_directory", json!({"path": path}));
    assert_eq!(list(".").await.unwrap(), "Folders (1): photos\nFiles (1): todo.md");
    assert_eq!(list("").await.unwrap(), "Folders (1): photos\nFiles (1): todo.md");
    assert_eq!(list("photo").await.unwrap_err(), "no such folder: photo. Similar files: photos");
    assert_eq!(list("todo.md").await.unwrap_err(), "todo.md is a file, use file_read");
    let found = world.call("search_files", json!({"query": "STAMPS", "path": "."})).await.unwrap();
    assert_eq!(found, "1 match:\ntodo.md:1: buy stamps");
    world.file("router.ini", "[home]\nname = Badger\n\n[guest]\nname = Fox\n");
    let under = world.call("search_files", json!({"query": "guest", "path": "router.ini"})).await.unwrap();
    assert_eq!(under, "1 match:\nrouter.ini:4: [guest] / name = Fox");
    let missing = world.call("search_files", json!({"query": "x", "path": "nowhere"})).await.unwrap_err();
    assert_eq!(missing, "no such folder: nowhere");
}

#[tokio::test]
async fn arguments_of_the_wrong_shape_get_the_name_of_what_is_wrong() {
    let world = World::new();
    for tool in ["file_read", "file_write"] {
        let error = world.call(tool, json!({"mode": "create", "content": "x"})).await.unwrap_err();
        assert_eq!(error, "the argument \"path\" is missing", "{tool}");
    }
    let error = world.call("search_files", json!({"path": "."})).await.unwrap_err();
    assert_eq!(error, "the argument \"query\" is missing");
    let error = world.call("file_read", json!({"path": "a\0b"})).await.unwrap_err();
    assert!(error.contains("NUL"), "{error}");
    assert!(world.call("system_info", json!({"whatever": 1})).await.unwrap().contains("Memory: "));
}
