//! The program itself: puts the parts together and runs until it is told to end.

use std::{
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use jamey_ipc::Folders;
use tauri::{App, AppHandle, Manager as _, RunEvent, WindowEvent};
use tauri_specta::Event as _;

#[cfg(target_os = "linux")]
use crate::again;
use crate::{
    autostart,
    bridge::{self, ConnectionChanged},
    connection,
    desk::Desk,
    ending,
    flags::{self, Wish},
    hotkey, notify, rest,
    tray::{self, Teller},
    trouble, upload, windows,
};

/// Threads for what does not happen on the main thread; a face has little of it.
const WORKERS: usize = 2;
/// How long the rest waits for a page that does not come.
const LOADED_BY: Duration = Duration::from_secs(1);

/// Runs the desktop with these arguments.
#[must_use]
pub fn run(arguments: &[String]) -> ExitCode {
    match arguments.first().map(String::as_str) {
        Some("--help" | "-h") => return said(flags::HELP),
        Some("--version" | "-V") => return said(concat!("jamey-desktop ", env!("CARGO_PKG_VERSION"), "\n")),
        _ => {}
    }
    #[cfg(target_os = "linux")]
    let inherited = crate::renewal::take_over();
    #[cfg(target_os = "linux")]
    windows::paint::choose();
    // The process that took another's place is the first.
    #[cfg(target_os = "linux")]
    if inherited.is_none() {
        windows::token::carry(arguments);
    }
    let folders = match Folders::resolve() {
        Ok(folders) => folders,
        Err(error) => return failed(&error),
    };
    if let Err(error) = trouble::begin(&folders) {
        return failed(&error);
    }
    let executor = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    let executor = match executor {
        Ok(executor) => executor,
        Err(error) => return failed(&error),
    };
    tauri::async_runtime::set(executor.handle().clone());
    let (desk, knocks) = Desk::new(folders);
    #[cfg(target_os = "linux")]
    desk.link.note_started(inherited.and_then(|inherited| inherited.started_runtime));
    let wish = Wish::of(arguments);
    let bridge = bridge::builder();
    let builder = tauri::Builder::default()
        // First, so that a second start ends before it does anything.
        .plugin(single_instance())
        .plugin(autostart::plugin())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_shell::init());
    #[cfg(not(target_os = "linux"))]
    let builder = builder.plugin(hotkey::plugin());
    #[cfg(target_os = "macos")]
    let builder = builder.on_web_content_process_terminate(|view| {
        if let Some(page) = view.app_handle().get_webview_window(view.label()) {
            windows::crash::died(&page, "no reason told");
        }
    });
    let built = builder
        .manage(desk)
        .register_asynchronous_uri_scheme_protocol(upload::SCHEME, |context, request, responder| {
            upload::take(context.app_handle(), context.webview_label(), request, responder);
        })
        .invoke_handler(bridge.invoke_handler())
        .setup(move |app| {
            bridge.mount_events(app);
            begin(app, wish, knocks);
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(happened);
            ExitCode::SUCCESS
        }
        #[cfg(target_os = "linux")]
        Err(tauri::Error::PluginInitialization(name, why)) if name == "single-instance" => {
            failed(&again::after(&why, arguments))
        }
        Err(error) => failed(&error),
    }
}

/// The window first: all that follows, the runtime's start too, would take its turn on the few cores and on the one
/// thread that hands the page its files, so it waits until the page has them.
fn begin(app: &App, wish: Wish, knocks: tokio::sync::mpsc::Receiver<connection::Knock>) {
    let app = app.handle().clone();
    windows::bring_over(&app);
    windows::fulfil(&app, wish);
    tauri::async_runtime::spawn(async move {
        if wish != Wish::Background {
            let _ = tokio::time::timeout(LOADED_BY, app.state::<Desk>().loaded.notified()).await;
        }
        let handle = app.clone();
        // Refused only when the shell has ended already.
        let _ = app.run_on_main_thread(move || begin_rest(&handle, knocks));
    });
}

fn begin_rest(app: &AppHandle, knocks: tokio::sync::mpsc::Receiver<connection::Knock>) {
    // Before anybody reads from runtime.toml that it is another.
    hotkey::begin(app);
    let link = Arc::clone(&app.state::<Desk>().link);
    tauri::async_runtime::spawn(tell_pages(app.clone(), Arc::clone(&link)));
    tauri::async_runtime::spawn(connection::keep(link, knocks, Teller::begin(app)));
    tray::begin(app);
    notify::listen(app);
    if !app.state::<Desk>().has_shown.load(Ordering::Relaxed) {
        rest::begin(app);
    }
}

/// Tells all pages how the connection stands.
async fn tell_pages(app: AppHandle, link: Arc<connection::Link>) {
    let mut changes = link.changes();
    while changes.changed().await.is_ok() {
        let connection = changes.borrow_and_update().clone();
        // No page, nobody to tell.
        let _ = ConnectionChanged(connection).emit(&app);
    }
}

/// Hands a second start's wish to the first. Again when a renewal failed that had given up the name.
pub fn single_instance() -> tauri::plugin::TauriPlugin<tauri::Wry> {
    tauri_plugin_single_instance::Builder::new()
        // Each home has a desktop of its own, as it has a runtime of its own.
        .dbus_id(jamey_ipc::path::service_name("dev.jamey.desktop"))
        .callback(|app, mut arguments, _folder| {
            arguments.drain(..arguments.len().min(1));
            let wish = Wish::of(&arguments);
            if ending::takes(wish) {
                return;
            }
            let handle = app.clone();
            let _ = app.run_on_main_thread(move || windows::fulfil_of(&handle, wish, &arguments));
        })
        .build()
}

fn happened(app: &AppHandle, event: RunEvent) {
    match event {
        // The last window is gone; the tray stays. An end that was asked for has a code.
        RunEvent::ExitRequested { api, code: None, .. } => api.prevent_exit(),
        RunEvent::WindowEvent { label, event, .. } => window(app, &label, &event),
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => windows::show_main(app, None),
        // A link, which the other systems hand over as an argument.
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            let links: Vec<String> = urls.iter().map(ToString::to_string).collect();
            windows::fulfil(app, Wish::of(&links));
        }
        _ => {}
    }
}

fn window(app: &AppHandle, label: &str, event: &WindowEvent) {
    match event {
        WindowEvent::CloseRequested { api, .. } if label == windows::QUICK => {
            api.prevent_close();
            windows::hide_quick(app);
        }
        WindowEvent::CloseRequested { .. } => {
            if let Some(window) = app.get_webview_window(label) {
                windows::note_place(app, &window);
            }
        }
        WindowEvent::Focused(true) if label == windows::MAIN => notify::seen(app),
        WindowEvent::Focused(false) if label == windows::QUICK => windows::lost_focus(app),
        WindowEvent::Destroyed => {
            let desk = app.state::<Desk>();
            desk.subscriptions.end_all(label);
            // Nobody closed it.
            let is_given_up = desk.is_given_up.load(Ordering::SeqCst);
            let stays = is_given_up || desk.tray.is_shown() && desk.settings.kept().close_to_tray;
            if label == windows::MAIN && !stays {
                return ending::closed(app);
            }
            rest::begin(app);
        }
        _ => {}
    }
}

fn said(text: &str) -> ExitCode {
    use std::io::Write as _;
    // A closed pipe is no reason to complain.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    trouble::ends(error);
    ExitCode::FAILURE
}
