//! `jamey support-bundle`: the archive for whoever helps, and what is and is not in it.

use std::{fmt::Write as _, path::Path};

use jamey_protocol::ApiError;

use crate::{
    exit,
    link::Link,
    offline::{self, Bundle},
    render::{self, bytes, clean},
};

pub fn run(link: &Link, output: Option<&Path>) -> Result<u8, ApiError> {
    let bundle = offline::support_bundle(output)?;
    if link.globals.json {
        render::print_json(&bundle);
    } else if link.globals.quiet {
        render::print(&format!("{}\n", clean(&bundle.path)));
    } else {
        render::print(&told(&bundle));
    }
    Ok(exit::DONE)
}

fn told(bundle: &Bundle) -> String {
    let mut out = format!("{} ({})\n\ninside:\n", clean(&bundle.path), bytes(bundle.bytes));
    for part in &bundle.parts {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {:<14} {:>8}  {}", clean(&part.name), bytes(part.bytes), clean(&part.about));
    }
    let _ = write!(
        out,
        "\nnot inside: {}.\n\nIt is plain text in a zip, readable by you alone. Look through it before you send it to \
         somebody.\n",
        clean(&bundle.left_out)
    );
    out
}
