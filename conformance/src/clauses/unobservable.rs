//! Clauses that a client cannot observe, each with the reason why there is no check.

use crate::check::Rfc;

/// One clause without a check.
pub struct Unobservable {
    /// The document.
    pub rfc: Rfc,
    /// The section's number.
    pub section: &'static str,
    /// What the clause asks for.
    pub clause: &'static str,
    /// Why no check can tell.
    pub reason: &'static str,
}

macro_rules! unobservable {
    ($($rfc:ident $section:literal $clause:literal $reason:literal;)+) => {
        /// The clauses of RFC 7643 sections 2 to 8, RFC 7644 sections 2 to 4 and RFC 9865 that have no check.
        pub const UNOBSERVABLE: &[Unobservable] =
            &[$(Unobservable { rfc: Rfc::$rfc, section: $section, clause: $clause, reason: $reason }),+];
    };
}

unobservable! {
    Rfc7643 "2.3" "Extensions SHOULD NOT introduce new data types."
        "It binds authors of extensions; what a server offers is seen in 2.3 (types are known).";
    Rfc7643 "2.3.3, 2.3.4" "Decimals and integers are written as JSON numbers, integers without fraction."
        "No attribute of the core schemas has these types; the numbers of lists and of the configuration are checked there.";
    Rfc7643 "2.3.7" "Relative references are resolved against the base URL with its API version."
        "A client does that; servers are only seen to send absolute references.";
    Rfc7643 "2.4" "URIs that differ in their API version are comparable."
        "A server has one version at a base URL.";
    Rfc7643 "3.1" "An externalId MUST NOT be specified by the service provider and is scoped to the provisioning domain."
        "What other clients set is out of reach of one token; that none is invented is checked.";
    Rfc7643 "3.3" "Extensions SHOULD avoid redefining attributes and follow the conventions."
        "It binds authors of extensions.";
    Rfc7643 "4.1.1" "A password that is held SHOULD be hashed, and prepared by PRECIS; one that is passed on MUST be passed as it was; one that waits MUST be protected."
        "It is inside the server, behind an attribute that is never returned.";
    Rfc7643 "4.1.1" "displayName SHOULD be the full name, nickName SHOULD NOT be the user name, formatted and components SHOULD agree."
        "It is about the meaning of data that clients choose.";
    Rfc7643 "4.1.2" "Service providers SHOULD canonicalize e-mail addresses, telephone numbers and IM addresses."
        "A canonical form is not prescribed, and a value that comes back as it was sent may be one.";
    Rfc7643 "4.1.2" "photos MUST be a file; country MUST be ISO 3166-1 alpha-2; a certificate MUST be one DER value."
        "They bind the client that sends the values; no refusal is prescribed.";
    Rfc7643 "5" "The configuration SHOULD be readable without authentication."
        "Only with appropriate security considerations, which a client cannot weigh.";
    Rfc7643 "6" "When applicable, service providers MUST specify the description."
        "description is OPTIONAL, and a client cannot tell when it is applicable.";
    Rfc7643 "7" "uniqueness server and global: no two resources SHOULD have one value."
        "Seen for userName and id; for other attributes only if a server's schema says so.";
    Rfc7644 "2.1, 2.2" "Authorization, scopes and token lifetimes are considered; anonymous requests MAY be accepted."
        "They are decisions of a deployment; what is seen of them is checked in section 2.";
    Rfc7644 "3.1" "Clients SHOULD NOT expect what they sent to come back unchanged."
        "It binds clients.";
    Rfc7644 "3.2" "Extended resources SHOULD have endpoints by the conventions; clients SHOULD discover them."
        "There is no rule to hold a name against; that endpoints are discoverable is checked in RFC 7643 section 6.";
    Rfc7644 "3.3" "The service provider MAY take into account whether a client knows an attribute."
        "It is a freedom of the server.";
    Rfc7644 "3.4.2.2" "Defaulted attributes SHOULD be compared by the value that is returned."
        "The core schemas define no defaults.";
    Rfc7644 "3.5.1" "An immutable attribute that is set already MUST match, or be 400 mutability."
        "The immutable attributes of the core schemas are inside of members, where another value is another member.";
    Rfc7644 "3.5.2" "A client MUST NOT modify readOnly or immutable attributes."
        "It binds clients; the refusal is checked.";
    Rfc7644 "3.7" "A server that optimizes the order of operations MUST reach the same state."
        "How it processes them is not seen; the state is checked.";
    Rfc7644 "3.7.1" "A server MAY stop after a failed attempt to resolve circular references."
        "It is a freedom of the server; both ends are accepted.";
    Rfc7644 "3.8" "Clients using other encodings MUST say so."
        "It binds clients.";
    Rfc7644 "3.12" "307, 308 and 401 to 501 of table 8 in situations that the server alone decides."
        "Redirection, tooMany and internal errors cannot be provoked from outside.";
    Rfc7644 "3.12" "invalidVers, sensitive and tooMany."
        "They need a second protocol version, a sensitive request, or more resources than a check may make.";
    Rfc9865 "2" "The client MUST repeat all parameters of the query with a cursor."
        "It binds clients; that another query is refused is checked.";
    Rfc9865 "2.1" "expiredCursor after cursorTimeout."
        "It takes as long as the server says, which may be hours.";
    Rfc9865 "4" "Clients MUST NOT conclude from missing values that there are no limits."
        "It binds clients.";
    Rfc9865 "5.2" "Pages are confined to what the actor may see, whoever obtained the cursor, and authorization is applied at every page."
        "It takes a second identity; that a cursor without credentials gives nothing is checked.";
    Rfc9865 "5.2" "Cursors SHOULD be invalid after a change of permissions."
        "Permissions are changed outside of SCIM.";
}
