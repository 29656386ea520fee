"""pgbench, the measure that the server is held against: the same statements on a copy of the same tables."""

import re
from pathlib import Path

from .processes import Failed, note, output_of

SCRIPTS = Path(__file__).resolve().parent.parent / "pgbench"

# Every row gets an id that pgbench can compute from a number, in the order of creation as before.
NUMBERED = "('00000000-0000-7000-8000-' || lpad({}::text, 12, '0'))::uuid"


class Reference:
    """A copy of the loaded database, and pgbench runs on it."""

    def __init__(self, cluster, seconds):
        self.cluster = cluster
        self.seconds = seconds
        self.variables = {}

    def create(self):
        """Copies the database `bench`, to which nobody may be connected, and numbers its users."""
        note("copying the loaded database for pgbench")
        sql = self.cluster.sql
        sql("postgres", "CREATE DATABASE reference TEMPLATE bench")
        columns = sql("reference", "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute"
                      " WHERE attrelid = 'resources'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''")
        numbered = columns.replace(",id,", "," + NUMBERED.format("row_number() OVER (ORDER BY seq)") + " AS id,")
        if numbered == columns:
            raise Failed(f"resources has no column id among {columns}")
        sql("reference", f"CREATE TABLE loaded AS SELECT {numbered} FROM resources",
            "TRUNCATE resources CASCADE",
            f"INSERT INTO resources ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM loaded ORDER BY seq",
            "DROP TABLE loaded", "CREATE SEQUENCE numbers START 1000000000", "VACUUM ANALYZE")
        self._read_variables()

    def _read_variables(self):
        """What the scripts need of the loaded rows: the tenant, how many users, and one whole user and its change."""
        def value(query):
            return self.cluster.sql("reference", query)

        self.variables = {"tenant": value("SELECT tenant_id FROM resources LIMIT 1"), "users": value("SELECT count(*) FROM resources")}
        middle = "FROM resources ORDER BY seq OFFSET (SELECT count(*) / 2 FROM resources) LIMIT 1"
        for column in ("name_key", "external_id", "display", "display_key", "employee_key", "document", "search"):
            self.variables[column] = value(f"SELECT {column} {middle}")
        self.variables["email_key"] = value(f"SELECT email_keys[1] {middle}")
        self.variables["attributes"] = value("SELECT attributes FROM changes WHERE resource_type = 'User' LIMIT 1")

    def run(self, script, clients):
        """Transactions a second of one script, and their latencies in milliseconds."""
        command = [self.cluster.bin / "pgbench", "-n", "-M", "prepared", "-c", clients, "-j", 2, "-T", self.seconds,
                   "-f", SCRIPTS / f"{script}.sql"]
        for name, value in self.variables.items():
            command += ["-D", f"{name}={value}"]
        text = output_of([str(word) for word in [*command, self.cluster.url("reference")]], cwd="/")
        rate, failed = re.search(r"tps = ([\d.]+)", text), re.search(r"failed transactions: (\d+)", text)
        if not rate or (failed and int(failed[1])):
            raise Failed(f"pgbench {script}:\n{text}")
        return float(rate[1])
