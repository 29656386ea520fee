//! What stands around every page of somebody who has signed in, and the small values that many pages show.

use crate::scim::schema::own::ORGANIZATION;

/// The colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system has them.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The name, as the cookie keeps it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of that name; what is no name is as the system has it.
    pub fn parse(text: &str) -> Self {
        match text {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }
}

/// How good or bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Ok,
    /// Needs attention.
    Warn,
    /// Is wrong.
    Danger,
    /// Is out of use.
    Off,
}

impl Tone {
    /// The class that colours it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Danger => "danger",
            Self::Off => "off",
        }
    }
}

/// A dot with a word.
#[derive(Debug, Clone)]
pub struct Status {
    /// The colour.
    pub tone: Tone,
    /// The word, which says the same.
    pub text: String,
}

impl Status {
    /// A status.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into() }
    }
}

/// A message above a page.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The colour.
    pub tone: Tone,
    /// What is told.
    pub text: String,
}

impl Notice {
    /// That something was refused, and why.
    pub fn problem(text: impl Into<String>) -> Self {
        Self { tone: Tone::Danger, text: text.into() }
    }
}

/// One of several to choose from.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What a form sends.
    pub key: String,
    /// What is shown.
    pub text: String,
    /// Whether it is the one.
    pub chosen: bool,
}

impl Choice {
    /// A choice.
    pub fn new(key: &str, text: &str, chosen: bool) -> Self {
        Self { key: key.to_owned(), text: text.to_owned(), chosen }
    }
}

/// The entry of the navigation that a page belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Here {
    /// The overview.
    Overview,
    /// Connections and their credentials.
    Connections,
    /// Resources of the type with that name.
    Resources(String),
    /// The log.
    Activity,
    /// The request console.
    Requests,
    /// Files of people.
    Imports,
    /// Work in the background.
    Tasks,
    /// Who is invited.
    Invitations,
    /// What users must have.
    Rules,
    /// What is mailed.
    Mails,
    /// Schemas and resource types.
    Schemas,
    /// Applications and their rosters.
    Applications,
    /// The weekly digest.
    Digest,
    /// The tenant's settings.
    Settings,
    /// The tenant's administrators.
    Admins,
    /// All tenants.
    Tenants,
    /// The administrators of the installation.
    InstanceAdmins,
    /// What concerns no tenant alone.
    InstanceActivity,
    /// None of them.
    Elsewhere,
}

/// The tenant that a page is about.
#[derive(Debug, Clone)]
pub struct TenantNav {
    /// Its short name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The names of the resource types that it has beside users and groups.
    pub own_types: Vec<String>,
}

/// Who has signed in.
#[derive(Debug, Clone)]
pub struct Who {
    /// The e-mail address.
    pub name: String,
    /// The role, for people.
    pub role: String,
    /// Whether all tenants are in reach.
    pub instance: bool,
    /// Whether it may change things.
    pub writes: bool,
    /// Whether it may change administrators.
    pub owns: bool,
}

/// What stands around a page.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The page's title.
    pub title: String,
    /// Where in the navigation it is.
    pub here: Here,
    /// The tenant it is about, if it is about one.
    pub tenant: Option<TenantNav>,
    /// Who looks at it.
    pub who: Who,
    /// What forms have to send along, so that no other site can send them.
    pub csrf: String,
    /// The colours.
    pub theme: Theme,
    /// That the tenant is not in use.
    pub standing: Option<Notice>,
    /// What came of the request before.
    pub flash: Option<Notice>,
    /// The page's own path.
    pub path: String,
}

/// An entry of the navigation.
pub struct NavLink {
    /// Where it leads.
    pub url: String,
    /// What it says.
    pub text: String,
    /// Its icon.
    pub icon: &'static str,
    /// Whether the page is part of it.
    pub here: bool,
}

impl Shell {
    /// The address of a page of the tenant.
    pub fn at(&self, page: &str) -> String {
        format!("/console/t/{}/{page}", self.slug())
    }

    /// The tenant's short name.
    pub fn slug(&self) -> &str {
        self.tenant.as_ref().map_or("", |tenant| &tenant.slug)
    }

    /// The tenant's name.
    pub fn tenant_name(&self) -> &str {
        self.tenant.as_ref().map_or("", |tenant| &tenant.name)
    }

    /// Where the mark in the corner leads.
    pub fn home(&self) -> String {
        match &self.tenant {
            Some(tenant) => format!("/console/t/{}", tenant.slug),
            None => "/console".to_owned(),
        }
    }

    /// The pages of the tenant.
    pub fn links(&self) -> Vec<NavLink> {
        let link = |here: Here, page: &str, text: &str, icon| NavLink {
            url: if page.is_empty() { self.home() } else { self.at(page) },
            text: text.to_owned(),
            icon,
            here: self.here == here,
        };
        let own_types = self.tenant.iter().flat_map(|tenant| &tenant.own_types);
        let mut links = vec![
            link(Here::Overview, "", "Overview", "overview"),
            link(Here::Connections, "connections", "Connections", "connections"),
            link(Here::Resources("User".into()), "users", "Users", "users"),
            link(Here::Resources("Group".into()), "groups", "Groups", "groups"),
        ];
        links.extend(
            own_types.map(|name| link(Here::Resources(name.clone()), &format!("resources/{name}"), name, "resources")),
        );
        links.extend([
            link(Here::Activity, "activity", "Activity", "activity"),
            link(Here::Requests, "requests", "Request console", "requests"),
            link(Here::Schemas, "schemas", "Schemas", "schemas"),
            link(Here::Settings, "settings", "Settings", "settings"),
            link(Here::Admins, "admins", "Administrators", "admins"),
        ]);
        links
    }

    /// The pages of the tenant for those who bring people without SCIM.
    pub fn provisioning_links(&self) -> Vec<NavLink> {
        let link = |here: Here, page: &str, text: &str, icon| NavLink {
            url: self.at(page),
            text: text.to_owned(),
            icon,
            here: self.here == here,
        };
        let organizations = Here::Resources(ORGANIZATION.into());
        vec![
            link(Here::Imports, "imports", "Imports", "imports"),
            link(Here::Tasks, "tasks", "Tasks", "tasks"),
            link(organizations, "resources/Organization", "Organizations", "organizations"),
            link(Here::Invitations, "invitations", "Invitations", "invitations"),
            link(Here::Rules, "rules", "Rules", "rules"),
            link(Here::Applications, "applications", "Applications", "applications"),
            link(Here::Digest, "digest", "Digest", "digest"),
            link(Here::Mails, "mails", "Mail", "mails"),
        ]
    }

    /// The pages of the installation.
    pub fn instance_links(&self) -> Vec<NavLink> {
        let link = |here: Here, url: &str, text: &str, icon| NavLink {
            url: url.to_owned(),
            text: text.to_owned(),
            icon,
            here: self.here == here,
        };
        vec![
            link(Here::Tenants, "/console/tenants", "Tenants", "tenants"),
            link(Here::InstanceAdmins, "/console/admins", "Administrators", "admins"),
            link(Here::InstanceActivity, "/console/activity", "Activity", "activity"),
        ]
    }
}
