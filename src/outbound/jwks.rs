//! Fetches the key sets of trusted issuers.

use super::HttpClient;
use crate::auth::federation::{FetchError, FetchKeys, Fetched};
use crate::model::JwksUrl;

impl FetchKeys for HttpClient {
    fn fetch<'a>(&'a self, url: &'a JwksUrl) -> Fetched<'a> {
        Box::pin(async { self.get(url.as_str()).await.map_err(|error| FetchError(error.to_string())) })
    }
}
