//! Keeps a started runtime from holding open what its starter's output goes to.
//!
//! A process on Windows passes all its inheritable handles on, so a script that reads `jamey` to the end
//! could wait as long as the runtime lives. Rust's own way to name the handles is not stable yet.
#![allow(unsafe_code)]

use std::{io, os::windows::io::AsRawHandle as _};

use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, SetHandleInformation};

/// Marks our standard streams as not to be inherited. A child that shall have one is still given a copy.
pub(super) fn keep_own_streams() {
    let streams = [io::stdin().as_raw_handle(), io::stdout().as_raw_handle(), io::stderr().as_raw_handle()];
    for stream in streams.into_iter().filter(|stream| !stream.is_null()) {
        // SAFETY: the handle is this process's own and open as long as the process is; only a flag of it
        // changes, and no memory is touched. A stream that has no such flag (a console) stays as it is.
        unsafe {
            SetHandleInformation(stream, HANDLE_FLAG_INHERIT, 0);
        }
    }
}
