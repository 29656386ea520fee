ALTER FUNCTION change_group_2(
    uuid, uuid, bigint, boolean, uuid[], uuid[], boolean, text, text, text, text, text, jsonb, uuid, timestamptz, text, text, uuid,
    text, uuid, text, json
) RESET plan_cache_mode;
