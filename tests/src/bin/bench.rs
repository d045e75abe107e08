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
        path::Path,
        process::{Command, Stdio},
        thread,
        time::{Duration, Instant},
    };

    use jamey_tests::{Fake, Home, Reply, Runtime, bins::bin, home::MODEL, verdict::verdict};

    const ROUNDS: usize = 15;
    const TOKENS: usize = 20_000;
    /// Megabytes (10^6 bytes) of server-sent events that one core reads in a second at least.
    const LEAST_READ: f64 = 300.0;
    /// Of the local model and llama.cpp's own bench.
    const TURNS: usize = 7;

    pub(super) fn main() {
        let fake = Fake::new(|seen| {
            let is_long = seen.prompt() == "long";
            Reply::text(&"token ".repeat(if is_long { TOKENS } else { 8 }))
        });
        let home = Home::with(&fake);
        let runtime = Runtime::start(&home);
        println!("| what | Jamey | least | ratio |\n|---|---|---|---|");
        idle(&runtime);
        version(&home);
        request(&home, &fake);
        stream(&home, &fake);
        println!("| runtime after all that: memory | {} | | |", memory(runtime.pid()));
        reading();
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
        let before = cpu(pid);
        let watched = Duration::from_secs(30);
        thread::sleep(watched);
        let a_minute = (cpu(pid) - before).as_secs_f64() * 1000.0 * 60.0 / watched.as_secs_f64();
        println!("| fresh idle runtime: memory | {} | | |", memory(pid));
        println!("| fresh idle runtime: CPU in a minute | {a_minute:.1} ms | | |");
    }

    fn memory(pid: u32) -> String {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("?").trim().to_owned()
    }

    /// How fast one core reads a model's stream, without any connection, and what a longer one holds. By processor
    /// time, so that what else runs on the machine counts less.
    fn reading() {
        let rate = || {
            let own = || nanos(Path::new("/proc/thread-self"));
            let before = own()?;
            let rate = jamey_providers::measure::sse(100).ok()?;
            let took = Duration::from_nanos(own()?.saturating_sub(before).max(1));
            Some(rate.bytes as f64 / 1e6 / took.as_secs_f64())
        };
        let rates: Vec<f64> = (0..ROUNDS).filter_map(|_| rate()).collect();
        if !rates.is_empty() {
            let rate = middle(rates);
            let verdict = verdict(rate >= LEAST_READ);
            println!(
                "| reading server-sent events on one core | {rate:.0} MB/s | aim {LEAST_READ:.0}: {verdict} | |"
            );
        }
        let held = |rounds| jamey_providers::measure::sse_held(rounds);
        if let (Ok(short), Ok(long)) = (held(1), held(20)) {
            let verdict = verdict(long <= short);
            println!(
                "| memory for 20,000 events, for 400,000 | {short} bytes, {long} bytes | aim no growth: {verdict} | |"
            );
        }
    }

    /// Tokens a second of the local model, against llama.cpp's own bench where it is installed.
    fn local(home: &Home) {
        let (Ok(models), Ok(bench)) = (std::env::var("JAMEY_MODELS_DIR"), std::env::var("LLAMA_BENCH"))
        else {
            println!("| local tokens a second | set LLAMA_BENCH to a llama-bench to compare | | |");
            return;
        };
        let files = fs::read_dir(&models).into_iter().flatten().flatten().map(|entry| entry.path());
        let weights = files.filter(|path| path.extension().is_some_and(|extension| extension == "gguf"));
        // The largest is the one that people use.
        let Some(weights) = weights.max_by_key(|path| fs::metadata(path).map_or(0, |file| file.len())) else {
            println!("| local tokens a second | no weights in {models} | | |");
            return;
        };
        // In turns, since the machine's mood changes faster than one measurement takes.
        let (ours, least): (Vec<f64>, Vec<f64>) = (0..TURNS)
            .filter_map(|_| {
                let mut theirs = Command::new(&bench);
                theirs.arg("-m").arg(&weights).args(["-p", "0", "-n", "48", "-r", "1", "-o", "json"]);
                let mut own = home.command("jamey-local-model");
                own.args(["bench", "--n-prompt", "8", "--n-gen", "48", "--model"]).arg(&weights);
                let own = rate(&mut own)["generation_tokens_per_second"].as_f64();
                Some((own?, rate(&mut theirs)[0]["avg_ts"].as_f64()?))
            })
            .unzip();
        if ours.is_empty() {
            println!("| local tokens a second | one of the two failed | | |");
            return;
        }
        let (ours, least) = (middle(ours), middle(least));
        let name = weights.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        println!("| local tokens a second ({name}) | {ours:.1} | {least:.1} | {:.2} |", ours / least);
    }

    /// The JSON that a program prints.
    fn rate(command: &mut Command) -> serde_json::Value {
        let text = command.output().map(|output| output.stdout).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Processor time of all threads of a process.
    fn cpu(pid: u32) -> Duration {
        let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        Duration::from_nanos(threads.filter_map(|thread| nanos(&thread.path())).sum())
    }

    /// Nanoseconds that one thread was on a processor, where the system tells.
    fn nanos(thread: &Path) -> Option<u64> {
        let text = fs::read_to_string(thread.join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok()
    }

    fn timed(command: &mut Command) -> Duration {
        let began = Instant::now();
        let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        began.elapsed()
    }

    fn median(mut measure: impl FnMut() -> Duration) -> Duration {
        middle((0..ROUNDS).map(|_| measure()).collect())
    }

    /// The median of at least one value.
    fn middle<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
        values.sort_by(|a, b| a.partial_cmp(b).expect("measured values compare"));
        values[values.len() / 2]
    }

    fn row(what: &str, jamey: Duration, least: Duration) {
        let ratio = jamey.as_secs_f64() / least.as_secs_f64();
        println!("| {what} | {} | {} | {ratio:.2} |", ms(jamey), ms(least));
    }

    fn ms(time: Duration) -> String {
        format!("{:.2} ms", time.as_secs_f64() * 1000.0)
    }
}
