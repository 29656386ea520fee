//! What a token says, and whether that is what was registered. Nothing here looks at signatures.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::error::ClaimError;
use super::jwk::KeySet;
use crate::model::{SubjectClaim, Trust, TrustedIssuer, bare_audience};

/// How far clocks may differ.
pub(super) const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// How long a token may live. Entra's tokens for managed identities live for 24 hours, and begin five minutes early.
const LONGEST: TimeDelta = TimeDelta::hours(25);
/// Audiences that a token names at most.
const MAX_AUDIENCES: usize = 16;
/// Characters of a token's value that an error shows.
const SHOWN: usize = 128;

/// The claims of a token (RFC 7519, section 4).
pub(super) struct Claims(Map<String, Value>);

/// When a token lives.
pub(super) struct Life {
    /// Its end.
    pub end: DateTime<Utc>,
}

impl Claims {
    pub fn new(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    /// The claim `iss`.
    pub fn issuer(&self) -> Option<&str> {
        self.text("iss")
    }

    /// Everything that could be the subject.
    pub fn subjects(&self) -> Vec<String> {
        SubjectClaim::ALL.iter().filter_map(|claim| self.text(claim.as_str())).map(str::to_owned).collect()
    }

    /// Every audience in the form in which audiences are registered; none if the claim is not of the right type.
    pub fn bare_audiences(&self) -> Vec<String> {
        let audiences = self.audiences().unwrap_or_default();
        audiences.into_iter().map(|audience| bare_audience(audience).to_owned()).collect()
    }

    /// The digest of what is said of the issuer, of possible subjects and of audiences. Tokens that a workload gets one after
    /// the other have it in common.
    pub fn identity(&self) -> [u8; 32] {
        Sha256::digest(json!([self.issuer(), self.subjects(), self.bare_audiences()]).to_string()).into()
    }

    /// The claim `jti`, if there is one.
    pub fn id(&self) -> Result<Option<&str>, ClaimError> {
        match self.0.get("jti") {
            None => Ok(None),
            Some(Value::String(id)) if !id.is_empty() => Ok(Some(id)),
            Some(_) => Err(ClaimError::Missing("jti")),
        }
    }

    /// The time in which the token is valid, if that is now.
    pub fn life(&self, now: DateTime<Utc>) -> Result<Life, ClaimError> {
        let end = self.instant("exp")?.ok_or(ClaimError::Missing("exp"))?;
        let (not_before, issued_at) = (self.instant("nbf")?, self.instant("iat")?);
        if end + LEEWAY <= now {
            return Err(ClaimError::Expired { exp: print(end), now: print(now) });
        }
        if let Some(nbf) = not_before.filter(|nbf| *nbf > now + LEEWAY) {
            return Err(ClaimError::NotYet { nbf: print(nbf), now: print(now) });
        }
        if let Some(iat) = issued_at.filter(|iat| *iat > now + LEEWAY) {
            return Err(ClaimError::FromTheFuture { iat: print(iat), now: print(now) });
        }
        let begin = issued_at.into_iter().chain(not_before).min().ok_or(ClaimError::NoBeginning)?;
        if end - begin > LONGEST {
            return Err(ClaimError::TooLong { hours: (end - begin).num_hours() });
        }
        Ok(Life { end })
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A claim that holds an instant (`NumericDate`), if it is there; of another type it is an error, and not as if absent.
    fn instant(&self, name: &'static str) -> Result<Option<DateTime<Utc>>, ClaimError> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let seconds = value.as_i64().or_else(|| value.as_f64().and_then(whole));
        // Until the year 9999, so that nothing can be added beyond what a date holds.
        let seconds = seconds.filter(|seconds| (0..=253_402_300_799).contains(seconds));
        seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)).map(Some).ok_or(ClaimError::Missing(name))
    }

