DROP FUNCTION change_group_3(
    uuid, uuid, bigint, boolean, uuid[], uuid[], boolean, text, text, text, text, text, jsonb, uuid, timestamptz, text, text, uuid,
    text, uuid, text, json, text
);
ALTER TABLE changes DROP COLUMN readings;
