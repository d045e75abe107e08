//! The C library's allocator, told that this process lives for weeks and is mostly idle.
//!
//! By itself it keeps one heap for each thread, so that threads need not wait for each other, and
//! keeps what is freed for the next time. Here few threads do little at once: one heap has fewer holes,
//! and what an answer of megabytes leaves behind is given back. Other systems' allocators do so by
//! themselves.
#![allow(unsafe_code)]

/// Lets all threads share one heap. To be called before there is a second thread.
pub fn share_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt takes two numbers and only sets a limit (mallopt(3)); no other thread exists yet.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// Gives what is free back to the system.
pub fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim takes no pointer, locks the heap while it works on it, and may be called at any
    // time from any thread (malloc_trim(3)).
    unsafe {
        libc::malloc_trim(0);
    }
}
