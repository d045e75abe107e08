//! What can be wrong: the machine, the place, the programs, the words. Nothing is half done.

use std::{
    fs,
    os::unix::{
        fs::{PermissionsExt as _, symlink},
        process::CommandExt as _,
    },
    path::Path,
    process::Command,
};

use jamey_tests::{Ran, process};

use crate::world::{World, program, script};

/// Asserts that it ended with `code`, said `what` with something to do, and wrote nothing.
#[track_caller]
fn refused(world: &World, ran: Ran, code: i32, what: &str) {
    let ran = ran.exits(code);
    assert!(ran.stderr.contains(what), "{what:?} is not in: {}", ran.stderr);
    assert!(world.listing().is_empty(), "{:#?}", world.listing());
    assert!(world.left_nothing_aside());
}

#[test]
fn words_that_mean_nothing_are_refused_with_the_code_for_it() {
    let world = World::new();
    for arguments in [&["--frm", "x"][..], &["--from"], &["--prefix", ""], &["--purge"], &["extra"]] {
        let told = world.install(arguments).exits(2);
        assert!(told.stderr.starts_with("install.sh: "), "{}", told.stderr);
    }
    let help = world.install(&["--help"]).exits(0);
    assert!(help.stdout.contains("Usage:") && help.stderr.is_empty());
    assert!(world.listing().is_empty());
}

#[test]
fn programs_that_are_missing_foreign_or_for_another_machine_change_nothing() {
    let world = World::new();
    refused(&world, world.install(&["--from", "nowhere"]), 2, "there is no");
    let empty = world.aside("empty");
    fs::create_dir(&empty).unwrap();
    refused(&world, world.install_from(&empty, &[]), 2, "has no jamey");
    let zip = world.aside("x.zip");
    fs::write(&zip, "").unwrap();
    refused(&world, world.install_from(&zip, &[]), 2, "is no .tar.gz");

    let release = world.release("1.0.0");
    fs::write(release.join("jamey"), b"\x7fELF\x02\x01\x01 of another machine").unwrap();
    refused(&world, world.install_from(&release, &[]), 1, "jamey does not run here");
    program(&release.join("jamey"), "#!/bin/sh\necho cowsay 3\n");
    refused(&world, world.install_from(&release, &[]), 1, "is not Jamey");
    program(&release.join("jamey"), "#!/bin/sh\n[ $1 = --version ] && echo jamey 0.0.1\n");
    refused(&world, world.install_from(&release, &[]), 1, "makes no completions");
    let release = world.release("1.0.0");
    fs::remove_file(release.join("jamey-local-model")).unwrap();
    refused(&world, world.install_from(&release, &[]), 2, "has no jamey-local-model");
}

#[test]
fn without_cargo_it_says_what_to_do() {
    let world = World::new();
    refused(&world, world.install(&[]), 1, "rustup.rs");
    let alone = world.aside("alone");
    fs::create_dir(&alone).unwrap();
    fs::copy(script(), alone.join("install.sh")).unwrap();
    let ran = process::run(&mut world.command(&alone.join("install.sh"), &[]), b"");
    refused(&world, ran, 2, "nothing to install beside this script");
}

