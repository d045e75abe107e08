//! Gives back to the system what an idle program does not need: the C library's allocator and the kernel are told
//! that this process lives for weeks and mostly waits. Linux alone; elsewhere nothing happens here.
//!
//! By itself it keeps one heap for each thread, so that threads need not wait for each other, and
//! keeps what is freed for the next time. Here few threads do little at once: one heap has fewer holes,
//! and what an answer of megabytes leaves behind is given back. Other systems' allocators do so by
//! themselves.
//!
//! Most of what an idle program has in memory is its own code: the kernel maps sixteen pages around each one that
//! is touched, and never takes them back while memory is plenty. What nothing runs is given back too; it stays in
//! the kernel's cache of files, from where a page comes again within microseconds.
#![allow(unsafe_code)]
#![warn(missing_docs)]

/// Lets all threads share one heap. To be called before there is a second thread.
pub fn share_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt takes two numbers and only sets a limit (mallopt(3)); no other thread exists yet.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// Gives back to the system what is free, and code that nothing runs just now.
pub fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim takes no pointer, locks the heap while it works on it, and may be called at any
    // time from any thread (malloc_trim(3)).
    unsafe {
        libc::malloc_trim(0);
    }
    #[cfg(target_os = "linux")]
    leave_code();
}

#[cfg(target_os = "linux")]
fn leave_code() {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    for (start, length) in maps.lines().filter_map(code) {
        // SAFETY: the range is a mapping of a file that can be executed and not written, so it holds nothing but
        // the file's bytes, and those come back at the next access (madvise(2), MADV_DONTNEED). Should it have
        // been unmapped meanwhile, the kernel answers with an error.
        unsafe {
            libc::madvise(std::ptr::with_exposed_provenance_mut(start), length, libc::MADV_DONTNEED);
        }
    }
}

/// Reads one line of `/proc/self/maps` (proc_pid_maps(5)): where the mapping begins and how long it is, if it is code
/// from a file.
#[cfg(target_os = "linux")]
fn code(line: &str) -> Option<(usize, usize)> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let is_code = words.next()? == "r-xp" && words.nth(3).is_some_and(|file| file.starts_with('/'));
    let number = |text| usize::from_str_radix(text, 16).ok();
    let (start, end) = (number(start)?, number(end)?);
    is_code.then_some((start, end.checked_sub(start)?))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_code_from_a_file_that_nobody_may_write_is_given_back() {
        let line = |rights: &str, file: &str| format!("7f10-7f30 {rights} 00001000 fe:00 123 {file}");
        assert_eq!(code(&line("r-xp", "/usr/bin/jamey-runtime")), Some((0x7f10, 0x20)));
        for (rights, file) in
            [("rwxp", "/a"), ("r--p", "/a"), ("r-xp", ""), ("r-xp", "[vdso]"), ("r-xs", "/a")]
        {
            assert_eq!(code(&line(rights, file)), None, "{rights} {file}");
        }
        assert_eq!(code(""), None);
    }

    #[test]
    fn a_program_goes_on_after_its_code_was_given_back() {
        for round in 0..100_u64 {
            trim();
            assert_eq!((0..=round).sum::<u64>(), round * (round + 1) / 2);
        }
    }
}
