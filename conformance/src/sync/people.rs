//! The invented organisation that a generated sync provisions: everybody follows from a number, nothing is random.

use super::names::{CULTURES, Culture, DEPARTMENTS};

/// How many people report to one manager.
const SPAN: usize = 8;

/// Users and groups of one tenant.
#[derive(Debug, Clone)]
pub struct Organisation {
    pub users: usize,
    pub groups: usize,
    /// The mail domain.
    pub domain: &'static str,
}

/// One invented person.
pub struct Person {
    pub number: usize,
    pub given: &'static str,
    pub family: &'static str,
    pub full: String,
    pub user_name: String,
    pub department: &'static str,
    pub title: String,
    pub employee_number: String,
    pub phone: String,
    pub culture: &'static Culture,
    /// The number of the manager; nobody for the first person.
    pub manager: Option<usize>,
}

impl Organisation {
    /// Person `number`, counted from 0.
    pub fn person(&self, number: usize) -> Person {
        let culture = &CULTURES[number % CULTURES.len()];
        let place = number / CULTURES.len();
        let (given, given_plain) = culture.given[place % culture.given.len()];
        let (family, family_plain) = culture.family[place % culture.family.len()];
        let namesakes = place / (culture.given.len() * culture.family.len());
        let suffix = if namesakes == 0 { String::new() } else { format!(".{}", namesakes + 1) };
        let full = if culture.family_first { format!("{family} {given}") } else { format!("{given} {family}") };
        let (department, title) = DEPARTMENTS[number % DEPARTMENTS.len()];
        let lead = number * SPAN + 1 < self.users;
        Person {
            number,
            given,
            family,
            full,
            user_name: format!("{given_plain}.{family_plain}{suffix}@{}", self.domain),
            department,
            title: if lead { format!("Head of {department}") } else { title.to_owned() },
            employee_number: format!("{:06}", 100_000 + number),
            phone: format!("+1 206 555 {:04}", 100 + number % 100),
            culture,
            manager: number.checked_sub(1).map(|below| below / SPAN),
        }
    }

    /// The name of group `number`: everybody, then one for each department and city, then teams with a number.
    pub fn group_name(&self, number: usize) -> String {
        if number == 0 {
            return "Everybody".to_owned();
        }
        let (department, _) = DEPARTMENTS[number % DEPARTMENTS.len()];
        let round = number / DEPARTMENTS.len();
        let city = CULTURES[(number % DEPARTMENTS.len() + round) % CULTURES.len()].city;
        match round / CULTURES.len() {
            0 => format!("{department} · {city}"),
            team => format!("{department} · {city} ({team})"),
        }
    }

    /// Who belongs to group `number`: all to the first, about three in every `groups` people to each other one.
    pub fn members(&self, number: usize) -> Vec<usize> {
        let groups = self.groups.max(1);
        let belongs = |user: &usize| number == 0 || scatter(*user, number) % (groups as u64) < 3;
        (0..self.users).filter(belongs).collect()
    }
}

/// A number that looks random and always is the same for the same two.
pub fn scatter(one: usize, other: usize) -> u64 {
    let mut mixed = (one as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add((other as u64).rotate_left(32));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// An id in the form of Entra's object ids.
pub fn object_id(kind: usize, number: usize) -> String {
    let (high, low) = (scatter(number, 2 * kind + 1), scatter(number, 2 * kind + 2));
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}

/// An id in the form of Okta's: `prefix` and 17 letters and digits.
pub fn okta_id(prefix: &str, number: usize) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = (u128::from(scatter(number, 101)) << 64) | u128::from(scatter(number, 102));
    let mut id = prefix.to_owned();
    for _ in 0..17 {
        id.push(char::from(DIGITS[(rest % 62) as usize]));
        rest /= 62;
    }
    id
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const ORGANISATION: Organisation = Organisation { users: 5_000, groups: 50, domain: "example.test" };

    #[test]
    fn nobody_shares_a_name_or_an_id() {
        let names: HashSet<_> = (0..5_000).map(|number| ORGANISATION.person(number).user_name).collect();
        let ids: HashSet<_> = (0..5_000).flat_map(|number| [object_id(0, number), object_id(1, number)]).collect();
        let okta: HashSet<_> = (0..5_000).map(|number| okta_id("00u", number)).collect();
        let groups: HashSet<_> = (0..500).map(|number| ORGANISATION.group_name(number)).collect();
        assert_eq!((names.len(), ids.len(), okta.len(), groups.len()), (5_000, 10_000, 5_000, 500));
    }

    #[test]
    fn ids_have_the_length_that_clients_use() {
        assert!((0..1_000).all(|number| object_id(0, number).len() == 36 && okta_id("00g", number).len() == 20));
    }

    #[test]
    fn managers_form_a_tree_below_the_first_person() {
        for number in 1..1_000 {
            assert!(ORGANISATION.person(number).manager.unwrap() < number);
        }
        assert_eq!(ORGANISATION.person(0).manager, None);
    }

    #[test]
    fn groups_have_members() {
        let organisation = Organisation { users: 1_000, ..ORGANISATION };
        assert_eq!(organisation.members(0).len(), 1_000);
        assert!((1..50).all(|number| (20..120).contains(&organisation.members(number).len())));
    }
}
