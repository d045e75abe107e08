//! `jamey status --watch`: the machine and Jamey's part of it, every two seconds, until `q` or Ctrl-C.
//! On a terminal one page that is drawn over itself; elsewhere one line for each look.

use std::{
    borrow::Cow,
    convert::Infallible,
    fmt::Write as _,
    io::{IsTerminal as _, stdout},
    time::Duration,
};

use jamey_ipc::Client;
use jamey_protocol::{
    ApiError,
    monitor::{MonitorView, Point, Sample},
    status::Status,
};

use super::{keys::Keys, machine, plot::spark};
use crate::{
    exit,
    link::Link,
    render::{self, bytes, clean, seconds},
};

const EVERY: Duration = Duration::from_secs(2);
/// Characters of a plot: the last hour.
const WIDTH: usize = 40;
/// Characters of a line.
const COLUMNS: usize = 80;
/// What ends it.
const ENDS: &str = if cfg!(unix) { "q or Ctrl-C ends" } else { "Ctrl-C ends" };
/// The other screen, without a cursor; and back.
const OPEN: &str = "\u{1b}[?1049h\u{1b}[?25l";
const CLOSE: &str = "\u{1b}[?25h\u{1b}[?1049l";

/// The other screen of the terminal, given back however this ends.
struct Screen;

impl Drop for Screen {
    fn drop(&mut self) {
        render::print(CLOSE);
    }
}

pub(super) async fn run(link: &Link, client: &Client) -> Result<u8, ApiError> {
    let (_keys, quit) = Keys::listen();
    // Ctrl-C is heard first, so that the terminal is given back also while an answer is awaited.
    tokio::select! {
        biased;
        _ = tokio::signal::ctrl_c() => Ok(exit::DONE),
        Ok(()) = quit => Ok(exit::DONE),
        Err(error) = show(link, client) => Err(error),
    }
}

async fn show(link: &Link, client: &Client) -> Result<Infallible, ApiError> {
    let is_page = stdout().is_terminal() && !link.globals.json;
    let _screen = is_page.then(|| {
        render::print(OPEN);
        Screen
    });
    loop {
        let view = client.monitor(1, WIDTH).await?;
        if is_page {
            render::print(&over(&page(&client.status().await?, &view)));
        } else if link.globals.json {
            render::print_json(&view.now);
        } else {
            let own = machine::own(&view.now, None);
            render::print(&format!("{}; jamey {own}\n", machine::line(&view.now)));
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Draws over what is there, so that nothing flickers. A line that would wrap is cut, since it would push
/// the others down.
fn over(page: &str) -> String {
    let mut out = String::from("\u{1b}[H");
    for line in page.lines() {
        out.push_str(&cut(line));
        out.push_str("\u{1b}[K\r\n");
    }
    out.push_str("\u{1b}[J");
    out
}

fn cut(line: &str) -> Cow<'_, str> {
    if line.chars().count() <= COLUMNS {
        return Cow::Borrowed(line);
    }
    let mut short: String = line.chars().take(COLUMNS - 1).collect();
    short.push('…');
    Cow::Owned(short)
}

fn page(status: &Status, view: &MonitorView) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "Jamey {} · process {} · up {} · {} running, {} waiting\n",
        clean(&status.version),
        status.pid,
        seconds(status.uptime_seconds),
        status.running,
        status.waiting
    );
    for (name, now, plot, more) in rows(view) {
        let _ = writeln!(out, "{name:<11} {now:>6}  {plot}  {}", clean(&more));
    }
    for line in lines(&view.now) {
        let _ = writeln!(out, "{}", clean(&line));
    }
    for child in &status.children {
        let memory = child.memory_bytes.map(bytes).unwrap_or_default();
        let _ = writeln!(out, "{:<11} {memory:>8}  process {}", clean(&child.name), child.pid);
    }
    if status.paused {
        let _ = writeln!(out, "\n! Paused. Go on with: jamey runtime resume");
    }
    for notice in status.notices.iter().chain(view.notices.iter().filter(|it| !status.notices.contains(it))) {
        let _ = writeln!(out, "\n! {}", clean(notice));
    }
    let _ = writeln!(out, "\nlast hour, every {} s · {ENDS}", EVERY.as_secs());
    out
}

