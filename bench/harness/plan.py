"""What is run, in which order, and which figure each workload has to reach."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Bar:
    """`measure` of a workload, divided by that of `against` where there is one, must keep to `limit`."""

    measure: str  # "rate" has to be at least the limit; "p50" and "p99", in ms, at most
    against: str | None
    limit: float


@dataclass(frozen=True)
class Workload:
    key: str
    title: str
    bar: Bar | None = None


@dataclass(frozen=True)
class Block:
    """Runs that are compared with each other and therefore run next to each other. `reference` is a pgbench script.
    `last` blocks come after all rounds of the others, for which they change what there is to read. Before `reads` the tables
    are cleared of what writes have left behind."""

    reference: str | None
    clients: int
    workloads: tuple
    last: bool = False
    reads: bool = False


def groups(users):
    """W7's workloads, one for each size of group."""
    return ("w7@10", f"w7@{min(100_000, users)}")


def blocks(users):
    """All blocks for a run with this many users."""
    small, big = groups(users)
    single = Block("select", 32, (
        Workload("w2", "GET user by id", Bar("rate", "select", 0.6)),
        Workload("w3", "filter `userName eq`", Bar("rate", "w2", 0.9)),
        Workload("w4", "filter `externalId eq`", Bar("rate", "w2", 0.9)),
    ), reads=True)
    create = Block("insert", 32, (
        Workload("w1", "create user", Bar("rate", "insert", 0.9)),
        # Bulk comes last: what it writes keeps autovacuum busy for a while.
        Workload("w8", "first sync: lookup, create, add to group", Bar("rate", "w1", 0.35)),
        Workload("w11", "create 1,000 users in bulk (users/s)", Bar("rate", "w1", 2.5)),
    ))
    change = Block("update", 32, (Workload("w5", "PATCH one attribute", Bar("rate", "update", 0.9)),))
    page = Block("page", 4, (
        Workload("w6", "page of 100 with total", Bar("rate", "page", 0.5)),
        Workload("w9", f"the same at startIndex {min(50_000, users // 2):,}", Bar("rate", "w6", 0.8)),
        Workload("w12", f"the same by cursor, {min(50_000, users // 2):,} deep", Bar("rate", "w6", 0.8)),
    ), reads=True)
    member = Block(None, 4, (
        Workload(small, "add one member to 10"),
        Workload(big, f"add one member to {int(big[3:]):,}", Bar("p50", small, 1.3)),
    ))
    find = Block(None, 4, tuple(
        Workload(f"w10-{name}", f"filter {title}", Bar("p99", None, 5.0))
        for name, title in (("co", "`userName co`"), ("sw", "`userName sw`"), ("modified", "`meta.lastModified gt`"),
                            ("mail", "`emails[type eq \"work\" and value eq]`"))
    ), reads=True)
    # A hundred thousand users are in ten groups from then on.
    nested = Block(None, 32, (Workload("w13", "GET user in groups ten deep", Bar("rate", "w2", 0.35)),), last=True)
    nested_member = Block(None, 4, (
        Workload(f"w13{big[2:]}", "add one member in groups ten deep", Bar("p50", big, 1.3)),
    ), last=True)
    return (single, create, change, page, member, find, nested, nested_member)


def slow_block():
    """W1 while fdatasync takes a millisecond longer."""
    return Block("insert", 32, (Workload("w1", "create user, fdatasync + 1 ms", Bar("rate", "insert", 0.7)),))


def chosen(all_blocks, only):
    """The blocks with the workloads that `only` names (`w7` means every `w7@...`) and those they are compared with."""
    if not only:
        return all_blocks
    workloads = [workload for block in all_blocks for workload in block.workloads]
    wanted = {w.key for w in workloads if any(w.key == name or w.key.startswith((f"{name}@", f"{name}-")) for name in only)}
    wanted |= {w.bar.against for w in workloads if w.key in wanted and w.bar}
    picked = (replace(b, workloads=tuple(w for w in b.workloads if w.key in wanted)) for b in all_blocks)
    return tuple(block for block in picked if block.workloads)


def in_order(block, round_number):
    """Reference and workloads of a block; every second round backwards, so that no one always comes first."""
    runs = [*([block.reference] if block.reference else []), *(workload.key for workload in block.workloads)]
    return runs if round_number % 2 == 0 else runs[::-1]
