//! A black-box SCIM 2.0 client: it knows a base URL and a token, and nothing of any server's inside.