type Row = (&'static str, String, String, String);

/// What has a plot: name, now, the last hour, and more in words.
fn rows(view: &MonitorView) -> Vec<Row> {
    let now = &view.now;
    let percent = |value: Option<f32>| value.map_or_else(|| "–".to_owned(), |it| format!("{it:.0} %"));
    let plot = |now: Option<f32>, of: fn(&Point) -> Option<f32>, top: f32| {
        let mut values: Vec<Option<f32>> = view.history.iter().map(of).collect();
        values.push(now);
        spark(&values, top, WIDTH)
    };
    let memory = now.memory.used_percent();
    let mut rows = vec![
        (
            "processors",
            percent(now.cpu_percent),
            plot(now.cpu_percent, |it| it.cpu_percent, 100.0),
            format!("{} cores", now.cores),
        ),
        (
            "memory",
            percent(Some(memory)),
            plot(Some(memory), |it| it.memory_percent, 100.0),
            format!("{} free", bytes(now.memory.free_bytes())),
        ),
    ];
    if let Some(gpu) = now.gpus.first() {
        let busy = gpu.busy_percent;
        rows.push((
            "graphics",
            percent(busy),
            plot(busy, |it| it.gpu_percent, 100.0),
            machine::graphics(gpu),
        ));
    }
    if let Some(degrees) = now.temperature_celsius {
        let plot = plot(Some(degrees), |it| it.temperature_celsius, 100.0);
        rows.push(("temperature", format!("{degrees:.0} °C"), plot, String::new()));
    }
    let own = now.own.cpu_percent;
    let busiest = view.history.iter().filter_map(|it| it.own_cpu_percent).fold(1.0, f32::max);
    rows.push((
        "jamey",
        own.map_or_else(|| "–".to_owned(), |it| format!("{it:.1} %")),
        plot(own, |it| it.own_cpu_percent, busiest),
        bytes(now.own.memory_bytes),
    ));
    if now.children.processes > 0 {
        let busy = now.children.cpu_percent;
        let top = view.history.iter().filter_map(|it| it.children_cpu_percent).fold(100.0, f32::max);
        let plot = plot(busy, |it| it.children_cpu_percent, top);
        rows.push(("children", percent(busy), plot, bytes(now.children.memory_bytes)));
    }
    rows
}

/// What is said in words alone.
fn lines(now: &Sample) -> Vec<String> {
    let mut lines = Vec::new();
    let mut put = |name: &str, text: String| lines.push(format!("{name:<11} {text}"));
    for disk in now.disks.iter().take(3) {
        put("disk", machine::disk(disk));
    }
    if let Some(swap) = now.swap {
        put("swap", format!("{} of {} used", bytes(swap.used_bytes), bytes(swap.total_bytes)));
    }
    if let Some(network) = &now.network {
        put("network", machine::network(network));
    }
    if let Some(battery) = &now.battery {
        put("battery", machine::power(battery));
    }
    lines
}

#[cfg(test)]
mod tests {
    use jamey_protocol::monitor::{Disk, Room, Share};

    use super::*;

    #[test]
    fn a_line_that_would_wrap_is_cut() {
        let drawn = over(&format!("! {}\nshort", "ä".repeat(300)));
        let longest = drawn.split("\u{1b}[K").map(|line| line.trim_start_matches("\u{1b}[H").trim_start());
        assert!(longest.clone().all(|line| line.chars().count() <= COLUMNS), "{drawn}");
        assert!(drawn.contains("ä…\u{1b}[K\r\nshort\u{1b}[K"), "{drawn}");
    }

    #[test]
    fn the_page_fits_eighty_columns_and_shows_nothing_that_is_not_there() {
        let room = Room { total_bytes: 24_000_000_000, used_bytes: 6_000_000_000 };
        let now = Sample {
            cpu_percent: Some(12.4),
            cores: 128,
            memory: room,
            disks: vec![Disk { place: "/".to_owned(), room }],
            own: Share { processes: 1, cpu_percent: Some(0.04), memory_bytes: 14_200_000 },
            ..Sample::default()
        };
        let point = Point { cpu_percent: Some(50.0), memory_percent: Some(25.0), ..Point::default() };
        let view = MonitorView { now, history: vec![point; 60], ..MonitorView::default() };
        let status = Status { version: "0.1.0".to_owned(), pid: 4_194_304, ..Status::default() };
        let page = page(&status, &view);
        for line in page.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        assert!(page.contains("12 %") && page.contains("18.00 GB of 24.00 GB free at /"), "{page}");
        for missing in ["battery", "graphics", "swap", "temperature", "children", "network"] {
            assert!(!page.contains(missing), "{page}");
        }
    }
}
