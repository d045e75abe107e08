//! Runs a runtime under many times a person's load and says what grew, or watches one that idles.
//! Exit code 1 when something went beyond its bound.
//!
//! Called by `cargo xtask soak`. Reads `/proc`, so it needs Linux.

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    imp::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    eprintln!("the soak reads /proc and needs Linux");
    std::process::ExitCode::from(2)
}

#[cfg(target_os = "linux")]
mod imp {
    use std::{process::ExitCode, time::Duration};

    use jamey_tests::soak::{self, Bounds, Plan, idle::Idle};

    const USAGE: &str = "\
Usage: cargo xtask soak [--minutes 30] [--pace 100] | --idle MINUTES [--pid PID]";

    pub(super) fn main() -> ExitCode {
        let (mut minutes, mut pace, mut idle, mut pid) = (30.0_f64, 100_u32, None, None);
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let value = words.next().and_then(|value| value.parse::<f64>().ok()).filter(|value| *value > 0.0);
            let Some(value) = value else {
                eprintln!("{word} needs a number\n{USAGE}");
                return ExitCode::from(2);
            };
            match word.as_str() {
                "--minutes" => minutes = value,
                "--pace" => pace = value as u32,
                "--idle" => idle = Some(value),
                "--pid" => pid = Some(value as u32),
                other => {
                    eprintln!("there is no {other}\n{USAGE}");
                    return ExitCode::from(2);
                }
            }
        }
        let time = |minutes: f64| Duration::from_secs_f64(minutes * 60.0);
        if let Some(minutes) = idle {
            let seen = Idle::measure(pid, time(minutes));
            print!("{seen}");
            return judged(&seen.breaches());
        }
        let is_long = minutes >= 20.0;
        let plan = Plan {
            time: time(minutes),
            // Over the first thousand turns the caches of SQLite and of the allocator fill; measured, memory stands
            // still from the tenth minute on.
            warm_up: time((minutes / 3.0).clamp(0.3, 10.0)),
            warm_up_turns: 40,
            pace,
            every: Duration::from_secs(if is_long { 5 } else { 1 }),
            bounds: if is_long { Bounds::LONG } else { Bounds::SHORT },
        };
        let report = soak::run(plan, |line| eprintln!("  {line}"));
        print!("{report}");
        judged(&report.breaches())
    }

    fn judged(breaches: &[String]) -> ExitCode {
        for breach in breaches {
            println!("BEYOND ITS BOUND: {breach}");
        }
        if breaches.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
