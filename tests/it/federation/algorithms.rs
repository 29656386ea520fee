//! Which signatures are taken, and the tricks that are not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use scimgate::model::{Origin, PlainHttp, TrustInput};
use serde_json::json;

use super::issuer::{Answer, Key, TestIssuer, unsigned};
use super::*;

#[tokio::test]
async fn every_algorithm_that_fits_its_key_is_taken() {
    let (rsa, ec, ed) = (Key::rsa(0), Key::ec("ec"), Key::ed("ed"));
    let there = Federated::start(&[&rsa, &ec, &ed]).await;
    for key in [
        rsa.clone(),
        rsa.using(Algorithm::RS384),
        rsa.using(Algorithm::RS512),
        rsa.using(Algorithm::PS256),
        rsa.using(Algorithm::PS512),
        ec,
        ed,
    ] {
        there.with(&there.token(&key, json!({}))).await.expect(200);
    }
}

#[tokio::test]
async fn only_the_registered_algorithms_are_taken_where_some_are() {
    let rsa = Key::rsa(0);
    let there = Federated::start(&[&rsa]).await;
    let input = TrustInput { algorithms: vec!["PS256".into()], ..trusting(&there.issuer) };
    let (tenant, id) = (there.scim.tenant().id, there.registered.credential.id);
    let trust = input.check(PlainHttp::Allowed).unwrap();
    there.scim.gateway().change_issuer(tenant, id, &trusts(trust), &Origin::command_line()).await.unwrap();
    there.with(&there.token(&rsa, json!({}))).await.expect_error(401, "", UNTRUSTED);
    there.with(&there.token(&rsa.using(Algorithm::PS256), json!({}))).await.expect(200);
}

#[tokio::test]
async fn none_and_shared_secrets_are_not_taken() {
    let rsa = Key::rsa(0);
    let there = Federated::start(&[&rsa]).await;
    let claims = there.claims(json!({}));
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let token = unsigned(&json!({"alg": alg, "kid": rsa.kid}), &claims);
        for signature in ["", "AA"] {
            there.with(&format!("{token}.{signature}")).await.expect_error(401, "", "no JWT that is signed with");
        }
    }
    // The public key, in every form in which a server could take it for a secret.
    let modulus = rsa.jwk["n"].as_str().unwrap();
    let secrets =
        [modulus.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(modulus).unwrap(), rsa.jwk.to_string().into_bytes()];
    for alg in [Algorithm::HS256, Algorithm::HS512] {
        let message = unsigned(&json!({"alg": format!("{alg:?}"), "kid": rsa.kid}), &claims);
        for secret in &secrets {
            let signature = crypto::sign(message.as_bytes(), &EncodingKey::from_secret(secret), alg).unwrap();
            there.with(&format!("{message}.{signature}")).await.expect_error(401, "", "no JWT that is signed with");
        }
    }
}

#[tokio::test]
async fn a_secret_in_the_key_set_signs_nothing() {
    let rsa = Key::rsa(0);
    let there = Federated::start(&[&rsa]).await;
    let secret = json!({"kty": "oct", "kid": "secret", "k": "c2VjcmV0LXRoYXQtaXMtbG9uZy1lbm91Z2g"});
    there.issuer.answers(Answer::Text(json!({"keys": [secret, rsa.jwk]}).to_string()));
    let message = unsigned(&json!({"alg": "HS256", "kid": "secret"}), &there.claims(json!({})));
    let key = EncodingKey::from_secret(b"secret-that-is-long-enough");
    let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    there.with(&format!("{message}.{signature}")).await.expect_error(401, "", "no JWT that is signed with");
    there.with(&there.token(&rsa, json!({}))).await.expect(200);
}

#[tokio::test]
async fn an_algorithm_of_another_type_of_key_is_not_taken() {
    let (rsa, ec) = (Key::rsa(0), Key::ec("ec"));
    let there = Federated::start(&[&rsa, &ec]).await;
    let claims = there.claims(json!({}));
    for (key, alg, kid) in [
        (&rsa, "RS256", "ec"),
        (&ec, "ES256", rsa.kid.as_str()),
        (&ec, "RS256", "ec"),
        (&rsa, "ES256", rsa.kid.as_str()),
        (&rsa, "PS256", rsa.kid.as_str()),
        (&ec, "ES384", "ec"),
    ] {
        let token = key.sign_with(&json!({"alg": alg, "kid": kid}), &claims);
        there.with(&token).await.expect_error(401, "", UNTRUSTED);
    }
}

#[tokio::test]
async fn a_key_that_comes_with_the_token_is_not_asked() {
    let (real, forged) = (Key::ec("ec"), Key::ec("ec"));
    let there = Federated::start(&[&real]).await;
    let mine = TestIssuer::start(&[&forged]);
    let claims = there.claims(json!({}));
    for trick in [
        json!({"jku": mine.jwks_url()}),
        json!({"x5u": mine.jwks_url()}),
        json!({"jwk": forged.jwk}),
        json!({"x5c": ["MIIB"]}),
        json!({"jku": mine.jwks_url(), "kid": "new"}),
        json!({"kid": mine.jwks_url()}),
        json!({"kid": "../../../../dev/null"}),
        json!({"kid": "' UNION SELECT 'AA' -- "}),
        json!({"kid": ""}),
    ] {
        let mut header = json!({"alg": "ES256", "kid": "ec"});
        header.as_object_mut().unwrap().extend(trick.as_object().unwrap().clone());
        there.with(&forged.sign_with(&header, &claims)).await.expect_error(401, "", UNTRUSTED);
    }
    assert_eq!(mine.asked(), 0);
    assert_eq!(there.issuer.asked(), 1, "names of keys were made up, and the issuer was asked again at once");
}

#[tokio::test]
async fn a_changed_token_is_not_taken() {
    let (key, other) = (Key::ec("ec"), Key::ec("ec"));
    let there = Federated::start(&[&key]).await;
    let token = there.token(&key, json!({"sub": "nobody"}));
    let [header, _, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("{token}") };
    let claims = URL_SAFE_NO_PAD.encode(there.claims(json!({})).to_string());
    let (last, rest) = (&signature[signature.len() - 4..], &signature[..signature.len() - 4]);
    let turned = if last == "AAAA" { "BBBB" } else { "AAAA" };
    for changed in [
        format!("{header}.{claims}.{signature}"),
        format!("{header}.{claims}.{rest}{turned}"),
        format!("{header}.{claims}.{rest}"),
        there.token(&other, json!({})),
    ] {
        there.with(&changed).await.expect_error(401, "", UNTRUSTED);
    }
    for broken in ["eyJ.eyJ.eyJ", "e..", "eyJhbGciOiJFUzI1NiJ9.e30.", &format!("{token}.{token}"), &token[1..]] {
        assert_eq!(there.with(broken).await.status, 401, "{broken}");
    }
}

#[tokio::test]
async fn a_token_without_a_key_s_name_is_taken_if_it_can_mean_one_only() {
    let (rsa, ec) = (Key::rsa(0), Key::ec("ec"));
    let there = Federated::start(&[&rsa, &ec]).await;
    let claims = there.claims(json!({}));
    there.with(&ec.sign_with(&json!({"alg": "ES256"}), &claims)).await.expect(200);
    let another = Federated::start(&[&ec, &Key::ec("other")]).await;
    let token = ec.sign_with(&json!({"alg": "ES256"}), &another.claims(json!({})));
    another.with(&token).await.expect_error(401, "", UNTRUSTED);
}
