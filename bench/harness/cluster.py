"""A private PostgreSQL for the benchmark: Debian's programs, a data directory of its own, a Unix socket, fsync on."""

import os
import re
import shutil
import signal
import tempfile
import time
from pathlib import Path

from .processes import Failed, as_postgres, note, output_of, start, stop

# What scimgate's own launcher starts PostgreSQL with; everything else is PostgreSQL's default, fsync included.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
}


def find_programs():
    """The folder of PostgreSQL's programs: $SCIMGATE_PG_BIN alone where set, the newest package, or one on the PATH."""
    override = os.environ.get("SCIMGATE_PG_BIN")
    packaged = [*Path("/usr/lib/postgresql").glob("[0-9]*/bin"), *Path("/usr").glob("pgsql-[0-9]*/bin")]
    newest_first = sorted(packaged, key=lambda folder: int(re.sub(r"\D", "", folder.parent.name)), reverse=True)
    on_path = [Path(folder) for folder in os.environ.get("PATH", "").split(":")]
    for folder in [Path(override)] if override else [*newest_first, *on_path]:
        if all((folder / name).exists() for name in ("initdb", "postgres", "psql", "pgbench")):
            return folder
    raise Failed("PostgreSQL's programs were not found: apt-get install -y --no-install-recommends postgresql")


class Cluster:
    """One PostgreSQL server and its folder, removed at the end unless it is to be kept."""

    def __init__(self, keep):
        self.bin = find_programs()
        self.keep = keep
        # Under /var/tmp, a disk like any other: /tmp may be memory, where fsync costs nothing.
        self.root = Path(tempfile.mkdtemp(prefix="scimgate-bench-", dir="/var/tmp"))
        self.process = None
        self.identity = as_postgres()
        if self.identity:
            os.chown(self.root, self.identity["user"], self.identity["group"])
        self.environment = {"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "")}

    def create(self):
        command = [self.bin / "initdb", "-D", self.root / "data", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
                   "--data-checksums", "--auth-local=trust", "--auth-host=reject"]
        output_of(command, cwd="/", env=self.environment, **self.identity)

    def start(self, preload=None):
        """Starts the server, with the shared library `preload` loaded before libc where given."""
        settings = SETTINGS | {"unix_socket_directories": str(self.root)}
        command = [self.bin / "postgres", "-D", self.root / "data"]
        command += [f"--{name}={value}" for name, value in settings.items()]
        environment = self.environment | ({"LD_PRELOAD": str(preload)} if preload else {})
        log = open(self.root / "log", "ab")
        self.process = start(command, cwd="/", env=environment, stdout=log, stderr=log, **self.identity)
        deadline = time.monotonic() + 60
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                last = (self.root / "log").read_text(errors="replace").splitlines()[-3:]
                raise Failed("PostgreSQL did not start:\n" + "\n".join(last))
            time.sleep(0.01)

    def _ready(self):
        """True once line 8 of `postmaster.pid` says so, and line 1 names our process."""
        try:
            lines = (self.root / "data" / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"

    def stop(self):
        stop(self.process, signal.SIGINT)
        self.process = None

    def remove(self):
        self.stop()
        if self.keep:
            note(f"kept: {self.root}")
        else:
            shutil.rmtree(self.root, ignore_errors=True)

    def url(self, database):
        return f"postgresql://postgres@/{database}?host={self.root}"

    def sql(self, database, *statements):
        """Runs statements one after the other, each in a transaction of its own; answers what they print."""
        commands = [word for statement in statements for word in ("-c", statement)]
        return output_of([self.bin / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), *commands])

    def version(self):
        return self.sql("postgres", "SHOW server_version")
