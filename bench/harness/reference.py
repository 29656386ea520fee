"""pgbench, the measure that the server is held against: the same statements on a copy of the same tables."""

import re
import time
from pathlib import Path

from .processes import Failed, cpu_seconds, note, output_of

SCRIPTS = Path(__file__).resolve().parent.parent / "pgbench"

# Every resource gets an id that pgbench can compute from a number: users first, each kind in the order of creation.
RENAME = """
CREATE TABLE renamed AS SELECT tenant_id, id AS old,
    ('00000000-0000-7000-8000-' || lpad((row_number() OVER (ORDER BY resource_type <> 'User', seq))::text, 12, '0'))::uuid AS new
    FROM resources;
CREATE TABLE loaded AS SELECT {renamed_columns} FROM resources JOIN renamed ON old = id;
CREATE TABLE belonging AS SELECT m.tenant_id, g.new AS group_id, u.new AS member_id, m.origin
    FROM memberships m JOIN renamed g ON g.old = m.group_id JOIN renamed u ON u.old = m.member_id;
TRUNCATE resources, memberships, resource_unique_values;
INSERT INTO resources ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM loaded ORDER BY seq;
INSERT INTO memberships (tenant_id, group_id, member_id, origin) SELECT * FROM belonging;
DROP TABLE renamed, loaded, belonging;
CREATE SEQUENCE numbers START 1000000000;
"""


class Reference:
    """A copy of the loaded database, and pgbench runs on it."""

    def __init__(self, cluster, seconds):
        self.cluster = cluster
        self.seconds = seconds
        self.variables = {}

    def create(self):
        """Copies the database `bench`, to which nobody may be connected, and renames its resources."""
        note("copying the loaded database for pgbench")
        self.cluster.sql("postgres", "CREATE DATABASE reference TEMPLATE bench")
        columns = self.cluster.sql("reference", "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute"
                                   " WHERE attrelid = 'resources'::regclass AND attnum > 0 AND NOT attisdropped").split(",")
        renamed = ["new AS id" if column == "id" else f"resources.{column}" for column in columns]
        statements = RENAME.format(columns=", ".join(columns), renamed_columns=", ".join(renamed))
        self.cluster.sql("reference", *statements.split(";\n")[:-1], "VACUUM ANALYZE")
        self._read_variables()

    def _read_variables(self):
        """What the scripts need of the loaded rows: the tenant, how many users, and one whole user and its change."""
        def value(query):
            return self.cluster.sql("reference", query)

        self.variables = {"tenant": value("SELECT tenant_id FROM resources LIMIT 1"), "users": value("SELECT count(*) FROM resources WHERE resource_type = 'User'")}
        middle = "FROM resources WHERE resource_type = 'User' ORDER BY seq OFFSET (SELECT count(*) / 2 FROM resources) LIMIT 1"
        for column in ("name_key", "external_id", "display", "display_key", "employee_key", "document", "search"):
            self.variables[column] = value(f"SELECT {column} {middle}")
        self.variables["email_key"] = value(f"SELECT email_keys[1] {middle}")
        self.variables["attributes"] = value("SELECT attributes FROM changes WHERE resource_type = 'User' LIMIT 1")

    def run(self, script, clients):
        """Transactions a second of one script, and the CPU time that PostgreSQL takes for each."""
        command = [self.cluster.bin / "pgbench", "-n", "-M", "prepared", "-c", clients, "-j", 2, "-T", self.seconds,
                   "-f", SCRIPTS / f"{script}.sql"]
        for name, value in self.variables.items():
            command += ["-D", f"{name}={value}"]
        # Nobody else folds the counts that `insert` leaves behind, as the gateway does all the time.
        self.cluster.sql("reference", f"SELECT fold_counts('{self.variables['tenant']}', 'User')", "VACUUM resource_counts")
        before = cpu_seconds(self.cluster.process.pid)
        text = output_of([str(word) for word in [*command, self.cluster.url("reference")]], cwd="/")
        time.sleep(0.1)  # The backends end a moment after pgbench does.
        used = cpu_seconds(self.cluster.process.pid) - before
        rate, count = re.search(r"tps = ([\d.]+)", text), re.search(r"actually processed: (\d+)", text)
        if not rate or "failed transactions: 0 " not in text:
            raise Failed(f"pgbench {script}:\n{text}")
        return {"ops_per_s": float(rate[1]), "postgres_cpu_us": used * 1e6 / max(1, int(count[1]))}
