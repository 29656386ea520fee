//! Invitations, rules and mails.

use super::super::*;
use super::{ago, shell};

fn field(id: &'static str, value: &str, wrong: bool) -> Field {
    Field {
        id,
        label: "What it is called",
        hint: "What belongs into it.",
        example: "For example",
        value: value.to_owned(),
        wrong: wrong.then(|| format!("This is wrong{value}")),
    }
}

pub fn invitations(twist: &str) -> Invitations {
    let row = |id: &str, tone, state: &str, is_open| InvitationRow {
        id: id.into(),
        email: format!("ann@example.org{twist}"),
        user: format!("/console/t/example/users/{id}"),
        organizations: vec![format!("University of the Arts{twist}"), "Library".into()],
        way: format!("signs in by Entra{twist}"),
        inviter: format!("Ada{twist}"),
        message: Some(format!("See you on Monday!\nAda{twist}")),
        status: Status::new(tone, state),
        is_open,
        mailed: is_open.then(|| ago(90)),
        times: is_open.then(|| "3 times".into()),
        until: if is_open { "Ends" } else { "Accepted" },
        end: ago(-9_000),
    };
    Invitations {
        shell: shell("Invitations", Here::Invitations, twist),
        is_off: !twist.is_empty(),
        states: vec![Choice::new("", "Any", true), Choice::new("pending", "Pending", false)],
        email: format!("ann{twist}"),
        is_narrowed: true,
        rows: vec![row("1", Tone::Warn, "Pending", true), row("2", Tone::Ok, "Accepted", false)],
        pager: Pager { told: "2 invitations".into(), previous: None, next: Some("?before=2".into()) },
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}

pub fn invitation_new(twist: &str) -> InvitePage {
    InvitePage {
        shell: shell("Invite people", Here::Invitations, twist),
        is_off: !twist.is_empty(),
        people: field("people", twist, true),
        organizations: vec![Choice::new("1", &format!("University{twist}"), true), Choice::new("2", "Library", false)],
        others: Some(field("others", twist, false)),
        providers: vec![Choice::new("", "A password", true), Choice::new("1", &format!("Entra{twist}"), false)],
        inviter: field("inviter", twist, true),
        message: field("message", twist, false),
        is_suppressed: true,
        suppressed_by_tenant: !twist.is_empty(),
        makes_none: true,
        place: format!("Example{twist}"),
        days: 7,
        problem: None,
    }
}

pub fn invited(twist: &str) -> InvitedPage {
    InvitedPage {
        shell: shell("Invite people", Here::Invitations, twist),
        told: Notice { tone: Tone::Warn, text: "1 of 2 invited; 1 could not be.".into() },
        rows: vec![
            InvitedRow {
                who: format!("ann@example.org{twist}"),
                user: Some("/console/t/example/users/1".into()),
                status: Status::new(Tone::Ok, "Invited"),
                told: "A new user. A mail is on its way.".into(),
                organizations: vec![InvitedOrganizationRow {
                    name: format!("Library{twist}"),
                    note: Some("invited before"),
                }],
            },
            InvitedRow {
                who: format!("4711{twist}"),
                user: None,
                status: Status::new(Tone::Danger, "Not invited"),
                told: format!("Nobody has that employee id{twist}."),
                organizations: vec![],
            },
        ],
    }
}

pub fn mails(twist: &str) -> Mails {
    let row = |id: &str, tone, state: &str, note: Option<String>| MailRow {
        url: format!("/console/t/example/mails/{id}"),
        subject: format!("Ada invites you to Example University{twist}"),
        to: format!("Ann <ann@example.org>{twist}"),
        kind: "Invitation",
        status: Status::new(tone, state),
        note,
        tries: 1,
        at: ago(90),
    };
    Mails {
        shell: shell("Mail", Here::Mails, twist),
        only_catches: true,
        states: vec![Choice::new("", "Any", true), Choice::new("failed", "Failed", false)],
        is_narrowed: true,
        rows: vec![
            row("1", Tone::Ok, "Caught", None),
            row("2", Tone::Danger, "Bounced", Some(format!("The mail server does not know the address{twist}."))),
        ],
        pager: Pager { told: "2 mails".into(), previous: None, next: None },
        bounced: vec![BounceRow {
            address: format!("bob@example.org{twist}"),
            at: ago(30),
            error: format!("550 no such user{twist}."),
        }],
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}

pub fn mail(twist: &str) -> MailPage {
    MailPage {
        shell: shell("Ada invites you", Here::Mails, twist),
        url: "/console/t/example/mails/1".into(),
        subject: format!("Ada invites you to Example University{twist}"),
        to: format!("Ann <ann@example.org>{twist}"),
        kind: "Invitation",
        language: "en",
        status: Status::new(Tone::Danger, "Failed"),
        note: Some(format!("Given up{twist}.")),
        tries: 9,
        queued: ago(9_000),
        sent: None,
        only_caught: true,
        text: format!("Ada invites you to Example University.{twist}"),
        link: Some(MailLink { url: "https://scim.example.org/invitations/abc".into(), text: "Open the link" }),
        hidden: Some("Auditors do not see the link."),
        retries: true,
        is_anew: true,
        has_bounced: true,
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}

fn offender(twist: &str) -> OffenderView {
    OffenderView {
        kind: "User".into(),
        id: "01938f2a-7c1d-7000-8000-0242ac120002".into(),
        url: "/console/t/example/users/01938f2a-7c1d-7000-8000-0242ac120002".into(),
        reason: format!("a user with roles.value eq \"learner\" must have classroom{twist}"),
    }
}

pub fn rules(twist: &str) -> Rules {
    Rules {
        shell: shell("Rules", Here::Rules, twist),
        rules: vec![RuleRow {
            name: "learner".into(),
            description: format!("A learner has a classroom{twist}"),
            sentences: vec![format!("A user with role learner{twist} needs classroom.")],
            json: format!("{{\"name\": \"learner{twist}\"}}"),
        }],
        roles: vec![RoleRow {
            group: "1".into(),
            url: "/console/t/example/groups/1".into(),
            name: format!("Learner{twist}"),
            id: format!("learner{twist}"),
            weight: 10,
            requires: vec![format!("classroom{twist}")],
            references: vec!["classroom names a Classroom".into()],
            holders: 3,
        }],
        examples: vec![RuleExample {
            key: "learner",
            title: "What a role needs",
            told: "A user with role learner needs classroom.".into(),
        }],
        problem: (!twist.is_empty()).then(|| Notice::problem(twist)),
    }
}

pub fn rule(twist: &str) -> RulePage {
    RulePage {
        shell: shell("New rule", Here::Rules, twist),
        is_new: twist.is_empty(),
        name: field("name", twist, false),
        description: field("description", twist, false),
        when: field("when", twist, false),
        require: field("require", twist, true),
        is_both: true,
        references: field("references", twist, false),
        message: field("message", twist, false),
        codes: vec![Choice::new("", "What fits", true)],
        leaves_alone: true,
        preview: vec![format!("A user with role learner{twist} needs classroom.")],
        told: Some(Notice { tone: Tone::Ok, text: "All 3 users keep it.".into() }),
        problems: vec![format!("name: must be a name{twist}")],
        offenders: vec![offender(twist)],
    }
}
