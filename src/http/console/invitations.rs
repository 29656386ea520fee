//! `/console/t/{slug}/invitations`: who is invited, and what became of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::error::{ConsoleError, sentence};
use super::fields::query;
use super::flash::Flash;
use super::pages::{
    Choice, Here, InvitationRow, Invitations, InvitePage, InvitedOrganizationRow, InvitedPage, InvitedRow, Notice,
    Pager, Status, Tone,
};
use super::trust::{self, Wrongs};
use super::visit::inner;
use super::{ConsoleAnswer, Place, Visit, reply, resources};
use crate::gateway::{InvitationError, Invited, InvitedUser, Invitee, Inviting, OrganizationOutcome};
use crate::http::error::HttpError;
use crate::model::{
    Caller, ConnectionId, Credentials, Invitation, InvitationId, InvitationState, Label, MailAddress, Record,
    RecordCode,
};
use crate::scim::schema::own::ORGANIZATION;
use crate::store::{InvitationsWanted, Page, Part};

/// Invitations on a page.
const SIZE: usize = 50;
/// How many people a form takes; files are for more.
const MAX_PEOPLE: usize = 200;
/// Characters of a message.
const MAX_MESSAGE: usize = 2_000;
/// How many organizations can be ticked. The names of others can be typed.
const TICKED: u32 = 30;

/// Hands a request to its page.
pub async fn route(visit: &Visit<'_>, place: &Place, path: &[&str]) -> ConsoleAnswer {
    match (path, visit.is_post()) {
        ([], false) => list(visit, place, None).await,
        ([], true) => invite(visit, place).await,
        (["new"], false) => {
            visit.may_write()?;
            reply::page(&form(visit, place, &Wrongs::new()).await?)
        }
        ([id, act @ ("resend" | "revoke")], true) => {
            let id = id.parse().map_err(|_| ConsoleError::NotFound)?;
            change(visit, place, id, act).await
        }
        _ => Err(ConsoleError::NotFound),
    }
}

fn url(place: &Place) -> String {
    format!("/console/t/{}/invitations", place.tenant.slug)
}

async fn list(visit: &Visit<'_>, place: &Place, problem: Option<Notice>) -> ConsoleAnswer {
    let asked = &visit.query;
    let state: Option<InvitationState> = asked.get("state").parse().ok();
    let email = asked.get("email");
    let wanted = InvitationsWanted { state, email: email.to_owned() };
    let before: Option<InvitationId> = asked.get("before").parse().ok();
    let reads = i64::try_from(SIZE + 1).unwrap_or(i64::MAX);
    let mut found = visit.store(place).invitations(before, &wanted, visit.now, reads).await?;
    let has_next = found.len() > SIZE;
    found.truncate(SIZE);
    let connections = visit.app.store.connections(place.tenant.id).await?;
    let names: BTreeMap<ConnectionId, String> =
        connections.into_iter().map(|connection| (connection.id, connection.name.to_string())).collect();

    let word = state.map_or("", InvitationState::as_str);
    let page =
        |before: &str| format!("{}{}", url(place), query(&[("state", word), ("email", email), ("before", before)]));
    let next = found.last().filter(|_| has_next).map(|last| page(&last.id.to_string()));
    let told = match (found.len(), before.is_some()) {
        (count, false) if has_next => format!("The newest {count}"),
        (1, false) => "One invitation".to_owned(),
        (count, false) => format!("{count} invitations"),
        (count, true) => format!("{count} older ones"),
    };
    let states = std::iter::once(Choice::new("", "Any", state.is_none()));
    let states = states.chain(InvitationState::ALL.map(|one| Choice::new(one.as_str(), name(one), state == Some(one))));
    reply::page(&Invitations {
        shell: visit.shell("Invitations", Here::Invitations, place),
        is_off: !place.tenant.provisioning.enabled,
        states: states.collect(),
        email: email.to_owned(),
        is_narrowed: state.is_some() || !email.is_empty(),
        rows: found.into_iter().map(|invitation| row(visit, place, invitation, &names)).collect(),
        pager: Pager { told, previous: before.is_some().then(|| page("")), next },
        problem,
    })
}

/// A state's name for people.
fn name(state: InvitationState) -> &'static str {
    match state {
        InvitationState::Pending => "Pending",
        InvitationState::Accepted => "Accepted",
        InvitationState::Rejected => "Rejected",
        InvitationState::Expired => "Expired",
        InvitationState::Revoked => "Revoked",
    }
}

