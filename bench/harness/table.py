"""The result as one markdown table."""

HEAD = ("workload", "ops/s", "p50 ms", "p99 ms", "held against", "reached", "floor", "ok?", "server us/op", "PostgreSQL us/op", "RSS MB")


def render(blocks, figures):
    """One row for each pgbench script and each workload of `blocks`."""
    rows = [HEAD, tuple("---" for _ in HEAD)]
    for block in blocks:
        if block.reference:
            rate = f"{figures.median(block.reference, 'rate'):,.0f}"
            name = f"*pgbench {block.reference}, {block.clients} clients*"
            micros = f"{figures.median(block.reference, 'postgres_cpu_us'):.0f}"
            rows.append((name, rate, *[""] * (len(HEAD) - 4), micros, ""))
        rows += [_row(workload, figures) for workload in block.workloads]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _row(workload, figures):
    def middle(measure, form):
        return form.format(figures.median(workload.key, measure))

    name = workload.key.split("@")[0].split("-")[0].upper()
    return (
        f"{name} {workload.title}",
        middle("rate", "{:,.0f}"), middle("p50", "{:.2f}"), middle("p99", "{:.2f}"),
        *_bar(workload, figures),
        middle("server.cpu_us_per_op", "{:.0f}"), middle("postgres.cpu_us_per_op", "{:.0f}"),
        f"{figures.median(workload.key, 'server.rss_bytes') / 1e6:.0f}",
    )


def _bar(workload, figures):
    bar, errors = workload.bar, figures.errors(workload.key)
    wrong = f"NO: {errors} wrong answers"
    if bar is None:
        return ("", "", "", wrong if errors else "")
    against = bar.against.upper() if bar.against and bar.against.startswith("w") else f"pgbench {bar.against}"
    reached = figures.reached(workload.key, bar)
    texts = {
        "rate": (against, f"{reached:.2f}", f">= {bar.limit}"),
        "p50": (f"p50 of {against}", f"{reached:.2f}", f"<= {bar.limit}"),
        "p99": ("p99", f"{reached:.2f} ms", f"<= {bar.limit:g} ms"),
    }
    verdict = wrong if errors else "yes" if figures.holds(workload.key, bar) else "NO"
    return (*texts[bar.measure], verdict)
