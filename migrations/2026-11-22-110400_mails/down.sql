DROP FUNCTION settle_mail;
DROP FUNCTION queue_mail;
DROP TABLE bounced_addresses;
DROP TABLE mails;
ALTER TABLE tenants DROP COLUMN mail;
