//! An issuer of tokens on a real socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256};
use serde_json::{Value, json};

/// A key pair that tokens are signed with.
#[derive(Clone)]
pub struct Key {
    pub kid: String,
    pub jwk: Value,
    algorithm: Algorithm,
    private: EncodingKey,
}

impl Key {
    /// An RSA key of 2,048 bits; the same for each number.
    pub fn rsa(number: usize) -> Self {
        static KEYS: [OnceLock<Key>; 2] = [const { OnceLock::new() }; 2];
        let make = || {
            let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap().serialize_der();
            // What PKCS #8 puts around a key of this size.
            Self::of(&format!("rsa-{number}"), EncodingKey::from_rsa_der(&pair[26..]), Algorithm::RS256)
        };
        KEYS[number].get_or_init(make).clone()
    }

    /// An EC key on P-256.
    pub fn ec(kid: &str) -> Self {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap().serialize_der();
        Self::of(kid, EncodingKey::from_ec_der(&pair), Algorithm::ES256)
    }

    /// An Ed25519 key.
    pub fn ed(kid: &str) -> Self {
        let pair = KeyPair::generate_for(&PKCS_ED25519).unwrap().serialize_der();
        // The seed in its PKCS #8 of version 1: without the public key that follows.
        let seed = &pair[16..48];
        let head = [0x30, 0x2e, 0x02, 0x01, 0, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
        Self::of(kid, EncodingKey::from_ed_der(&[&head[..], seed].concat()), Algorithm::EdDSA)
    }

    fn of(kid: &str, private: EncodingKey, algorithm: Algorithm) -> Self {
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&private, algorithm).unwrap()).unwrap();
        jwk.as_object_mut().unwrap().remove("alg");
        jwk["kid"] = json!(kid);
        jwk["use"] = json!("sig");
        Self { kid: kid.to_owned(), jwk, algorithm, private }
    }

    /// The same key, used with another algorithm.
    pub fn using(&self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self.clone() }
    }

    pub fn algorithm(&self) -> String {
        format!("{:?}", self.algorithm)
    }

    /// A token of these claims.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({"typ": "JWT", "alg": self.algorithm(), "kid": self.kid}), claims)
    }

    /// A token of this header, whatever it says, and these claims.
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        let signature = crypto::sign(message.as_bytes(), &self.private, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }
}

/// What is signed of a token.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// How an issuer answers.
#[derive(Clone)]
pub enum Answer {
    /// This text with status 200.
    Text(String),
    /// As above, a moment later.
    Late(String, Duration),
    /// Another status.
    Status(u16),
    /// Bytes without end.
    Endless,
    /// Elsewhere.
    Redirect(String),
    /// The connection is closed.
    Nothing,
}

/// An issuer that runs until the tests end.
pub struct TestIssuer {
    address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    asked: Arc<AtomicUsize>,
}

impl TestIssuer {
    /// An issuer that publishes these keys.
    pub fn start(keys: &[&Key]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = Self {
            address: listener.local_addr().unwrap(),
            answer: Arc::new(Mutex::new(Answer::Text(key_set(keys)))),
            asked: Arc::default(),
        };
        let (answer, asked) = (issuer.answer.clone(), issuer.asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                asked.fetch_add(1, Ordering::SeqCst);
                let answer = answer.lock().unwrap().clone();
                std::thread::spawn(move || talk(stream, &answer));
            }
        });
        issuer
    }

    pub fn url(&self) -> String {
        format!("http://{}/issuer/", self.address)
    }

    pub fn jwks_url(&self) -> String {
        format!("http://{}/keys", self.address)
    }

    pub fn publish(&self, keys: &[&Key]) {
        self.answers(Answer::Text(key_set(keys)));
    }

    pub fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// How often the keys were asked for.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

pub fn key_set(keys: &[&Key]) -> String {
    json!({"keys": keys.iter().map(|key| &key.jwk).collect::<Vec<_>>()}).to_string()
}

fn talk(mut stream: TcpStream, answer: &Answer) {
    let mut head = [0; 4096];
    if stream.read(&mut head).is_err() {
        return;
    }
    // Whoever asks may leave before the end.
    let _ = match answer {
        Answer::Text(text) => send(&mut stream, text),
        Answer::Late(text, delay) => {
            std::thread::sleep(*delay);
            send(&mut stream, text)
        }
        Answer::Status(status) => write!(stream, "HTTP/1.1 {status} No\r\ncontent-length: 0\r\n\r\n"),
        Answer::Redirect(to) => write!(stream, "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"),
        Answer::Endless => {
            let begun = write!(stream, "HTTP/1.1 200 OK\r\n\r\n{{\"keys\":[");
            begun.and_then(|()| (0..1_000_000).try_for_each(|_| stream.write_all(&[b' '; 4096])))
        }
        Answer::Nothing => Ok(()),
    };
}

fn send(stream: &mut TcpStream, text: &str) -> std::io::Result<()> {
    let length = text.len();
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{text}")
}
