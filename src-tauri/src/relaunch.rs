//! Starting this desktop anew, when the runtime is newer than it: an update put another program in its place.

use tauri::AppHandle;

/// Ends this process and starts the program that lies in its place now, with its window. Turns go on: the runtime is left
/// as it is.
pub fn relaunch(app: &AppHandle) -> ! {
    let mut env = tauri::Manager::env(app);
    // Whatever it was started for was long ago.
    env.args_os.truncate(1);
    app.cleanup_before_exit();
    // The next one must be able to take the name.
    tauri_plugin_single_instance::destroy(app);
    tauri::process::restart(&env)
}
