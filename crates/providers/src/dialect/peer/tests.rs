use std::time::{Duration, SystemTime};

use jamey_engine::ports::{ErrorKind, ProviderError};

use super::{Peer, from_reply, wait};
use crate::Secret;

fn peer() -> Peer {
    Peer {
        who: "api.example".into(),
        base: "https://api.example".into(),
        model: "m-1".into(),
        key: Some(Secret::new("sk-canary")),
        key_name: Some("EXAMPLE_API_KEY".into()),
        version: Some("v1"),
    }
}

fn error(status: u16, body: &str) -> ProviderError {
    from_reply(&peer(), status, None, body.as_bytes())
}

/// What each server says of a request that does not fit, with its status; 0 is an error inside of a stream. Where a
/// server's words were seen in somebody's report, a comment names it.
const OVERFLOWS: [(&str, u16, &str); 42] = [
    (
        "OpenAI Chat",
        400,
        r#"{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
    ),
    (
        "OpenAI Responses",
        400,
        r#"{"error":{"message":"Your input exceeds the context window of this model. Please adjust your input and try again.","type":"invalid_request_error","param":"input","code":"context_length_exceeded"}}"#,
    ),
    (
        "OpenAI Responses",
        0,
        r#"{"type":"error","code":"context_length_exceeded","message":"Your input exceeds the context window of this model. Please adjust your input and try again.","param":"input"}"#,
    ),
    (
        "OpenAI, one request above the tokens of a minute",
        429,
        r#"{"error":{"message":"Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 41000. The input or output tokens must be reduced in order to run successfully.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#,
    ),
    (
        "Azure OpenAI",
        400,
        r#"{"error":{"message":"This model's maximum context length is 16385 tokens, however you requested 16500 tokens (404 in your prompt; 16096 for the completion). Please reduce your prompt; or completion length.","type":"invalid_request_error","param":null,"code":null}}"#,
    ),
    (
        "Anthropic",
        400,
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}"#,
    ),
    (
        "Anthropic, with the answer",
        400,
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again"}}"#,
    ),
    (
        "Anthropic, in bytes",
        413,
        r#"{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}"#,
    ),
    (
        "Gemini",
        400,
        r#"{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}"#,
    ),
    ("Ollama", 400, r#"{"error":"the input length exceeds the context length"}"#),
    (
        "Ollama, told not to cut",
        400,
        r#"{"error":"prompt too long; exceeded max context length by 512 tokens"}"#,
    ),
    (
        "llama-server",
        400,
        r#"{"error":{"code":400,"message":"the request exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}"#,
    ),
    (
        "llama-server, in the middle",
        0,
        r#"{"code":500,"message":"Context size has been exceeded.","type":"server_error"}"#,
    ),
    (
        "LM Studio",
        400,
        r#"{"error":"Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input"}"#,
    ),
    (
        "LM Studio, in the middle",
        0,
        r#"{"message":"Reached context length of 4096 tokens with model (arch: qwen2) which does not currently support mid-generation context overflow."}"#,
    ),
    (
        "Jamey's local model",
        400,
        r#"{"error":{"message":"the conversation takes 9000 tokens and the model has room for 8192","type":"invalid_request_error","code":"context_length_exceeded","param":null}}"#,
    ),
    (
        "vLLM",
        400,
        r#"{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400}"#,
    ),
    (
        "vLLM, of images",
        400,
        r#"{"object":"error","message":"The decoder prompt (length 5000) is longer than the maximum model length of 4096.","type":"BadRequestError","param":null,"code":400}"#,
    ),
    (
        "text-generation-inference",
        422,
        r#"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens and 512 `max_new_tokens`","error_type":"validation"}"#,
    ),
    (
        "xAI",
        400,
        r#"{"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 140000 tokens."}"#,
    ),
    (
        "Mistral",
        400,
        r#"{"object":"error","message":"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length","type":"invalid_request_message_order","code":"3051"}"#,
    ),
    ("a proxy", 413, "Payload Too Large"),
    // earendil-works/pi, packages/ai, where the words of many servers are collected; also the next that name it.
    (
        "OpenAI, GPT-5",
        400,
        r#"{"error":{"message":"Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 305127 tokens.","type":"invalid_request_error","param":"messages","code":null}}"#,
    ),
    // BerriAI/litellm#10431
    (
        "DeepSeek",
        400,
        r#"{"error":{"message":"This model's maximum context length is 65536 tokens. However, you requested 68161 tokens (68161 in the messages, 0 in the completion). Please reduce the length of the messages or completion.","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
    ),
    // letta-ai/letta#1963
    (
        "Groq",
        400,
        r#"{"error":{"message":"Please reduce the length of the messages or completion.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
    ),
    // cline/cline#5140
    (
        "Cerebras",
        400,
        r#"{"message":"Please reduce the length of the messages or completion. Current length is 42328 while limit is 40000","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}"#,
    ),
    // OpenHands/OpenHands#8149
    (
        "OpenRouter",
        400,
        r#"{"error":{"message":"This endpoint's maximum context length is 40960 tokens. However, you requested about 42988 tokens (38892 of text input, 4096 in the output). Please reduce the length of either one, or use the \"middle-out\" transform to compress your prompt automatically.","code":400}}"#,
    ),
    // egoist/chatwise-releases#917
    (
        "OpenRouter, of the server behind it",
        400,
        r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"message\":\"input length and `max_tokens` exceed context limit: 149674 + 64000 > 204658, decrease input length or `max_tokens` and try again\"}","provider_name":"Amazon Bedrock"}}}"#,
    ),
    // earendil-works/pi
    (
        "OpenRouter, of Poolside behind it",
        400,
        r#"{"error":{"message":"Provider returned error: Input length 131393 exceeds the maximum allowed input length of 131040 tokens.","code":400}}"#,
    ),
    // earendil-works/pi
    (
        "Together",
        400,
        r#"{"error":{"message":"The input (564686 tokens) is longer than the model's context length (524288 tokens).","type":"invalid_request_error","param":null,"code":null}}"#,
    ),
    // AIDotNet/OpenCowork#82
    (
        "vLLM, with the answer",
        400,
        r#"{"error":{"message":"This model's maximum context length is 262144 tokens. However, you requested 128000 output tokens and your prompt contains at least 134145 input tokens, for a total of at least 262145 tokens.","type":"BadRequestError","param":"input_tokens","code":400}}"#,
    ),
    // sgl-project/sglang#4048
    (
        "SGLang",
        400,
        r#"{"object":"error","message":"Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens). Use a shorter input or enable --allow-auto-truncate.","type":"BadRequestError","param":null,"code":400}"#,
    ),
    // huggingface/text-generation-inference#695
    (
        "text-generation-inference, without the answer",
        422,
        r#"{"error":"Input validation error: `inputs` must have less than 4096 tokens. Given: 4545","error_type":"validation"}"#,
    ),
    // google-gemini/gemini-cli#19727
    (
        "Gemini, on Vertex",
        400,
        r#"{"error":{"code":400,"message":"Unable to submit request because the input token count is 1251952 but model only supports up to 1048576. Reduce the input token count and try again.","status":"INVALID_ARGUMENT"}}"#,
    ),
    // google-gemini/deprecated-generative-ai-android#26
    (
        "Gemini, in bytes",
        400,
        r#"{"error":{"code":400,"message":"Request payload size exceeds the limit: 20971520 bytes.","status":"INVALID_ARGUMENT"}}"#,
    ),
    // earendil-works/pi
    (
        "GitHub Copilot",
        400,
        r#"{"error":{"message":"prompt token count of 391491 exceeds the limit of 128000","code":"model_max_prompt_tokens_exceeded"}}"#,
    ),
    // QwenLM/qwen-code#98
    (
        "Qwen",
        400,
        r#"{"error":{"message":"<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 204800]","type":"invalid_request_error","param":null,"code":"invalid_parameter_error"}}"#,
    ),
    // earendil-works/pi
    (
        "Kimi",
        400,
        r#"{"error":{"message":"Invalid request: Your request exceeded model token limit: 262144 (requested: 291351)","type":"invalid_request_error"}}"#,
    ),
    // zeroclaw-labs/zeroclaw#4124
    ("Z.ai", 400, r#"{"error":{"code":"1261","message":"Prompt exceeds max length"}}"#),
    // chatboxai/chatbox#2060
    (
        "SiliconFlow",
        400,
        r#"{"code":20015,"message":"length of prompt_tokens (68957) must be less than max_seq_len (65536).","data":null}"#,
    ),
    // The words of Ark as gateways pass them on.
    (
        "Doubao",
        400,
        r#"{"error":{"code":"InvalidParameter","message":"Total tokens of image and text exceed max message tokens.","param":"","type":"BadRequest"}}"#,
    ),
    // cohere-ai/sandbox-topically#4
    (
        "Cohere",
        400,
        r#"{"message":"too many tokens: total number of tokens (prompt and prediction) cannot exceed 2048 - received 6354. Try using a shorter prompt or a smaller max_tokens value."}"#,
    ),
];

