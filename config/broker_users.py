"""The users of Valkey and their rules, as a file that it reads (docs/decisions/0033)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import permutations

from inference.contract import rights

# Web, core and background hold the same secret key and the same database, so that it would gain
# nothing to tell them apart here. None of them changes or stops the server, or listens to all.
SITE = "~* &* +@all -@dangerous +info"
OWNER = "~* &* +@all"  # of the server: for whoever looks after it


def usual() -> dict[str, str]:
    """The rules by user, with one for all model workers."""
    return {"owner": OWNER, "site": SITE, "worker": rights.of_worker("worker")}


def separate(hosts: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """The same, with a user for each host of model workers, named like it, and its services. Raises
    ValueError if one host could speak for another, or for the site."""
    workers = {
        host: rights.of_worker(host, host=host, services=services) for host, services in hosts
    }
    if taken := sorted(workers.keys() & {"default", "owner", "site"}):
        raise ValueError(f"No host can be named {taken[0]}: that is another user. Rename it.")
    for one, other in permutations(workers, 2):
        if other.startswith(f"{one}-"):  # workers are named HOST-PID
            raise ValueError(
                f"The host {one} could speak for {other}, as that name continues it with a hyphen. "
                f"Rename one of the hosts, for example {one} to {one}-1, and give its new name."
            )
    return {"owner": OWNER, "site": SITE, **workers}


def file(rules: Mapping[str, str], password_of: Callable[[str], str]) -> str:
    """An ACL file, which has hashes of the passwords. Nobody gets in without one."""
    lines = [
        f"user {user} on #{hashlib.sha256(password_of(user).encode()).hexdigest()} {rule}"
        for user, rule in rules.items()
    ]
    return "\n".join(["user default off", *lines, ""])
