//! What the tokens of an issuer have to be and to say, as a form asks for it.

use std::collections::BTreeMap;

use super::error::sentence;
use super::fields::Fields;
use super::pages::{Choice, Field, TrustForm};
use crate::model::{PlainHttp, SubjectClaim, Trust, TrustInput, TrustProblem, TrustProblems};

/// What is wrong, by the field that it stands in.
pub type Wrongs = BTreeMap<&'static str, String>;

/// Whose tokens are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Those that Entra sends itself.
    Entra,
    /// Those of a workload that Entra knows.
    Federated,
    /// Anybody else's.
    Other,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Entra, Self::Federated, Self::Other];

    /// What the form sends.
    pub fn key(self) -> &'static str {
        match self {
            Self::Entra => "entra",
            Self::Federated => "federated",
            Self::Other => "other",
        }
    }

    /// The shape of that key.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.key() == key)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entra => "Entra's own",
            Self::Federated => "An Entra workload's",
            Self::Other => "Another issuer's",
        }
    }

    /// When to choose it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Entra => "Secret Token is left blank",
            Self::Federated => "Workload identity federation",
            Self::Other => "GitHub, Google, Kubernetes …",
        }
    }

    /// The field that a problem stands in.
    fn field(self, member: &'static str) -> &'static str {
        match (self, member) {
            (Self::Other, "jwksUrl") => "jwks-url",
            (Self::Other, "subjectClaim") => "subject",
            (Self::Other, member) => member,
            (_, "subject" | "subjectClaim") => "application",
            (_, "audiences") => "audience",
            _ => "directory",
        }
    }
}

/// What the form says, if it can be.
///
/// # Errors
/// What is wrong, by field.
pub fn read(form: &Fields, shape: Shape, plain: PlainHttp) -> Result<Trust, Wrongs> {
    let mut wrongs = Wrongs::new();
    let claims = claims(form.get("claims")).map_err(|told| wrongs.insert("claims", told)).unwrap_or_default();
    let input = match shape {
        Shape::Entra => TrustInput::entra(form.get("directory"), Vec::new(), Some(form.get("application"))),
        Shape::Federated => {
            let audiences = vec![form.get("audience").to_owned()];
            TrustInput::entra(form.get("directory"), audiences, Some(form.get("application")))
        }
        Shape::Other => TrustInput {
            issuer: form.get("issuer").to_owned(),
            audiences: lines(form.get("audiences")).map(str::to_owned).collect(),
            subject_claim: some(form.get("subject-claim")),
            subject: form.get("subject").to_owned(),
            tid: some(form.get("tid")),
            claims,
            jwks_url: form.get("jwks-url").to_owned(),
            algorithms: words(form.get("algorithms")),
            reusable: !form.get("reusable").is_empty(),
        },
    };
    let outcome = input.check(plain);
    if let Err(TrustProblems(problems)) = &outcome {
        for TrustProblem { field, why } in problems {
            wrongs.entry(shape.field(field)).or_insert_with(|| sentence(&format!("this {why}")));
        }
    }
    outcome.ok().filter(|_| wrongs.is_empty()).ok_or(wrongs)
}

