"""scimgate itself: built in release, set up with one tenant and one token, served on a free loopback port."""

import http.client
import os
import shlex
import socket
import subprocess
import time
from pathlib import Path

from .processes import Failed, note, output_of, start, stop

ROOT = Path(__file__).resolve().parent.parent.parent


def build():
    """Builds scimgate and the load driver; answers the paths of the two programs. $CARGO may name another cargo."""
    cargo = shlex.split(os.environ.get("CARGO", "cargo"))
    load = ROOT / "bench" / "load"
    note("building scimgate and the load driver")
    environment = {name: value for name, value in os.environ.items() if name != "CARGO"}
    for folder, more in ((ROOT, ["--bin", "scimgate"]), (load, ["--target-dir", str(load / "target")])):
        done = subprocess.run([*cargo, "build", "--release", "--locked", *more], cwd=folder, env=environment, check=False)
        if done.returncode != 0:
            raise Failed(f"the build in {folder} failed")
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "release" / "scimgate", load / "target" / "release" / "scimgate-load"


class Gateway:
    """A `scimgate serve` that can be stopped and started again on the same port."""

    def __init__(self, program, database_url, log):
        self.program = program
        self.database_url = database_url
        self.log = log
        self.process = None
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]

    def command(self, *words):
        return [str(self.program), *words, "--database-url", self.database_url]

    def set_up(self):
        """Migrates the database and creates the tenant; answers a token that may write."""
        output_of(self.command("migrate"))
        output_of(self.command("tenant", "create", "bench", "--profile", "entra"))
        return output_of(self.command("token", "create", "--tenant", "bench", "--name", "bench", "--scope", "write"))

    def start(self):
        log = open(self.log, "ab")
        self.process = start(self.command("serve", "--rate-limit", "off", "--ops-listen", "off", "--listen", f"127.0.0.1:{self.port}"), stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                last = Path(self.log).read_text(errors="replace").splitlines()[-5:]
                raise Failed("scimgate serve does not answer:\n" + "\n".join(last))
            time.sleep(0.05)

    def _answers(self):
        """True when the service says anything over HTTP, even that it wants a token."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/scim/v2/ServiceProviderConfig")
            return connection.getresponse().status < 500
        except OSError:
            return False

    def complaints(self):
        """The last errors that the server logged."""
        lines = Path(self.log).read_text(errors="replace").splitlines()
        return "\n".join([line for line in lines if " ERROR " in line or " WARN " in line][-5:])

    def resident_bytes(self):
        """Resident memory of the server, and the most it ever was."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines() if line.startswith(("VmRSS", "VmHWM")))
        return [int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM")]

    def stop(self):
        stop(self.process)
        self.process = None
