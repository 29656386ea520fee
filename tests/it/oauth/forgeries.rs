//! Access tokens that are not what they seem. Some are signed with the server's real key, to see that more than the signature
//! is looked at.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use scimgate::auth::{ClientId, new_signing_key};
use scimgate::model::{Clock, SigningKey};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::oauth::{OAuthClient, part};
use crate::support::scim::{Scim, sealer};

const MALFORMED: &str = "this is no access token of this server";
const SIGNATURE: &str = "the signature of the access token is wrong";

struct Stage {
    scim: Scim,
    client: OAuthClient,
    key: SigningKey,
    header: Value,
    claims: Value,
}

impl Stage {
    async fn set() -> Self {
        let scim = Scim::start().await;
        let client = scim.oauth_client().await;
        let token = scim.access_token(&client).await;
        let key = scim.store().signing_keys().await.unwrap().all()[0].clone();
        Self { header: part(&token, 0), claims: part(&token, 1), scim, client, key }
    }

    /// A token that the server itself could have signed.
    fn signed(&self, header: &Value, claims: &str) -> String {
        signed(&self.key, header, claims)
    }

    fn with_claim(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value;
        self.signed(&self.header, &claims.to_string())
    }

    fn with_header(&self, name: &str, value: Value) -> Value {
        let mut header = self.header.clone();
        header[name] = value;
        header
    }

    #[track_caller]
    fn refused(&self, token: &str, told: &str) -> impl Future<Output = ()> {
        let (scim, told) = (self.scim.with_token_text(token.to_owned()), told.to_owned());
        let caller = std::panic::Location::caller();
        async move {
            let answer = scim.get("/Users").await;
            assert_eq!(answer.status, 401, "{caller}: {}", answer.text);
            answer.expect_error(401, "", &told);
            assert!(answer.header("www-authenticate").contains("invalid_token"));
        }
    }

    async fn taken(&self, token: &str) {
        self.scim.with_token_text(token.to_owned()).get("/Users").await.expect(200);
    }
}

fn encoded(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

fn signed(key: &SigningKey, header: &Value, claims: &str) -> String {
    let private = sealer().open(&format!("signing_key:{}", key.id), key.sealed_key.as_deref().unwrap()).unwrap();
    let private = EncodingKey::from_ec_der(private.expose_secret());
    let message = format!("{}.{}", encoded(header.to_string()), encoded(claims));
    format!("{message}.{}", crypto::sign(message.as_bytes(), &private, Algorithm::ES256).unwrap())
}

#[tokio::test]
async fn an_unsigned_token_is_none() {
    let stage = Stage::set().await;
    let claims = encoded(stage.claims.to_string());
    for alg in ["none", "None", "NONE", ""] {
        let header = encoded(stage.with_header("alg", json!(alg)).to_string());
        stage.refused(&format!("{header}.{claims}."), MALFORMED).await;
        stage.refused(&format!("{header}.{claims}.AAAA"), MALFORMED).await;
    }
    let header = encoded(stage.header.to_string());
    stage.refused(&format!("{header}.{claims}."), SIGNATURE).await;
    stage.refused(&format!("{header}.{claims}.{}", encoded([0; 64])), SIGNATURE).await;
}

#[tokio::test]
async fn the_public_key_is_no_secret_to_sign_with() {
    let stage = Stage::set().await;
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(stage.key.public_key[name].as_str().unwrap()).unwrap();
    let point = [&[4][..], &coordinate("x"), &coordinate("y")].concat();
    // SubjectPublicKeyInfo of a key on P-256, which is what is between the lines of a PEM file.
    let spki_head = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
    let der = [&STANDARD.decode(spki_head).unwrap()[..26], &point].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&der));
    let jwk = stage.key.public_key.to_string();
    for secret in [&point, &point[1..].to_vec(), &der, &pem.into_bytes(), &jwk.into_bytes(), &Vec::new()] {
        for (name, algorithm) in [("HS256", Algorithm::HS256), ("HS512", Algorithm::HS512), ("ES256", Algorithm::HS256)]
        {
            let header = stage.with_header("alg", json!(name));
            let message = format!("{}.{}", encoded(header.to_string()), encoded(stage.claims.to_string()));
            let signature = crypto::sign(message.as_bytes(), &EncodingKey::from_secret(secret), algorithm).unwrap();
            let told = if name == "ES256" { SIGNATURE } else { MALFORMED };
            stage.refused(&format!("{message}.{signature}"), told).await;
        }
    }
}