#[test]
fn the_window_is_recognised_in_each_servers_words() {
    for (server, status, body) in OVERFLOWS {
        let found = match status {
            0 => peer().in_band(&serde_json::from_str(body).unwrap()),
            status => error(status, body),
        };
        assert_eq!(found.kind, ErrorKind::ContextOverflow, "{server}: {body}");
        assert!(found.hint.unwrap().contains("larger window"), "{server}");
    }
}

#[test]
fn a_busy_server_or_a_wrong_request_is_not_taken_for_a_full_window() {
    for (status, body) in [
        (429, r#"{"message":"Too many tokens, please wait before trying again."}"#),
        (
            429,
            r#"{"error":{"message":"Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 2s.","type":"tokens","code":"rate_limit_exceeded"}}"#,
        ),
        (
            400,
            r#"{"error":{"message":"max_tokens is too large: 99999. This model supports at most 16384 completion tokens.","type":"invalid_request_error","param":"max_tokens","code":"invalid_value"}}"#,
        ),
        // Of an answer's limit: what is sent is not at fault (MoonshotAI/kimi-code#834 and #1055).
        (
            400,
            r#"{"error":{"message":"Invalid max_tokens value, the valid range of max_tokens is [1, 393216]","type":"invalid_request_error"}}"#,
        ),
        (400, r#"{"error":{"code":"InvalidParameter","message":"Range of max_tokens should be [1, 8192]"}}"#),
        (
            429,
            r#"{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"qwen/qwen3-coder:free is temporarily rate-limited upstream. Please retry shortly","provider_name":"Venice"}}}"#,
        ),
        (400, r#"{"message":"Throttling error: Too many tokens per day, please wait before trying again."}"#),
    ] {
        assert_ne!(error(status, body).kind, ErrorKind::ContextOverflow, "{body}");
    }
}

#[test]
fn what_the_server_behind_a_router_said_is_told() {
    let body = r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"temperature is deprecated\"}}","provider_name":"x"}}}"#;
    let told = error(400, body);
    assert_eq!(told.kind, ErrorKind::BadRequest);
    assert!(told.message.ends_with("Provider returned error: temperature is deprecated"), "{told:?}");
}

