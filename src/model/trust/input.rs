//! What an administrator says of an issuer, and what of it cannot be.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    ENTRA_SHARED_AUDIENCE, IssuerUrl, JwksUrl, PlainHttp, SigningAlgorithm, SubjectClaim, Trust, bare_audience,
};

/// Audiences at most.
const MAX_AUDIENCES: usize = 10;
/// Further claims at most.
const MAX_CLAIMS: usize = 10;
/// Characters of an audience or of a claim's text at most.
const MAX_TEXT: usize = 512;
/// Characters of a subject at most (OpenID Connect Core, section 2).
const MAX_SUBJECT: usize = 255;
/// Claims that have a place of their own, and so none among the further ones.
const OWN_PLACE: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "tid"];

/// What an administrator says of an issuer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustInput {
    /// The claim `iss`.
    pub issuer: String,
    /// The accepted values of the claim `aud`.
    pub audiences: Vec<String>,
    /// The claim that names the subject; `sub` if there is none.
    #[serde(default)]
    pub subject_claim: Option<String>,
    /// The subject.
    pub subject: String,
    /// Entra's claim `tid`.
    #[serde(default)]
    pub tid: Option<String>,
    /// Further claims and their texts.
    #[serde(default)]
    pub claims: BTreeMap<String, String>,
    /// Where the keys are.
    pub jwks_url: String,
    /// Names of algorithms.
    #[serde(default)]
    pub algorithms: Vec<String>,
    /// Whether assertions may be used again within their life.
    #[serde(default)]
    pub reusable: bool,
}

/// One thing that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustProblem {
    /// The member of [`TrustInput`], as JSON spells it.
    pub field: &'static str,
    /// What is wrong with it and what to do.
    pub why: String,
}

/// Everything that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrustProblems(pub Vec<TrustProblem>);

impl fmt::Display for TrustProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(|problem| format!("{} {}", problem.field, problem.why)).collect();
        f.write_str(&all.join("; "))
    }
}

impl std::error::Error for TrustProblems {}

impl TrustProblems {
    fn read<T>(&mut self, field: &'static str, read: Result<T, String>) -> Option<T> {
        read.map_err(|why| self.0.push(TrustProblem { field, why })).ok()
    }
}

impl TrustInput {
    /// Checks all of it.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn check(&self, plain: PlainHttp) -> Result<Trust, TrustProblems> {
        let mut problems = TrustProblems::default();
        let issuer = problems.read("issuer", IssuerUrl::parse(self.issuer.trim(), plain));
        let jwks_url = problems.read("jwksUrl", JwksUrl::parse(self.jwks_url.trim(), plain));
        let audiences = problems.read("audiences", self.audiences());
        let claim = self.subject_claim.as_deref().unwrap_or("sub").parse::<SubjectClaim>();
        let subject_claim = problems.read("subjectClaim", claim);
        let subject = problems.read("subject", self.subject(subject_claim));
        let tid = problems.read("tid", self.tid.as_deref().map(organisation).transpose());
        let claims = problems.read("claims", self.claims());
        let algorithms = self.algorithms.iter().map(|name| name.parse()).collect::<Result<Vec<SigningAlgorithm>, _>>();
        let algorithms = problems.read("algorithms", algorithms);
        if let (Some(audiences), Some(None)) = (&audiences, &tid)
            && audiences.iter().any(|audience| audience == ENTRA_SHARED_AUDIENCE)
        {
            let why = "is missing; every application of every organisation shares this audience of Entra, so say whose tokens \
                       are meant"
                .to_owned();
            problems.0.push(TrustProblem { field: "tid", why });
        }
        let trust = (|| {
            Some(Trust {
                issuer: issuer?,
                audiences: audiences?,
                subject_claim: subject_claim?,
                subject: subject?,
                tid: tid?,
                claims: claims?,
                jwks_url: jwks_url?,
                algorithms: algorithms?,
                single_use: !self.reusable,
            })
        })();
        trust.filter(|_| problems.0.is_empty()).ok_or(problems)
    }

    fn audiences(&self) -> Result<Vec<String>, String> {
        let mut audiences = Vec::new();
        for audience in &self.audiences {
            let audience = bare_audience(text(audience, MAX_TEXT)?).to_owned();
            if audience.is_empty() {
                return Err("holds an empty text".into());
            }
            if !audiences.contains(&audience) {
                audiences.push(audience);
            }
        }
        match audiences.len() {
            0 => Err("is missing; name what the issuer writes into the claim aud".into()),
            1..=MAX_AUDIENCES => Ok(audiences),
            _ => Err(format!("holds more than {MAX_AUDIENCES}")),
        }
    }

    /// Entra writes the ids of objects and applications in lower case, its portal not everywhere.
    fn subject(&self, claim: Option<SubjectClaim>) -> Result<String, String> {
        let subject = text(&self.subject, MAX_SUBJECT)?;
        match claim {
            Some(SubjectClaim::Oid | SubjectClaim::Appid | SubjectClaim::Azp) => {
                Ok(Uuid::try_parse(subject).map_or_else(|_| subject.to_owned(), |id| id.hyphenated().to_string()))
            }
            _ => Ok(subject.to_owned()),
        }
    }

    fn claims(&self) -> Result<BTreeMap<String, String>, String> {
        if self.claims.len() > MAX_CLAIMS {
            return Err(format!("holds more than {MAX_CLAIMS}"));
        }
        let claim = |(name, value): (&String, &String)| {
            let name = text(name, 64)?;
            if OWN_PLACE.contains(&name) {
                return Err(format!("names {name}, which has a place of its own"));
            }
            Ok((name.to_owned(), text(value, MAX_TEXT)?.to_owned()))
        };
        self.claims.iter().map(claim).collect()
    }
}

