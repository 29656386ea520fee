"""`scimgate import` of a CSV file: rows a second beside single creates, and the memory of the program that reads the file."""

import os
import subprocess
import time

from .processes import Failed, cpu_seconds, note, output_of

TENANT = "people"


class Import:
    """One import of `rows` people into a tenant of their own, next to a run of W1."""

    def __init__(self, bench, rows):
        self.bench = bench
        self.rows = rows
        self.figures = {}

    def run(self):
        """Creates the tenant and the file, then measures W1 and the import."""
        gateway, file = self.bench.gateway, self.bench.cluster.root / "people.csv"
        output_of(gateway.command("tenant", "create", TENANT))
        output_of(gateway.command("tenant", "set", TENANT, "--provisioning", "on"))
        write_people(file, self.rows)
        single = self.bench.run_workload("w1")["ops_per_s"]
        note(f"importing {self.rows:,} rows")
        before, began = cpu_seconds(self.bench.cluster.process.pid), time.monotonic()
        with open(self.bench.cluster.root / "import.log", "wb") as log:
            process = subprocess.Popen(gateway.command("import", str(file), "--tenant", TENANT), stdout=log, stderr=log)
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        told = (self.bench.cluster.root / "import.log").read_text(errors="replace")
        if process.returncode != 0 or f"{self.rows} inserted" not in told:
            raise Failed(f"the import ended with {process.returncode}:\n" + "\n".join(told.splitlines()[-5:]))
        postgres = cpu_seconds(self.bench.cluster.process.pid) - before
        self.figures = {
            "rows": self.rows, "rows_per_s": self.rows / seconds, "w1_per_s": single,
            "cpu_us": (used.ru_utime + used.ru_stime) * 1e6 / self.rows, "postgres_cpu_us": postgres * 1e6 / self.rows,
            "most_rss_bytes": used.ru_maxrss * 1024,
        }

    def row(self):
        """The row of the table."""
        f = self.figures
        cells = (f"W14 import {f['rows']:,} rows of CSV (rows/s)", f"{f['rows_per_s']:,.0f}", "", "", f"W1 ({f['w1_per_s']:,.0f})",
                 f"{f['rows_per_s'] / f['w1_per_s']:.2f}", "", "", f"{f['cpu_us']:.0f}", f"{f['postgres_cpu_us']:.0f}",
                 f"{f['most_rss_bytes'] / 1e6:.0f}")
        return "| " + " | ".join(cells) + " |"


def write_people(file, rows):
    """People as a system of record exports them."""
    with open(file, "w", encoding="utf-8") as out:
        out.write("employeeId,email,firstName,lastName,title,department\n")
        for number in range(rows):
            out.write(f"E{number:07},person{number:07}@example.com,Given{number % 977},Family{number % 4999},"
                      f"Engineer {number % 31},Department {number % 57}\n")