    /// The claim `aud`, a text or a list of texts.
    fn audiences(&self) -> Result<Vec<&str>, ClaimError> {
        let audiences: Option<Vec<&str>> = match self.0.get("aud") {
            Some(Value::String(audience)) => Some(vec![audience]),
            Some(Value::Array(audiences)) if audiences.len() <= MAX_AUDIENCES => {
                audiences.iter().map(Value::as_str).collect()
            }
            _ => None,
        };
        audiences.filter(|audiences| !audiences.is_empty()).ok_or(ClaimError::Missing("aud"))
    }
}

/// The whole seconds of a number with a fraction.
fn whole(seconds: f64) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation, reason = "the range is checked before")]
    (0.0..=253_402_300_799.0).contains(&seconds).then_some(seconds.floor() as i64)
}

/// Whether the token says all that is asked for. The checks go from what is most often wrong to what is seldom.
pub(super) fn check(trust: &Trust, claims: &Claims) -> Result<(), ClaimError> {
    if claims.text("sub").is_none() {
        return Err(ClaimError::Missing("sub"));
    }
    let audiences = claims.audiences()?;
    if !audiences.iter().any(|audience| trust.audiences.iter().any(|accepted| accepted == bare_audience(audience))) {
        return Err(ClaimError::Audience { got: show(&audiences.join(", ")) });
    }
    let name = trust.subject_claim.as_str();
    match claims.text(name) {
        Some(subject) if subject == trust.subject => {}
        Some(subject) => return Err(ClaimError::Subject { claim: name, got: show(subject) }),
        None => return Err(ClaimError::Missing(name)),
    }
    if let Some(tid) = &trust.tid {
        match claims.text("tid") {
            Some(got) if got == tid => {}
            Some(got) => return Err(ClaimError::Organisation { got: show(got) }),
            None => return Err(ClaimError::Missing("tid")),
        }
    }
    let wrong = trust.claims.iter().find(|(name, wanted)| claims.text(name) != Some(wanted));
    wrong.map_or(Ok(()), |(name, _)| Err(ClaimError::Claim(name.clone())))
}

/// The one trusted issuer that the token fits. If there is none, the error is that of the one it fits best.
pub(super) fn the_one<'a>(
    claims: &Claims,
    signed: Vec<(&'a TrustedIssuer, Arc<KeySet>)>,
) -> Result<(&'a TrustedIssuer, Arc<KeySet>), ClaimError> {
    let mut found = None;
    let mut error = None;
    for (issuer, keys) in signed {
        match check(&issuer.trust, claims) {
            Ok(()) if found.is_some() => return Err(ClaimError::Ambiguous),
            Ok(()) => found = Some((issuer, keys)),
            Err(new) => error = Some(nearer(error, new)),
        }
    }
    found.ok_or(error.unwrap_or(ClaimError::Missing("sub")))
}

/// The error that tells more: of two issuers, that of the one whose audience and subject fit.
fn nearer(one: Option<ClaimError>, other: ClaimError) -> ClaimError {
    let rank = |error: &ClaimError| match error {
        ClaimError::Claim(_) => 3,
        ClaimError::Organisation { .. } => 2,
        ClaimError::Subject { .. } => 1,
        _ => 0,
    };
    match one {
        Some(one) if rank(&one) >= rank(&other) => one,
        _ => other,
    }
}

