//! The commands of this project's own tooling: build and run Jamey, test it, measure it.
//!
//! Everything that a person needs to say is `cargo xtask run` or `cargo xtask test`; both install
//! what is missing. Progress goes to standard error, so that standard output is the answer alone.

mod bench;
mod cargo;
mod checks;
mod desktop;
mod dist;
mod eval;
mod layout;
mod product;
mod run;
mod say;
mod setup;
mod soak;
mod steps;
#[cfg(target_os = "linux")]
mod systemd;
mod targets;
mod test;
mod ui;
mod vendors;

use std::process::ExitCode;

use layout::Layout;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  run [--model NAME] [-- PROMPT…]   build Jamey, fetch a local model, start the runtime, and open the chat;
                                    with a prompt, or without a terminal, ask that and print the answer
  test [--quick]                    everything that must hold before a change goes in (what CI runs);
                                    --quick leaves out the tests, so only the checks that read;
                                    --windows: the Windows programs and their tests under Wine, instead
  check --targets                   whether everything compiles for Windows and macOS
  dist [--out DIR]                  a release of this system, which install.sh or install.ps1 takes with --from
  eval [--set own|unseen] [--model NAME]
                                    small tasks for the local model, judged by what is true afterwards
  bench [--bench-dir DIR] [--only NAMES]
                                    speed as ratios; with DIR also the comparison suite that lies there
  desktop [WORD…]                   the real desktop on a screen that nobody sees: window, tray, hotkey, crashes;
                                    WORDs choose checks by their names; --measure: what it costs, instead;
                                    --shots [DIR]: pictures of it and of every page, into docs/images
  package                           a package of this system's kind, the desktop and all other programs in it
  soak [--minutes 30] [--pace 100]  the runtime under many times a person's load: what grows, and a failure
                                    if it is too much; with --idle MINUTES what it costs when nobody asks,
                                    and with --service behind that, as a service of a real systemd
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let rest: Vec<String> = words.collect();
    #[cfg(target_os = "linux")]
    if command == systemd::WORD {
        return match systemd::run_inside(&rest) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error:#}");
                ExitCode::FAILURE
            }
        };
    }
    let outcome = Layout::find().and_then(|layout| match command.as_str() {
        "run" => run::run(&layout, &rest),
        "test" => test::test(&layout, &rest),
        "check" => targets::check(&layout, &rest),
        "dist" => dist::dist(&layout, &rest),
        "eval" => eval::eval(&layout, &rest),
        "bench" => bench::bench(&layout, &rest),
        "desktop" => desktop::desktop(&layout, &rest),
        "package" => desktop::pack(&layout),
        "soak" => soak::soak(&layout, &rest),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        "" => {
            eprint!("{USAGE}");
            Ok(ExitCode::from(2))
        }
        other => {
            eprintln!("error: there is no command `{other}`\n\n{USAGE}");
            Ok(ExitCode::from(2))
        }
    });
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
