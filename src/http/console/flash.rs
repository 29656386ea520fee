//! What came of a form, told on the page that follows it. The cookie holds a word from this list and nothing else, so nobody can
//! make the console say what it does not know.

use super::pages::{Notice, Tone};

/// Each with the word that the cookie holds, and what the page says.
macro_rules! flashes {
    ($($name:ident $word:literal $text:literal;)+) => {
        /// What came of a form.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Flash {
            $(#[doc = $text] $name,)+
        }

        impl Flash {
            const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The word, as the cookie holds it.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

flashes! {
    ConnectionCreated "connection-created" "The connection is there. Now create its token and follow the guide.";
    ConnectionEnabled "connection-enabled" "The connection is enabled: its credentials work again.";
    ConnectionDisabled "connection-disabled" "The connection is disabled: its credentials are refused from now on.";
    CredentialEnabled "credential-enabled" "Enabled: it works again within a second, on every node.";
    CredentialDisabled "credential-disabled" "Disabled: it is refused with 401 until it is enabled again.";
    CredentialRevoked "credential-revoked" "Revoked: requests with it are refused with 401 from now on.";
    SecretRevoked "secret-revoked" "Revoked: no access token is made for this secret any more. Those made before run out.";
    IssuerTrusted "issuer-trusted" "The issuer is trusted: its tokens work within a second, on every node.";
    IssuerChanged "issuer-changed" "Saved. Every node goes by it within a second.";
    Saved "saved" "Saved.";
    Restored "restored" "Restored. The change stands in the history, under your name.";
    SchemasChanged "schemas-changed" "Saved. Every node answers by it within seconds.";
    TenantCreated "tenant-created" "The tenant is there. Connect its identity provider next.";
    TenantSuspended "tenant-suspended" "The tenant is suspended: all its credentials are refused from now on.";
    TenantResumed "tenant-resumed" "The tenant is in use again: its credentials work.";
    TenantDeleted "tenant-deleted" "The tenant is deleted. Until its data goes, an owner can restore it on its settings page.";
    TenantRestored "tenant-restored" "The tenant is back, with everything that it had.";
    InvitationSent "invitation-sent" "The mail is on its way, with a new link and a new end.";
    InvitationRevoked "invitation-revoked" "Revoked: its link leads nowhere from now on.";
    MailRetried "mail-retried" "The mail is queued again.";
    BounceCleared "bounce-cleared" "The address is mailed again from now on.";
    RuleSaved "rule-saved" "Saved. Every server goes by it within seconds.";
    RuleRemoved "rule-removed" "The rule is gone. Every server knows it within seconds.";
    ProvisioningSaved "provisioning-saved" "Saved. Every server goes by it within a second.";
    OrganizationCreated "organization-created" "The organization is there. People can be invited to it.";
    AdminDisabled "admin-disabled" "The administrator is disabled, and all its sessions have ended.";
    AdminEnabled "admin-enabled" "The administrator may sign in again.";
    SecondFactorOff "second-factor-off" "The second factor is gone. Signing in asks for the password alone.";
    FileTaken "file-taken" "The file can be read. Look at what its columns mean, then at what would become of its rows.";
    FileDiscarded "file-discarded" "The file is gone.";
    MappingSaved "mapping-saved" "The mapping is saved. Choose it when a file of this kind comes again.";
    MappingDeleted "mapping-deleted" "The mapping is deleted.";
    TaskStarted "task-started" "The task has begun. You can leave this page; the work goes on.";
    TaskCancelled "task-cancelled" "The task ends; what it has done stays.";
    PasswordChanged "password-changed" "The password is changed, and all other sessions have ended.";
    PasswordChosen "password-chosen" "The account is ready. Sign in with the password that you chose.";
    ApplicationCreated "application-created" "The application is there. Give its publisher the address and a token.";
    ApplicationDeleted "application-deleted" "The application is deleted, and its roster with it.";
    RosterAborted "roster-aborted" "The session is aborted. The roster stays as it is.";
    DigestSent "digest-sent" "The digest is on its way to everybody who wants it.";
    DigestWanted "digest-wanted" "You get digests from now on.";
    DigestUnwanted "digest-unwanted" "You get no digests any more.";
    SignedOut "signed-out" "You have signed out.";
}

impl Flash {
    /// What the word says.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|flash| flash.word() == word)
    }

    /// The message.
    pub fn notice(self) -> Notice {
        Notice { tone: Tone::Ok, text: self.text().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_comes_back() {
        for flash in Flash::ALL {
            assert_eq!(Flash::parse(flash.word()), Some(*flash));
        }
        assert_eq!(Flash::parse("<script>"), None);
    }
}
