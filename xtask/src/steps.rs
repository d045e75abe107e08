//! Steps of a command, each with its time, and what became of them at the end.

use std::{process::ExitCode, time::Instant};

use anyhow::Result;

use crate::say;

/// The steps so far.
#[derive(Default)]
pub struct Steps {
    done: usize,
    failed: Vec<&'static str>,
}

impl Steps {
    /// Does one step; its failure is told and kept. Returns whether it succeeded.
    pub fn take(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) -> bool {
        self.done += 1;
        say::step(name);
        let began = Instant::now();
        match step() {
            Ok(()) => {
                say::note(&format!("done in {}", say::took(began)));
                true
            }
            Err(error) => {
                say::note(&format!("FAILED after {}: {error:#}", say::took(began)));
                self.failed.push(name);
                false
            }
        }
    }

    /// Says how it went; success only when nothing failed.
    pub fn summary(&self, began: Instant) -> ExitCode {
        let took = say::took(began);
        if self.failed.is_empty() {
            say::step(&format!("all {} steps passed in {took}", self.done));
            ExitCode::SUCCESS
        } else {
            say::step(&format!("{} of {} steps failed in {took}:", self.failed.len(), self.done));
            for name in &self.failed {
                say::note(name);
            }
            ExitCode::FAILURE
        }
    }
}
