//! What the files that a person gave along are to the model: images, or text within the words.

use std::{collections::HashMap, sync::Arc};

use jamey_protocol::{ApiError, Attachment, AttachmentId, Item, ItemBody};

use super::remembered::Remembered;
use crate::ports::{Image, Message};

/// So much of a text file is put into the words, in bytes; the model can read the rest with a tool.
const LONGEST_TEXT: usize = 256 * 1024;

/// The files of a session that its next request needs.
#[derive(Debug, Default)]
pub struct Given {
    pieces: HashMap<AttachmentId, Piece>,
    is_blind: bool,
}

#[derive(Debug)]
enum Piece {
    Image(Image),
    Text(String),
    /// It is not there any more, and why.
    Gone(String),
}

impl Given {
    /// Notes whether the model can look at images; if not, words say that there was one.
    pub fn sees(&mut self, sees: bool) {
        self.is_blind = !sees;
    }

    /// The files that these items name and that were not read yet. What a summary stands for is not needed.
    #[must_use]
    pub fn lacks(&self, items: &[Item]) -> Vec<Attachment> {
        let named = Remembered::of(items).whole().filter_map(|item| match &item.body {
            ItemBody::UserMessage { attachments, .. } => Some(attachments),
            _ => None,
        });
        let is_needed = |file: &&Attachment| {
            let is_of_no_use = self.is_blind && is_image(file);
            !is_of_no_use && !self.pieces.contains_key(&file.id)
        };
        named.flatten().filter(is_needed).cloned().collect()
    }

    /// Takes what was read of a file.
    pub fn add(&mut self, file: &Attachment, read: Result<Arc<[u8]>, ApiError>) {
        let piece = match read {
            Ok(data) if is_image(file) => Piece::Image(Image { media_type: file.media_type.clone(), data }),
            Ok(bytes) => Piece::Text(text(&bytes)),
            Err(error) => Piece::Gone(error.message),
        };
        self.pieces.insert(file.id, piece);
    }

    /// Lets everything go that was read.
    pub fn forget(&mut self) {
        self.pieces = HashMap::new();
    }

    /// What a text file says; none for an image, and where it was not read.
    pub(super) fn text(&self, file: &Attachment) -> Option<&str> {
        match self.pieces.get(&file.id) {
            Some(Piece::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn message(&self, words: &str, attachments: &[Attachment]) -> Message {
        let mut text = words.to_owned();
        let mut images = Vec::new();
        for file in attachments {
            let part = match self.pieces.get(&file.id) {
                _ if self.is_blind && is_image(file) => {
                    format!("[The image {} was given along; you cannot look at images.]", file.name)
                }
                Some(Piece::Image(image)) => {
                    images.push(image.clone());
                    continue;
                }
                Some(Piece::Text(content)) => {
                    let end = if content.ends_with('\n') { "" } else { "\n" };
                    format!("<file name=\"{}\">\n{content}{end}</file>", file.name)
                }
                Some(Piece::Gone(why)) => format!("[The file {} was given along: {why}.]", file.name),
                None => format!("[The file {} was given along.]", file.name),
            };
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(&part);
        }
        Message::User { text, images }
    }
}

/// Tells whether files are among what is sent, whose tokens nobody can tell from their bytes.
#[must_use]
pub fn has_files(items: &[Item]) -> bool {
    let has_some = |item: &Item| matches!(&item.body, ItemBody::UserMessage { attachments, .. } if !attachments.is_empty());
    Remembered::of(items).whole().any(has_some)
}

/// About how many bytes of words a file is to the model; an image is as much as a page of them.
pub(super) fn weight(file: &Attachment) -> usize {
    if is_image(file) { 5_600 } else { file.bytes.min(LONGEST_TEXT as u64) as usize }
}

/// Tells whether a file is one that a model looks at.
#[must_use]
pub fn is_image(file: &Attachment) -> bool {
    file.media_type.starts_with("image/")
}

/// The words of a file, with a mark where they were cut.
fn text(bytes: &[u8]) -> String {
    let whole = String::from_utf8_lossy(bytes);
    if whole.len() <= LONGEST_TEXT {
        return whole.into_owned();
    }
    let end = (0..=LONGEST_TEXT).rev().find(|at| whole.is_char_boundary(*at)).unwrap_or(0);
    format!("{}\n[cut here: these are the first {end} of {} bytes of the file]", &whole[..end], bytes.len())
}

#[cfg(test)]
mod tests {
    use jamey_protocol::{ErrorCode, ItemId, TurnId};

    use super::*;

    fn file(name: &str, media_type: &str) -> Attachment {
        Attachment { id: AttachmentId::new(), name: name.into(), media_type: media_type.into(), bytes: 3 }
    }

    #[test]
    fn text_goes_into_the_words_and_images_beside_them() {
        let (notes, picture) = (file("a.txt", "text/plain"), file("p.png", "image/png"));
        let mut given = Given::default();
        given.add(&notes, Ok(b"alpha".as_slice().into()));
        given.add(&picture, Ok(b"PNG".as_slice().into()));
        let Message::User { text, images } = given.message("look", &[notes.clone(), picture.clone()]) else {
            panic!("a user's message")
        };
        assert_eq!(text, "look\n\n<file name=\"a.txt\">\nalpha\n</file>");
        assert_eq!((images.len(), images[0].media_type.as_str()), (1, "image/png"));
        given.sees(false);
        let Message::User { text, images } = given.message("", &[picture]) else {
            panic!("a user's message")
        };
        assert!(text.contains("p.png") && images.is_empty(), "{text}");
    }

    #[test]
    fn a_long_text_is_cut_where_it_can_be_seen_and_one_that_is_gone_is_told() {
        let (long, gone) = (file("long.txt", "text/plain"), file("gone.txt", "text/plain"));
        let mut given = Given::default();
        given.add(&long, Ok("ü".repeat(LONGEST_TEXT).into_bytes().into()));
        given.add(&gone, Err(ApiError::new(ErrorCode::NotFound, "it was removed")));
        let Message::User { text, .. } = given.message("", &[long, gone]) else { panic!("a user's message") };
        assert!(text.len() < LONGEST_TEXT + 300 && text.contains("[cut here: these are the first 262144 of"));
        assert!(text.ends_with("[The file gone.txt was given along: it was removed.]"));
    }

    #[test]
    fn only_what_is_needed_and_not_there_yet_is_read() {
        let (old, new) = (file("old.txt", "text/plain"), file("new.png", "image/png"));
        let turn = TurnId::new();
        let item = |body| Item { id: ItemId::new(), turn, step: 0, at: 0, body };
        let said = |file: &Attachment| {
            item(ItemBody::UserMessage { text: "x".into(), attachments: vec![file.clone()] })
        };
        let items = [said(&old), item(ItemBody::Summary { text: "s".into(), replaces: 1 }), said(&new)];
        let mut given = Given::default();
        assert_eq!(given.lacks(&items), std::slice::from_ref(&new));
        given.sees(false);
        assert_eq!(given.lacks(&items), []);
        given.sees(true);
        given.add(&new, Ok(b"x".as_slice().into()));
        assert_eq!(given.lacks(&items), []);
    }
}
