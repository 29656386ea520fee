//! What to paste where, by identity provider.

/// Who a guide is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// Microsoft Entra ID.
    Entra,
    /// Okta.
    Okta,
    /// OneLogin.
    OneLogin,
    /// JumpCloud.
    JumpCloud,
    /// Anything that speaks SCIM 2.0.
    Other,
}

impl Provider {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entra => "Microsoft Entra ID",
            Self::Okta => "Okta",
            Self::OneLogin => "OneLogin",
            Self::JumpCloud => "JumpCloud",
            Self::Other => "Another client",
        }
    }
}

#[cfg(test)]
impl Provider {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Entra, Self::Okta, Self::OneLogin, Self::JumpCloud, Self::Other];

    /// A few words about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Entra => "Enterprise app, provisioning",
            Self::Okta => "SCIM app, header token",
            Self::OneLogin => "SCIM Provisioner v2",
            Self::JumpCloud => "Custom application",
            Self::Other => "Any SCIM 2.0 client",
        }
    }
}

/// A guide.
#[derive(Debug, Clone)]
pub struct Guide {
    /// Who it is for.
    pub provider: Provider,
    /// The base URL of the SCIM endpoints.
    pub base_url: String,
    /// The name of whom it is for.
    pub name: String,
}

impl Guide {
    /// The guide for a provider.
    pub fn new(provider: Provider, base_url: &str) -> Self {
        Self { provider, base_url: base_url.to_owned(), name: provider.name().to_owned() }
    }

    /// What OneLogin makes its requests from.
    pub fn onelogin_template(&self) -> &'static str {
        r#"{
  "schemas": [
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
  ],
  "userName": "{$parameters.scimusername}",
  "externalId": "{$user.id}",
  "name": {
    "givenName": "{$user.firstname}",
    "familyName": "{$user.lastname}"
  },
  "displayName": "{$user.display_name}",
  "emails": [{ "value": "{$user.email}", "type": "work", "primary": true }],
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
    "department": "{$user.department}"
  }
}"#
    }
}
