DROP FUNCTION settle_task_records, claim_task, append_task_records;
DROP TABLE task_outcomes, task_records, tasks;
DROP SEQUENCE task_turns;
