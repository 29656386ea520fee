//! A browser without scripts: it keeps cookies, follows nothing by itself, and sends forms.

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use scimgate::model::{AdminRole, Reach};

use crate::support::admin::Admin;
use crate::support::scim::Scim;

/// Somebody at a browser without scripts.
pub struct Visitor {
    pub origin: String,
    pub cookie: String,
    pub csrf: String,
    pub http: Client,
}

/// What came back.
pub struct Shown {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Visitor {
    /// An administrator who has signed in.
    pub async fn signed_in(scim: &Scim, role: AdminRole, reach: Reach) -> Self {
        let Admin { secret, csrf, .. } = scim.admin(role, reach).await;
        Self { cookie: format!("scimgate={secret}"), csrf, ..Self::nobody(scim) }
    }

    /// An owner of the installation.
    pub async fn owner(scim: &Scim) -> Self {
        Self::signed_in(scim, AdminRole::Owner, Reach::Instance).await
    }

    /// Somebody who has not signed in.
    pub fn nobody(scim: &Scim) -> Self {
        let origin = scim.base.trim_end_matches("/scim/v2").to_owned();
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { origin, cookie: String::new(), csrf: String::new(), http }
    }

    pub async fn get(&self, path: &str) -> Shown {
        self.send(self.http.get(format!("{}{path}", self.origin))).await
    }

    /// GETs with these headers.
    pub async fn http_get(&self, path: &str, headers: &[(&str, &str)]) -> Shown {
        let mut request = self.http.get(format!("{}{path}", self.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    /// Sends a form, with the mark of the session.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let fields = [fields, &[("csrf", self.csrf.as_str())]].concat();
        self.post_bare(path, &fields, &[]).await
    }

    /// Waits until a token is answered so: every server learns within a second what became of it.
    pub async fn until_answered(&self, token: &str, status: u16) {
        let url = format!("{}/scim/v2/Users", self.origin);
        let started = std::time::Instant::now();
        loop {
            let answer = self.http.get(&url).bearer_auth(token).send().await.unwrap();
            if answer.status().as_u16() == status {
                return;
            }
            assert!(started.elapsed().as_secs() < 5, "still {}", answer.status());
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// Sends a form as it is, with these headers.
    pub async fn post_bare(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Shown {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = self.http.post(format!("{}{path}", self.origin)).body(body);
        request = request.header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    pub async fn send(&self, request: RequestBuilder) -> Shown {
        let response = request.header(COOKIE, &self.cookie).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Shown { status, headers, text: response.text().await.unwrap() }
    }
}

impl Shown {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Where it leads on to.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.text);
        self.headers[LOCATION].to_str().unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn cookies(&self) -> Vec<&str> {
        self.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// The value of the field with that id.
    #[track_caller]
    pub fn field(&self, id: &str) -> &str {
        let (_, rest) = self.text.split_once(&format!("id=\"{id}\" value=\"")).expect("such a field");
        rest.split_once('"').unwrap().0
    }
}
