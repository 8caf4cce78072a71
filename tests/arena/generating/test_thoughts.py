"""A model's thoughts are hidden until the vote, and never part of the answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client

from arena.battles.answering import life
from arena.battles.turns import begin, continue_
from arena.campaigns import batches
from arena.exporting import consent
from arena.exporting.formats import FORMATS
from arena.exporting.outlet import export
from arena.generating import dispatch
from arena.generating.settling import settle
from arena.models import (
    Answer,
    Battle,
    Campaign,
    PreparedAnswer,
    Prompt,
    Revision,
    Side,
    Voter,
)
from arena.pages.presentation import BattleView
from arena.votes import casting

from ..conftest import result

pytestmark = pytest.mark.usefixtures("in_service")
HIDDEN = "Hm, **HIDDEN-PART** <b>or</b> not? Ask ada@example.org."
LIMIT = "It thought for 2,048 tokens, its limit, and gave no answer."


def answered_with_thoughts(battle: Battle, hidden: str = HIDDEN) -> None:
    for answer in battle.turns.latest("number").answers.all():
        settle(life, answer.pk, result(answer, thoughts=hidden, thought_tokens=12))


def page(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def test_thoughts_are_shown_folded_after_the_vote_and_never_before(client: Client) -> None:
    url = client.post("/battles/", {"prompt": "Who are you?"}).headers["location"]
    answered_with_thoughts(Battle.objects.get())
    before = page(client, url)
    assert "Forty-two." in before
    assert "HIDDEN-PART" not in before
    assert "thought" not in before.lower()
    client.post(f"{url}vote/", {"verdict": "A"})
    after = page(client, url)
    assert after.count("Thoughts before the answer (6 words)") == 2
    assert after.count("Hm, **HIDDEN-PART** &lt;b&gt;or&lt;/b&gt; not?") == 2
    assert after.count('<details class="thoughts">') == 2


def test_reveal_without_thoughts_says_nothing_of_them(client: Client) -> None:
    url = client.post("/battles/", {"prompt": "Who are you?"}).headers["location"]
    answered_with_thoughts(Battle.objects.get(), hidden="")
    client.post(f"{url}vote/", {"verdict": "A"})
    assert "thoughts" not in page(client, url)


def test_thoughts_of_each_turn_say_before_which_answer(voter: Voter) -> None:
    battle = begin(voter, "Who are you?")
    answered_with_thoughts(battle, "First.")
    continue_(battle, "And now?")
    answered_with_thoughts(battle, "Second.")
    assert BattleView(battle).unmasked == []
    casting.cast(battle, voter, "A")
    battle.refresh_from_db()
    for side in BattleView(battle).unmasked:
        told = [(thoughts.turn, thoughts.text, thoughts.words) for thoughts in side.thoughts]
        assert told == [(1, "First.", 1), (2, "Second.", 1)]


def test_thoughts_are_not_sent_back_in_the_next_turn(voter: Voter) -> None:
    battle = begin(voter, "Who are you?")
    answered_with_thoughts(battle)
    turn = continue_(battle, "And now?")
    for side in Side:
        messages = dispatch.conversation(turn, side, "Be kind.")
        assert [m["role"] for m in messages] == ["system", "user", "assistant", "user"]
        assert "HIDDEN-PART" not in json.dumps(messages)


def test_thoughts_count_in_no_label_length_or_style(voter: Voter) -> None:
    labels = []
    for hidden in ("", "# Header\n- **bold** list\n" * 50):
        battle = begin(voter, "Who are you?")
        answered_with_thoughts(battle, hidden)
        casting.cast(battle, voter, "A")
        labels.append(Battle.objects.get(pk=battle.pk).labels)
    plain, thoughtful = labels
    assert plain.style == thoughtful.style
    assert (plain.length, plain.categories) == (thoughtful.length, thoughtful.categories)
    assert {*Answer.objects.values_list("completion_tokens", flat=True)} == {3}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("format", FORMATS)
def test_thoughts_are_exported_where_a_column_is_theirs_and_redacted(
    voter: Voter, tmp_path: Path, format: str
) -> None:
    consent.give(voter)
    battle = begin(voter, "Who are you?")
    answered_with_thoughts(battle)
    casting.cast(battle, voter, "A")
    export(FORMATS[format], tmp_path / "votes.jsonl", battle.campaign.slug)
    written = (tmp_path / "votes.jsonl").read_text()
    assert "Forty-two." in written
    assert ("HIDDEN-PART" in written) == (format in ("evenhand", "comparia-turns"))
    assert "ada@example.org" not in written


def test_thoughts_without_an_answer_are_never_put_to_the_vote(voter: Voter) -> None:
    battle = begin(voter, "Who are you?")
    [a, b] = battle.turns.get().answers.order_by("side")
    settle(life, b.pk, result(b))
    failed = {"finish_reason": "error", "error": LIMIT, "permanent": True, "thoughts": "Hm."}
    settle(life, a.pk, result(a, text="", **failed))
    a.refresh_from_db()
    assert (a.state, a.attempt, a.swapped_at_attempt) == (Answer.State.QUEUED, 2, 1)  # another's
    assert LIMIT in a.error
    settle(life, a.pk, result(a, text="", **failed))
    battle.refresh_from_db()
    assert battle.state == Battle.State.VOID
    assert LIMIT in battle.void_reason


def test_revision_says_how_much_may_be_thought(voter: Voter) -> None:
    battle = begin(voter, "Who are you?")
    answer = battle.turns.get().answers.first()
    assert answer is not None
    answer.revision.max_thought_tokens = 77
    request = dispatch.request_for(answer.revision, [], life.policy, answer.stream)
    assert request.max_thought_tokens == 77


def test_prepared_answer_keeps_its_thoughts_apart(db: None) -> None:
    campaign = Campaign.objects.create(slug="made", name="Made", kind=Campaign.Kind.PREPARED)
    prompt = Prompt.objects.create(campaign=campaign, key="1", text="Who are you?")
    revision = Revision.objects.earliest("pk")
    prepared = PreparedAnswer.objects.create(
        prompt=prompt, revision=revision, state=PreparedAnswer.State.QUEUED, attempt=1
    )
    told = result(Answer(stream=prepared.stream, attempt=1), thoughts=HIDDEN, thought_tokens=12)
    settle(batches.life, prepared.pk, told)
    prepared.refresh_from_db()
    assert (prepared.text, prepared.thoughts, prepared.thought_tokens) == ("Forty-two.", HIDDEN, 12)
