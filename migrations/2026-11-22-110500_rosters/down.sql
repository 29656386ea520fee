DROP FUNCTION resolve_roster, purge_rosters, remove_from_roster, abort_roster, rebase_roster, publish_roster,
    log_roster_publication, append_roster_part, open_roster, roster_difference_sample, roster_difference, stage_roster_entries,
    roster_user;
DROP TABLE roster_publications, roster_parts, roster_entries, roster_sessions, applications;
