//! Keeps llama.cpp quiet, and remembers what it complained about last.
//!
//! llama.cpp says why a file was refused only in its log, so the complaints are kept for the error message.

use std::ffi::{CStr, c_char, c_void};
use std::sync::{Mutex, PoisonError};

use llama_cpp_sys_2 as sys;

static COMPLAINTS: Mutex<Vec<String>> = Mutex::new(Vec::new());
const KEPT: usize = 8;

/// Sends llama.cpp's log to stderr when `loud`, and otherwise only remembers its complaints.
pub fn quiet_logs(loud: bool) {
    // SAFETY: both callbacks live for the whole program and take no user data.
    unsafe {
        let callback: sys::ggml_log_callback = if loud { Some(speak) } else { Some(remember) };
        sys::llama_log_set(callback, std::ptr::null_mut());
    }
}

/// What llama.cpp complained about since the last call, newest last.
pub fn last_complaint() -> Option<String> {
    let mut kept = COMPLAINTS.lock().unwrap_or_else(PoisonError::into_inner);
    let all: Vec<String> = kept.drain(..).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

unsafe extern "C" fn remember(level: sys::ggml_log_level, text: *const c_char, _: *mut c_void) {
    if level != sys::GGML_LOG_LEVEL_ERROR || text.is_null() {
        return;
    }
    // SAFETY: llama.cpp passes a NUL-terminated string that lives for the call.
    let line = unsafe { CStr::from_ptr(text) }.to_string_lossy().trim().to_owned();
    let mut kept = COMPLAINTS.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() == KEPT {
        kept.remove(0);
    }
    kept.push(line);
}

unsafe extern "C" fn speak(level: sys::ggml_log_level, text: *const c_char, user: *mut c_void) {
    if !text.is_null() {
        // SAFETY: as in `remember`.
        eprint!("{}", unsafe { CStr::from_ptr(text) }.to_string_lossy());
    }
    // SAFETY: same arguments, same promise.
    unsafe { remember(level, text, user) };
}