fn some(text: &str) -> Option<String> {
    Some(text).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn words(text: &str) -> Vec<String> {
    text.split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// `name=text`, one a line.
fn claims(text: &str) -> Result<BTreeMap<String, String>, String> {
    let claim = |line: &str| match line.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
        None => Err("Write each on a line of its own, as repository=acme/hr.".to_owned()),
    };
    lines(text).map(claim).collect()
}

/// What a form would say to get `trust`.
pub fn as_fields(trust: &Trust) -> Fields {
    let claims: Vec<String> = trust.claims.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let algorithms: Vec<&str> = trust.algorithms.iter().map(|algorithm| algorithm.as_str()).collect();
    Fields::of(vec![
        ("issuer", trust.issuer.to_string()),
        ("jwks-url", trust.jwks_url.to_string()),
        ("audiences", trust.audiences.join("\n")),
        ("subject-claim", trust.subject_claim.as_str().to_owned()),
        ("subject", trust.subject.clone()),
        ("tid", trust.tid.clone().unwrap_or_default()),
        ("claims", claims.join("\n")),
        ("algorithms", algorithms.join(", ")),
        ("reusable", if trust.single_use { String::new() } else { "yes".to_owned() }),
    ])
}

/// A form with what was said, and what is wrong with it.
pub fn form(said: &Fields, wrongs: &Wrongs) -> TrustForm {
    let field = |id, label, hint, example| field(said, wrongs, [id, label, hint, example]);
    let claim = |claim: SubjectClaim| {
        let name = claim.as_str();
        Choice::new(name, name, said.get("subject-claim") == name)
    };
    TrustForm {
        whose: vec![
            field("issuer", "Issuer", "The claim iss, to the last slash.", "https://token.example.com"),
            field(
                "jwks-url",
                "Address of its keys",
                "The jwks_uri of its discovery document.",
                "https://token.example.com/.well-known/jwks",
            ),
        ],
        audiences: field("audiences", "Audiences", "One a line; a token has to name one of them in aud.", "api://scim"),
        subject: field("subject", "Subject", "Exactly as the claim has it.", "repo:acme/hr:ref:refs/heads/main"),
        subject_claims: SubjectClaim::ALL.into_iter().map(claim).collect(),
        claims: field("claims", "Further claims", "Each with its text, one a line.", "repository=acme/hr"),
        rare: vec![
            field("tid", "Organisation", "Entra's claim tid, where the tokens are Entra's.", ""),
            field(
                "algorithms",
                "Algorithms",
                "Those that tokens may be signed with; all that fit the key if there are none.",
                "RS256, ES256",
            ),
        ],
        reusable: !said.get("reusable").is_empty(),
    }
}

/// A field with what was said in it; `[id, label, hint, example]`.
pub fn field(said: &Fields, wrongs: &Wrongs, [id, label, hint, example]: [&'static str; 4]) -> Field {
    Field { id, label, hint, example, value: said.get(id).to_owned(), wrong: wrongs.get(id).cloned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pairs: &[(&'static str, &str)]) -> Fields {
        Fields::of(pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
    }

    #[test]
    fn what_is_kept_can_be_said_again() {
        let said = said(&[
            ("issuer", "https://token.actions.githubusercontent.com"),
            ("jwks-url", "https://token.actions.githubusercontent.com/.well-known/jwks"),
            ("audiences", "api://scim\r\n\r\napi://other"),
            ("subject", "repo:acme/hr:ref:refs/heads/main"),
            ("claims", "repository = acme/hr\r\nref=a=b"),
            ("algorithms", "RS256, ES256"),
            ("reusable", "yes"),
        ]);
        let trust = read(&said, Shape::Other, PlainHttp::Refused).unwrap();
        assert_eq!((trust.audiences.len(), trust.claims["ref"].as_str(), trust.single_use), (2, "a=b", false));
        assert_eq!(read(&as_fields(&trust), Shape::Other, PlainHttp::Refused), Ok(trust));
    }

    #[test]
    fn what_is_wrong_stands_in_its_field() {
        let wrong = |pairs: &[(&'static str, &str)], shape| {
            let wrongs = read(&said(pairs), shape, PlainHttp::Refused).unwrap_err();
            wrongs.into_keys().collect::<Vec<_>>()
        };
        assert_eq!(wrong(&[], Shape::Entra), ["application", "directory"]);
        let directory = ("directory", "9f1e6a0e-0000-4000-8000-000000000001");
        assert_eq!(wrong(&[directory, ("application", "x")], Shape::Federated), ["audience"]);
        assert_eq!(wrong(&[("claims", "x")], Shape::Other), ["audiences", "claims", "issuer", "jwks-url", "subject"]);
    }
}
