//! Arguments of commands as the webview gave them: checked, and refused in the one error shape.

use jamey_protocol::{ApiError, ErrorCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use specta::{Type, Types, datatype::DataType};
use tauri::{
    Runtime,
    ipc::{Channel, CommandArg, CommandItem, InvokeBody, InvokeError},
};

/// The longest text that a command takes, in bytes: more than the runtime takes as a prompt.
pub const LONGEST_TEXT: usize = 4 << 20;
/// The longest name, cursor, key or address.
pub const LONGEST_NAME: usize = 4 << 10;

/// One argument. A webview that was taken over may send anything; it gets an `ApiError`.
#[derive(Debug)]
pub struct Given<T>(pub T);

impl<T: Type> Type for Given<T> {
    fn definition(types: &mut Types) -> DataType {
        T::definition(types)
    }
}

impl<'de, T: DeserializeOwned, R: Runtime> CommandArg<'de, R> for Given<T> {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        let given = match command.message.payload() {
            InvokeBody::Json(Value::Object(all)) => all.get(command.key).cloned(),
            InvokeBody::Json(_) | InvokeBody::Raw(_) => None,
        };
        parsed(command.key, given.unwrap_or(Value::Null)).map(Self).map_err(|error| shaped(&error))
    }
}

/// A channel to the page, refused in the same shape when none was given.
pub struct Line<T>(pub Channel<T>);

impl<T> Type for Line<T>
where
    Channel<T>: Type,
{
    fn definition(types: &mut Types) -> DataType {
        Channel::<T>::definition(types)
    }
}

impl<'de, T, R: Runtime> CommandArg<'de, R> for Line<T>
where
    Channel<T>: CommandArg<'de, R>,
{
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        let key = command.key;
        Channel::from_command(command).map(Self).map_err(|error| {
            let why = error.0.as_str().unwrap_or("it is no channel").to_owned();
            shaped(&refused(key, &why))
        })
    }
}

/// An error as the page gets it. An `ApiError` always has a JSON form.
pub fn shaped(error: &ApiError) -> InvokeError {
    InvokeError(serde_json::to_value(error).unwrap_or_else(|_| Value::String(error.message.clone())))
}

fn parsed<T: DeserializeOwned>(name: &str, given: Value) -> Result<T, ApiError> {
    serde_json::from_value(given).map_err(|error| refused(name, &error.to_string()))
}

/// Refuses an argument.
pub fn refused(name: &str, why: &str) -> ApiError {
    ApiError::new(ErrorCode::BadRequest, format!("the value of {name} will not do: {why}"))
}

/// Lets a text pass that is no longer than `most` bytes.
///
/// # Errors
/// `TooLarge` for a longer one.
pub fn bounded(name: &str, text: String, most: usize) -> Result<String, ApiError> {
    if text.len() <= most {
        return Ok(text);
    }
    let message = format!("the value of {name} has {} bytes, {most} at most will do", text.len());
    Err(ApiError::new(ErrorCode::TooLarge, message))
}

/// The same for a short text: a name, a cursor, an address.
///
/// # Errors
/// `TooLarge` for a longer one, `BadRequest` for one with control characters.
pub fn short(name: &str, text: String) -> Result<String, ApiError> {
    let text = bounded(name, text, LONGEST_NAME)?;
    if text.chars().any(char::is_control) {
        return Err(refused(name, "it has control characters"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use jamey_protocol::SessionId;

    use super::*;

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        let error = parsed::<SessionId>("session", Value::from("../x")).unwrap_err();
        assert_eq!(error.code, ErrorCode::BadRequest);
        assert!(error.message.contains("session"), "{error}");
        assert_eq!(parsed::<Option<u32>>("limit", Value::Null), Ok(None));
        assert!(parsed::<u32>("limit", Value::from(-1)).is_err());
    }

    #[test]
    fn long_texts_and_control_characters_are_refused() {
        assert_eq!(short("name", "x".repeat(LONGEST_NAME + 1)).unwrap_err().code, ErrorCode::TooLarge);
        assert_eq!(short("name", "a\nb".to_owned()).unwrap_err().code, ErrorCode::BadRequest);
        assert_eq!(short("name", "héllo".to_owned()).unwrap(), "héllo");
    }
}
