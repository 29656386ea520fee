-- A change of members names one user as a rule. PostgreSQL takes an array that it does not know for ten, finds a plan for one
-- cheaper, and so planned three statements again for each call: a third of what the call took. All plans are by index, whatever
-- the number is.
ALTER FUNCTION change_group_2(
    uuid, uuid, bigint, boolean, uuid[], uuid[], boolean, text, text, text, text, text, jsonb, uuid, timestamptz, text, text, uuid,
    text, uuid, text, json
) SET plan_cache_mode = force_generic_plan;