/// A non-empty text of printable ASCII, as identifiers in tokens are; so none can look like another.
fn text(text: &str, max: usize) -> Result<&str, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("is missing".into());
    }
    if text.len() > max {
        return Err(format!("is longer than {max} characters"));
    }
    if !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Err("holds a character that is not printable ASCII".into());
    }
    Ok(text)
}

fn organisation(tid: &str) -> Result<String, String> {
    let id =
        Uuid::try_parse(tid.trim()).map_err(|_| "is no UUID; it is the directory (tenant) id of Entra".to_owned())?;
    Ok(id.hyphenated().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input() -> TrustInput {
        TrustInput {
            issuer: "https://login.example.com/".into(),
            audiences: vec!["api://scim/.default".into(), "api://scim".into()],
            subject: "robot".into(),
            jwks_url: "https://login.example.com/keys".into(),
            ..TrustInput::default()
        }
    }

    fn told(input: &TrustInput) -> String {
        input.check(PlainHttp::Refused).unwrap_err().to_string()
    }

    #[test]
    fn what_is_said_is_put_into_one_form() {
        let trust = input().check(PlainHttp::Refused).unwrap();
        assert_eq!(trust.audiences, ["api://scim"]);
        assert_eq!((trust.subject_claim, trust.single_use), (SubjectClaim::Sub, true));
        let upper = "8ADF8E6E-67B2-4CF2-A259-E3DC5476C622";
        let entra = TrustInput {
            subject_claim: Some("appid".into()),
            subject: upper.into(),
            tid: Some(upper.into()),
            ..input()
        };
        let trust = entra.check(PlainHttp::Refused).unwrap();
        assert_eq!((trust.subject, trust.tid), (upper.to_lowercase(), Some(upper.to_lowercase())));
    }

    #[test]
    fn everything_that_cannot_be_is_told_together() {
        let empty = told(&TrustInput::default());
        assert_eq!(
            empty,
            "issuer is missing; jwksUrl is missing; audiences is missing; name what the issuer writes into the claim aud; \
             subject is missing"
        );
        let algorithm = TrustInput { algorithms: vec!["HS256".into()], ..input() };
        assert!(told(&algorithm).starts_with("algorithms \"HS256\" is no algorithm that tokens are taken with"));
        let claim = TrustInput { claims: [("iss".to_owned(), "x".to_owned())].into(), ..input() };
        assert_eq!(told(&claim), "claims names iss, which has a place of its own");
        assert!(told(&TrustInput { subject: "caf\u{e9}".into(), ..input() }).contains("ASCII"));
    }

    #[test]
    fn the_audience_that_all_share_needs_an_organisation() {
        let shared = TrustInput { audiences: vec![ENTRA_SHARED_AUDIENCE.into()], ..input() };
        assert!(told(&shared).starts_with("tid is missing; every application of every organisation shares"));
        assert!(told(&TrustInput { tid: Some("contoso".into()), ..shared }).starts_with("tid is no UUID"));
    }
}