/// Runs it as somebody whom modes of files bind, also when the tests run as root.
fn bound(world: &World, arguments: &[&str]) -> Ran {
    let mut command = world.command(&script(), arguments);
    if rustix::process::geteuid().is_root() {
        // The script may lie where only root may look.
        let copy = world.aside("install.sh");
        fs::copy(script(), &copy).unwrap();
        command = world.command(&copy, arguments);
        command.uid(65534).gid(65534);
    }
    let spare = world.aside("spare");
    fs::create_dir_all(&spare).unwrap();
    fs::set_permissions(&spare, fs::Permissions::from_mode(0o777)).unwrap();
    process::run(command.env("TMPDIR", spare), b"")
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn give(path: &Path) {
    if rustix::process::geteuid().is_root() {
        let _ = process::run(Command::new("chown").arg("-R").arg("65534:65534").arg(path), b"").exits(0);
    }
}

#[test]
fn a_home_that_cannot_be_written_is_told_and_stays_as_it_was() {
    let world = World::new();
    let release = world.release("1.0.0");
    give(&world.home);
    mode(&world.home, 0o555);
    let ran = bound(&world, &["--from", release.to_str().unwrap()]).exits(1);
    mode(&world.home, 0o755);
    assert!(
        ran.stderr.contains("cannot be written, so nothing was installed (Permission denied)"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("--prefix"), "{}", ran.stderr);
    assert!(world.listing().is_empty());
}

#[test]
fn a_folder_for_the_list_that_cannot_be_written_undoes_what_was_begun() {
    let world = World::named("home");
    let release = world.release("1.0.0");
    let data = world.in_home(if cfg!(target_os = "macos") { "Library" } else { ".local/share" });
    fs::create_dir_all(&data).unwrap();
    give(&world.home);
    mode(&data, 0o555);
    let before = world.listing();
    let ran = bound(&world, &["--from", release.to_str().unwrap()]).exits(1);
    assert!(ran.stderr.contains("cannot be written"), "{}", ran.stderr);
    assert_eq!(world.listing(), before, "the programs were left behind");
    mode(&data, 0o755);
}

#[test]
fn a_bin_folder_that_cannot_be_written_names_the_way_out() {
    let world = World::named("home");
    let release = world.release("1.0.0");
    let bin = world.in_home(".local/bin");
    fs::create_dir_all(&bin).unwrap();
    give(&world.home);
    mode(&bin, 0o555);
    let before = world.listing();
    let ran = bound(&world, &["--from", release.to_str().unwrap()]).exits(1);
    assert!(
        ran.stderr.contains("~/.local/bin cannot be written") && ran.stderr.contains("--prefix DIR"),
        "{}",
        ran.stderr
    );
    assert_eq!(world.listing(), before);
    mode(&bin, 0o755);
    let _ = bound(&world, &["--from", release.to_str().unwrap()]).exits(0);
}

#[test]
fn a_shell_file_that_cannot_be_written_costs_the_lines_and_not_the_installation() {
    let world = World::named("home");
    let release = world.release("1.0.0");
    let rc = world.write(if cfg!(target_os = "macos") { ".bash_profile" } else { ".bashrc" }, "mine\n");
    give(&world.home);
    mode(&rc, 0o444);
    let ran = bound(&world, &["--from", release.to_str().unwrap()]).exits(0);
    assert!(ran.stderr.contains("put this into it: PATH="), "{}", ran.stderr);
    assert!(ran.stdout.contains("is not on your search path"), "{}", ran.stdout);
    assert_eq!(fs::read_to_string(&rc).unwrap(), "mine\n");
}

#[test]
fn places_that_are_taken_by_something_else_are_not_overwritten() {
    let world = World::named("home");
    let release = world.release("1.0.0");
    world.write(".local/bin/jamey", "#!/bin/sh\necho somebody else\n");
    let before = world.listing();
    let ran = world.install_from(&release, &[]).exits(1);
    assert!(ran.stderr.contains("is there and is not Jamey's"), "{}", ran.stderr);
    assert_eq!(world.listing(), before);

    fs::remove_file(world.in_home(".local/bin/jamey")).unwrap();
    fs::create_dir(world.in_home(".local/bin/jamey-runtime")).unwrap();
    let before = world.listing();
    let ran = world.install_from(&release, &[]).exits(1);
    assert!(ran.stderr.contains("is a folder"), "{}", ran.stderr);
    assert_eq!(world.listing(), before);

    let file = world.write("file", "");
    let before = world.listing();
    let ran = world.install_from(&release, &["--prefix", file.to_str().unwrap()]).exits(1);
    assert!(ran.stderr.contains("cannot be written"), "{}", ran.stderr);
    assert_eq!(world.listing(), before);
}

#[test]
fn a_link_in_the_place_of_a_program_is_replaced_and_not_written_through() {
    let world = World::named("home");
    let theirs = world.write("build/jamey", "#!/bin/sh\necho jamey 0.9.0\n");
    program(&theirs, "#!/bin/sh\necho jamey 0.9.0\n");
    fs::create_dir_all(world.in_home(".local/bin")).unwrap();
    symlink(&theirs, world.in_home(".local/bin/jamey")).unwrap();
    let _ = world.install_from(&world.release("1.0.0"), &[]).exits(0);
    assert!(fs::read_to_string(&theirs).unwrap().contains("0.9.0"));
    assert!(world.read(".local/bin/jamey").contains("1.0.0"));
}

#[test]
fn homes_that_are_none_are_refused() {
    let world = World::new();
    let release = world.release("1.0.0");
    for (home, what) in
        [("", "HOME is not set"), ("relative", "HOME is not set"), ("/no/such/home", "is not there")]
    {
        let mut command = world.command(&script(), &["--from", release.to_str().unwrap()]);
        let ran = process::run(command.env("HOME", home), b"").exits(1);
        assert!(ran.stderr.contains(what), "{}", ran.stderr);
    }
    let mut command = world.command(&script(), &["--from", release.to_str().unwrap()]);
    let ran = process::run(command.env("HOME", "/tmp/a\nb"), b"").exits(1);
    assert!(ran.stderr.contains("line break"), "{}", ran.stderr);
}

#[test]
fn removing_what_is_not_installed_says_so() {
    let world = World::new();
    let told = world.install(&["--uninstall"]).exits(1);
    assert!(told.stderr.contains("nothing is installed"), "{}", told.stderr);
    let told = world.install(&["--uninstall", "--purge", "--yes"]).exits(1);
    assert!(told.stderr.contains("nothing is installed"), "{}", told.stderr);
}

#[test]
fn a_list_cannot_make_it_remove_a_folder() {
    let world = World::named("home");
    let _ = world.install_from(&world.release("1.0.0"), &[]).exits(0);
    let list = if cfg!(target_os = "macos") {
        "Library/Application Support/jamey-code/installed.txt"
    } else {
        ".local/share/jamey-code/installed.txt"
    };
    let precious = world.write("precious/file", "mine");
    let text = world.read(list);
    let folder = precious.parent().unwrap().display().to_string();
    world.write(list, &format!("{text}file\t{folder}\nfolder\t{folder}\n"));
    let _ = world.install(&["--uninstall"]).exits(0);
    assert_eq!(fs::read_to_string(&precious).unwrap(), "mine");
}
