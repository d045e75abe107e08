//! `install.sh` in temporary homes: what it writes, that it takes all of it out again, and that a fault
//! leaves what was there.
#![cfg(unix)]

mod faults;
mod whole;
mod world;
