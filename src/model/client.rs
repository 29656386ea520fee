//! OAuth 2.0 clients (RFC 6749, section 4.4) as they are kept: everything but their secrets.

use std::str::FromStr;

use chrono::{DateTime, Months, TimeDelta, Utc};

use super::{ClientSecretId, Credential};

/// How long a client's access tokens live: whole minutes from 60 to 360, as Entra's gallery asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenLifetime(u16);

impl TokenLifetime {
    /// Reads a number of minutes.
    ///
    /// # Errors
    /// What is allowed.
    pub fn of_minutes(minutes: i64) -> Result<Self, String> {
        let allowed = u16::try_from(minutes).ok().filter(|minutes| (60..=360).contains(minutes));
        allowed.map(Self).ok_or_else(|| format!("{minutes} is no life of an access token; choose 60 to 360 minutes"))
    }

    /// The number of minutes.
    pub fn minutes(self) -> u16 {
        self.0
    }

    /// The same as a duration.
    pub fn duration(self) -> TimeDelta {
        TimeDelta::minutes(self.0.into())
    }
}

impl Default for TokenLifetime {
    fn default() -> Self {
        Self(60)
    }
}

impl FromStr for TokenLifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let minutes = text.parse().map_err(|_| format!("\"{text}\" is no number of minutes; choose 60 to 360"))?;
        Self::of_minutes(minutes)
    }
}

/// How long a client's secret lives: whole years from 1 to 3, as Entra's gallery asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretLifetime(u8);

impl SecretLifetime {
    /// Reads a number of years.
    ///
    /// # Errors
    /// What is allowed.
    pub fn of_years(years: i64) -> Result<Self, String> {
        let allowed = u8::try_from(years).ok().filter(|years| (1..=3).contains(years));
        allowed.map(Self).ok_or_else(|| format!("{years} is no life of a client secret; choose 1 to 3 years"))
    }

    /// When a secret ends that was made at `from`.
    pub fn end(self, from: DateTime<Utc>) -> DateTime<Utc> {
        from.checked_add_months(Months::new(u32::from(self.0) * 12)).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

impl Default for SecretLifetime {
    fn default() -> Self {
        Self(2)
    }
}

impl FromStr for SecretLifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let years = text.parse().map_err(|_| format!("\"{text}\" is no number of years; choose 1 to 3"))?;
        Self::of_years(years)
    }
}

/// A client's secret as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSecret {
    /// Its id, which the secret carries.
    pub id: ClientSecretId,
    /// SHA-256 of its random part.
    pub digest: [u8; 32],
    /// Its last characters, to tell it by.
    pub hint: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl KeptSecret {
    /// Whether it has neither ended nor been revoked.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at > now
    }
}

/// A client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// What it has in common with every credential.
    pub credential: Credential,
    /// How long its access tokens live.
    pub token_lifetime: TokenLifetime,
    /// Its secrets, the oldest first.
    pub secrets: Vec<KeptSecret>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_are_those_that_entra_takes() {
        assert_eq!("60".parse(), Ok(TokenLifetime::default()));
        assert_eq!("360".parse::<TokenLifetime>().map(TokenLifetime::duration), Ok(TimeDelta::hours(6)));
        for wrong in ["59", "361", "-60", "1h", "", "65596"] {
            assert!(wrong.parse::<TokenLifetime>().is_err(), "{wrong}");
        }
        let end =
            |years: &str| years.parse().map(|life: SecretLifetime| life.end("2028-02-29T00:00:00Z".parse().unwrap()));
        assert_eq!(end("1"), Ok("2029-02-28T00:00:00Z".parse().unwrap()));
        assert_eq!(end("3"), Ok("2031-02-28T00:00:00Z".parse().unwrap()));
        for wrong in ["0", "4", "257", "two"] {
            assert!(wrong.parse::<SecretLifetime>().is_err(), "{wrong}");
        }
    }
}
