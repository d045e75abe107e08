//! One reply in the line protocol: a step under a grammar, then, for an answer, free text.

use crate::engine::{End, Generated, Guidance, Outlet, Tape};
use crate::error::{RequestError, StartError};
use crate::line::action::{Action, Tool};
use crate::line::edit::{self, PendingEdit};
use crate::line::grammar::{self, Answer};
use crate::line::guards::{self, Leave};
use crate::line::prompt::{CHAT_SYSTEM, beginning};
use crate::line::transcript::{self, Style, Turn};
use crate::llama::{Grammar, Model, Token};
use crate::prompt::Prompt;
use crate::reply::{Finish, Usage};
use crate::request::{ChatRequest, Message, ToolChoice};

/// The longest action and the longest answer, in tokens. Small models that go on longer are going round in circles.
const MOST_TOKENS: usize = 512;
/// The least room that an answer is left with.
const LEAST_ANSWER: usize = 160;

/// Speaks the line protocol.
#[derive(Debug)]
pub struct LineSpeaker {
    beginning: Prompt,
    stops: Vec<String>,
    pending_edit: Option<PendingEdit>,
}

/// A prompt that fits.
struct Fitted {
    tokens: Vec<Token>,
    stable: usize,
    max_tokens: usize,
}

impl LineSpeaker {
    /// A speaker for `model`, which has to know the ChatML control words.
    pub fn open(model: &Model) -> Result<Self, StartError> {
        if model.tokenize("<|im_start|>", true).len() != 1 {
            return Err(StartError::Arguments(
                "this model does not speak the line protocol (no ChatML)".to_owned(),
            ));
        }
        let stops = vec!["\nAction:".to_owned(), "\nAnswer:".to_owned()];
        Ok(Self { beginning: beginning(), stops, pending_edit: None })
    }

    /// Replies to `request`.
    pub fn answer<'m>(
        &mut self,
        tape: &mut Tape<'m>,
        request: &ChatRequest,
        outlet: &Outlet,
    ) -> Result<(Finish, Usage), RequestError> {
        let form = request.form(tape.model())?;
        let turns = transcript::turns(&request.messages);
        let tools: Vec<Tool> =
            Tool::ALL.into_iter().filter(|t| request.tool_names().any(|n| n == t.name())).collect();
        let Some(turn) = turns.last().filter(|_| !tools.is_empty()) else {
            return chat(tape, request, form, &turns, outlet);
        };
        let fitted = fit(tape, &self.beginning, &turns, Style::Line, request)?;
        outlet.accepted();
        let mut usage = Usage { prompt: fitted.tokens.len(), ..Usage::default() };
        if let Some(action) = self.next_action(tape, request, turn, &tools, &fitted, &mut usage)? {
            outlet.call(action.tool.name(), action.to_call(request.cwd.as_deref()));
            return Ok((Finish::ToolCalls, usage));
        }
        // The answer is free text. "Answer:" without a space behind it: with one, models go on with a digit.
        let mut tokens = fitted.tokens;
        tokens.extend(tape.model().tokenize("Answer:", false));
        usage.cached = usage.cached.max(tape.prefill(&tokens, fitted.stable)?.min(usage.prompt));
        let stops: Vec<String> = self.stops.iter().chain(&request.stops).cloned().collect();
        let answer = say(tape, form, &stops, fitted.max_tokens, outlet)?;
        usage.completion += answer.count;
        Ok((finish(&answer), usage))
    }
}

impl LineSpeaker {
    /// Lets the model choose its next action; `None` when it wants, or has, to answer.
    fn next_action(
        &mut self,
        tape: &mut Tape<'_>,
        request: &ChatRequest,
        turn: &Turn,
        tools: &[Tool],
        fitted: &Fitted,
        usage: &mut Usage,
    ) -> Result<Option<Action>, RequestError> {
        let cwd = request.cwd.as_deref();
        let leave = match guards::leave(turn, cwd) {
            Leave::Free if request.tool_choice == ToolChoice::Required => Leave::MustAct,
            leave => leave,
        };
        let due_change = edit::grammar_of_due_change(turn, self.pending_edit.take().as_ref());
        if leave == Leave::MustAnswer {
            return Ok(None);
        }
        usage.cached = tape.prefill(&fitted.tokens, fitted.stable)?;
        let free = match due_change.filter(|_| tools.contains(&Tool::FileWrite)) {
            Some(change) => change,
            None => grammar::reply(tools, Answer::Allowed),
        };
        let mut step = choose(tape, &free, fitted.max_tokens)?;
        usage.completion += step.count;
        if leave == Leave::MustAct && Action::read(&step.text).is_none() {
            // A forced step may only look: made to act, models have overwritten files with inventions.
            let looking: Vec<Tool> = tools.iter().copied().filter(|t| t.only_looks()).collect();
            if !looking.is_empty() {
                tape.prefill(&fitted.tokens, fitted.stable)?;
                step = choose(tape, &grammar::reply(&looking, Answer::Forbidden), fitted.max_tokens)?;
                usage.completion += step.count;
            }
        }
        let Some(mut action) = Action::read(&step.text) else { return Ok(None) };
        guards::keep_words_of_user(&mut action, &turn.user);
        if let Some((reading, pending)) =
            edit::look_first(&action, turn).filter(|_| tools.contains(&Tool::FileRead))
        {
            action = reading;
            self.pending_edit = Some(pending);
        }
        guards::aim(&mut action, cwd);
        Ok((tools.contains(&action.tool) && !guards::repeats(turn, &action)).then_some(action))
    }
}

