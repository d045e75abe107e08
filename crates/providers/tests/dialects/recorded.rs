//! The recorded streams.

use super::{
    ALL, ANTHROPIC, AZURE, AZURE_BY_DEPLOYMENT, AZURE_RESPONSES, CHAT, Dialect, GEMINI, OLLAMA, RESPONSES,
    ask,
};
use crate::fake::{
    Step, chunked,
    got::{check_cut, recorded, same},
    until_close,
};

#[tokio::test]
async fn recorded_streams_come_out_whole_in_any_framing() {
    for dialect in ALL {
        let (fake, provider) = dialect.start().await;
        for case in recorded(dialect.folder) {
            let name = format!("{} {}", dialect.name, case.name);
            for size in [1, 7, 64, 1 << 20] {
                fake.answer(vec![Step::Send(chunked(dialect.media_type, &case.body, size))]);
                same(&ask(&provider).await, &case.expected, &name);
            }
            fake.answer(vec![Step::Trickle(chunked(dialect.media_type, &case.body, 1 << 20))]);
            same(&ask(&provider).await, &case.expected, &name);
            fake.answer(vec![Step::Send(until_close(dialect.media_type, &case.body)), Step::Close]);
            same(&ask(&provider).await, &case.expected, &name);
        }
        fake.check();
    }
}

async fn cut_everywhere(dialect: Dialect) {
    let (fake, provider) = dialect.start().await;
    for case in recorded(dialect.folder) {
        for whole in
            [chunked(dialect.media_type, &case.body, 100), until_close(dialect.media_type, &case.body)]
        {
            for cut in 0..whole.len() {
                fake.answer(vec![Step::Send(whole[..cut].to_vec()), Step::Close]);
                let place = format!("{} {} cut at {cut} of {}", dialect.name, case.name, whole.len());
                check_cut(&ask(&provider).await, &case.expected, &place);
            }
        }
    }
    fake.check();
}

#[tokio::test]
async fn chat_completions_cut_at_any_byte_keep_their_text_and_never_give_a_call() {
    cut_everywhere(CHAT).await;
}

#[tokio::test]
async fn azures_completions_cut_at_any_byte_keep_their_text_and_never_give_a_call() {
    cut_everywhere(AZURE).await;
}

#[tokio::test]
async fn completions_of_azures_older_addresses_cut_at_any_byte_keep_their_text_and_never_give_a_call() {
    cut_everywhere(AZURE_BY_DEPLOYMENT).await;
}

#[tokio::test]
async fn azures_responses_cut_at_any_byte_keep_their_text_and_never_give_a_call() {
    cut_everywhere(AZURE_RESPONSES).await;
}

#[tokio::test]
async fn responses_cut_at_any_byte_keep_their_text_and_never_give_a_call() {
    cut_everywhere(RESPONSES).await;
}

#[tokio::test]
async fn anthropics_messages_cut_at_any_byte_keep_their_text_and_never_give_a_call() {
    cut_everywhere(ANTHROPIC).await;
}

#[tokio::test]
async fn geminis_contents_cut_at_any_byte_keep_their_text_and_never_give_a_call() {
    cut_everywhere(GEMINI).await;
}

#[tokio::test]
async fn ollamas_lines_cut_at_any_byte_keep_their_text_and_never_give_a_call() {
    cut_everywhere(OLLAMA).await;
}
