"""Processes that the benchmark starts and, whatever happens, ends again by their pid."""

import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path


class Failed(Exception):
    """The benchmark cannot go on; the text says why and, where possible, what to do."""


def note(text):
    """Tells the person who waits what is going on, apart from the results on standard output."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def as_postgres():
    """Arguments for `subprocess` that make a process run as `postgres` when we are root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        raise Failed("PostgreSQL does not run as root, and there is no user `postgres`") from None
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def output_of(command, **more):
    """Runs a command to its end and answers its standard output without surrounding space."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        shown = " ".join(str(word) for word in command[:6])
        last = "\n".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-15:])
        raise Failed(f"`{shown} ...` ended with {done.returncode}:\n{last}")
    return done.stdout.strip()


def cpu_seconds(pid):
    """CPU time of a process, of its living children and of those that have ended."""
    total, children = 0, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for process in (str(pid), *children):
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It has just ended; its parent counts its time from now on.
        total += sum(int(field) for field in fields[11:15])
    return total / os.sysconf("SC_CLK_TCK")


def start(command, **more):
    """Starts a process in a session of its own, out of reach of a Ctrl-C that is meant for us."""
    return subprocess.Popen(command, start_new_session=True, **more)


def stop(process, sig=signal.SIGTERM, patience=30):
    """Asks a process to end, and insists after `patience` seconds."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(sig)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
