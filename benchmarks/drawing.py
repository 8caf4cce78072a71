"""The cost of starting a battle, by the number of contestants: processor time of the process that
starts it, by the first policy and by one with every kind of rule. And that of drawing a prepared
pair, by the number of answers, database included.

    python -m benchmarks.drawing
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np

from .figures import describe_machine, report
from .servers import own_servers

SIZES = (4, 100, 300, 1000)
WEIGHTS = 40  # weight files that the contestants share
ROUNDS, BATTLES = 7, 30
GOAL = 1.5  # a thousand against four, and rules against none
PREPARED = ((50, 10), (500, 40))  # prompts, contestants
GROWTH = 40.0  # of the answers


def measure() -> None:
    """Run inside a process in which Django is set up."""
    from arena import broker
    from arena.battles.turns import begin
    from arena.matchmaking import changing
    from arena.matchmaking.odds import packed
    from arena.matchmaking.policies import Rules
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

    def of_rules(rules: Rules) -> float:
        changing.change(campaign, rules, "To measure it.")
        return in_turn(max(SIZES))

    pairs = frozenset(frozenset(pair) for pair in pairwise(keys[:50]))
    ruled = Rules(boost=4, boost_until=50, weights={keys[0]: 2.0}, excluded=pairs, floor=0.5)
    rounds = [(of_rules(ruled), of_rules(Rules())) for _ in range(ROUNDS)]
    with_rules, without = (statistics.median(times) for times in zip(*rounds, strict=True))
    report(
        "CPU of beginning a battle among 1,000, a policy with every rule over the first",
        with_rules / without,
        GOAL,
        at_most=True,
        ms_with=with_rules,
        ms_without=without,
    )


def measure_prepared() -> None:
    from arena.matchmaking import prepared_pairs
    from arena.models import Campaign, Contestant, PreparedAnswer, Prompt, Revision, Voter

    models = [*Contestant.objects.order_by("pk")[: PREPARED[-1][1]]]
    revisions = [Revision.objects.filter(contestant=each)[0] for each in models]
    voter, found = Voter.objects.create(), []
    for prompts, contestants in PREPARED:
        campaign = Campaign.objects.create(
            slug=f"p{prompts}", name="P", kind="PREPARED", shared_percent=0
        )
        asked = Prompt.objects.bulk_create(
            Prompt(campaign=campaign, key=str(i), text="Hello") for i in range(prompts)
        )
        PreparedAnswer.objects.bulk_create(
            PreparedAnswer(prompt=prompt, revision=one, state="DONE", text="Hello.")
            for prompt in asked
            for one in revisions[:contestants]
        )
        found.append(wall_ms(partial(prepared_pairs.draw, campaign, voter), BATTLES))
    few, many = found
    report(
        "a prepared pair drawn, 20,000 answers over 500",
        many / few,
        GROWTH,
        at_most=True,
        ms_at_500=few,
        ms_at_20000=many,
    )


def wall_ms(work: Callable[[], object], times: int) -> float:
    """Median time of a call, that of the database included [ms]."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


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
        measure_prepared()


if __name__ == "__main__":
    main()
