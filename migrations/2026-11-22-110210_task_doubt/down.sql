DROP FUNCTION settle_task_records_2;
ALTER TABLE tasks ALTER COLUMN settings DROP DEFAULT;
