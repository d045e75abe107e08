//! On Windows and macOS, where the clipboard alone can be had: no program tells there what is selected.

use super::{QuickContext, bounded};

/// Hands on what there is, once. To be called on the main thread.
pub(super) fn gather(then: impl FnOnce(QuickContext) + 'static) {
    // One that holds no text, or that another program has open just now, is nothing to ask about.
    let text = arboard::Clipboard::new().and_then(|mut clipboard| clipboard.get_text()).ok();
    then(QuickContext { selection: None, clipboard: text.as_deref().and_then(bounded) });
}
