DROP FUNCTION create_client, add_client_secret, revoke_client_secret, insert_client_secret;
DROP TABLE client_secrets, clients;
DELETE FROM credentials WHERE kind = 'client';
