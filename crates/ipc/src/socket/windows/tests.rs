//! The pipe, both ends in one process.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::{Folders, instance::Lock, socket::Passed};

fn bound(home: &std::path::Path) -> (Folders, Lock, Listener) {
    let folders = Folders::under(home);
    let lock = Lock::acquire(&folders).unwrap();
    let listener = Listener::bind(&folders, &lock, Passed::default()).unwrap();
    (folders, lock, listener)
}

#[tokio::test]
async fn a_client_of_the_same_account_gets_through_in_both_directions() {
    let temp = tempfile::tempdir().unwrap();
    let (folders, _lock, mut listener) = bound(temp.path());
    let mut client = dial(&folders.socket()).await.unwrap();
    let (mut server, peer) = listener.accept().await;
    assert_eq!(peer.pid, Some(std::process::id()));
    client.write_all(b"ask").await.unwrap();
    let mut heard = [0; 3];
    server.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"ask");
    server.write_all(b"answer").await.unwrap();
    drop(server);
    // The last words arrive although the connection was dropped at once.
    let mut heard = Vec::new();
    let _ = client.read_to_end(&mut heard).await;
    assert_eq!(heard, b"answer");
    assert_eq!(listener.refused(), 0);
}

#[tokio::test]
async fn many_clients_at_once_each_find_an_instance() {
    let temp = tempfile::tempdir().unwrap();
    let (folders, _lock, mut listener) = bound(temp.path());
    let path = folders.socket();
    let dialled: Vec<_> = (0..20)
        .map(|_| {
            let path = path.clone();
            tokio::spawn(async move { dial(&path).await.unwrap() })
        })
        .collect();
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(listener.accept().await);
    }
    for client in dialled {
        client.await.unwrap();
    }
}

#[tokio::test]
async fn a_reader_that_never_reads_holds_up_no_other_connection() {
    let temp = tempfile::tempdir().unwrap();
    let (folders, _lock, mut listener) = bound(temp.path());
    let silent = dial(&folders.socket()).await.unwrap();
    let (mut stuck, _) = listener.accept().await;
    let flood = tokio::spawn(async move { while stuck.write_all(&[0; 4096]).await.is_ok() {} });
    let mut client = dial(&folders.socket()).await.unwrap();
    let (mut server, _) = listener.accept().await;
    server.write_all(b"x").await.unwrap();
    server.flush().await.unwrap();
    assert_eq!(client.read_u8().await.unwrap(), b'x');
    drop(silent);
    flood.await.unwrap();
}

#[tokio::test]
async fn nobody_listening_is_told_as_not_found() {
    let temp = tempfile::tempdir().unwrap();
    let error = dial(&Folders::under(temp.path()).socket()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

#[tokio::test]
async fn a_name_that_somebody_took_before_us_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let (folders, _lock, _first) = bound(temp.path());
    assert!(Listener::open(&folders.socket()).is_err());
}

/// A child of ours stands for a tool that wants to approve its own call.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_we_started_gets_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let (folders, _lock, mut listener) = bound(temp.path());
    let knock = format!("echo x>{} & pause", folders.socket().display());
    let mut child = std::process::Command::new("cmd.exe")
        .args(["/d", "/c", &knock])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let refused = async {
        while listener.refused() == 0 {
            // Nobody may come through while the child knocks; each round looks at the count again.
            let let_in = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept()).await;
            assert!(let_in.is_err(), "the child was let in");
        }
    };
    let in_time = tokio::time::timeout(std::time::Duration::from_secs(30), refused).await;
    child.kill().unwrap();
    child.wait().unwrap();
    in_time.unwrap();
}
