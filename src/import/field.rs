//! What a column can tell of a person, and by which names people call it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::scim::path::AttrPath;
use crate::scim::schema::{AttributeDefinition, Mutability, ResourceType};
use crate::scim::urn;

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in Record")]
pub enum Field {
    EmployeeId,
    Email,
    UserName,
    FirstName,
    LastName,
    DisplayName,
    Title,
    Department,
    Manager,
    Roles,
    Organizations,
    IdentityProvider,
    Active,
    SendInvitation,
    /// Several attributes, as a JSON object.
    Attributes,
    /// One attribute, by its path.
    Attribute(String),
}

const NAMED: [(Field, &str); 15] = [
    (Field::EmployeeId, "employeeId"),
    (Field::Email, "email"),
    (Field::UserName, "userName"),
    (Field::FirstName, "firstName"),
    (Field::LastName, "lastName"),
    (Field::DisplayName, "displayName"),
    (Field::Title, "title"),
    (Field::Department, "department"),
    (Field::Manager, "manager"),
    (Field::Roles, "roles"),
    (Field::Organizations, "organizations"),
    (Field::IdentityProvider, "identityProvider"),
    (Field::Active, "active"),
    (Field::SendInvitation, "sendInvitation"),
    (Field::Attributes, "attributes"),
];

/// Names in English, German, French and Spanish, without case, accents, space and signs.
const ALIASES: [(Field, &[&str]); 14] = [
    (
        Field::EmployeeId,
        &[
            "employeenumber",
            "employeeno",
            "employee",
            "empid",
            "empno",
            "personnelnumber",
            "staffid",
            "staffnumber",
            "workerid",
            "studentid",
            "learnerid",
            "externalid",
            "mitarbeiternummer",
            "mitarbeiterid",
            "mitarbeiternr",
            "personalnummer",
            "personalnr",
            "persnr",
            "matricule",
            "numeroemploye",
            "numerodemploye",
            "idemploye",
            "numerodeempleado",
            "numeroempleado",
            "idempleado",
            "legajo",
        ],
    ),
    (
        Field::Email,
        &[
            "mail",
            "emails",
            "emailaddress",
            "mailaddress",
            "workemail",
            "emailadresse",
            "mailadresse",
            "courriel",
            "adresseemail",
            "adressemail",
            "adresseelectronique",
            "correo",
            "correoelectronico",
            "direcciondecorreo",
        ],
    ),
    (
        Field::UserName,
        &[
            "login",
            "loginname",
            "loginid",
            "userprincipalname",
            "upn",
            "benutzername",
            "anmeldename",
            "nomdutilisateur",
            "nomutilisateur",
            "identifiant",
            "nombredeusuario",
            "usuario",
        ],
    ),
    (Field::FirstName, &["givenname", "forename", "vorname", "prenom", "nombre", "nombredepila"]),
    (
        Field::LastName,
        &["familyname", "surname", "nachname", "familienname", "nom", "nomdefamille", "apellido", "apellidos"],
    ),
    (
        Field::DisplayName,
        &["name", "fullname", "anzeigename", "nomaffiche", "nomcomplet", "nombrecompleto", "nombreparamostrar"],
    ),
    (
        Field::Title,
        &[
            "jobtitle",
            "job",
            "position",
            "titel",
            "stelle",
            "stellenbezeichnung",
            "berufsbezeichnung",
            "funktion",
            "fonction",
            "poste",
            "cargo",
            "puesto",
        ],
    ),
    (Field::Department, &["dept", "abteilung", "departement", "service", "departamento"]),
    (
        Field::Manager,
        &[
            "managerid",
            "manageremail",
            "manageremployeeid",
            "supervisor",
            "reportsto",
            "vorgesetzter",
            "vorgesetzte",
            "fuhrungskraft",
            "responsable",
            "superieur",
            "jefe",
            "gerente",
        ],
    ),
    (Field::Roles, &["role", "roleid", "roleids", "rolle", "rollen", "rol"]),
    (
        Field::Organizations,
        &[
            "organization",
            "organisation",
            "organisations",
            "company",
            "companies",
            "usergroup",
            "usergroups",
            "team",
            "teams",
            "organisationen",
            "firma",
            "benutzergruppe",
            "entreprise",
            "groupe",
            "organizacion",
            "organizaciones",
            "empresa",
            "grupo",
        ],
    ),
    (Field::IdentityProvider, &["idp", "identitatsanbieter", "fournisseurdidentite", "proveedordeidentidad"]),
    (Field::Active, &["isactive", "enabled", "aktiv", "actif", "activo"]),
    (
        Field::SendInvitation,
        &[
            "sendinvite",
            "invite",
            "invitation",
            "einladen",
            "einladungsenden",
            "inviter",
            "envoyerinvitation",
            "invitar",
        ],
    ),
];

