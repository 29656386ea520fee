ALTER TABLE resources RESET (autovacuum_analyze_scale_factor, autovacuum_analyze_threshold);
DROP FUNCTION find_people;
