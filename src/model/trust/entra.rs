//! What Microsoft Entra's tokens look like.

use super::{ENTRA_SHARED_AUDIENCE, TrustInput};

impl TrustInput {
    /// What trusts tokens of the organisation `tid`. Without an audience they are those that Entra sends itself when "Secret Token"
    /// is left blank (version 1, one audience for everybody); with one they are those of workload identity federation (version 2).
    /// `app` is the client id of the application that has to have asked for them.
    pub fn entra(tid: &str, audiences: Vec<String>, app: Option<&str>) -> Self {
        let is_own = audiences.is_empty();
        let (issuer, keys, claim) = if is_own {
            (format!("https://sts.windows.net/{tid}/"), "discovery/keys", "appid")
        } else {
            (format!("https://login.microsoftonline.com/{tid}/v2.0"), "discovery/v2.0/keys", "azp")
        };
        Self {
            issuer,
            audiences: if is_own { vec![ENTRA_SHARED_AUDIENCE.to_owned()] } else { audiences },
            subject_claim: app.map(|_| claim.to_owned()),
            subject: app.unwrap_or_default().to_owned(),
            tid: Some(tid.to_owned()),
            jwks_url: format!("https://login.microsoftonline.com/{tid}/{keys}"),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PlainHttp, SubjectClaim};

    const TID: &str = "9f1e6a0e-0000-4000-8000-000000000001";
    const APP: &str = "5d2b1f6c-0000-4000-8000-000000000002";

    #[test]
    fn its_own_tokens_and_those_of_federation_have_different_issuers() {
        let own = TrustInput::entra(TID, Vec::new(), Some(APP)).check(PlainHttp::Refused).unwrap();
        assert_eq!(own.issuer.as_str(), format!("https://sts.windows.net/{TID}/"));
        assert_eq!(own.jwks_url.as_str(), format!("https://login.microsoftonline.com/{TID}/discovery/keys"));
        assert_eq!((own.subject_claim, own.tid.as_deref()), (SubjectClaim::Appid, Some(TID)));
        let federated = TrustInput::entra(TID, vec!["api://scim".into()], Some(APP)).check(PlainHttp::Refused).unwrap();
        assert_eq!(federated.issuer.as_str(), format!("https://login.microsoftonline.com/{TID}/v2.0"));
        assert_eq!((federated.subject_claim, federated.audiences), (SubjectClaim::Azp, vec!["api://scim".to_owned()]));
    }

    #[test]
    fn an_organisation_alone_is_not_enough() {
        let told = TrustInput::entra(TID, Vec::new(), None).check(PlainHttp::Refused).unwrap_err().to_string();
        assert_eq!(told, "subject is missing");
    }
}