impl Field {
    /// The names of all fields but single attributes.
    pub const NAMES: [&str; 15] = {
        let mut names = [""; 15];
        let mut place = 0;
        while place < names.len() {
            names[place] = NAMED[place].1;
            place += 1;
        }
        names
    };

    /// The field that a column of that name is likely to tell: a field's own name, a name that people use for it, or an
    /// attribute of the tenant's users.
    pub fn guess(column: &str, user: &ResourceType) -> Option<Self> {
        if let Ok(field) = column.parse() {
            return Some(field);
        }
        let name = normal(column);
        if name.is_empty() {
            return None;
        }
        let own = NAMED.iter().find(|(_, own)| own.to_ascii_lowercase() == name);
        let alias = || ALIASES.iter().find(|(_, names)| names.contains(&name.as_str()));
        own.map(|(field, _)| field)
            .or_else(|| alias().map(|(field, _)| field))
            .cloned()
            .or_else(|| attribute(&name, user))
    }

    /// The fields of single attributes that a tenant's users have besides those with a name of their own.
    pub fn attributes(user: &ResourceType) -> Vec<Self> {
        let written = attributes(user).filter(|(_, attribute)| attribute.mutability != Mutability::ReadOnly);
        let fields = written.map(|(uri, found)| Self::of_attribute(&AttrPath::new(uri, &found.name, None).to_string()));
        fields.filter(|field| matches!(field, Self::Attribute(_))).collect()
    }

    /// The field that tells an attribute of SCIM, as roles name what they require.
    pub fn of_attribute(path: &str) -> Self {
        let bare = path.strip_prefix(urn::USER).or_else(|| path.strip_prefix(urn::ENTERPRISE_USER));
        match bare.map_or(path, |rest| rest.trim_start_matches(':')) {
            "externalId" | "employeeNumber" => Self::EmployeeId,
            "emails" | "emails.value" => Self::Email,
            "name.givenName" => Self::FirstName,
            "name.familyName" => Self::LastName,
            "manager" | "manager.value" => Self::Manager,
            "roles.value" => Self::Roles,
            bare => match bare.parse() {
                Ok(field) => field,
                Err(_) => Self::Attribute(path.to_owned()),
            },
        }
    }
}

/// Whether users have an attribute of that path; the name alone is enough for those of extensions.
pub(super) fn has_attribute(user: &ResourceType, path: &str) -> bool {
    let path = AttrPath::parse(path);
    path.is_ok_and(|path| user.resolve(&path).or_else(|| user.resolve_in_extensions(&path)).is_some())
}

/// The attribute of a user that has this name when written without signs.
fn attribute(name: &str, user: &ResourceType) -> Option<Field> {
    let (uri, found) = attributes(user).find(|(_, attribute)| normal(&attribute.name) == name)?;
    Some(Field::Attribute(AttrPath::new(uri, &found.name, None).to_string()))
}

/// The attributes of a user that a cell can tell: those whose values are no sets of several.
fn attributes(user: &ResourceType) -> impl Iterator<Item = (Option<&str>, &Arc<AttributeDefinition>)> {
    let own = user.schema.attributes.iter().map(|attribute| (None, attribute));
    let extensions = user.extensions.iter().flat_map(|extension| {
        let uri = Some(extension.schema.uri.as_str());
        extension.schema.attributes.iter().map(move |attribute| (uri, attribute))
    });
    own.chain(extensions).filter(|(_, attribute)| {
        let plain = !attribute.is_complex() || attribute.multi_valued && attribute.sub_attribute("value").is_some();
        plain && !matches!(attribute.name.as_str(), "password" | "groups")
    })
}

/// Whether a name, or a text with names in it, is one that passwords go by.
pub fn is_secret(text: &str) -> bool {
    const NAMES: [&str; 6] = ["password", "passwort", "kennwort", "motdepasse", "contrasena", "passwd"];
    let text = normal(text);
    NAMES.iter().any(|name| text.contains(name))
}

/// A name without case, accents, space and signs.
fn normal(name: &str) -> String {
    let letters = name.nfd().filter(|c| !is_combining_mark(*c) && c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

impl FromStr for Field {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let path = text.split_once('.').filter(|(first, _)| first.eq_ignore_ascii_case("attributes"));
        if let Some((_, path)) = path {
            return AttrPath::parse(path).map(|path| Self::Attribute(path.to_string())).map_err(|_| ());
        }
        let named = NAMED.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
        named.map(|(field, _)| field.clone()).ok_or(())
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Attribute(path) = self {
            return write!(f, "attributes.{path}");
        }
        let named = NAMED.iter().find(|(field, _)| field == self);
        f.write_str(named.map_or("attributes", |(_, name)| name))
    }
}
