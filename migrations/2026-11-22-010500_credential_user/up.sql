-- The user whose token this is; none for the tokens of clients that act for a whole tenant. No foreign key: a token outlives its
-- user, and is refused then. A node of the version before does not know the column, so such tokens are made once every node
-- runs this one.
ALTER TABLE credentials ADD COLUMN user_id uuid;
