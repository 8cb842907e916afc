//! Ids that some answers hold as numbers above 2^53 and others as strings: kept as text, to the last digit.

use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Number(i64),
    Text(String),
}

impl Id {
    fn into_text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

/// Reads one id; with `#[serde(default)]`, also one that is absent.
pub(super) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<Id>::deserialize(deserializer)?.map(Id::into_text))
}

/// Reads a list of ids.
pub(super) fn ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let ids = Option::<Vec<Id>>::deserialize(deserializer)?;
    Ok(ids.unwrap_or_default().into_iter().map(Id::into_text).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Reply {
        #[serde(default, deserialize_with = "id")]
        user_id: Option<String>,
        #[serde(default, deserialize_with = "ids")]
        posts: Vec<String>,
    }

    #[test]
    fn an_id_keeps_every_digit_however_it_is_written() {
        for body in [r#"{"user_id":17841400000000001}"#, r#"{"user_id":"17841400000000001"}"#] {
            let reply: Reply = serde_json::from_str(body).unwrap();
            assert_eq!(reply.user_id.as_deref(), Some("17841400000000001"));
            assert!(reply.posts.is_empty());
        }
        let reply: Reply = serde_json::from_str(r#"{"posts":[7602997517160123666,"8"]}"#).unwrap();
        assert_eq!((reply.user_id, reply.posts), (None, vec!["7602997517160123666".into(), "8".into()]));
    }
}
