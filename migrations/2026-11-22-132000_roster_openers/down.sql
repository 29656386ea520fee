DROP FUNCTION abort_roster_2;
DROP FUNCTION open_roster_2;
ALTER TABLE roster_sessions DROP COLUMN opened_by;
