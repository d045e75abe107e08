//! The store from outside: what is kept, what survives, and what a person is told.
#![allow(clippy::unwrap_used, clippy::expect_used)] // helpers of tests are tests too

mod crash;
mod damage;
mod disk;
mod fold;
mod journal;
mod lean;
mod ledger;
mod old;
mod queries;
mod restore;
mod sample;
mod talk;
mod titles;
mod upgrade;
mod versions;
