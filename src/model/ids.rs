//! One newtype for each kind of id, so that none can stand in for another.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::{NoContext, Timestamp, Uuid};

/// The text is not the one spelling of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is a UUID in lower case with hyphens")]
pub struct NotAnId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id (UUIDv7: ordered by time, so index pages fill from one end).
            pub fn new(now: DateTime<Utc>) -> Self {
                let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
                Self(Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos())))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Takes the hyphenated lower-case form alone: an id has one spelling (`caseExact`, RFC 7643, section 3.1).
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let id = Uuid::try_parse(text).map_err(|_| NotAnId)?;
                let mut buffer = Uuid::encode_buffer();
                if id.hyphenated().encode_lower(&mut buffer) == text { Ok(Self(id)) } else { Err(NotAnId) }
            }
        }
    };
}

id!(
    /// A tenant.
    TenantId
);
id!(
    /// A SCIM resource of any type; made by the server alone.
    ResourceId
);
id!(
    /// A bearer token or other credential.
    CredentialId
);
id!(
    /// A secret of an OAuth 2.0 client.
    ClientSecretId
);
id!(
    /// A key that access tokens are signed with.
    SigningKeyId
);
id!(
    /// An access token.
    AccessTokenId
);
id!(
    /// One row of the change stream.
    ChangeId
);
id!(
    /// A connection: an identity provider or system of record that pushes into a tenant.
    ConnectionId
);
id!(
    /// An administrator.
    AdminId
);
id!(
    /// A session of an administrator.
    AdminSessionId
);
id!(
    /// An invitation.
    InvitationId
);
id!(
    /// A mail that is or was to be sent.
    MailId
);
id!(
    /// One HTTP request.
    RequestId
);
id!(
    /// A list of an application's users, and the session that it is put together in.
    RosterId
);
id!(
    /// One publication of a list.
    PublicationId
);
id!(
    /// A file of people that is looked at before it is imported.
    ImportUploadId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id = ResourceId::new(DateTime::UNIX_EPOCH);
        let text = id.to_string();
        assert_eq!(text.parse::<ResourceId>().unwrap(), id);
        assert!(text.to_uppercase().parse::<ResourceId>().is_err());
        assert!(text.replace('-', "").parse::<ResourceId>().is_err());
    }
}
