//! `/console/t/{slug}/settings`: what a tenant is called, and how it behaves where clients and RFCs disagree.

use serde_json::Value;

use super::error::{ConsoleError, sentence};
use super::flash::Flash;
use super::pages::{Choice, Here, Notice, OffenderView, Settings, Switch};
use super::trust::Wrongs;
use super::{ConsoleAnswer, Place, Visit, provisioning_settings, reply, tenants, whole_tenant};
use crate::gateway::TenantError;
use crate::http::error::HttpError;
use crate::model::{KeepActivity, Label, Profile, Tenant};
use crate::scim::dialect::Dialect;

/// A switch: its name in a dialect's JSON, what it is, who needs it, and what can be chosen.
struct Known {
    key: &'static str,
    name: &'static str,
    hint: &'static str,
    choices: &'static [(&'static str, &'static str)],
}

const YES_OR_NO: &[(&str, &str)] = &[("false", "No"), ("true", "Yes")];

const SWITCHES: [Known; 9] = [
    Known {
        key: "unknownAttributes",
        name: "Unknown attributes",
        hint: "Many clients send attributes that no schema here knows, and expect them to be passed over: so do OneLogin and Microsoft's \
            collection of requests. The draft of an interoperability profile wants them refused.",
        choices: &[("ignore", "Ignore"), ("refuse", "Refuse with 400")],
    },
    Known {
        key: "unknownMembers",
        name: "Members that do not exist",
        hint: "Refusing shows a mistake at once; Entra and Okta push users before groups and are right to expect it. Passing over is for \
            clients that push groups first.",
        choices: &[("ignore", "Ignore"), ("refuse", "Refuse with 400")],
    },
    Known {
        key: "unknownRoles",
        name: "Roles that no group carries",
        hint: "A user's roles make it a member of the groups that carry them. A role that no group carries can be kept as plain data, \
            refused, or make its group.",
        choices: &[("keep", "Keep as data"), ("refuse", "Refuse with 400"), ("create", "Create the group")],
    },
    Known {
        key: "entitlementsAreRoles",
        name: "Entitlements are roles",
        hint: "For clients that send in entitlements what others send in roles, as Okta's entitlement management does.",
        choices: YES_OR_NO,
    },
    Known {
        key: "groupPatchAnswer",
        name: "Answer to a PATCH of a group",
        hint: "Microsoft advises 204 without a body, so that a large group is not sent back for every member added. Strict checkers \
            want 200 with the group.",
        choices: &[("resource", "200 with the group"), ("no-content", "204 without a body")],
    },
    Known {
        key: "uniqueGroupNames",
        name: "Group names are unique",
        hint: "Compared without case. Microsoft's validator demands 409 for a second group of a name; the RFC does not.",
        choices: YES_OR_NO,
    },
    Known {
        key: "deleteDeactivates",
        name: "DELETE deactivates",
        hint: "A deleted user stays, inactive, with groups and history. For identity providers that delete what somebody wants back.",
        choices: YES_OR_NO,
    },
    Known {
        key: "employeeId",
        name: "externalId and employee number",
        hint: "Where both name the same person to the outside, one can follow from the other. Whatever is chosen but independent, \
            employee numbers are unique.",
        choices: &[
            ("independent", "Independent"),
            ("external-id-from-employee-number", "externalId follows"),
            ("employee-number-from-external-id", "Employee number follows"),
            ("must-agree", "Must be the same"),
        ],
    },
    Known {
        key: "fenceConnections",
        name: "Connections are fenced off",
        hint: "What one connection made cannot be changed or removed through another. For tenants with two identity providers that \
            know the same people.",
        choices: YES_OR_NO,
    },
];

/// For how long activity can be kept.
const KEEPS: [(&str, &str); 7] = [
    ("30d", "30 days"),
    ("90d", "90 days"),
    ("180d", "180 days"),
    ("400d", "400 days"),
    ("730d", "Two years"),
    ("2555d", "Seven years"),
    ("forever", "For ever"),
];

/// The settings, and what forms make of them.
pub async fn route(visit: &Visit<'_>, place: &Place, path: &[&str]) -> ConsoleAnswer {
    match (path, visit.is_post()) {
        ([], false) => shown(visit, place, Refused::default()).await,
        ([], true) => {
            visit.may_write()?;
            match asked(visit, &place.tenant) {
                Ok(asked) => save(visit, place, asked).await,
                Err(told) => refused(visit, place, &sentence(&told)).await,
            }
        }
        (["retention"], true) => keep(visit, place).await,
        (["provisioning"], true) => provisioning_settings::save(visit, place).await,
        (["mail"], true) => provisioning_settings::save_mail(visit, place).await,
        ([what], true) => whole_tenant::act(visit, place, what).await,
        _ => Err(ConsoleError::NotFound),
    }
}

/// The settings as they are, with why they were not changed.
pub async fn refused(visit: &Visit<'_>, place: &Place, told: &str) -> ConsoleAnswer {
    refused_with(visit, place, told, Vec::new()).await
}

/// The settings as they are, with why they were not changed, and who is in the way.
pub async fn refused_with(visit: &Visit<'_>, place: &Place, told: &str, offenders: Vec<OffenderView>) -> ConsoleAnswer {
    let problem = Some(Notice::problem(told));
    shown(visit, place, Refused { problem, offenders, ..Refused::default() }).await
}

/// The settings with what was said of mails, and what is wrong with that.
pub async fn refused_mail(visit: &Visit<'_>, place: &Place, wrongs: &Wrongs) -> ConsoleAnswer {
    let problem = Some(Notice::problem("Nothing was saved. Look at the fields that are marked."));
    shown(visit, place, Refused { problem, wrongs: wrongs.clone(), ..Refused::default() }).await
}

