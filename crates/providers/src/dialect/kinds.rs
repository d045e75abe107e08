//! Which models of a list can be spoken with, where the list itself does not say so.

/// Parts of names of models that embed, hear, speak, draw, rank or judge and do not chat.
const OTHER_KINDS: [&str; 15] = [
    "audio",
    "dall",
    "embed",
    "embedding",
    "embeddings",
    "image",
    "imagen",
    "moderation",
    "realtime",
    "rerank",
    "sora",
    "transcribe",
    "tts",
    "veo",
    "whisper",
];

/// OpenAI's that only go on with a text, and Groq's that only judge one.
const NO_CHAT: [&str; 5] =
    ["babbage-002", "davinci-002", "gpt-3.5-turbo-instruct", "llama-guard", "prompt-guard"];

/// Whether a model of that name chats, as far as its name tells. One that is left out of a list can be named
/// nevertheless.
pub(crate) fn chats(model: &str) -> bool {
    let name = model.to_lowercase();
    let is_other = |part: &str| OTHER_KINDS.contains(&part);
    !name.split(|c: char| !c.is_ascii_alphanumeric()).any(is_other)
        && !NO_CHAT.iter().any(|kind| name.contains(kind))
}

#[cfg(test)]
mod tests {
    use super::chats;

    #[test]
    fn what_embeds_hears_speaks_or_draws_does_not_chat() {
        for model in [
            "text-embedding-3-small",
            "gpt-4o-mini-tts",
            "tts-1-hd",
            "whisper-large-v3-turbo",
            "gpt-4o-transcribe",
            "gpt-realtime-mini",
            "gpt-audio",
            "dall-e-3",
            "gpt-image-1",
            "sora-2",
            "omni-moderation-latest",
            "davinci-002",
            "gpt-3.5-turbo-instruct-0914",
            "nomic-embed-text:latest",
            "mistral-embed",
            "gemini-embedding-001",
            "gemini-2.5-flash-preview-tts",
            "meta-llama/llama-guard-4-12b",
        ] {
            assert!(!chats(model), "{model}");
        }
        for model in [
            "gpt-5-mini",
            "o3",
            "chatgpt-4o-latest",
            "mistral-large-latest",
            "llama-3.3-70b-instruct",
            "qwen3:8b",
            "codestral-2501",
            "gpt-oss-safeguard-20b",
            "pixtral-large-latest",
        ] {
            assert!(chats(model), "{model}");
        }
    }
}
