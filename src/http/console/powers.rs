//! What a credential may do, from where, and how heavy a role it may give, as a form asks for it.

use super::connections;
use super::error::sentence;
use super::fields::Fields;
use super::pages::{Field, PowersForm};
use super::tokens;
use super::trust::{self, Wrongs};
use crate::model::{AllowedAddresses, Credential, Scopes};

/// What a credential may do.
pub struct Powers {
    /// What.
    pub scopes: Scopes,
    /// From where.
    pub allowed_addresses: AllowedAddresses,
    /// How heavy a role may be that it gives to users; any, if there is no limit.
    pub max_role_weight: Option<i64>,
}

/// Reads a form.
pub fn read(form: &Fields) -> Result<Powers, Wrongs> {
    let mut wrongs = Wrongs::new();
    let mut note = |field, told: String| wrongs.insert(field, sentence(&told));
    let scopes = tokens::scopes(form).map_err(|told| note("scope", told));
    let allowed = tokens::addresses(form).map_err(|told| note("allowed", told));
    let weight = weight(form).map_err(|told| note("weight", told));
    match (scopes, allowed, weight) {
        (Ok(scopes), Ok(allowed_addresses), Ok(max_role_weight)) => {
            Ok(Powers { scopes, allowed_addresses, max_role_weight })
        }
        _ => Err(wrongs),
    }
}

/// How heavy a role may be.
pub fn weight(form: &Fields) -> Result<Option<i64>, String> {
    let text = form.get("weight");
    let wrong = |_| "the weight of a role is a whole number; leave it empty if there is to be no limit".to_owned();
    (!text.is_empty()).then(|| text.parse().map_err(wrong)).transpose()
}

/// What a form says of a credential as it is.
pub fn as_fields(credential: &Credential) -> Fields {
    let mut pairs: Vec<(&str, String)> =
        credential.scopes.names().into_iter().map(|name| ("scope", name.to_owned())).collect();
    pairs.push(("allowed", credential.allowed_addresses.names().join(", ")));
    pairs.push(("weight", credential.max_role_weight.map_or_else(String::new, |weight| weight.to_string())));
    Fields::of(pairs)
}

/// The form.
pub fn form(said: &Fields, wrongs: &Wrongs) -> PowersForm {
    PowersForm {
        allowed: trust::field(
            said,
            wrongs,
            ["allowed", "Only from these addresses", "May be empty.", "198.51.100.0/24, 2001:db8::/32"],
        ),
        weight: weight_field(said, wrongs),
        scopes: connections::scopes(said),
    }
}

/// The field for how heavy a role may be.
pub fn weight_field(said: &Fields, wrongs: &Wrongs) -> Field {
    let hint = "By the weights of the tenant's roles. May be empty: then it may give every role.";
    trust::field(said, wrongs, ["weight", "Heaviest role that it may give", hint, "50"])
}
