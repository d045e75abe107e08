//! How fast a model is, through the very loop that serves requests.

use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use crate::args::BenchArgs;
use crate::cancel::Cancellation;
use crate::engine::{Guidance, Tape};
use crate::error::{RequestError, StartError};
use crate::fit;
use crate::llama::{self, Context, ContextOptions, Grammar, Model, Token};
use crate::start::say;

/// Measures and prints one line.
pub fn run(args: &BenchArgs) -> Result<(), StartError> {
    llama::quiet_logs(std::env::var_os("JAMEY_LOCAL_MODEL_LOG").is_some());
    fit::check_processor()?;
    if !args.model.exists() {
        return Err(StartError::ModelMissing(args.model.display().to_string()));
    }
    let failed = || StartError::LoadFailed(llama::last_complaint().unwrap_or_default());
    let started = Instant::now();
    let model = Model::load(&args.model, &mut || true).ok_or_else(failed)?;
    let threads = if args.threads == 0 { fit::usual_threads() as u64 } else { args.threads };
    let tokens = u32::try_from(args.n_prompt + args.n_gen + 64).unwrap_or(u32::MAX);
    let options = ContextOptions { tokens, threads: i32::try_from(threads).unwrap_or(1), batch: 512 };
    let context = Context::open(&model, options, Arc::new(Cancellation::default())).ok_or_else(failed)?;
    let load_ms = started.elapsed().as_millis();
    let mut tape = Tape::new(&model, context, None);
    let (prompt, generation) = measure(&mut tape, args).map_err(|e| StartError::LoadFailed(e.to_string()))?;
    say(&json!({
        "model": args.model.file_name().map(|n| n.to_string_lossy()),
        "threads": threads, "load_ms": u64::try_from(load_ms).unwrap_or(u64::MAX), "llama_version": llama::version(),
        "n_prompt": args.n_prompt, "prompt_tokens_per_second": prompt,
        "n_gen": args.n_gen, "generation_tokens_per_second": generation,
    }));
    Ok(())
}

fn measure(tape: &mut Tape<'_>, args: &BenchArgs) -> Result<(f64, f64), RequestError> {
    let vocabulary = tape.model().vocabulary().max(2);
    let length = usize::try_from(args.n_prompt).unwrap_or(512).max(2);
    // Any tokens will do; these differ from each other, as those of a real text do.
    let prompt: Vec<Token> =
        (0..length).map(|i| Token::try_from((i * 7919 + 13) % vocabulary).unwrap_or(1)).collect();
    // Once for the caches of the processor, as llama-bench does it.
    tape.prefill(&prompt[..2], 0)?;
    tape.prefill(&prompt[1..2], 0)?;
    let started = Instant::now();
    tape.prefill(&prompt, 0)?;
    let prompt_rate = length as f64 / started.elapsed().as_secs_f64();
    tape.prefill(&prompt[1..2], 0)?;
    // Letters for ever: nothing ends the text before its length does.
    let mut grammar = Grammar::new(tape.model(), "root ::= [a-z ]* \"\\x00\"")
        .map_err(|_| RequestError::Internal("the grammar is broken".to_owned()))?;
    let max_tokens = usize::try_from(args.n_gen).unwrap_or(128);
    let guidance = Guidance {
        grammar: Some(&mut grammar),
        ends_with_grammar: false,
        sampler: None,
        max_tokens,
        stops: &[],
        preserved: &[],
    };
    let started = Instant::now();
    let generated = tape.generate(guidance, &mut |_| {})?;
    let generation_rate = generated.count as f64 / started.elapsed().as_secs_f64();
    Ok((prompt_rate, generation_rate))
}