#[tokio::test]
async fn a_key_that_the_token_brings_along_is_not_used() {
    let stage = Stage::set().await;
    let now = stage.scim.clock().now();
    let own = new_signing_key(now, now, &sealer()).unwrap();
    let claims = stage.claims.to_string();
    stage.refused(&signed(&own, &stage.header, &claims), SIGNATURE).await;
    for (name, value) in [
        ("jwk", own.public_key.clone()),
        ("jku", json!("https://attacker.example/jwks.json")),
        ("x5u", json!("https://attacker.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("cty", json!("JWT")),
    ] {
        let header = stage.with_header(name, value);
        stage.refused(&signed(&own, &header, &claims), MALFORMED).await;
        // Not even if the signature is right: we write no such headers.
        stage.refused(&stage.signed(&header, &claims), MALFORMED).await;
    }
    for kid in [own.id.to_string(), "../../../dev/null".into(), "' OR 1=1 --".into(), String::new(), "\0".into()] {
        let header = stage.with_header("kid", json!(kid));
        stage.refused(&signed(&own, &header, &claims), "a key that is not in use").await;
    }
    for kid in [json!(null), json!(7), json!([stage.key.id])] {
        stage.refused(&stage.signed(&stage.with_header("kid", kid), &claims), MALFORMED).await;
    }
    stage.taken(&stage.signed(&stage.header, &claims)).await;
}

#[tokio::test]
async fn a_token_that_was_changed_is_refused() {
    let stage = Stage::set().await;
    let token = stage.scim.access_token(&stage.client).await;
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims = part(&token, 1);
    claims["scope"] = json!("admin:read admin:write");
    stage.refused(&format!("{}.{}.{}", parts[0], encoded(claims.to_string()), parts[2]), SIGNATURE).await;
    let mut signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    signature[10] ^= 1;
    stage.refused(&format!("{}.{}.{}", parts[0], parts[1], encoded(&signature)), SIGNATURE).await;
    stage.refused(&format!("{}.{}.{}", parts[0], parts[1], &parts[2][..80]), SIGNATURE).await;
    stage.refused(&format!("{}.{}.{}=", parts[0], parts[1], parts[2]), SIGNATURE).await;
    for text in [format!("{token}."), format!("{token}.x"), format!(".{token}"), parts[..2].join(".")] {
        stage.refused(&text, "").await;
    }
    stage.taken(&token).await;
}

#[tokio::test]
async fn every_claim_is_needed_and_has_one_type() {
    let stage = Stage::set().await;
    for name in ["iss", "sub", "client_id", "aud", "scope", "jti", "iat", "nbf", "exp", "tenant"] {
        let mut claims = stage.claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        let told = if name == "iss" { "" } else { MALFORMED };
        stage.refused(&stage.signed(&stage.header, &claims.to_string()), told).await;
    }
    for name in ["exp", "nbf", "iat"] {
        for value in [json!("never"), json!("1999999999"), json!(null), json!(1.5e9), json!([]), json!(true), json!({})]
        {
            stage.refused(&stage.with_claim(name, value), MALFORMED).await;
        }
    }
    stage.refused(&stage.with_claim("exp", json!(i64::MAX)), MALFORMED).await;
    let twice = stage.claims.to_string().replacen('{', r#"{"exp":9999999999,"#, 1);
    stage.refused(&stage.signed(&stage.header, &twice), MALFORMED).await;
    stage.refused(&stage.signed(&stage.header, "{"), "").await;
}

#[tokio::test]
async fn a_token_is_good_in_its_time_alone() {
    let stage = Stage::set().await;
    let now = stage.scim.clock().now().timestamp();
    stage.taken(&stage.with_claim("exp", json!(now - 59))).await;
    stage.refused(&stage.with_claim("exp", json!(now - 60)), "has expired").await;
    stage.refused(&stage.with_claim("exp", json!(0)), "has expired").await;
    stage.refused(&stage.with_claim("exp", json!(-1)), "has expired").await;
    stage.taken(&stage.with_claim("nbf", json!(now + 60))).await;
    stage.refused(&stage.with_claim("nbf", json!(now + 61)), "not valid yet").await;
}

#[tokio::test]
async fn a_token_for_somebody_else_is_refused() {
    let stage = Stage::set().await;
    let other = stage.scim.other_tenant("second").await;
    let base = &stage.scim.base;
    for audience in
        [json!("https://other.example/scim/v2"), json!(format!("{base}/")), json!(stage.scim.origin()), json!("")]
    {
        stage.refused(&stage.with_claim("aud", audience), "meant for another server").await;
    }
    stage.refused(&stage.with_claim("aud", json!([base])), MALFORMED).await;
    stage.refused(&stage.with_claim("iss", json!("https://issuer.example")), "").await;
    stage.refused(&stage.with_claim("tenant", json!(other.tenant().id)), "unknown or was revoked").await;
    // An ID token or anything else that the same key may sign one day.
    for kind in ["JWT", "jwt", "logout+jwt", "application/at+jwt"] {
        let header = stage.with_header("typ", json!(kind));
        stage.refused(&stage.signed(&header, &stage.claims.to_string()), MALFORMED).await;
    }
}

#[tokio::test]
async fn a_token_is_worth_no_more_than_its_client() {
    let stage = Stage::set().await;
    // More scopes than the client has: those that it has.
    let admin = stage.with_claim("scope", json!("users:read admin:write"));
    let client = stage.scim.with_token_text(admin);
    client.get("/Users").await.expect(200);
    client.get("/Groups").await.expect_error(403, "", "groups:read");
    let admin = client.get_raw("/admin/v1/tenants").await;
    assert!([401, 403].contains(&admin.status), "{}", admin.text);

    let mut claims = stage.claims.clone();
    claims["sub"] = json!("scimc_00000000000000000000000000");
    stage.refused(&stage.signed(&stage.header, &claims.to_string()), MALFORMED).await;
    claims["client_id"] = claims["sub"].clone();
    stage.refused(&stage.signed(&stage.header, &claims.to_string()), "unknown or was revoked").await;
    // A bearer token is no client, whoever signs.
    let bearer = ClientId(stage.scim.credential_id()).to_string();
    (claims["sub"], claims["client_id"]) = (json!(bearer), json!(bearer));
    stage.refused(&stage.signed(&stage.header, &claims.to_string()), "unknown or was revoked").await;
}

#[tokio::test]
async fn tokens_of_another_server_are_refused() {
    let stage = Stage::set().await;
    let elsewhere = Scim::start().await;
    let client = elsewhere.oauth_client().await;
    stage.refused(&elsewhere.access_token(&client).await, "").await;
}