fn row(
    visit: &Visit<'_>,
    place: &Place,
    invitation: Invitation,
    providers: &BTreeMap<ConnectionId, String>,
) -> InvitationRow {
    let tone = match invitation.state {
        InvitationState::Pending => Tone::Warn,
        InvitationState::Accepted => Tone::Ok,
        InvitationState::Rejected => Tone::Danger,
        InvitationState::Expired | InvitationState::Revoked => Tone::Off,
    };
    let provider = invitation.identity_provider.map(|id| {
        let gone = || "an identity provider that is gone".to_owned();
        providers.get(&id).cloned().unwrap_or_else(gone)
    });
    let is_open = invitation.state == InvitationState::Pending;
    InvitationRow {
        id: invitation.id.to_string(),
        user: format!("{}/{}", resources::url(place, "User"), invitation.user),
        organizations: invitation.organizations.into_iter().map(|to| to.name).collect(),
        way: provider.map_or_else(|| "chooses a password".to_owned(), |name| format!("signs in by {name}")),
        inviter: invitation.inviter,
        message: invitation.message,
        status: Status::new(tone, name(invitation.state)),
        is_open,
        mailed: invitation.sent_at.map(|at| visit.moment(at)),
        times: match invitation.send_count {
            0 | 1 => None,
            count => Some(format!("{count} times")),
        },
        until: if is_open { "Ends" } else { name(invitation.state) },
        end: visit.moment(invitation.decided_at.unwrap_or(invitation.expires_at)),
        email: invitation.email,
    }
}

/// The form, with what was said in it.
async fn form(visit: &Visit<'_>, place: &Place, wrongs: &Wrongs) -> Result<InvitePage, ConsoleError> {
    let said = &visit.form;
    let (organizations, has_more) = organizations(visit, place).await?;
    let field = |id, label, hint, example| trust::field(said, wrongs, [id, label, hint, example]);
    let connections = visit.app.store.connections(place.tenant.id).await?;
    let chosen = said.get("provider");
    let providers = connections.iter().filter(|connection| connection.enabled).map(|connection| {
        let id = connection.id.to_string();
        Choice::new(&id, connection.name.as_str(), id == chosen)
    });
    let settings = visit.store(place).mail_settings().await?;
    let name = settings.name.as_ref().map_or(place.tenant.name.as_str(), |name| name.as_str());
    let inviter = trust::field(
        said,
        wrongs,
        ["inviter", "Inviter", "Who invites, as the mail tells it. Yourself if it is empty.", "Ada Lovelace"],
    );
    let choices = &place.tenant.provisioning;
    Ok(InvitePage {
        shell: visit.shell("Invite people", Here::Invitations, place),
        is_off: !choices.enabled,
        people: field(
            "people",
            "People",
            "One a line. Somebody new by name and address; who is a user already by address or employee id alone.",
            "Ann Lee <ann@example.org>",
        ),
        organizations,
        others: has_more
            .then(|| field("others", "Further organizations", "Names or ids, one a line.", "University of the Arts")),
        providers: std::iter::once(Choice::new("", "A password of their own", chosen.is_empty()))
            .chain(providers)
            .collect(),
        inviter,
        message: field("message", "Message", "May be empty; stands in the mail as a quotation.", "See you on Monday!"),
        is_suppressed: !said.get("suppress").is_empty(),
        suppressed_by_tenant: choices.suppress_invitation_email,
        makes_none: choices.credentials == Credentials::None,
        place: name.to_owned(),
        days: u16::from(settings.invitation_days),
        problem: (!wrongs.is_empty())
            .then(|| Notice::problem("Nobody was invited. Look at the fields that are marked.")),
    })
}

/// The organizations to tick, and whether there are more.
async fn organizations(visit: &Visit<'_>, place: &Place) -> Result<(Vec<Choice>, bool), ConsoleError> {
    let Some(kind) = place.catalog.named(ORGANIZATION) else { return Ok((Vec::new(), false)) };
    let part = Part::all(kind);
    let page = Page::first(std::slice::from_ref(&part), TICKED + 1);
    let mut listed = visit.store(place).list(&page).await?.resources;
    let has_more = listed.len() > usize::try_from(TICKED).unwrap_or(usize::MAX);
    listed.truncate(usize::try_from(TICKED).unwrap_or(usize::MAX));
    let choice = |stored: &crate::model::Stored| {
        let document: Value = serde_json::from_str(&stored.document).unwrap_or_default();
        let id = stored.id.to_string();
        let is_ticked = visit.form.all("organization").any(|ticked| ticked == id);
        Choice::new(&id, document["name"].as_str().unwrap_or(&id), is_ticked)
    };
    let mut choices: Vec<Choice> = listed.iter().map(choice).collect();
    choices.sort_by_key(|choice| choice.text.to_lowercase());
    Ok((choices, has_more))
}

