"""What the figures were measured on; without it they mean nothing."""

import os
import statistics
import time
from pathlib import Path


def describe(cluster, users, seconds, rounds):
    lines = [
        f"- machine: {os.cpu_count()} x {_model()}, {_memory_gib():.0f} GiB",
        f"- PostgreSQL {cluster.version()}, fsync on, a write of 8 KiB and fdatasync take {fdatasync_us(cluster.root):.0f} us",
        f"- {users:,} users; {rounds} rounds of {seconds} s each; medians; driver, server and PostgreSQL on the same machine",
    ]
    return "\n".join(lines)


def fdatasync_us(folder):
    """Median time of a write with fdatasync in `folder`, in microseconds."""
    path = Path(folder) / "fdatasync-probe"
    file = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        return statistics.median(_timed_write(file, number) for number in range(300)) * 1e6
    finally:
        os.close(file)
        path.unlink()


def _timed_write(file, number):
    began = time.perf_counter()
    os.pwrite(file, bytes(8192), number % 64 * 8192)
    os.fdatasync(file)
    return time.perf_counter() - began


def _model():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"


def _memory_gib():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