fn print(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A value of the token, for an error: in quotes, harmless and not long.
fn show(text: &str) -> String {
    let short: String = text.chars().take(SHOWN).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("\"{}{more}\"", short.escape_debug())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{PlainHttp, TrustInput};

    const NOW: i64 = 1_800_000_000;

    fn claims(value: Value) -> Claims {
        let Value::Object(object) = value else { panic!("no object") };
        Claims::new(object)
    }

    fn life(value: Value) -> Result<DateTime<Utc>, ClaimError> {
        claims(value).life(DateTime::from_timestamp(NOW, 0).unwrap()).map(|life| life.end)
    }

    fn trust() -> Trust {
        let input = TrustInput {
            issuer: "https://login.example.com/".into(),
            audiences: vec!["api://scim".into()],
            subject: "robot".into(),
            tid: Some("9f1e6a0e-0000-4000-8000-000000000001".into()),
            claims: [("repository".to_owned(), "acme/hr".to_owned())].into(),
            jwks_url: "https://login.example.com/keys".into(),
            ..TrustInput::default()
        };
        input.check(PlainHttp::Refused).unwrap()
    }

    #[test]
    fn a_token_is_valid_from_its_beginning_to_its_end_give_or_take_a_minute() {
        assert!(life(json!({"exp": NOW + 600, "nbf": NOW, "iat": NOW})).is_ok());
        assert!(life(json!({"exp": NOW - 59, "iat": NOW - 600})).is_ok());
        assert!(life(json!({"exp": 1_800_000_600.9, "nbf": NOW + 60})).is_ok());
        assert!(matches!(life(json!({"exp": NOW - 60, "iat": NOW - 600})), Err(ClaimError::Expired { .. })));
        assert!(matches!(life(json!({"exp": NOW + 600, "nbf": NOW + 61})), Err(ClaimError::NotYet { .. })));
        assert!(matches!(life(json!({"exp": NOW + 600, "iat": NOW + 61})), Err(ClaimError::FromTheFuture { .. })));
        assert_eq!(life(json!({"exp": NOW + 26 * 3600, "iat": NOW})), Err(ClaimError::TooLong { hours: 26 }));
        assert_eq!(life(json!({"exp": NOW + 600})), Err(ClaimError::NoBeginning));
    }

    #[test]
    fn a_claim_of_another_type_is_not_taken_for_an_absent_one() {
        for exp in
            [json!("never"), json!("1900000000"), json!(null), json!([NOW + 600]), json!(-1), json!(1e300), json!(true)]
        {
            assert_eq!(life(json!({"exp": exp, "iat": NOW})), Err(ClaimError::Missing("exp")), "{exp}");
        }
        assert_eq!(life(json!({"iat": NOW})), Err(ClaimError::Missing("exp")));
        assert_eq!(life(json!({"exp": NOW + 600, "iat": NOW, "nbf": "0"})), Err(ClaimError::Missing("nbf")));
        assert!(claims(json!({"jti": 7})).id().is_err());
    }

    #[test]
    fn every_claim_that_is_asked_for_has_to_be_there() {
        let good = json!({"sub": "robot", "aud": ["other", "api://scim/.default"], "repository": "acme/hr",
            "tid": "9f1e6a0e-0000-4000-8000-000000000001"});
        assert_eq!(check(&trust(), &claims(good.clone())), Ok(()));
        for (name, value, told) in [
            ("sub", json!("robot2"), "the token's subject (sub \"robot2\") is not registered for this issuer"),
            ("sub", json!(["robot"]), "the token has no claim sub of the right type"),
            (
                "aud",
                json!("api://scim2"),
                "the token's audience (aud) is \"api://scim2\", which is not the one registered for this issuer and subject",
            ),
            ("aud", json!([]), "the token has no claim aud of the right type"),
            ("aud", json!({"a": 1}), "the token has no claim aud of the right type"),
            (
                "tid",
                json!("contoso"),
                "the token's organisation (tid \"contoso\") is not the one registered for this issuer",
            ),
            ("tid", json!(null), "the token has no claim tid of the right type"),
            (
                "repository",
                json!("acme/hr2"),
                "the token's claim repository is not what was registered for this issuer",
            ),
        ] {
            let mut changed = good.clone();
            changed[name] = value;
            assert_eq!(check(&trust(), &claims(changed)).unwrap_err().to_string(), told);
        }
    }

    #[test]
    fn what_a_token_says_cannot_break_out_of_an_error() {
        let shown = show(&format!("a\r\nb\u{1b}{}", "x".repeat(500)));
        assert!(shown.starts_with("\"a\\r\\nb\\u{1b}") && shown.len() < 200, "{shown}");
    }
}