#[test]
fn a_used_up_account_is_not_taken_for_a_busy_server() {
    let used_up = r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    assert_eq!(error(429, used_up).kind, ErrorKind::QuotaExhausted);
    assert_eq!(error(402, r#"{"error":{"message":"Insufficient Balance"}}"#).kind, ErrorKind::QuotaExhausted);
    let busy = r#"{"error":{"message":"Rate limit reached for requests","type":"requests","code":"rate_limit_exceeded"}}"#;
    assert_eq!(error(429, busy).kind, ErrorKind::RateLimited);
    // Groq's, and that of OpenAI's free tier in its older and its newer form, each with an advertisement.
    for busy in [
        r#"{"error":{"message":"Rate limit reached for model `llama-3.3-70b-versatile` in organization `org_x` service tier `on_demand` on tokens per minute (TPM): Limit 12000, Used 4437, Requested 9854. Please try again in 11.455s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing","type":"tokens","code":"rate_limit_exceeded"}}"#,
        r#"{"error":{"message":"Rate limit reached for gpt-3.5-turbo in organization org-x on requests per min. Limit: 3 / min. Please try again in 20s. Contact us through our help center if you continue to have issues. Please add a payment method to your account to increase your rate limit. Visit https://platform.openai.com/account/billing to add a payment method.","type":"requests","param":null,"code":null}}"#,
        r#"{"error":{"message":"Slow down. See https://platform.openai.com/account/billing for more.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#,
    ] {
        assert_eq!(error(429, busy).kind, ErrorKind::RateLimited, "{busy}");
        let found = from_reply(&peer(), 429, Some("12"), busy.as_bytes());
        assert_eq!((found.kind, found.retry_after), (ErrorKind::RateLimited, Some(Duration::from_secs(12))));
        let event: serde_json::Value = serde_json::from_str(busy).unwrap();
        assert_eq!(peer().in_band(&event["error"]).kind, ErrorKind::RateLimited, "in a stream: {busy}");
    }
    // A wish to wait outweighs words, not the code.
    let words = r#"{"error":{"message":"Check your plan and billing details."}}"#;
    assert_eq!(error(429, words).kind, ErrorKind::QuotaExhausted);
    assert_eq!(from_reply(&peer(), 429, Some("3"), words.as_bytes()).kind, ErrorKind::RateLimited);
    assert_eq!(from_reply(&peer(), 429, Some("3"), used_up.as_bytes()).kind, ErrorKind::QuotaExhausted);
}

#[test]
fn a_missing_key_and_a_wrong_one_are_told_apart() {
    let wrong = error(401, r#"{"error":{"message":"Incorrect API key provided: sk-canary."}}"#);
    assert_eq!(wrong.kind, ErrorKind::Auth);
    assert!(wrong.message.contains("did not accept the key") && wrong.message.contains("[key]"));
    assert_eq!(wrong.hint.as_deref(), Some("check EXAMPLE_API_KEY"));
    let missing = from_reply(&Peer { key: None, ..peer() }, 401, None, b"");
    assert!(
        missing.message.contains("there is none") && missing.hint.unwrap().contains("set EXAMPLE_API_KEY")
    );
    let google = r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#;
    assert_eq!(error(400, google).kind, ErrorKind::Auth);
}

#[test]
fn a_missing_model_and_a_wrong_base_url_are_told_apart() {
    let model =
        error(404, r#"{"error":{"message":"The model `m-1` does not exist","code":"model_not_found"}}"#);
    assert_eq!(model.kind, ErrorKind::NotFound);
    assert!(model.message.contains("has no model `m-1`") && model.of_model);
    let barred = error(403, r#"{"error":{"message":"Project x does not have access to model m-1"}}"#);
    assert_eq!((barred.kind, barred.of_model), (ErrorKind::Permission, true));
    assert!(!error(403, r#"{"error":{"message":"Country not supported"}}"#).of_model);
    let url = error(404, r#"{"detail":"Not Found"}"#);
    assert!(!url.of_model && url.hint.unwrap().contains("https://api.example/v1"));
    for (base, version) in [
        ("https://api.example/v1", Some("v1")),
        ("https://api.example/v1/team", Some("v1")),
        ("https://api.example/api/paas/v4", Some("v1")),
        ("https://api.example", None),
    ] {
        let other = Peer { base: base.into(), version, ..peer() };
        assert_eq!(from_reply(&other, 404, None, b"").hint.as_deref(), Some("check the base URL"), "{base}");
    }
}

/// What servers say with 400 or 422 of a model that they do not have. Where a server's words were seen in somebody's
/// report, a comment names it.
const NO_MODELS: [(&str, u16, &str); 6] = [
    // OpenRouterTeam/openrouter-examples#74
    (
        "OpenRouter",
        400,
        r#"{"error":{"message":"m-1 is not a valid model ID","code":400},"user_id":"user_x"}"#,
    ),
    // ConardLi/easy-dataset#9
    (
        "DeepSeek",
        400,
        r#"{"error":{"message":"Model Not Exist","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
    ),
    // BerriAI/litellm#8821
    (
        "LiteLLM",
        400,
        r#"{"error":{"message":{"error":"/chat/completions: Invalid model name passed in model=m-1. Call `/v1/models` to view available models for your key."},"type":"None","param":"None","code":"400"}}"#,
    ),
    (
        "a gateway, in OpenAI's words",
        400,
        r#"{"error":{"message":"The requested model 'm-1' does not exist.","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#,
    ),
    // mistralai/mistral-vibe#617
    (
        "Mistral",
        400,
        r#"{"object":"error","message":"Invalid model: m-1","type":"invalid_model","param":null,"code":"1500","raw_status_code":400}"#,
    ),
    ("another one", 422, r#"{"error":{"message":"Invalid model name: m-1"}}"#),
];

#[test]
fn a_missing_model_is_recognised_where_the_request_is_said_to_be_wrong() {
    for (server, status, body) in NO_MODELS {
        let found = error(status, body);
        assert_eq!((found.kind, found.of_model), (ErrorKind::NotFound, true), "{server}: {body}");
        assert!(found.message.contains("has no model `m-1`"), "{server}: {found:?}");
    }
    let inside = r#"{"message":"m-1 is not a valid model ID","code":400}"#;
    assert_eq!(peer().in_band(&serde_json::from_str(inside).unwrap()).kind, ErrorKind::NotFound);
    for other in [
        r#"{"error":{"message":"Invalid value for 'model_kwargs'","code":"invalid_value"}}"#,
        r#"{"error":{"message":"This model does not support tools","code":"unsupported_value"}}"#,
    ] {
        assert_eq!(error(400, other).kind, ErrorKind::BadRequest, "{other}");
    }
}

#[test]
fn a_servers_words_are_bounded_and_harmless() {
    let body = format!("{{\"error\":\"a\\u001b[2Jb\\u202e\\n\\n c {}\"}}", "é".repeat(1000));
    let message = error(500, &body).message;
    assert!(message.starts_with("api.example failed (500): a [2Jb c é"), "{message}");
    assert!(message.chars().count() < 340);
    assert_eq!(error(502, "<html><body>x</body></html>").message, "api.example failed (502)");
    let split = format!("{}sk-canary", "x".repeat(296));
    assert!(!error(500, &split).message.contains("sk-"));
}

#[test]
fn other_refusals_have_their_kinds() {
    for (status, body, kind) in [
        (403, "", ErrorKind::Permission),
        (408, "", ErrorKind::Timeout),
        (422, r#"{"detail":[{"msg":"field required"}]}"#, ErrorKind::BadRequest),
        (400, r#"{"error":{"code":"content_filter","message":"x"}}"#, ErrorKind::ContentFilter),
        (503, "loading model", ErrorKind::Overloaded),
        (529, "", ErrorKind::Overloaded),
        (418, "", ErrorKind::BadRequest),
    ] {
        assert_eq!(error(status, body).kind, kind, "{status} {body}");
    }
}

#[test]
fn the_wish_to_wait_is_read_in_both_forms_and_capped() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    let seconds = |n| Some(Duration::from_secs(n));
    for (value, asked) in [
        ("7", seconds(7)),
        (" 0 ", seconds(0)),
        ("99999", seconds(3600)),
        ("1e300", seconds(3600)),
        ("Sun, 06 Nov 1994 08:49:47 GMT", seconds(10)),
        ("Sun, 06 Nov 1994 08:49:30 GMT", seconds(0)),
        ("Sat, 06 Nov 2094 08:49:30 GMT", seconds(3600)),
        ("-3", None),
        ("NaN", None),
        ("soon", None),
        ("", None),
    ] {
        assert_eq!(wait(value, now), asked, "{value:?}");
    }
    assert_eq!(wait("0.25", now), Some(Duration::from_millis(250)));
}

#[test]
fn a_key_at_the_cut_of_a_message_is_not_half_shown() {
    let fault = serde_json::from_str::<u8>("x").unwrap_err();
    for at in 280..305 {
        let body = format!("{}sk-canary and more", "x".repeat(at));
        let told = peer().other_content("text/plain", body.as_bytes()).message;
        assert!(!told.contains("sk-"), "{at}: {told}");
    }
    for at in 100..125 {
        let line = format!("{}sk-canary and more", "x".repeat(at));
        let told = peer().not_the_protocol(line.as_bytes(), &fault).message;
        assert!(!told.contains("sk-"), "{at}: {told}");
    }
}
