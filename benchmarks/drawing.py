"""The cost of starting a battle, by the number of contestants: processor time of the process that
starts it, and of the draw alone, without the database.

    python -m benchmarks.drawing
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from .figures import describe_machine, report
from .servers import own_servers

SIZES = (4, 100, 300, 1000)
WEIGHTS = 40  # weight files that the contestants share
ROUNDS, BATTLES = 7, 30
GOAL = 1.5  # a thousand against four


def measure() -> None:
    """Run inside a process in which Django is set up."""
    from arena import broker
    from arena.battles.turns import begin
    from arena.matchmaking.odds import packed
    from arena.models import Answer, Campaign, Contestant, PairWeights, Revision, Voter
    from inference.contract import presence
    from inference.contract.limits import PRESENCE

    vars(PRESENCE)["kept_s"] = 600
    files = tuple(f"weights-{i}" for i in range(WEIGHTS))
    presence.publish(broker.connection(), presence.Heartbeat("bench", files, slots=100_000))
    campaign = Campaign.live()
    made = Contestant.objects.bulk_create(
        Contestant(slug=f"model-{i}", name=f"Model {i}", organisation="Bench", licence="MIT")
        for i in range(max(SIZES))
    )
    Revision.objects.bulk_create(
        Revision(contestant=one, weights=files[i % WEIGHTS]) for i, one in enumerate(made)
    )
    keys = [one.pk for one in made]
    weights = np.random.default_rng(1).uniform(0.2, 5.0, len(keys) * (len(keys) - 1) // 2)
    PairWeights.objects.create(campaign=campaign, contestants=keys, weights=packed(weights))
    voter = Voter.objects.create()

    def in_turn(size: int) -> float:
        Contestant.objects.update(state=Contestant.State.HIDDEN)
        Contestant.objects.filter(pk__in=keys[:size]).update(state=Contestant.State.ACTIVE)
        begin(voter, "Hello")
        used = cpu_ms(lambda: begin(voter, "Hello"), BATTLES)
        Answer.objects.update(state=Answer.State.DONE)
        return used

    found = {size: [in_turn(size) for _ in range(1)] for size in SIZES}
    for _ in range(ROUNDS - 1):
        for size in SIZES:
            found[size].append(in_turn(size))
    ms = {size: statistics.median(times) for size, times in found.items()}
    report(
        "CPU of beginning a battle, 1,000 contestants over 4",
        ms[1000] / ms[4],
        GOAL,
        at_most=True,
        **{f"ms_at_{size}": value for size, value in ms.items()},
    )


def cpu_ms(work: Callable[[], object], times: int) -> float:
    """Processor time of this process per call [ms]."""
    began = time.process_time()
    for _ in range(times):
        work()
    return 1000 * (time.process_time() - began) / times


def main() -> None:
    describe_machine()
    with own_servers():
        measure()


if __name__ == "__main__":
    main()
