//! What a file is, found in its bytes. Its name and what its sender says of it are not believed.

/// Larger images are taken by no vendor.
const LARGEST_IMAGE: usize = 5 * 1024 * 1024;
/// Nor are wider or higher ones.
const LONGEST_SIDE: usize = 8_000;

/// Says what a file is.
///
/// # Errors
/// Why a model could not be given it, and what to do.
pub(super) fn of(bytes: &[u8]) -> Result<&'static str, (String, &'static str)> {
    if bytes.is_empty() {
        return Err(("it is empty".to_owned(), "give a file that holds something"));
    }
    if let Some(kind) = image(bytes) {
        return check_image(bytes).map(|()| kind);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok("text/plain"),
        _ => Err((
            "it is neither UTF-8 text nor a PNG, JPEG, WebP or GIF image".to_owned(),
            "convert it first, or name its path and let the model read it with a tool",
        )),
    }
}

/// The kinds that vendors take.
fn image(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        _ => None,
    }
}

fn check_image(bytes: &[u8]) -> Result<(), (String, &'static str)> {
    const SMALLER: &str = "make the image smaller, then give it again";
    if bytes.len() > LARGEST_IMAGE {
        let megabytes = bytes.len() as f64 / (1024.0 * 1024.0);
        return Err((format!("the image has {megabytes:.1} MB, and models take at most 5 MB"), SMALLER));
    }
    match imagesize::blob_size(bytes) {
        Ok(size) if size.width.max(size.height) > LONGEST_SIDE => Err((
            format!(
                "the image is {} x {} pixels, and models take at most {LONGEST_SIDE} a side",
                size.width, size.height
            ),
            SMALLER,
        )),
        Ok(size) if size.width.min(size.height) == 0 => {
            Err(("the image has no pixels".to_owned(), "give another file"))
        }
        Ok(_) => Ok(()),
        Err(_) => Err(("the image is damaged".to_owned(), "open it in a program and save it anew")),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The head of a PNG of that size, which is all that is looked at.
    pub(in super::super) fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    #[test]
    fn what_it_is_is_found_in_the_bytes() {
        assert_eq!(of(&png(10, 20)), Ok("image/png"));
        assert_eq!(of(b"GIF89a\x01\0\x01\0\0\0\0"), Ok("image/gif"));
        assert_eq!(of("naïve".as_bytes()), Ok("text/plain"));
        assert_eq!(of(b"<svg onload=alert(1)>"), Ok("text/plain"), "never an image");
        for wrong in [
            b"".as_slice(),
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff\xe0",
            b"a\0b",
            b"%PDF-1.7\xff\xfe",
            b"PK\x03\x04\xff",
        ] {
            assert!(of(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn images_that_no_model_takes_are_refused_with_their_size() {
        assert!(of(&png(8_001, 1)).unwrap_err().0.contains("8001 x 1"));
        let mut large = png(10, 10);
        large.resize(LARGEST_IMAGE + 1, 0);
        assert!(of(&large).unwrap_err().0.contains("5.0 MB"));
        assert!(of(&png(0, 5)).is_err());
    }
}
