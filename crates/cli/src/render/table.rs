//! Plain columns: no frames, so that lines can be cut and searched.

use std::fmt::Write as _;

use super::clean;

/// Lays rows out under a head; the last column may be as long as it wants.
#[must_use]
pub fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> =
        rows.iter().map(|row| row.each_ref().map(|cell| clean(cell).replace(['\n', '\t'], " "))).collect();
    let mut widths = head.map(|cell| cell.chars().count());
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    let mut put = |cells: [&str; N]| {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            // Writing to a string cannot fail.
            let _ = write!(line, "{cell:width$}  ");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    };
    put(head);
    for row in &rows {
        put(row.each_ref().map(String::as_str));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_hold_no_control_characters() {
        let rows = [["1".to_owned(), "long\u{1b}[m er".to_owned()], ["22".to_owned(), "é\nf".to_owned()]];
        assert_eq!(table(["N", "NAME"], &rows), "N   NAME\n1   long[m er\n22  é f\n");
    }
}
