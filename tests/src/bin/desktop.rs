//! Runs the desktop on a screen that nobody sees and checks what must hold. Exit code 1 when something does not.
//!
//! Called by `cargo xtask desktop`. Needs an X server and a desktop to be installed, so it is no test of cargo's.

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    use jamey_tests::desktop::{checks, measure, shots};

    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, names @ ..] = wanted.as_slice()
        && flag == "--measure"
    {
        measure::print(names);
        return std::process::ExitCode::SUCCESS;
    }
    if let [flag, folder] = wanted.as_slice()
        && flag == "--shots"
    {
        shots::take(std::path::Path::new(folder));
        return std::process::ExitCode::SUCCESS;
    }
    let mut ran = 0;
    let mut failed = 0;
    for (name, check) in checks::ALL {
        if !wanted.is_empty() && !wanted.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        ran += 1;
        let began = std::time::Instant::now();
        println!("- {name}");
        if std::panic::catch_unwind(check).is_err() {
            failed += 1;
            println!("  FAILED after {:.1} s", began.elapsed().as_secs_f32());
        } else {
            println!("  holds ({:.1} s)", began.elapsed().as_secs_f32());
        }
    }
    if ran == 0 {
        eprintln!("no check has one of these in its name: {}", wanted.join(", "));
        return std::process::ExitCode::from(2);
    }
    std::process::ExitCode::from(u8::from(failed > 0))
}

#[cfg(not(target_os = "linux"))]
fn main() -> std::process::ExitCode {
    eprintln!("the screen that nobody sees is an X server's and needs Linux");
    std::process::ExitCode::from(2)
}
