//! Names the accounts that were left out.

use crate::platform::LeftOut;

/// Five: as many names as fit in a sentence.
const MOST: usize = 5;
/// 60 characters of each name, as it is part of a URL.
const LONGEST: usize = 60;

/// Returns the names in one text, as "Reading Room, Old Page and 2 more"; `None` if none was left out.
#[must_use]
pub(super) fn names(left_out: &[LeftOut]) -> Option<String> {
    let name = |one: &LeftOut| -> String {
        one.name.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect()
    };
    let names = left_out.iter().take(MOST).map(name).collect::<Vec<_>>().join(", ");
    match left_out.len().saturating_sub(MOST) {
        0 => (!names.is_empty()).then_some(names),
        more => Some(format!("{names} and {more} more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_accounts_are_named_and_the_others_counted() {
        let pages = |count: usize| -> Vec<LeftOut> {
            (1..=count).map(|id| LeftOut { id: id.to_string(), name: format!("Page\n {id}") }).collect()
        };
        assert_eq!(names(&pages(0)), None);
        assert_eq!(names(&pages(1)).as_deref(), Some("Page 1"));
        assert_eq!(names(&pages(7)).as_deref(), Some("Page 1, Page 2, Page 3, Page 4, Page 5 and 2 more"));
        let long = [LeftOut { id: "1".to_owned(), name: "x".repeat(999) }];
        assert_eq!(names(&long).unwrap().len(), LONGEST);
    }
}
