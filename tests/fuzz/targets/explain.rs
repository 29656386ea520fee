//! Failed requests as they are kept and explained: nothing that would be read as a password stays, and an explanation comes of
//! everything that is JSON.
#![no_main]

use std::str;

use libfuzzer_sys::fuzz_target;
use scimgate_fuzz::scim::explain::{
    Notes, Readings, Sensitive, explain_body, explain_bulk, explain_patch, masked_query, shortened,
};
use scimgate_fuzz::scim::patch::{PasswordChange, Patch, PatchRequest};
use scimgate_fuzz::scim::resource::Draft;
use scimgate_fuzz::scim::{json, urn};
use scimgate_fuzz::{catalog, dialects, resources, within_budget};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = str::from_utf8(data) {
        within_budget(data, || drop(masked_query(text)));
    }
    let Ok(body) = json::parse(data) else { return };
    let body = match body {
        operations @ Value::Array(_) => json!({ "schemas": [urn::PATCH_OP], "Operations": operations }),
        body => body,
    };
    within_budget(data, || explain(&body));
    let sensitive = Sensitive::of(catalog());
    let redacted = sensitive.redact(body.clone());
    assert_eq!(sensitive.redact(redacted.clone()), redacted, "redacting twice is redacting once");
    for secret in passwords(&body) {
        assert!(!tells(&body, &redacted, secret.expose_secret()), "kept: {redacted}");
    }
    within_budget(data, || drop(readings(&body)));
    for kept in readings(&body) {
        assert!(kept.len() <= 1_024 && !Readings::told(&kept).is_empty(), "kept: {kept}");
        let told = serde_json::from_str(&kept).unwrap_or_default();
        for secret in passwords(&body) {
            assert!(!tells(&body, &told, secret.expose_secret()), "kept: {kept}");
        }
    }
    for limit in [100, 1_000] {
        let (short, was_cut) = shortened(redacted.clone(), limit);
        assert!(short.is_null() || short.to_string().len() <= limit);
        assert!(was_cut || short == redacted);
    }
});

fn explain(body: &Value) {
    let [dialect, _] = dialects();
    let mut notes = Notes::default();
    for kind in catalog().resource_types() {
        explain_body(body, kind, &dialect, false, &mut notes);
        explain_patch(body, kind, &dialect, &mut notes);
    }
    explain_bulk(body, catalog(), &dialect, &mut notes);
}

/// What is kept of a request that is carried out.
fn readings(body: &Value) -> Vec<String> {
    let [dialect, _] = dialects();
    let kinds = catalog().resource_types().iter();
    let all =
        kinds.flat_map(|kind| [Readings::of_body(body, kind, &dialect), Readings::of_patch(body, kind, &dialect)]);
    all.filter_map(|readings| readings.as_deref().map(str::to_owned)).collect()
}

/// What a request with that body would make a password.
fn passwords(body: &Value) -> Vec<SecretString> {
    let [dialect, _] = dialects();
    let Some(kind) = catalog().named("User") else { return Vec::new() };
    let created = Draft::parse(body.clone(), kind, &dialect).ok().and_then(|draft| draft.password);
    let patch = PatchRequest::parse(body.clone(), &dialect).and_then(|request| Patch::check(request, kind, &dialect));
    let changed = patch.ok().and_then(|patch| patch.apply(resources(kind).first()?).ok());
    let changed = changed.and_then(|outcome| match outcome.password {
        PasswordChange::Set(password) => Some(password),
        PasswordChange::Keep | PasswordChange::Clear => None,
    });
    created.into_iter().chain(changed).collect()
}

/// Whether the secret stands in what is kept, although it stood in the request as the password alone.
fn tells(body: &Value, kept: &Value, secret: &str) -> bool {
    let text = |value: &Value| value.to_string();
    let quoted = text(&secret.into());
    let bare = quoted.trim_matches('"');
    bare.len() >= 4 && text(body).matches(bare).count() == 1 && text(kept).contains(bare)
}
