"""A prepared campaign for simulated voters, and their clock, in the database of a site.

Answers are prepared, so no model has to run. Votes come within minutes, but are to look like votes
of days: a trigger stores each one with the time, and the seconds from battle to vote, that its
voter has written down before. The site knows nothing of it.
"""

from __future__ import annotations

import numpy as np

from .texts import THINGS, question

SLUG = "rigging"
PROMPTS = 120
CLOCK = """
    CREATE TABLE IF NOT EXISTS rigging_clock (
        battle text PRIMARY KEY, at float NOT NULL, seconds float NOT NULL
    );
    CREATE OR REPLACE FUNCTION rigging_time() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE said rigging_clock;
    BEGIN
        SELECT clock.* INTO said FROM rigging_clock clock
            JOIN arena_battle battle ON battle.public_id = clock.battle
            WHERE battle.id = NEW.battle_id;
        IF FOUND THEN
            NEW.created = to_timestamp(said.at);
            NEW.seconds = said.seconds;
        END IF;
        RETURN NEW;
    END $$;
    CREATE OR REPLACE TRIGGER rigging_time BEFORE INSERT ON arena_vote
        FOR EACH ROW EXECUTE FUNCTION rigging_time();
"""


def slug_of(model: int) -> str:
    return f"rigging-{model}"


def prepare(models: int) -> None:
    """Once Django is set up."""
    from django.db import connection

    from arena.models import Campaign, Contestant, PreparedAnswer, Prompt
    from tests import factories

    campaign = Campaign.objects.create(
        slug=SLUG, name="Rigging", kind=Campaign.Kind.PREPARED, shared_percent=0
    )
    revisions = [
        factories.revision(
            factories.contestant(
                f"Zq{model:03}", slug=slug_of(model), state=Contestant.State.ACTIVE
            )
        )
        for model in range(models)
    ]
    rng = np.random.default_rng(0)
    prompts = Prompt.objects.bulk_create(
        Prompt(campaign=campaign, key=str(number), text=f"{question(rng)} ({number})")
        for number in range(PROMPTS)
    )
    PreparedAnswer.objects.bulk_create(
        PreparedAnswer(
            prompt=prompt, revision=revision, state=PreparedAnswer.State.DONE, attempt=1,
            text=" ".join(rng.choice(THINGS, int(rng.lognormal(5.0, 0.7)) + 3)),
            finish_reason="stop",
        )
        for prompt in prompts
        for revision in revisions
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(CLOCK)
