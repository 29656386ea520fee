//! The flags that say what the tokens of an issuer have to say.

use std::collections::BTreeMap;

use anyhow::anyhow;
use clap::Args;

use crate::config::PrivateOutboundArgs;
use crate::model::{Trust, TrustInput};

/// What the tokens of an issuer have to say.
#[derive(Debug, Args)]
pub struct TrustFlags {
    /// Microsoft Entra, by its directory (tenant) id: fills in the issuer, its keys and the organisation. Without --audience,
    /// for the tokens that Entra sends when "Secret Token" is left blank; with it, for workload identity federation
    #[arg(long, env = "SCIMGATE_ENTRA_TENANT", value_name = "ID")]
    entra_tenant: Option<String>,
    /// With --entra-tenant: the client id of the application that has to have asked for the token
    #[arg(long, env = "SCIMGATE_APP_ID", value_name = "ID", requires = "entra_tenant", conflicts_with = "subject")]
    app_id: Option<String>,
    /// What stands in the claim iss, to the last slash
    #[arg(long, env = "SCIMGATE_ISSUER", value_name = "URL")]
    issuer: Option<String>,
    /// Where the issuer's keys are (its jwks_uri)
    #[arg(long, env = "SCIMGATE_JWKS_URL", value_name = "URL")]
    jwks_url: Option<String>,
    /// What stands in the claim aud; may be given several times
    #[arg(long, env = "SCIMGATE_AUDIENCE", value_name = "TEXT")]
    audience: Vec<String>,
    /// Whose tokens are meant, exactly
    #[arg(long, env = "SCIMGATE_SUBJECT", value_name = "TEXT")]
    subject: Option<String>,
    /// The claim that names the subject: sub, oid, appid or azp [default: sub]
    #[arg(long, env = "SCIMGATE_SUBJECT_CLAIM", value_name = "CLAIM")]
    subject_claim: Option<String>,
    /// The organisation in Entra's claim tid
    #[arg(long, env = "SCIMGATE_TID", value_name = "ID")]
    tid: Option<String>,
    /// A further claim and its text, for example repository=acme/hr; may be given several times
    #[arg(long, env = "SCIMGATE_CLAIM", value_name = "NAME=TEXT", value_parser = claim)]
    claim: Vec<(String, String)>,
    /// An algorithm that tokens may be signed with; may be given several times [default: all that fit the key]
    #[arg(long, env = "SCIMGATE_ALGORITHM", value_name = "NAME")]
    algorithm: Vec<String>,
    /// Take a client assertion several times within its life, though it has a jti: for workloads that keep theirs
    #[arg(long, env = "SCIMGATE_REUSABLE")]
    reusable: bool,
    #[command(flatten)]
    pub outbound: PrivateOutboundArgs,
}

fn claim(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    parts.ok_or_else(|| format!("\"{text}\" is no claim and its text; write for example repository=acme/hr"))
}

impl TrustFlags {
    /// Whether anything is said.
    pub fn is_given(&self) -> bool {
        let Self { entra_tenant, app_id, issuer, jwks_url, subject, subject_claim, tid, .. } = self;
        let texts = [entra_tenant, app_id, issuer, jwks_url, subject, subject_claim, tid];
        let lists = [self.audience.is_empty(), self.claim.is_empty(), self.algorithm.is_empty()];
        texts.into_iter().any(Option::is_some) || lists.contains(&false) || self.reusable
    }

    /// What the flags say, on top of what held before.
    pub fn over(&self, before: Option<&Trust>) -> anyhow::Result<Trust> {
        let mut input = match (&self.entra_tenant, before) {
            (Some(tid), _) => TrustInput::entra(tid, self.audience.clone(), self.app_id.as_deref()),
            (None, Some(before)) => as_input(before),
            (None, None) => TrustInput::default(),
        };
        let Self { issuer, jwks_url, subject, subject_claim, tid, .. } = self;
        let texts = [(&mut input.issuer, issuer), (&mut input.jwks_url, jwks_url), (&mut input.subject, subject)];
        for (held, said) in texts {
            if let Some(said) = said {
                held.clone_from(said);
            }
        }
        input.subject_claim = subject_claim.clone().or(input.subject_claim);
        input.tid = tid.clone().or(input.tid);
        if !self.audience.is_empty() {
            input.audiences.clone_from(&self.audience);
        }
        if !self.claim.is_empty() {
            input.claims = BTreeMap::from_iter(self.claim.clone());
        }
        if !self.algorithm.is_empty() {
            input.algorithms.clone_from(&self.algorithm);
        }
        input.reusable |= self.reusable;
        input.check(self.outbound.policy().plain_http()).map_err(|problems| {
            let is_whose = |field| field == "subject" && self.entra_tenant.is_some() && self.subject.is_none();
            let lines = problems.0.iter().map(|problem| {
                if is_whose(problem.field) && self.app_id.is_none() {
                    return "  --app-id is missing: the client id of the application that provisions".to_owned();
                }
                let flag = if is_whose(problem.field) { "--app-id" } else { flag(problem.field) };
                format!("  {flag} {}", problem.why)
            });
            anyhow!("nothing was changed, since this cannot be:\n{}", lines.collect::<Vec<_>>().join("\n"))
        })
    }
}

/// What would be said to get `trust`.
fn as_input(trust: &Trust) -> TrustInput {
    TrustInput {
        issuer: trust.issuer.to_string(),
        audiences: trust.audiences.clone(),
        subject_claim: Some(trust.subject_claim.as_str().to_owned()),
        subject: trust.subject.clone(),
        tid: trust.tid.clone(),
        claims: trust.claims.clone(),
        jwks_url: trust.jwks_url.to_string(),
        algorithms: trust.algorithms.iter().map(|algorithm| algorithm.as_str().to_owned()).collect(),
        reusable: !trust.single_use,
    }
}

/// The flag of a member of [`TrustInput`].
fn flag(field: &str) -> &'static str {
    match field {
        "issuer" => "--issuer",
        "jwksUrl" => "--jwks-url",
        "audiences" => "--audience",
        "subjectClaim" => "--subject-claim",
        "subject" => "--subject",
        "tid" => "--tid",
        "claims" => "--claim",
        _ => "--algorithm",
    }
}