async fn invite(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    visit.may_write()?;
    let inviting = match asked(visit) {
        Ok(inviting) => inviting,
        Err(wrongs) => return reply::page(&form(visit, place, &wrongs).await?),
    };
    let (tenant, origin) = (Arc::new(place.tenant.clone()), &visit.caller.origin);
    let caller = Caller::administrator(tenant, place.catalog.clone(), origin, visit.id);
    let invited = visit.app.gateway.invite(&caller, &inviting).await;
    let (organizations, _) = organizations(visit, place).await?;
    reply::page(&outcome(visit, place, invited, &organizations))
}

/// What the form asks for.
fn asked(visit: &Visit<'_>) -> Result<Inviting, Wrongs> {
    let said = &visit.form;
    let mut wrongs = Wrongs::new();
    let people = people(said.get("people")).map_err(|told| wrongs.insert("people", told)).unwrap_or_default();
    let inviter = match said.get("inviter") {
        "" => visit.admin.name.parse::<Label>().ok(),
        text => text.parse().map_err(|told: String| wrongs.insert("inviter", sentence(&told))).ok(),
    };
    let message = said.get("message");
    if message.chars().count() > MAX_MESSAGE {
        wrongs.insert("message", format!("A message has at most {MAX_MESSAGE} characters."));
    }
    if !wrongs.is_empty() {
        return Err(wrongs);
    }
    let ticked = said.all("organization").map(str::to_owned);
    Ok(Inviting {
        people: people.into_iter().map(Ok).collect(),
        organizations: ticked.chain(lines(said.get("others")).map(str::to_owned)).collect(),
        identity_provider: Some(said.get("provider").to_owned()).filter(|id| !id.is_empty()),
        inviter,
        message: Some(message.to_owned()).filter(|message| !message.is_empty()),
        sends_mail: said.get("suppress").is_empty(),
        by: Some(visit.caller.origin.clone()),
    })
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Whom a text names: e-mail addresses, with or without a name, and employee ids.
fn people(text: &str) -> Result<Vec<Invitee>, String> {
    let mut named: Vec<&str> = Vec::new();
    let parts = text.split(['\n', ';']).flat_map(|line| {
        // A comma in front of an address is part of a name.
        let splits = !line.contains('<');
        line.split(move |letter| letter == ',' && splits)
    });
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        if !named.contains(&part) {
            named.push(part);
        }
    }
    if named.is_empty() {
        return Err("Name at least one person.".to_owned());
    }
    if named.len() > MAX_PEOPLE {
        let count = named.len();
        return Err(format!("These are {count}. Invite at most {MAX_PEOPLE} at once, or import a file."));
    }
    named.into_iter().map(person).collect()
}

fn person(line: &str) -> Result<Invitee, String> {
    if !line.contains('@') {
        let record = Record { employee_id: Some(line.to_owned()), ..Record::default() };
        return Ok(Invitee::Person(Box::new(record)));
    }
    let address: MailAddress = line.parse().map_err(|told: String| format!("“{line}” {told}."))?;
    let (first_name, last_name) = address.name().map(names).unwrap_or_default();
    let record = Record { email: Some(address.address().to_owned()), first_name, last_name, ..Record::default() };
    Ok(Invitee::Person(Box::new(record)))
}

/// `Ann Lee` and `Lee, Ann` as a first and a last name.
fn names(name: &str) -> (Option<String>, Option<String>) {
    let (first, last) = match name.split_once(',') {
        Some((last, first)) => (first, last),
        None => name.rsplit_once(' ').unwrap_or((name, "")),
    };
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    (some(first), some(last))
}

/// What became of each.
fn outcome(visit: &Visit<'_>, place: &Place, invited: Vec<Invited>, organizations: &[Choice]) -> InvitedPage {
    let (mut fresh, mut failed) = (0, 0);
    for person in &invited {
        match &person.outcome {
            Ok(user) => fresh += usize::from(user.invitation.is_some()),
            Err(_) => failed += 1,
        }
    }
    let total = invited.len();
    let told = match (fresh, failed) {
        (0, 0) => "Everybody had been invited before; nothing was changed.".to_owned(),
        (fresh, 0) => format!("{fresh} of {total} invited."),
        (fresh, failed) => format!("{fresh} of {total} invited; {failed} could not be."),
    };
    InvitedPage {
        shell: visit.shell("Invite people", Here::Invitations, place),
        told: Notice { tone: if failed == 0 { Tone::Ok } else { Tone::Warn }, text: told },
        rows: invited.into_iter().map(|person| invited_row(place, person, organizations)).collect(),
    }
}

