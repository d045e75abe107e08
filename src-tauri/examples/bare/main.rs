//! The least that a window of Tauri can be, to measure the desktop against: one page with one line.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use tauri::{Builder, WebviewUrl, WebviewWindowBuilder, http::Response};

const PAGE: &str = "<!doctype html><meta charset=utf-8><title>Bare</title><p>bare";

fn main() {
    // The same context would bring the desktop's pages and its gate along.
    let context = tauri::generate_context!("examples/bare/tauri.conf.json");
    Builder::default()
        .register_uri_scheme_protocol("bare", |_, _| {
            Response::builder().header("content-type", "text/html").body(PAGE.as_bytes().to_vec()).unwrap()
        })
        .setup(|app| {
            let page = WebviewUrl::CustomProtocol("bare://localhost/".parse().unwrap());
            WebviewWindowBuilder::new(app, "main", page).title("Bare").inner_size(1080.0, 720.0).build()?;
            Ok(())
        })
        .run(context)
        .expect("a window");
}
