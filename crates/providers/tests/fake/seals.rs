//! Whose thoughts stand together: those of two answers in one message are what vendors refuse.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

/// What vendors call the part of a thought that goes back unchanged.
const NAMES: [&str; 3] = ["\"signature\":\"", "\"thoughtSignature\":\"", "\"encrypted_content\":\""];

/// The seals that were sent, and with which answer.
#[derive(Debug, Default)]
pub struct Seals(HashMap<String, usize>);

impl Seals {
    /// Remembers the seals of an answer, as far as each lies in one piece.
    pub fn sent(&mut self, bytes: &[u8], answer: usize) {
        let text = String::from_utf8_lossy(bytes);
        for name in NAMES {
            let seals = text.split(name).skip(1).filter_map(|rest| rest.split('"').next());
            self.0.extend(seals.filter(|seal| !seal.is_empty()).map(|seal| (seal.to_owned(), answer)));
        }
    }

    /// Says whether a request puts the seals of several answers into one.
    pub fn fault(&self, body: &Value) -> Option<String> {
        let list = ["messages", "contents", "input"].iter().find_map(|name| body[name].as_array())?;
        let mut of: HashSet<usize> = HashSet::new();
        for message in list {
            let is_the_persons = message["role"] == "user" || message["type"] == "function_call_output";
            // In Responses an answer is several items in a row; elsewhere it is one message.
            if is_the_persons || message["role"] == "model" || message["content"].is_array() {
                of.clear();
            }
            self.find(message, &mut of);
            if of.len() > 1 {
                return Some("the thoughts of two answers in one".to_owned());
            }
        }
        None
    }

    fn find(&self, value: &Value, of: &mut HashSet<usize>) {
        match value {
            Value::String(text) => of.extend(self.0.get(text)),
            Value::Array(list) => list.iter().for_each(|value| self.find(value, of)),
            Value::Object(fields) => fields.values().for_each(|value| self.find(value, of)),
            _ => {}
        }
    }
}
