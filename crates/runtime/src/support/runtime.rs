//! What a running runtime says about itself. One that hangs is a finding, not a reason to wait.

use std::time::Duration;

use jamey_ipc::{Client, Folders, instance::Lock};
use jamey_protocol::ApiError;
use serde_json::{Value, json};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) async fn answers(folders: &Folders) -> Value {
    if Lock::holder(folders).is_none() {
        return json!({ "runs": false });
    }
    let client = match within(Client::connect(folders, None)).await {
        Ok(client) => client,
        Err(why) => return json!({ "runs": true, "answers": why }),
    };
    let hello = match within(client.hello()).await {
        Ok(hello) => hello,
        Err(why) => return json!({ "runs": true, "answers": why }),
    };
    let mut told = json!({ "runs": true, "hello": hello, "status": either(within(client.status()).await) });
    if hello.capabilities.iter().any(|name| name == "health") {
        told["health"] = either(within(client.health()).await);
    }
    without_vendors_words(&mut told);
    told
}

/// Takes out what vendors said of failed calls: it may quote what the person had said. How often calls
/// failed, and when, stays.
fn without_vendors_words(told: &mut Value) {
    // A report begins with the provider's name; behind the last colon are the vendor's words.
    let shorten = |finding: &mut Value, parts: usize| {
        if let Some(text) = finding.as_str().filter(|text| text.matches(':').count() >= parts) {
            *finding = text.split(':').take(parts).collect::<Vec<_>>().join(":").into();
        }
    };
    let providers = told.pointer_mut("/status/providers").and_then(Value::as_array_mut);
    for provider in providers.into_iter().flatten() {
        shorten(&mut provider["finding"], 1);
        if let Some(last) = provider.get_mut("lastFailure").and_then(Value::as_object_mut) {
            last.remove("text");
        }
    }
    for list in ["/status/problems", "/health/checks"] {
        for check in told.pointer_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            if check["name"].as_str().is_some_and(|name| name.starts_with("provider")) {
                shorten(&mut check["finding"], 2);
            }
        }
    }
}

async fn within<T>(work: impl Future<Output = Result<T, ApiError>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error.message),
        Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
    }
}

fn either(answer: Result<impl serde::Serialize, String>) -> Value {
    match answer {
        Ok(answer) => json!(answer),
        Err(why) => json!({ "fault": why }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_vendor_said_of_a_failed_call_is_left_out() {
        let provider = json!({"name": "p", "finding": "its last 3 calls failed: prompt-canary", "failed": 3,
            "lastFailure": {"at": 7, "text": "prompt-canary"}});
        let checks = json!([{"name": "provider", "finding": "p: its last call failed: prompt-canary"}, {"name": "disk", "finding": "a: b"}]);
        let mut told =
            json!({"status": {"providers": [provider], "problems": checks}, "health": {"checks": checks}});
        without_vendors_words(&mut told);
        assert!(!told.to_string().contains("canary"), "{told}");
        assert_eq!(told["status"]["providers"][0]["finding"], "its last 3 calls failed");
        assert_eq!(told["status"]["problems"][0]["finding"], "p: its last call failed");
        assert_eq!(told["status"]["problems"][1]["finding"], "a: b");
        let mut hanging = json!({"runs": true, "answers": "none"});
        without_vendors_words(&mut hanging);
        assert_eq!(hanging, json!({"runs": true, "answers": "none"}));
    }
}
