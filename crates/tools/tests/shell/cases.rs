//! The cases. Each one that starts something long looks afterwards whether it is really gone.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::{
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use crate::world::{Case, World, block_on};

macro_rules! cases {
    ($($(#[$when:meta])? $name:ident),* $(,)?) => {
        /// All of them.
        pub const ALL: &[Case] = &[$($(#[$when])? (stringify!($name), $name)),*];
    };
}

cases![
    output_and_errors_come_in_order_and_without_output_it_says_so,
    an_exit_code_and_a_fatal_signal_are_told,
    a_command_that_reads_input_finds_none,
    commands_run_in_the_folder_with_a_clean_environment,
    long_output_is_cut_in_the_middle_and_kept_whole_in_a_private_file,
    endless_output_ends_with_the_time_and_stays_bounded,
    output_can_be_watched_in_whole_letters,
    a_command_that_takes_too_long_is_ended_with_its_children,
    a_command_that_ignores_being_asked_is_killed,
    #[cfg(target_os = "linux")]
    what_is_born_while_the_others_are_asked_is_asked_too_and_nobody_twice,
    interrupting_ends_the_command_and_its_daemons,
    a_background_process_that_holds_the_output_open_does_not_hold_the_call,
    a_daemon_that_cut_every_tie_is_ended_with_the_command,
    the_reader_of_a_pipe_may_finish_after_the_command,
    a_fork_bomb_is_ended,
    a_fork_bomb_whose_processes_leave_their_group_is_ended,
    killing_the_guard_does_not_free_its_daemons,
    stopping_the_guard_does_not_hold_the_call,
    a_guard_that_is_asked_to_end_ends_everything_first,
    a_runtime_killed_without_warning_leaves_nothing_running,
    dropping_the_call_ends_the_command,
    without_a_guard_the_group_is_ended,
    without_a_guard_time_is_bounded_too,
    a_missing_guard_or_folder_is_a_failure_with_its_reason,
    a_long_command_line_arrives_whole,
    many_commands_at_once_do_not_end_each_other,
];

fn output_and_errors_come_in_order_and_without_output_it_says_so() {
    for world in [World::guarded(), World::unguarded()] {
        assert_eq!(world.ok("echo a; echo b >&2; echo c"), "a\nb\nc");
        assert_eq!(world.ok("true"), "OK: the command finished (no output)");
    }
}

fn an_exit_code_and_a_fatal_signal_are_told() {
    for world in [World::guarded(), World::unguarded()] {
        let failed = world.run("echo oh; exit 3", 60).unwrap_err();
        assert_eq!((failed.text.as_str(), failed.exit_code), ("Error (exit code 3): oh", Some(3)));
        let killed = world.run("kill -9 $$", 60).unwrap_err();
        assert_eq!(killed.exit_code, Some(137));
        let missing = world.run("no-such-program-TAG", 60).unwrap_err();
        assert_eq!(missing.exit_code, Some(127));
    }
}

fn a_command_that_reads_input_finds_none() {
    let world = World::guarded();
    assert_eq!(world.ok("cat; read -r line || echo nothing"), "nothing");
}

fn commands_run_in_the_folder_with_a_clean_environment() {
    let world = World::guarded();
    let folder = world.cwd.path().canonicalize().unwrap();
    assert_eq!(world.ok("pwd -P"), folder.display().to_string());
    let seen = world.ok("env");
    assert!(seen.contains("PAGER=cat") && seen.contains("TERM=dumb"), "{seen}");
    assert!(!seen.contains("CARGO_MANIFEST_DIR=/nowhere") && !seen.contains("LD_LIBRARY_PATH"), "{seen}");
    // The guard itself must not hold what the command may not see.
    let guard = world.ok("tr '\\0' '\\n' < /proc/$PPID/environ");
    assert!(!guard.contains("LD_LIBRARY_PATH"), "{guard}");
}

fn long_output_is_cut_in_the_middle_and_kept_whole_in_a_private_file() {
    let world = World::guarded();
    let output = world.run("seq 1 100000", 60).unwrap();
    assert!(output.text.starts_with("1\n2\n3\n") && output.text.ends_with("\n99999\n100000"));
    assert!(output.text.len() < 33 * 1024);
    let path = output.spill_path.unwrap();
    let whole = std::fs::read(&path).unwrap();
    assert_eq!(whole.iter().filter(|byte| **byte == b'\n').count(), 100_000);
    assert_eq!(output.omitted_bytes as usize, whole.len() - 32 * 1024);
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}

fn endless_output_ends_with_the_time_and_stays_bounded() {
    let world = World::guarded();
    let output = world.run("yes TAG", 1).unwrap_err();
    assert!(output.text.contains("still ran after 1 s") && output.text.len() < 34 * 1024);
    let whole = std::fs::metadata(output.spill_path.unwrap()).unwrap().len();
    assert!(whole <= 64 * 1024 * 1024, "{whole}");
    assert!(peak_memory() < 200 * 1024, "{} kB", peak_memory());
    world.assert_nothing_left();
}

/// The most memory that this process ever had, in kB.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or("VmHWM: 0 kB");
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn output_can_be_watched_in_whole_letters() {
    let world = World::guarded();
    block_on(async {
        let (sender, mut seen) = mpsc::channel(64);
        let run = world.run_watched("printf 'a\\303'; read -rt 0.2; printf '\\251b'; echo", 60, sender);
        let output = run.await.unwrap();
        let mut all = String::new();
        while let Some(piece) = seen.recv().await {
            all.push_str(&piece);
        }
        assert_eq!((output.text.as_str(), all.as_str()), ("aéb", "aéb\n"));
    });
}

fn a_command_that_takes_too_long_is_ended_with_its_children() {
    let world = World::guarded();
    let output = world.run("echo begun; sleep TAG & (sleep TAG; true) & sleep TAG", 1).unwrap_err();
    assert!(output.text.ends_with("It had printed:\nbegun"), "{}", output.text);
    assert_eq!(output.exit_code, None);
    world.assert_nothing_left();
}

fn a_command_that_ignores_being_asked_is_killed() {
    let world = World::guarded();
    let stubborn = "trap '' TERM INT HUP; setsid bash -c \"trap '' TERM HUP; while :; do sleep TAG; done\" & \
                    while :; do sleep TAG; done";
    world.run(stubborn, 1).unwrap_err();
    world.assert_nothing_left();
}

/// Runs `command` until it prints, then does `act`.
fn until_it_prints(world: &World, command: &str, act: impl FnOnce(&World)) -> String {
    block_on(async {
        let (sender, mut seen) = mpsc::channel(64);
        let run = world.run_watched(command, 60, sender);
        tokio::pin!(run);
        tokio::select! {
            ended = &mut run => panic!("ended by itself: {ended:?}"),
            piece = seen.recv() => assert!(piece.is_some()),
        }
        act(world);
        run.await.unwrap_err().text
    })
}

/// A process can be born between the look for whom to ask and the asking. In Perl a child has the handler of
/// its parent from its first moment.
#[cfg(target_os = "linux")]
fn what_is_born_while_the_others_are_asked_is_asked_too_and_nobody_twice() {
    let world = World::guarded();
    let late = "exec perl -e '$| = 1; $first = $$; \
                $SIG{TERM} = sub { $asked++; print $$ == $first ? \"first\\n\" : \"late\\n\"; exit if $$ != $first }; \
                print \"ready\\n\"; select undef, undef, undef, 0.01 until $asked; fork; sleep 1 while 1'";
    let text = until_it_prints(&world, late, |world| world.cancel.cancel());
    assert_eq!((text.matches("first").count(), text.matches("late").count()), (1, 1), "{text}");
    world.assert_nothing_left();
}

fn interrupting_ends_the_command_and_its_daemons() {
    let world = World::guarded();
    let command = "setsid sleep TAG & sleep TAG & echo ready; wait";
    let text = until_it_prints(&world, command, |world| world.cancel.cancel());
    assert!(text.contains("was stopped before its end"), "{text}");
    world.assert_nothing_left();
}

fn a_background_process_that_holds_the_output_open_does_not_hold_the_call() {
    let world = World::guarded();
    let text = world.ok("sleep TAG & echo hi");
    assert_eq!(text, "hi\n[what still ran in the background was ended with the command]");
    world.assert_nothing_left();
}

fn a_daemon_that_cut_every_tie_is_ended_with_the_command() {
    let world = World::guarded();
    let daemon = "setsid bash -c 'setsid bash -c \"exec -a TAG sleep 600\" </dev/null >/dev/null 2>&1 & disown' \
                  </dev/null >/dev/null 2>&1; env -i setsid sleep TAG >/dev/null 2>&1 & disown; echo done";
    assert!(world.ok(daemon).starts_with("done"));
    world.assert_nothing_left();
}

fn the_reader_of_a_pipe_may_finish_after_the_command() {
    let world = World::guarded();
    assert_eq!(world.ok("exec > >(tr a-z A-Z); echo late"), "LATE");
}

// The bombs end by themselves after some generations, so that a guard that fails costs a test and not
// the machine.

fn a_fork_bomb_is_ended() {
    let world = World::guarded();
    let bomb = "b() { (( $1 )) || exec sleep TAG; b $(( $1 - 1 )) | b $(( $1 - 1 )) & }; b 9; sleep TAG";
    world.run(bomb, 2).unwrap_err();
    world.assert_nothing_left();
    // The same when the command itself is gone at once.
    let _ = world.run("b() { (( $1 )) || exec sleep TAG; b $(( $1 - 1 )) | b $(( $1 - 1 )) & }; b 9", 20);
    world.assert_nothing_left();
}

fn a_fork_bomb_whose_processes_leave_their_group_is_ended() {
    let world = World::guarded();
    let bomb = "cat > bomb <<'EOF'\n(( $1 )) || exec sleep TAG\nfor n in 1 2; do setsid bash bomb $(( $1 - 1 )) TAG & done\nEOF\n\
                bash bomb 8 TAG; sleep TAG";
    world.run(bomb, 2).unwrap_err();
    world.assert_nothing_left();
}

fn killing_the_guard_does_not_free_its_daemons() {
    let world = World::guarded();
    let _ = world.run("setsid sleep TAG & kill -9 $PPID; sleep TAG", 60);
    wait_until_gone(&world);
}

fn stopping_the_guard_does_not_hold_the_call() {
    let world = World::guarded();
    let output = world.run("setsid sleep TAG & kill -STOP $PPID; sleep TAG", 1).unwrap_err();
    assert!(output.text.contains("still ran after 1 s"), "{}", output.text);
    wait_until_gone(&world);
}

fn a_guard_that_is_asked_to_end_ends_everything_first() {
    let world = World::guarded();
    let output = world.run("setsid sleep TAG & kill -TERM $PPID; sleep TAG", 60).unwrap_err();
    assert_eq!(output.exit_code, Some(143));
    world.assert_nothing_left();
}

fn a_runtime_killed_without_warning_leaves_nothing_running() {
    let world = World::guarded();
    let ready = world.cwd.path().join("ready");
    std::process::Command::new("mkfifo").arg(&ready).status().unwrap();
    let command = format!(
        "setsid bash -c 'setsid sleep {tag} & trap \"\" TERM HUP; sleep {tag}; sleep {tag}' & sleep 0.1; echo > {}; sleep {tag}",
        ready.display(),
        tag = world.tag
    );
    let mut runtime = Command::new(std::env::current_exe().unwrap())
        .args(["runtime-to-be-killed", &command])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(std::fs::File::open(&ready).unwrap()).read_line(&mut line).unwrap();
    runtime.kill().unwrap();
    runtime.wait().unwrap();
    wait_until_gone(&world);
}

/// Waits for the end of processes that we cannot wait for, because they are not our children.
fn wait_until_gone(world: &World) {
    let until = Instant::now() + Duration::from_secs(20);
    while !world.left().is_empty() {
        assert!(Instant::now() < until, "still there: {:?}", world.left());
        std::thread::yield_now();
    }
}

fn dropping_the_call_ends_the_command() {
    for world in [World::guarded(), World::unguarded()] {
        block_on(async {
            let (sender, mut seen) = mpsc::channel(64);
            let run = world.run_watched("echo ready; sleep TAG", 60, sender);
            tokio::select! {
                ended = run => panic!("ended by itself: {ended:?}"),
                piece = seen.recv() => assert!(piece.is_some()),
            }
        });
        wait_until_gone(&world);
    }
}

fn without_a_guard_the_group_is_ended() {
    let world = World::unguarded();
    assert_eq!(world.ok("sleep TAG & echo hi"), "hi");
    wait_until_gone(&world);
}

fn without_a_guard_time_is_bounded_too() {
    let world = World::unguarded();
    let output = world.run("trap '' TERM; sleep TAG; sleep TAG", 1).unwrap_err();
    assert!(output.text.contains("still ran after 1 s"), "{}", output.text);
    wait_until_gone(&world);
}

fn a_missing_guard_or_folder_is_a_failure_with_its_reason() {
    let mut world = World::guarded();
    world.guard = Some("/nonexistent/guard".into());
    let error = world.run("true", 60).unwrap_err().text;
    assert!(error.starts_with("the command could not be started: "), "{error}");
    let world = World::guarded();
    std::fs::remove_dir(world.cwd.path()).unwrap();
    let error = world.run("true", 60).unwrap_err().text;
    assert!(error.starts_with("the working folder ") && error.ends_with(" is gone"), "{error}");
}

fn a_long_command_line_arrives_whole() {
    let world = World::guarded();
    let long = "x".repeat(100_000);
    assert_eq!(world.ok(&format!("printf %s {long} | wc -c")).trim(), "100000");
}

fn many_commands_at_once_do_not_end_each_other() {
    let world = World::guarded();
    let commands: Vec<_> = (0..16).map(|n| format!("sleep 0.{}; echo {n}", n % 3)).collect();
    let all = commands.iter().map(|command| world.run_watched(command, 60, mpsc::channel(1).0));
    let texts: Vec<_> =
        block_on(futures_util::future::join_all(all)).into_iter().map(|o| o.unwrap().text).collect();
    assert_eq!(texts, (0..16).map(|n| n.to_string()).collect::<Vec<_>>());
}
