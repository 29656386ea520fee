"""scimgate, as a process with an embedded PostgreSQL, and what is asked of it."""

import os
import re
import signal
import subprocess
import time

import pg8000.native
import requests

TENANT = "mailed"


def until(what, condition, seconds=20):
    """The first value of `condition` that is true; for what nothing tells of."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.05)


class Gate:
    """The program in `work`; its data outlives its processes."""

    def __init__(self, program, work):
        self.program, self.log = program, work / "serve.log"
        self.data = work / "pg"
        self.env = {**os.environ, "SCIMGATE_DATA_DIR": str(self.data), "SSL_CERT_FILE": str(work / "ca.pem")}
        self.process, self.tokens, self.origin = None, {}, None

    def start(self, smtp_url):
        self.log.write_text("")  # so that it is there, however late the server begins
        # Not as an argument: it holds a password, and others can read those.
        env = {**self.env, "SCIMGATE_SMTP_URL": smtp_url, "SCIMGATE_MAIL_FROM": "Größe & Co <gate@example.com>"}
        flags = ["--listen", "127.0.0.1:0", "--ops-listen", "off", "--drain-delay", "1ms", "--access-log", "off"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([self.program, "serve", *flags], env=env, stdout=log, stderr=log)

        def listening():
            assert self.process.poll() is None, "scimgate did not start"
            return re.search(r"listening on (http:[^ ,\s]*)", self.log.read_text())

        self.origin = until("scimgate listens", listening, 60).group(1)

    def stop(self):
        """Ends it in order; answers what it logged."""
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
            self.process = None
        return self.log.read_text() if self.log.exists() else ""

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def run(self, *words):
        done = subprocess.run([self.program, *words], env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, f"{words} failed: {done.stderr}"
        return done.stdout.strip()

    def set_up(self):
        self.run("tenant", "create", TENANT)
        self.run("tenant", "set", TENANT, "--provisioning", "on")
        for name, scope in [("admin", "admin:*"), ("source", "provision")]:
            self.tokens[name] = self.run("token", "create", "--tenant", TENANT, "--name", name, "--scope", scope)

    def ask(self, method, path, who="admin", expect=200, **what):
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        answer = requests.request(method, self.origin + path, headers=headers, timeout=20, **what)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.text else None

    def invite(self, *people, **more):
        """Invites people, each an e-mail address or a record; answers their ids of invitations by address."""
        people = [{"email": person, "firstName": "Ann", "lastName": "Lee"} if isinstance(person, str) else person for person in people]
        answer = self.ask("POST", "/api/v1/invitations", "source", json={"users": people, **more})
        assert answer["result"]["invited"] == len(people), f"not everybody was invited: {answer}"
        return {user["key"]: user["invitationId"] for user in answer["users"]}

    def mails(self):
        """The mails by address, as administrators see them."""
        listed = self.ask("GET", f"/admin/v1/tenants/{TENANT}/mails?limit=100")["items"]
        return {mail["to"]: mail for mail in listed}

    def mail_becomes(self, address, state, attempts):
        def has_become():
            mail = self.mails().get(address, {})
            return mail if (mail.get("state"), mail.get("attempts")) == (state, attempts) else None

        try:
            return until("", has_become)
        except AssertionError:
            raise AssertionError(f"the mail to {address} is not {state} after {attempts} attempts: {self.mails().get(address)}") from None

    def tried_in_vain(self, address, told):
        """Waits until a first attempt has failed and its error tells `told`; it is to be made again in about a minute."""
        def has_failed():
            mail = self.mails().get(address, {})
            return mail if mail.get("error") else None

        mail = until(f"the attempt to mail {address} fails", has_failed)
        assert (mail["state"], mail["attempts"]) == ("queued", 1), f"it is not to be tried again: {mail}"
        assert told.lower() in mail["error"].lower(), f"{told!r} is not told of {address}: {mail}"
        assert "hunter2" not in mail["error"], f"a password is shown: {mail}"
        return mail

    def time_passes(self, *addresses):
        """What the mails to these addresses wait for is over: the time until the next attempt, or the claim of who died."""
        database = pg8000.native.Connection("postgres", unix_sock=str(self.data / "run/.s.PGSQL.5432"), database="scimgate")
        try:
            for address in addresses:
                database.run(
                    "UPDATE mails SET next_attempt_at = now() WHERE to_address = :to AND state = 'queued'", to=address
                )
                assert database.row_count == 1, f"no mail to {address} waits"
        finally:
            database.close()
