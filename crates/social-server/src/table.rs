//! A plain table for a terminal.

use std::fmt::Write as _;

use serde_json::Value;

/// Rows of texts, below a heading.
pub(crate) struct Table<const N: usize>(Vec<[String; N]>);

impl<const N: usize> Table<N> {
    pub(crate) fn new(heading: &[&str; N]) -> Self {
        Self(vec![heading.map(str::to_owned)])
    }

    /// Adds a row of members of a JSON object. What is not there is a dash.
    pub(crate) fn add(&mut self, row: [&Value; N]) {
        self.0.push(row.map(|value| match value {
            Value::Null => "-".to_owned(),
            Value::String(text) => text.chars().filter(|c| !c.is_control()).collect(),
            other => other.to_string(),
        }));
    }

    pub(crate) fn print(&self) {
        print!("{}", self.text());
    }

    /// Each column is as wide as its widest text.
    fn text(&self) -> String {
        let mut text = String::new();
        for row in &self.0 {
            let mut line = String::new();
            for (place, cell) in row.iter().enumerate() {
                let widths = self.0.iter().filter_map(|row| row.get(place)).map(|cell| cell.chars().count());
                let width = widths.max().unwrap_or_default();
                // Writing to a String cannot fail.
                let _ = write!(line, "{cell:<width$}  ");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_texts_and_a_terminal_gets_no_control_characters() {
        let mut table = Table::new(&["ID", "STATE", "N"]);
        table.add([&json!("a-long-id"), &Value::Null, &json!(2)]);
        table.add([&json!("b\u{1b}[2J"), &json!("failed"), &json!(10)]);
        assert_eq!(table.text(), "ID         STATE   N\na-long-id  -       2\nb[2J       failed  10\n");
    }
}
