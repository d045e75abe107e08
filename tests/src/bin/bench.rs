//! Measures what Jamey adds to a scripted model's own time, as ratios to the least that any program
//! needs, taken side by side on the same machine.
//!
//! Called by `cargo xtask bench`. Read the ratios; the times belong to this machine and moment.

#[cfg(unix)]
fn main() {
    imp::main();
}

#[cfg(not(unix))]
fn main() {
    eprintln!("these measurements need a Unix system");
}

#[cfg(unix)]
mod imp {
    use std::{
        fs,
        io::{Read, Write},
        net::TcpStream,
        process::{Command, Stdio},
        thread,
        time::{Duration, Instant},
    };

    use jamey_tests::{Fake, Home, Reply, Runtime, bins::bin, home::MODEL};

    const ROUNDS: usize = 15;
    const TOKENS: usize = 20_000;

    pub(super) fn main() {
        let fake = Fake::new(|seen| {
            let is_long = seen.prompt() == "long";
            Reply::text(&"token ".repeat(if is_long { TOKENS } else { 8 }))
        });
        let home = Home::with(&fake);
        let runtime = Runtime::start(&home);
        println!("| what | Jamey | least | ratio |\n|---|---|---|---|");
        version(&home);
        request(&home, &fake);
        stream(&home, &fake);
        idle(&runtime);
        local(&home);
    }

    /// A program that starts, prints and ends, against one that only starts and ends.
    fn version(home: &Home) {
        let jamey = median(|| timed(home.command("jamey").arg("--version")));
        let least = median(|| timed(&mut Command::new(bin("knock"))));
        row("`--version`", jamey, least);
    }

    /// From the start of the program to its request at the provider, against curl.
    fn request(home: &Home, fake: &Fake) {
        let until_seen = |command: &mut Command| {
            let before = fake.seen().len();
            let began = Instant::now();
            timed(command);
            fake.seen()[before].at - began
        };
        let jamey = median(|| until_seen(home.command("jamey").args(["ask", "-m", MODEL, "hi"])));
        let url = format!("{}/chat/completions", fake.base_url());
        let key = format!("Authorization: Bearer {}", jamey_tests::home::KEY);
        let body = r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}"#;
        if !Command::new("curl")
            .arg("--version")
            .stdout(Stdio::null())
            .status()
            .is_ok_and(|ran| ran.success())
        {
            println!("| start to request | {} | no curl | |", ms(jamey));
            return;
        }
        let curl = median(|| until_seen(Command::new("curl").args(["-sN", &url, "-H", &key, "-d", body])));
        row("start to request (least: curl)", jamey, curl);
    }

    /// A long answer as fast as it can be taken, against a plain socket that reads and drops it.
    fn stream(home: &Home, fake: &Fake) {
        let jamey = median(|| timed(home.command("jamey").args(["ask", "-m", MODEL, "long"])));
        let address = fake.base_url().replace("http://", "").replace("/v1", "");
        let body = r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"long"}]}"#;
        let mut bytes = 0;
        let least = median(|| {
            let began = Instant::now();
            let mut socket = TcpStream::connect(&address).expect("the scripted model listens");
            let head = format!(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
                jamey_tests::home::KEY,
                body.len()
            );
            socket.write_all(format!("{head}{body}").as_bytes()).expect("it reads");
            bytes = 0;
            let mut buffer = [0; 64 * 1024];
            let mut last = Vec::new();
            while let Ok(count @ 1..) = socket.read(&mut buffer) {
                bytes += count;
                last = buffer[..count].to_vec();
                if last.ends_with(b"0\r\n\r\n") {
                    break;
                }
            }
            drop(last);
            began.elapsed()
        });
        row(&format!("{TOKENS} tokens at once"), jamey, least);
        let speed = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
        println!("| the same in MB/s of server-sent events | {:.1} | {:.1} | |", speed(jamey), speed(least));
    }

    /// What the runtime takes when nobody asks anything.
    fn idle(runtime: &Runtime) {
        let pid = runtime.pid();
        thread::sleep(Duration::from_secs(3));
        let before = ticks(pid);
        let watched = Duration::from_secs(30);
        thread::sleep(watched);
        let a_minute = (ticks(pid) - before) as f64 * 10.0 * 60.0 / watched.as_secs_f64();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let rss =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("?").trim().to_owned();
        println!("| idle runtime: memory | {rss} | | |");
        println!("| idle runtime: CPU in a minute | {a_minute:.0} ms | | |");
    }

    /// Tokens a second of the local model, against llama.cpp's own bench where it is installed.
    fn local(home: &Home) {
        let (Ok(models), Ok(bench)) = (std::env::var("JAMEY_MODELS_DIR"), std::env::var("LLAMA_BENCH"))
        else {
            println!("| local tokens a second | set LLAMA_BENCH to a llama-bench to compare | | |");
            return;
        };
        let Some(weights) = fs::read_dir(&models)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|extension| extension == "gguf"))
        else {
            println!("| local tokens a second | no weights in {models} | | |");
            return;
        };
        let output = Command::new(bench)
            .arg("-m")
            .arg(&weights)
            .args(["-p", "0", "-n", "64", "-r", "3", "-o", "json"])
            .output();
        let text =
            output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        let report: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let least = report[0]["avg_ts"].as_f64().unwrap_or(f64::NAN);
        let name = weights.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let ours = tokens_a_second(home, &models, &name);
        println!("| local tokens a second ({name}) | {ours:.1} | {least:.1} | {:.2} |", ours / least);
    }

    fn tokens_a_second(home: &Home, models: &str, name: &str) -> f64 {
        let mut ask = home.command("jamey");
        ask.env("JAMEY_MODELS_DIR", models).args(["ask", "--no-tools", "--output", "stream-json", "-m"]);
        ask.arg(format!("local/{name}")).arg("Write a long story about a lighthouse.");
        let output = ask.output().map(|output| output.stdout).unwrap_or_default();
        let events: Vec<serde_json::Value> = String::from_utf8_lossy(&output)
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let times: Vec<i64> = events
            .iter()
            .filter(|event| event["body"]["type"] == "itemDelta")
            .filter_map(|event| event["at"].as_i64())
            .collect();
        match times.as_slice() {
            [first, .., last] if last > first => (times.len() - 1) as f64 * 1000.0 / (last - first) as f64,
            _ => f64::NAN,
        }
    }

    /// Processor time of a process in hundredths of a second.
    fn ticks(pid: u32) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum()
    }

    fn timed(command: &mut Command) -> Duration {
        let began = Instant::now();
        let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        began.elapsed()
    }

    fn median(mut measure: impl FnMut() -> Duration) -> Duration {
        let mut times: Vec<Duration> = (0..ROUNDS).map(|_| measure()).collect();
        times.sort_unstable();
        times[ROUNDS / 2]
    }

    fn row(what: &str, jamey: Duration, least: Duration) {
        let ratio = jamey.as_secs_f64() / least.as_secs_f64();
        println!("| {what} | {} | {} | {ratio:.2} |", ms(jamey), ms(least));
    }

    fn ms(time: Duration) -> String {
        format!("{:.2} ms", time.as_secs_f64() * 1000.0)
    }
}
