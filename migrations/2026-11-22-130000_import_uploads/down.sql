DROP TABLE import_upload_rows;
DROP TABLE import_uploads;
