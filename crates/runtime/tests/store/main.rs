//! The store from outside: what is kept, what survives, and what a person is told.

mod crash;
mod damage;
mod disk;
mod fold;
mod journal;
mod queries;
mod sample;
mod versions;
