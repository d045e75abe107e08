//! On Windows and macOS, where the clipboard alone can be had: no program tells there what is selected. The library
//! tells no formats, so a mark of a password manager is not seen here.

use super::{Texts, bounded};

/// Hands on what there is, once. To be called on the main thread.
pub(super) fn gather(then: impl FnOnce(Texts) + 'static) {
    // One that holds no text, or that another program has open just now, is nothing to ask about.
    let text = arboard::Clipboard::new().and_then(|mut clipboard| clipboard.get_text()).ok();
    then(Texts { selection: None, clipboard: text.as_deref().and_then(bounded) });
}