fn invited_row(place: &Place, invited: Invited, known: &[Choice]) -> InvitedRow {
    let InvitedUser { user, is_new, invitation, is_mailed, organizations, .. } = match invited.outcome {
        Ok(user) => user,
        Err(why) => {
            let status = Status::new(Tone::Danger, "Not invited");
            let mut told = sentence(&why.message);
            if why.code == RecordCode::MissingRequiredAttributes {
                told.push_str(
                    " Write somebody new as “Ann Lee <ann@example.org>”; what else is needed can come by an import.",
                );
            }
            return InvitedRow { who: invited.key, user: None, status, told, organizations: vec![] };
        }
    };
    let (status, told) = match (invitation.is_some(), is_mailed) {
        (true, true) => (Status::new(Tone::Ok, "Invited"), "A mail is on its way."),
        (true, false) => (Status::new(Tone::Ok, "Invited"), "No mail is sent. Send it from the list when it is time."),
        (false, _) => (Status::new(Tone::Off, "Already invited"), "That invitation is open still."),
    };
    let told = if is_new { format!("A new user. {told}") } else { told.to_owned() };
    let name = |reference: String| {
        let ticked = known.iter().find(|choice| choice.key == reference);
        ticked.map_or(reference, |choice| choice.text.clone())
    };
    let organization = |name: String, outcome| match outcome {
        OrganizationOutcome::Invited(_) => InvitedOrganizationRow { name, note: None },
        OrganizationOutcome::AlreadyInvited(_) => InvitedOrganizationRow { name, note: Some("invited before") },
        OrganizationOutcome::Unknown => InvitedOrganizationRow { name, note: Some("is not there") },
    };
    InvitedRow {
        who: invited.key,
        user: Some(format!("{}/{user}", resources::url(place, "User"))),
        status,
        told,
        organizations: organizations.into_iter().map(|one| organization(name(one.reference), one.outcome)).collect(),
    }
}

async fn change(visit: &Visit<'_>, place: &Place, id: InvitationId, act: &str) -> ConsoleAnswer {
    visit.may_write()?;
    let (gateway, origin) = (&visit.app.gateway, &visit.caller.origin);
    let (outcome, flash) = match act {
        "resend" => (gateway.resend_invitation(&place.tenant, id, origin).await, Flash::InvitationSent),
        _ => (gateway.revoke_invitation(&place.tenant, id, origin).await, Flash::InvitationRevoked),
    };
    match outcome {
        Ok(_) => {
            let back = inner(visit.form.get("back"));
            let here = url(place);
            let is_own = back == here || back.starts_with(&format!("{here}?"));
            reply::done(if is_own { back } else { &here }, flash)
        }
        Err(InvitationError::NotFound(_)) => Err(ConsoleError::NotFound),
        Err(InvitationError::Store(error)) => Err(error.into()),
        Err(InvitationError::Refused(error)) => Err(HttpError::from(error).into()),
        Err(error) => list(visit, place, Some(Notice::problem(sentence(&error.to_string())))).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_named_by_address_or_employee_id() {
        let text = "ann@example.org\r\n Bob van Lee <bob@example.org>; 4711, ann@example.org\n\nLee, Cid <c@example.org>\n E-7 ";
        let told = people(text).unwrap().into_iter().map(|invitee| match invitee {
            Invitee::Person(record) => [record.email, record.first_name, record.last_name, record.employee_id],
            Invitee::User(_) => [None, None, None, None],
        });
        let some = |text: &str| Some(text.to_owned());
        let expected = [
            [some("ann@example.org"), None, None, None],
            [some("bob@example.org"), some("Bob van"), some("Lee"), None],
            [None, None, None, some("4711")],
            [some("c@example.org"), some("Cid"), some("Lee"), None],
            [None, None, None, some("E-7")],
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn nobody_and_too_many_are_refused() {
        assert!(people(" \n , ;").is_err());
        let many: Vec<String> = (0..=MAX_PEOPLE).map(|number| number.to_string()).collect();
        assert!(people(&many.join("\n")).unwrap_err().contains("201"));
        assert!(people("ann@@example.org").unwrap_err().contains("“ann@@example.org” is no mail address"));
    }
}
