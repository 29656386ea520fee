DROP TABLE sign_in_failures, admin_links, admin_sessions, admins;
