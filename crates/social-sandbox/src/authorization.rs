//! The parameters that the authorization requests of all platforms have (RFC 6749 §4.1.1).

use crate::consent::Faulty;
use std::collections::HashMap;
use url::Url;

/// The query's parameters; each can be taken once.
pub(crate) struct Fields(HashMap<String, String>);

impl Fields {
    pub(crate) fn read(query: &str) -> Self {
        Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns a parameter, unless it is missing or empty.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.is_empty())
    }

    /// Returns the redirect URI, which must be one of the registered ones. `unregistered` is the error otherwise.
    pub(crate) fn redirect_uri(
        &mut self,
        registered: &[String],
        unregistered: &'static str,
    ) -> Result<RedirectUri, Faulty> {
        let text = self.take("redirect_uri").unwrap_or_default();
        if !registered.contains(&text) {
            return Err(Faulty("redirect_uri", unregistered));
        }
        match Url::parse(&text) {
            Ok(url) => Ok(RedirectUri { url, text }),
            Err(_) => Err(Faulty("redirect_uri", "it is not a URL")),
        }
    }

    /// Checks that the request is for a code.
    pub(crate) fn response_type(&mut self) -> Result<(), Faulty> {
        if self.take("response_type").is_none_or(|kind| kind != "code") {
            return Err(Faulty("response_type", "it must be code"));
        }
        Ok(())
    }
}

/// A request that is shown to the user, with what the platform adds.
#[derive(Debug)]
pub(crate) struct AuthorizationRequest<Added = ()> {
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uri: RedirectUri,
    pub(crate) state: Option<String>,
    pub(crate) added: Added,
}

impl<Added> AuthorizationRequest<Added> {
    /// Returns the redirect with these parameters, and the state if there is one.
    pub(crate) fn back(&self, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.redirect_uri.url.clone();
        let state = self.state.iter().map(|state| ("state", state));
        url.query_pairs_mut().extend_pairs(parameters).extend_pairs(state);
        url
    }
}

/// Where the response goes.
#[derive(Debug)]
pub(crate) struct RedirectUri {
    pub(crate) url: Url,
    /// As it was sent: the token request must repeat it byte for byte.
    pub(crate) text: String,
}

impl RedirectUri {
    /// Returns the host of the app.
    pub(crate) fn host(&self) -> String {
        self.url.host_str().unwrap_or("the app").to_owned()
    }
}
