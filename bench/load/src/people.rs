//! Made-up people. Everything about person `n` follows from `n` and the run's tag, so the driver can ask for and check
//! a user while it keeps nothing of it but the id.

const GIVEN: [&str; 16] = [
    "Amara", "Bastian", "Celeste", "Dario", "Edith", "Fabian", "Gudrun", "Hamza", "Irene", "Joachim", "Kirsten",
    "Leander", "Maribel", "Nikolai", "Ottilie", "Pascal",
];
const FAMILY: [&str; 16] = [
    "Achterberg",
    "Bjornson",
    "Carvalho",
    "Delacroix",
    "Engstrom",
    "Ferreira",
    "Grabowski",
    "Hartmann",
    "Iversen",
    "Jablonski",
    "Kaminski",
    "Lindqvist",
    "Marchetti",
    "Novotny",
    "Oliveira",
    "Pellegrini",
];
const DEPARTMENTS: [&str; 8] =
    ["Admissions", "Biology", "Chemistry", "Data Science", "Estates", "Finance", "Geography", "History"];

/// The user and enterprise schema URIs of RFC 7643 section 8.7.
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The people of one run.
pub struct People {
    tag: String,
}

impl People {
    pub fn new(tag: &str) -> Self {
        People { tag: tag.to_owned() }
    }

    /// `amara.carvalho.123@run.people.example`; the part `.123@` occurs in one user name of the run only.
    pub fn user_name(&self, n: u64) -> String {
        format!("{}{}.people.example", self.user_name_start(n), self.tag)
    }

    /// The user name up to and with its `@`, which no other user name of the run begins with.
    pub fn user_name_start(&self, n: u64) -> String {
        let (given, family) = names(n);
        format!("{}.{}.{n}@", given.to_lowercase(), family.to_lowercase())
    }

    pub fn work_mail(&self, n: u64) -> String {
        let (given, family) = names(n);
        format!("{}.{}.{n}@mail.{}.example", given.to_lowercase(), family.to_lowercase(), self.tag)
    }

    /// Looks like the object id that Entra maps to `externalId`, and is different for every tag.
    pub fn external_id(&self, n: u64) -> String {
        let tag = self.tag.bytes().fold(0u64, |hash, byte| scatter(hash ^ u64::from(byte)));
        let (a, b) = (scatter(n ^ tag), scatter(n.wrapping_mul(3) ^ tag.rotate_left(17)));
        let (a, b) = (format!("{a:016x}"), format!("{b:016x}"));
        format!("{}-{}-4{}-9{}-{}", &a[..8], &a[8..12], &a[13..], &b[..3], &b[4..])
    }

    /// The body of Entra's `POST /Users` with its default mapping, enterprise extension included: about 1.2 KB.
    pub fn entra_user(&self, n: u64) -> String {
        let (given, family) = names(n);
        let pick = scatter(n.rotate_left(32));
        let department = choose(&DEPARTMENTS, pick);
        let (house, zip, phone, mobile) = (pick % 900 + 1, pick % 89_999 + 10_000, pick % 9_999, pick / 7 % 9_999);
        let (external, user_name, mail) = (self.external_id(n), self.user_name(n), self.work_mail(n));
        let core = format!(
            r#""schemas":["{USER}","{ENTERPRISE}"],"externalId":"{external}","userName":"{user_name}","active":true,"displayName":"{given} {family}","title":"Head of {department} Operations","nickName":"{given}","userType":"Employee","preferredLanguage":"en-GB","locale":"en-GB","timezone":"Europe/London","meta":{{"resourceType":"User"}},"name":{{"formatted":"{given} {family}","familyName":"{family}","givenName":"{given}"}}"#
        );
        let contact = format!(
            r#""emails":[{{"primary":true,"type":"work","value":"{mail}"}}],"addresses":[{{"type":"work","formatted":"{house} College Road\nNewtown NT {zip}\nUnited Kingdom","streetAddress":"{house} College Road","locality":"Newtown","region":"NT","postalCode":"{zip}","country":"GB"}}],"phoneNumbers":[{{"primary":true,"type":"work","value":"+44 20 7946 {phone:04}"}},{{"type":"mobile","value":"+44 7700 90 {mobile:04}"}}]"#
        );
        let work = format!(
            r#""{ENTERPRISE}":{{"employeeNumber":"P{n:08}","costCenter":"CC{house:03}","organization":"University of Newtown (made up)","division":"{department} and Friends","department":"{department}"}}"#
        );
        format!("{{{core},{contact},{work}}}")
    }
}

fn names(n: u64) -> (&'static str, &'static str) {
    let pick = scatter(n);
    (choose(&GIVEN, pick), choose(&FAMILY, pick >> 8))
}

fn choose(words: &[&'static str], pick: u64) -> &'static str {
    words[usize::try_from(pick % words.len() as u64).unwrap_or(0)]
}

/// A bijection of 64 bits that leaves no pattern between neighbours (the finaliser of splitmix64).
pub fn scatter(n: u64) -> u64 {
    let n = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::People;
    use std::collections::HashSet;

    #[test]
    fn bodies_are_json_of_the_announced_size() {
        let people = People::new("test");
        for n in [1, 99, 123_456] {
            let body = people.entra_user(n);
            let user: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!(user["userName"], people.user_name(n));
            assert!((1_100..1_350).contains(&body.len()), "{} bytes", body.len());
        }
    }

    #[test]
    fn external_ids_differ_by_person_and_tag() {
        let tags = ["a", "b", "run"].map(People::new);
        let ids: HashSet<String> = tags.iter().flat_map(|people| (0..500).map(|n| people.external_id(n))).collect();
        assert_eq!(ids.len(), 1_500);
        assert!(ids.iter().all(|id| id.len() == 36));
    }
}