fn choose(tape: &mut Tape<'_>, grammar: &str, max_tokens: usize) -> Result<Generated, RequestError> {
    let mut grammar = Grammar::new(tape.model(), grammar)
        .map_err(|_| RequestError::Internal("the grammar of the line protocol is broken".to_owned()))?;
    let guidance = Guidance {
        grammar: Some(&mut grammar),
        ends_with_grammar: true,
        sampler: None,
        max_tokens,
        stops: &[],
        preserved: &[],
    };
    tape.generate(guidance, &mut |_| {})
}

/// A conversation without tools: plain ChatML with the request's own instructions.
fn chat<'m>(
    tape: &mut Tape<'m>,
    request: &ChatRequest,
    form: Option<Grammar<'m>>,
    turns: &[Turn],
    outlet: &Outlet,
) -> Result<(Finish, Usage), RequestError> {
    let instructions: Vec<&str> = request
        .messages
        .iter()
        .filter_map(|m| if let Message::System(text) = m { Some(text.as_str()) } else { None })
        .collect();
    let instructions =
        if instructions.is_empty() { CHAT_SYSTEM.to_owned() } else { instructions.join("\n\n") };
    let mut beginning = Prompt::default();
    beginning.template("<|im_start|>system\n").plain(&instructions).template("<|im_end|>\n");
    let mut fitted = fit(tape, &beginning, turns, Style::Chat, request)?;
    outlet.accepted();
    // These instructions change too often to be worth a file each.
    fitted.stable = 0;
    let cached = tape.prefill(&fitted.tokens, fitted.stable)?;
    let answer = say(tape, form, &request.stops, fitted.max_tokens, outlet)?;
    Ok((finish(&answer), Usage { prompt: fitted.tokens.len(), cached, completion: answer.count }))
}

fn say<'m>(
    tape: &mut Tape<'m>,
    mut form: Option<Grammar<'m>>,
    stops: &[String],
    max_tokens: usize,
    outlet: &Outlet,
) -> Result<Generated, RequestError> {
    let mut begun = false;
    let guidance = Guidance {
        grammar: form.as_mut(),
        ends_with_grammar: false,
        sampler: None,
        max_tokens,
        stops,
        preserved: &[],
    };
    tape.generate(guidance, &mut |piece| {
        // The space behind "Answer:" is not part of the answer.
        let piece = if begun { piece } else { piece.trim_start() };
        begun |= !piece.is_empty();
        outlet.text(piece);
    })
}

fn finish(answer: &Generated) -> Finish {
    if answer.end == End::Length { Finish::Length } else { Finish::Stop }
}

/// Writes the prompt, leaving out the oldest turns until it fits.
fn fit(
    tape: &Tape<'_>,
    beginning: &Prompt,
    turns: &[Turn],
    style: Style,
    request: &ChatRequest,
) -> Result<Fitted, RequestError> {
    let most = request.max_tokens.unwrap_or(MOST_TOKENS).clamp(1, MOST_TOKENS);
    let limit = tape.room().saturating_sub(most.min(LEAST_ANSWER));
    let head = beginning.tokenize(tape.model());
    let stable = head.len();
    let opening = tape.model().tokenize("<|im_start|>assistant\n", true);
    let mut asked = stable + opening.len();
    let mut kept: Vec<Vec<Token>> = Vec::new();
    for turn in turns.iter().rev() {
        let mut prompt = Prompt::default();
        turn.write(&mut prompt, style);
        let tokens = prompt.tokenize(tape.model());
        if asked + tokens.len() > limit {
            if kept.is_empty() {
                return Err(RequestError::ContextLengthExceeded { limit, asked: asked + tokens.len() });
            }
            break;
        }
        asked += tokens.len();
        kept.push(tokens);
    }
    let mut tokens = head;
    tokens.extend(kept.into_iter().rev().flatten());
    tokens.extend(opening);
    // A few tokens less than there are: "Answer:" comes on top.
    let max_tokens = most.min(tape.room().saturating_sub(tokens.len() + 8)).max(1);
    Ok(Fitted { tokens, stable, max_tokens })
}
