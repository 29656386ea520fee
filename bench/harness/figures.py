"""The figures of all rounds, and what follows from them."""

from statistics import median


class Figures:
    """Figures by what was run; the position in a list is the round."""

    def __init__(self):
        self.workloads = {}
        self.references = {}

    def add_workload(self, key, figure):
        self.workloads.setdefault(key, []).append(figure)

    def add_reference(self, key, figure):
        self.references.setdefault(key, []).append(figure)

    def values(self, key, measure):
        """One measure of a workload or of a pgbench script, round by round."""
        figures = self.references.get(key) or self.workloads[key]
        return [_measure(figure, measure) for figure in figures]

    def median(self, key, measure):
        return median(self.values(key, measure))

    def reached(self, key, bar):
        """What a bar judges: the median of the rounds' own ratios, so that a slow minute touches both of a pair."""
        values = self.values(key, bar.measure)
        if bar.against is None:
            return median(values)
        return median(value / base for value, base in zip(values, self.values(bar.against, bar.measure)) if base)

    def errors(self, key):
        return sum(figure["errors"] for figure in self.workloads[key])

    def holds(self, key, bar):
        """True when the bar is reached and nothing was answered wrongly."""
        reached = self.reached(key, bar)
        kept = reached >= bar.limit if bar.measure == "rate" else reached <= bar.limit
        return kept and self.errors(key) == 0


def _measure(figure, measure):
    if measure == "rate":
        return figure["ops_per_s"]
    if measure in ("p50", "p99"):
        # The first series is the operation itself; of W7 that is the add.
        return figure["series"][0][f"{measure}_ms"]
    if measure in figure:
        return figure[measure]
    name, field = measure.split(".")
    return figure["watched"][name][field]
