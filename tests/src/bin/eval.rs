//! Gives small tasks to a local model through the real product and prints who did what.
//!
//! Called by `cargo xtask eval`.

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    imp::main()
}

#[cfg(not(unix))]
fn main() {
    eprintln!("this judge needs a Unix system");
}

#[cfg(unix)]
mod imp {
    use std::{fs, path::Path, process::ExitCode, time::Instant};

    use jamey_tests::{Home, Live, Runtime, eval};

    /// Of a hundred tasks, so many must end rightly.
    const MUST: usize = 80;

    struct Wish {
        set: String,
        model: String,
        only: Option<String>,
    }

    pub(super) fn main() -> ExitCode {
        let wish = match parse() {
            Ok(wish) => wish,
            Err(message) => {
                eprintln!("error: {message}");
                return ExitCode::from(2);
            }
        };
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("eval").join(format!("{}.toml", wish.set));
        match eval::load(&file) {
            Ok(tasks) => run(&wish, tasks),
            Err(message) => {
                eprintln!("error: {message}");
                ExitCode::from(2)
            }
        }
    }

    fn parse() -> Result<Wish, String> {
        let mut wish = Wish { set: "own".to_owned(), model: "qwen2.5-coder-1.5b".to_owned(), only: None };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--set" => wish.set = value()?,
                "--model" => wish.model = value()?,
                "--only" => wish.only = Some(value()?),
                _ => return Err(format!("unknown flag {word}; there are --set, --model and --only")),
            }
        }
        Ok(wish)
    }

    fn run(wish: &Wish, tasks: Vec<eval::Task>) -> ExitCode {
        let mut home = Home::new();
        if let Ok(models) = std::env::var("JAMEY_MODELS_DIR") {
            home = home.env("JAMEY_MODELS_DIR", models);
        }
        let _runtime = Runtime::start(&home);
        let pulled = home.command("jamey").args(["models", "pull", &wish.model]).status();
        if !pulled.is_ok_and(|status| status.success()) {
            eprintln!("error: the model {} could not be had", wish.model);
            return ExitCode::FAILURE;
        }
        let model = format!("local/{}", wish.model);
        println!("| # | task | result | s | what was wrong |\n|---|---|---|---|---|");
        let (mut right, mut all) = (0, 0);
        for (at, task) in tasks.into_iter().enumerate() {
            if wish.only.as_ref().is_some_and(|only| !task.name.contains(only)) {
                continue;
            }
            let folder = home.path().join(format!("task-{at}"));
            fs::create_dir(&folder).expect("the home can be written");
            for (path, text) in &task.files {
                let path = folder.join(path);
                fs::create_dir_all(path.parent().unwrap_or(&folder)).expect("a folder for a file");
                fs::write(path, text).expect("a file of the task");
            }
            let began = Instant::now();
            let mut ask = home.command("jamey");
            ask.current_dir(&folder).args(["ask", "--mode", &task.mode, "-m", &model, "--", &task.prompt]);
            let ran = Live::spawn(&mut ask).end_within(std::time::Duration::from_secs(240));
            let mut wrong = eval::judge(&task, &ran.stdout, &folder);
            if ran.code != 0 {
                wrong.insert(0, format!("exit code {}: {}", ran.code, last_line(&ran.stderr)));
            }
            all += 1;
            let result = if wrong.is_empty() { "right" } else { "wrong" };
            right += usize::from(wrong.is_empty());
            if !wrong.is_empty() {
                wrong.push(format!("it said {:?}", ran.stdout.trim()));
            }
            let seconds = began.elapsed().as_secs_f64();
            println!("| {} | {} | {result} | {seconds:.1} | {} |", at + 1, task.name, wrong.join("; "));
        }
        println!("\n{right} of {all} tasks ended rightly ({}, set {})", wish.model, wish.set);
        if right * 100 >= MUST * all { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn last_line(text: &str) -> &str {
        text.trim().lines().last().unwrap_or("")
    }
}
