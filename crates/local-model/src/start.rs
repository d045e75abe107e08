//! From arguments to a running server, and to its end.
//!
//! The process ends when its stdin does (the parent is gone), when it is told to, or when nobody asked
//! anything for a while. In each case the running job is cancelled first, so that llama.cpp is at rest.

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::args::ServeArgs;
use crate::cancel::Cancellation;
use crate::engine::{Engine, EngineOptions};
use crate::error::StartError;
use crate::llama;
use crate::server::{Activity, Door, listen, router};

/// How long open connections and the engine get to end.
const GRACE: Duration = Duration::from_secs(3);

/// Serves until it is time to end.
pub async fn serve(args: ServeArgs) -> Result<(), StartError> {
    llama::quiet_logs(std::env::var_os("JAMEY_LOCAL_MODEL_LOG").is_some());
    let parent_gone = watch_stdin();
    let cancellation = Arc::new(Cancellation::default());
    let options = EngineOptions {
        model: args.model.clone(),
        protocol: args.protocol,
        context: args.context,
        threads: args.threads,
        cache: args.cache.clone(),
    };
    let (engine, loading) = Engine::start(options, Arc::clone(&cancellation))
        .map_err(|e| StartError::LoadFailed(format!("no thread could be started: {e}")))?;
    let mut stop = std::pin::pin!(told_to_stop(parent_gone));
    let loaded = tokio::select! {
        loaded = loading => loaded.unwrap_or_else(|_| Err(StartError::LoadFailed("the engine ended".to_owned())))?,
        () = &mut stop => {
            cancellation.cancel_all();
            rest(&engine).await;
            return Ok(());
        }
    };
    let listener = listen(&args.socket)?;
    let activity = Activity::new();
    let name =
        args.model.file_stem().map_or_else(|| "local".to_owned(), |s| s.to_string_lossy().into_owned());
    let door = Door::new(engine.jobs(), Arc::clone(&cancellation), Arc::clone(&activity), loaded, name);
    say(&json!({"ready": true, "load_ms": loaded.load_ms, "context": loaded.context}));
    let idle = async {
        match args.idle_seconds {
            0 => std::future::pending().await,
            seconds => activity.idle_for(Duration::from_secs(seconds)).await,
        }
    };
    let server = axum::serve(listener, router(door));
    tokio::select! {
        ended = async { server.await } => {
            if let Err(problem) = ended {
                eprintln!("local-model: the server ended: {problem}");
            }
        }
        () = &mut stop => {}
        () = idle => eprintln!("local-model: nobody asked for {} s, ending", args.idle_seconds),
    }
    cancellation.cancel_all();
    rest(&engine).await;
    Ok(())
}

/// Prints the one line that the parent waits for.
pub fn say(line: &Value) {
    let mut out = std::io::stdout().lock();
    // Nobody listening any more is no reason to fail: stdin will tell.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Waits until llama.cpp computes no more, for a while.
async fn rest(engine: &Engine) {
    let ended = async {
        while !engine.is_resting() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let _ = tokio::time::timeout(GRACE, ended).await;
}

/// Completes when stdin ends: the parent holds its other end.
fn watch_stdin() -> oneshot::Receiver<()> {
    let (gone, parent_gone) = oneshot::channel();
    std::thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        let mut buffer = [0_u8; 256];
        while let Ok(1..) = stdin.read(&mut buffer) {}
        let _ = gone.send(());
    });
    parent_gone
}

#[cfg(unix)]
async fn told_to_stop(parent_gone: oneshot::Receiver<()>) {
    use tokio::signal::unix::{SignalKind, signal};
    let on = |kind| async move {
        match signal(kind) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = parent_gone => {}
        () = on(SignalKind::terminate()) => {}
        () = on(SignalKind::interrupt()) => {}
    }
}

#[cfg(windows)]
async fn told_to_stop(parent_gone: oneshot::Receiver<()>) {
    tokio::select! {
        _ = parent_gone => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
