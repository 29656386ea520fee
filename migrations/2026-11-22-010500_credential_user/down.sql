ALTER TABLE credentials DROP COLUMN user_id;