/// Why nothing was changed.
#[derive(Default)]
struct Refused {
    problem: Option<Notice>,
    offenders: Vec<OffenderView>,
    /// What is wrong with what was said of mails.
    wrongs: Wrongs,
}

/// Sets how long activity is kept.
async fn keep(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    visit.may_write()?;
    let keep: KeepActivity = match visit.form.get("keep").parse() {
        Ok(keep) => keep,
        Err(told) => return refused(visit, place, &sentence(&told)).await,
    };
    let kept = visit.app.gateway.keep_activity(&place.tenant, keep, &visit.caller.origin).await;
    if !kept.map_err(HttpError::from)? {
        return Err(ConsoleError::NotFound);
    }
    reply::done(&format!("/console/t/{}/settings", place.tenant.slug), Flash::Saved)
}

/// The tenant as the form has it. Another profile sets all switches; else each is what the form says.
fn asked(visit: &Visit<'_>, tenant: &Tenant) -> Result<(String, Profile, Dialect), String> {
    let name: Label = visit.form.get("name").parse()?;
    let profile: Profile = visit.form.get("profile").parse()?;
    let mut wanted = tenant.clone();
    if profile == tenant.profile {
        wanted.dialect = chosen(&tenant.dialect, |key| visit.form.get(key))?;
    } else {
        wanted.take_profile(profile);
    }
    Ok((name.to_string(), profile, wanted.dialect))
}

async fn save(visit: &Visit<'_>, place: &Place, asked: (String, Profile, Dialect)) -> ConsoleAnswer {
    let (name, profile, dialect) = asked;
    let edit = |tenant: &mut Tenant| {
        tenant.name.clone_from(&name);
        tenant.profile = profile;
        tenant.dialect.clone_from(&dialect);
    };
    match visit.app.gateway.change_tenant(&place.tenant.slug, &visit.caller.origin, edit).await {
        Ok(tenant) => reply::done(&format!("/console/t/{}/settings", tenant.slug), Flash::Saved),
        Err(TenantError::Store(error)) => Err(error.into()),
        Err(error) => refused(visit, place, &sentence(&error.to_string())).await,
    }
}

async fn shown(visit: &Visit<'_>, place: &Place, refused: Refused) -> ConsoleAnswer {
    let Refused { problem, offenders, wrongs } = refused;
    let tenant = &place.tenant;
    let keeps = visit.store(place).keeps_activity().await?;
    reply::page(&Settings {
        shell: visit.shell("Settings", Here::Settings, place),
        slug: tenant.slug.to_string(),
        name: tenant.name.clone(),
        profiles: tenants::profiles(tenant.profile),
        switches: switches(&tenant.dialect),
        keeps: keep_choices(keeps),
        provisioning: provisioning_settings::of(&tenant.provisioning),
        mail: provisioning_settings::mail_choices(visit, place, &wrongs).await?,
        whole: whole_tenant::of(visit, place),
        offenders,
        problem,
    })
}

/// The usual times, and what holds now.
fn keep_choices(now: KeepActivity) -> Vec<Choice> {
    let now = now.to_string();
    let mut choices: Vec<Choice> = KEEPS.into_iter().map(|(key, text)| Choice::new(key, text, key == now)).collect();
    if !choices.iter().any(|choice| choice.chosen) {
        choices.insert(0, Choice::new(&now, &format!("{} days", now.trim_end_matches('d')), true));
    }
    choices
}

/// The switches of a dialect; those alone that this version knows.
fn switches(dialect: &Dialect) -> Vec<Switch> {
    let values = serde_json::to_value(dialect).unwrap_or_default();
    let switch = |known: &Known| {
        let value = word(values.get(known.key)?);
        let choices = known.choices.iter().map(|(key, text)| Choice::new(key, text, *key == value));
        Some(Switch { key: known.key, name: known.name, hint: known.hint, choices: choices.collect() })
    };
    SWITCHES.iter().filter_map(switch).collect()
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A dialect with what a form chose. What it does not name stays as it is.
fn chosen<'a>(dialect: &Dialect, get: impl Fn(&str) -> &'a str) -> Result<Dialect, String> {
    let mut values = serde_json::to_value(dialect).unwrap_or_default();
    for known in &SWITCHES {
        let sent = get(known.key);
        let Some(value) = values.get_mut(known.key).filter(|_| !sent.is_empty()) else { continue };
        if !known.choices.iter().any(|(key, _)| *key == sent) {
            return Err(format!("\"{}\" cannot be {sent}", known.name));
        }
        *value = if value.is_boolean() { Value::Bool(sent == "true") } else { Value::String(sent.to_owned()) };
    }
    serde_json::from_value(values).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_of_a_dialect_can_be_chosen() {
        let values = serde_json::to_value(Dialect::default()).unwrap();
        for key in values.as_object().unwrap().keys() {
            assert!(SWITCHES.iter().any(|known| known.key == key), "{key} is not explained");
        }
        for known in SWITCHES.iter().filter(|known| values.get(known.key).is_some()) {
            for (choice, _) in known.choices {
                let dialect = chosen(&Dialect::default(), |key| if key == known.key { *choice } else { "" }).unwrap();
                let shown = switches(&dialect).into_iter().find(|switch| switch.key == known.key).unwrap();
                let now: Vec<String> = shown.choices.into_iter().filter(|one| one.chosen).map(|one| one.key).collect();
                assert_eq!(now, [*choice], "{}", known.key);
            }
        }
        assert!(chosen(&Dialect::default(), |_| "nonsense").is_err());
        assert_eq!(chosen(&Dialect::default(), |_| "").unwrap(), Dialect::default());
    }
}
