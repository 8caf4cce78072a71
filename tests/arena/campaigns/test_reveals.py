"""A prepared campaign decides when a voter is told who wrote its texts. Until then nothing names
anybody; from then on the voter is shown none of these texts, and a vote on one does not count."""

from __future__ import annotations

from collections import Counter

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from arena.battles import skipping
from arena.campaigns import batches, taking_part
from arena.counting import reasons
from arena.exporting import consent
from arena.matchmaking.own_share import share
from arena.matchmaking.prepared_pairs import Drawn
from arena.models import (
    Battle,
    Campaign,
    Judgement,
    PreparedAnswer,
    Prompt,
    Suspect,
    Tally,
    Vote,
    Voter,
)
from arena.votes import casting, claiming, own_data, revealing
from ratings.findings.examples import votes_to_show

from ..conftest import become, page_of
from .test_campaigns import NAMES, campaign, judge, refused

__all__ = ["campaign"]
pytestmark = pytest.mark.django_db

PAGE = "/campaigns/ready/"
TELLING = "Your votes, with names"


def reveals(campaign: Campaign, when: str) -> Campaign:
    Campaign.objects.filter(pk=campaign.pk).update(reveals=when)
    campaign.refresh_from_db()
    return campaign


def fetched(client: Client, address: str) -> str:
    return client.get(address).getvalue().decode()


def all_of(client: Client, battle: Battle) -> str:
    """Whatever its voter can fetch about a battle, but for boards, which are the same for all."""
    consent.give(battle.voter)
    become(client, battle.voter)
    own = ("/mine/", f"/votes/{battle.public_id}/", PAGE, "/", "/campaigns/")
    address = f"/battles/{battle.public_id}/"
    seen = [fetched(client, each) for each in (address, *own)]
    seen += own_data.pieces(battle.voter)
    for act in ("vote", "skip", "share", "share/stop", "turns", "stop", "reasons"):
        answer = client.post(f"{address}{act}/", {"verdict": "A", "prompt": "Who?"}, follow=True)
        seen.append(answer.content.decode())
    seen.append(
        client.post(f"/votes/{battle.public_id}/objections/", {"text": "No."}).content.decode()
    )
    return "\n".join(seen)


def named(text: str) -> list[str]:
    return [name for name in NAMES if name.lower() in text.lower()]


def told(voter: Voter) -> int:
    return Judgement.objects.filter(battle__voter=voter, revealed__isnull=False).count()


def test_usually_names_come_at_the_end_of_the_share_and_all_at_once(
    client: Client, campaign: Campaign, voter: Voter
) -> None:
    assert campaign.reveals == Campaign.Reveals.END
    PreparedAnswer.objects.update(total_s=7.77, thoughts="I ponder.")
    assert "you see at the end" in fetched(client, PAGE)
    for _pair in range(3):
        battle = judge(campaign, voter)
        seen = all_of(client, battle)
        assert named(seen) == []
        assert "7.77" not in seen
        assert "I ponder." not in seen
        assert "once you have judged your last pair" in page_of(battle, client)
        assert TELLING not in seen
    last = judge(campaign, voter)
    assert told(voter) == 4
    assert {*NAMES} == {*named(fetched(client, PAGE))}
    assert fetched(client, PAGE).count(" (A) against ") == 4
    for one in (battle, last):
        assert one.contestant_a.name in page_of(one, client)
        receipt = fetched(client, f"/votes/{one.public_id}/")
        assert f"{one.contestant_a.name} (A) against {one.contestant_b.name} (B)" in receipt
    assert '"total_s": 7.77' in "".join(own_data.pieces(voter))
    assert Vote.objects.filter(standing="COUNTED").count() == 4
    assert TELLING not in fetched(Client(), PAGE)


def test_suspicions_in_ones_file_name_nobody_until_then(campaign: Campaign, voter: Voter) -> None:
    battle = judge(campaign, voter)
    name, now = battle.contestant_a.name, timezone.now()
    Suspect.objects.create(
        voter=voter, campaign=campaign, score=1.7, corroborated=True,
        reasons=[{"title": "Always for one", "weight": 1.7, "words": f"9 votes for {name}"}],
        leanings={f"{battle.contestant_a_id}+": 12.5}, votes=9, first=now, through=1,
    )  # fmt: skip
    before = "".join(own_data.pieces(voter))
    assert named(before) == []
    assert "Always for one" in before
    revealing.end_share(campaign, voter)
    assert f"9 votes for {name}" in "".join(own_data.pieces(voter))


def test_share_that_ends_with_a_skip_is_told_too(
    client: Client, campaign: Campaign, voter: Voter
) -> None:
    for _pair in range(3):
        judge(campaign, voter)
    become(client, voter)
    address = client.post(f"{PAGE}battles/").headers["location"]
    client.post(f"{address}skip/")
    assert told(voter) == 3
    assert fetched(client, PAGE).count(" (A) against ") == 3
    assert "both stay unnamed" in fetched(client, address)


def test_voter_may_end_the_share_and_is_shown_no_text_that_was_told(
    client: Client, campaign: Campaign, voter: Voter
) -> None:
    first = judge(campaign, voter)
    become(client, voter)
    assert "This names the models of your 1 vote." in fetched(client, PAGE)
    answer = client.post(f"{PAGE}reveal/")
    assert answer.headers["location"] == f"{PAGE}#told"
    assert first.contestant_a.name in fetched(client, PAGE)
    assert "This names the models" not in fetched(client, PAGE)
    # With the one judged: of the prompt that all three answered, no pair is left.
    pairs = {"one": 2, "two": 4}[first.judgement.pairing.prompt.key]
    assert share(campaign, voter).pairs == pairs
    known = {*first.judgement.pairing.__dict__.values()} & {*pks()}
    while not share(campaign, voter).is_complete:
        pairing = judge(campaign, voter).judgement.pairing
        assert not {pairing.first_id, pairing.second_id} & known
    assert refused(campaign, voter) == "all_judged"
    assert not Vote.objects.exclude(standing="COUNTED").exists()


def pks() -> list[int]:
    return [*PreparedAnswer.objects.values_list("pk", flat=True)]


@pytest.mark.parametrize(
    ("when", "votes"), [("NEVER", 1), ("END", 0)], ids=["a campaign that never tells", "no vote"]
)
def test_nothing_is_told_where_there_is_nothing_to_tell(
    client: Client, campaign: Campaign, voter: Voter, when: str, votes: int
) -> None:
    reveals(campaign, when)
    for _vote in range(votes):
        judge(campaign, voter)
    become(client, voter)
    answer = client.post(f"{PAGE}reveal/")
    assert answer.status_code == 409
    assert told(voter) == 0
    assert Client().post(f"{PAGE}reveal/").status_code == 409
    assert client.post("/campaigns/nowhere/reveal/").status_code == 404


def test_campaign_that_never_tells_names_nobody_to_its_voters(
    client: Client, campaign: Campaign, voter: Voter
) -> None:
    reveals(campaign, "NEVER")
    assert "is not told" in fetched(client, PAGE)
    battles = [judge(campaign, voter) for _pair in range(4)]
    for battle in battles:
        assert named(all_of(client, battle)) == []
    assert "does not tell who wrote the answers" in page_of(battles[0], client)
    assert "Thank you!" in fetched(client, PAGE)
    assert "See who wrote" not in fetched(client, PAGE)


def test_where_each_vote_tells_no_text_comes_twice(
    client: Client, campaign: Campaign, voter: Voter
) -> None:
    reveals(campaign, "EACH_VOTE")
    assert "then you see" in fetched(client, PAGE)
    texts: list[int] = []
    while not share(campaign, voter).is_complete:
        battle = judge(campaign, voter)
        assert battle.contestant_a.name in page_of(battle, client)
        texts += [battle.judgement.pairing.first_id, battle.judgement.pairing.second_id]
    assert len(texts) == len({*texts}) == 4  # one pair of each prompt
    assert refused(campaign, voter) == "all_judged"
    assert f"You have judged all {len(texts) // 2} pairs" in fetched(client, PAGE)
    assert TELLING in fetched(client, PAGE)


def test_vote_on_a_text_that_was_told_is_kept_and_left_out(
    client: Client, campaign: Campaign, voter: Voter
) -> None:
    reveals(campaign, "EACH_VOTE")
    judged = judge(campaign, voter)
    answer = judged.judgement.pairing.first
    other = PreparedAnswer.objects.filter(prompt=answer.prompt).exclude(
        pk__in=[judged.judgement.pairing.first_id, judged.judgement.pairing.second_id]
    )
    if not other:  # the prompt that only two have answered
        other = PreparedAnswer.objects.exclude(prompt=answer.prompt).exclude(
            revision=answer.revision
        )
    open_one = drawn_before(campaign, voter, answer, other[0])
    before = [*Tally.objects.order_by("pk").values()]
    vote = casting.cast(open_one, voter, "A")
    assert (vote.standing, vote.standing_reason) == ("EXCLUDED", reasons.KNOWN)
    assert [*Tally.objects.order_by("pk").values()] == before
    become(client, voter)
    receipt = fetched(client, f"/votes/{open_one.public_id}/")
    assert "Your vote does not count." in receipt
    assert "You had been told before who wrote one of these two texts" in receipt
    assert "does not count" in fetched(client, "/mine/")


def drawn_before(
    campaign: Campaign, voter: Voter, one: PreparedAnswer, other: PreparedAnswer
) -> Battle:
    """An open battle on these two, as if it had been drawn before one of them was told."""
    first, second = sorted((one, other), key=lambda each: each.pk)
    pairing = first.prompt.pairings.create(
        first=first, second=second, selection_probability=0.1, wanted=1
    )
    return taking_part._begin(campaign, voter, Drawn(pairing, 0.1, "test"))


def test_battle_left_open_on_a_text_that_was_told_is_not_given_again(
    campaign: Campaign, voter: Voter
) -> None:
    reveals(campaign, "EACH_VOTE")
    one, two, three = PreparedAnswer.objects.filter(prompt__key="one").order_by("pk")
    left = drawn_before(campaign, voter, one, two)
    casting.cast(drawn_before(campaign, voter, two, three), voter, "B")
    assert taking_part.begin(campaign, voter) != left
    assert share(campaign, voter).underway == 1
    casting.cast(taking_part.begin(campaign, voter), voter, "B")
    assert share(campaign, voter).is_complete


def test_same_text_of_the_same_model_is_known_in_another_campaign(
    campaign: Campaign, voter: Voter
) -> None:
    reveals(campaign, "EACH_VOTE")
    other = Campaign.objects.create(slug="copy", name="Copy", kind="PREPARED", shared_percent=0)
    prompt = Prompt.objects.create(campaign=other, key="one", text="one?")
    for one in PreparedAnswer.objects.filter(prompt__key="one").order_by("pk")[:2]:
        PreparedAnswer.objects.create(
            prompt=prompt, revision=one.revision, state="DONE", text=one.text
        )
    while not share(campaign, voter).is_complete:
        judge(campaign, voter)
    seen = {*Battle.objects.values_list("turns__answers__text", flat=True)}
    again = judge(other, voter).vote
    assert {*PreparedAnswer.objects.filter(prompt=prompt).values_list("text", flat=True)} & seen
    assert again.standing_reason == reasons.KNOWN
    assert judge(other, Voter.objects.create()).vote.standing == "COUNTED"


def test_of_several_texts_each_voter_is_shown_one_and_all_come_evenly(campaign: Campaign) -> None:
    prompt = Prompt.objects.get(key="two")
    Prompt.objects.exclude(pk=prompt.pk).delete()
    for one in PreparedAnswer.objects.filter(prompt=prompt):
        for number in (2, 3):
            PreparedAnswer.objects.create(
                prompt=prompt, revision=one.revision, number=number, state="DONE",
                text=f"{one.text} No. {number}.",
            )  # fmt: skip
    drawn: Counter[str] = Counter()
    for _voter in range(60):
        voter = Voter.objects.create()
        battle = judge(campaign, voter)
        drawn.update(battle.turns.get().answers.values_list("text", flat=True))
        assert refused(campaign, voter) == "all_judged"
    assert len(drawn) == 6
    # Binomial, 60 of 1/3: below with probability 2e-5 for each.
    assert min(drawn.values()) >= 6


def test_voter_who_knows_a_text_is_shown_another_of_the_same_model(
    campaign: Campaign, voter: Voter
) -> None:
    reveals(campaign, "EACH_VOTE")
    Prompt.objects.filter(key="two").delete()
    for one in PreparedAnswer.objects.all():
        PreparedAnswer.objects.create(
            prompt=one.prompt, revision=one.revision, number=2, state="DONE", text=f"{one.text} 2."
        )
    battles = [judge(campaign, voter) for _pair in range(3)]
    assert {battle.vote.standing for battle in battles} == {"COUNTED"}
    texts = [
        text
        for each in battles
        for text in (each.judgement.pairing.first_id, each.judgement.pairing.second_id)
    ]
    assert len({*texts}) == 6
    assert refused(campaign, voter) == "all_judged"


def test_several_texts_are_ordered_and_the_same_order_again_adds_none(
    client: Client, admin_user: User, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arena.campaigns.batches.advance_soon", lambda: None)
    monkeypatch.setattr(batches, "advance", lambda campaign: None)
    revision = PreparedAnswer.objects.earliest("pk").revision
    type(revision).objects.filter(pk=revision.pk).update(number=1)
    client.force_login(admin_user)
    asked = {"contestants": [revision.contestant_id], "texts": 3}
    address = f"/admin/arena/campaign/{campaign.pk}/prepare/"
    assert "4 answers to prepare." in client.post(address, asked, follow=True).content.decode()
    assert "0 answers to prepare." in client.post(address, asked, follow=True).content.decode()
    assert "Ensure this value" in client.post(address, asked | {"texts": 11}).content.decode()


def test_what_another_browser_of_the_voter_was_told_is_known(campaign: Campaign) -> None:
    reveals(campaign, "EACH_VOTE")
    here, there = Voter.objects.create(), Voter.objects.create()
    one, two, three = PreparedAnswer.objects.filter(prompt__key="one").order_by("pk")
    early = casting.cast(drawn_before(campaign, there, one, two), there, "A")
    casting.cast(drawn_before(campaign, here, two, three), here, "A")
    late = casting.cast(drawn_before(campaign, there, one, three), there, "A")
    claiming.merge(here, there)
    for vote in (early, late):
        vote.refresh_from_db()
    assert early.standing == "COUNTED"
    assert (late.standing, late.standing_reason) == ("EXCLUDED", reasons.KNOWN)


def test_public_examples_name_nobody_while_others_judge_the_same_texts(
    campaign: Campaign, voter: Voter
) -> None:
    consent.give(voter)
    battle = judge(campaign, voter)
    pair = (battle.contestant_a.slug, battle.contestant_b.slug)
    assert votes_to_show(campaign, *pair) == ()
    campaign.closes = timezone.now()
    assert votes_to_show(campaign, *pair) == (battle.vote.pk,)


def test_names_of_a_skipped_battle_are_never_told(
    client: Client, campaign: Campaign, voter: Voter
) -> None:
    reveals(campaign, "EACH_VOTE")
    battle = taking_part.begin(campaign, voter)
    skipping.skip(battle)
    judge(campaign, voter)
    battle.refresh_from_db()
    assert battle.judgement.revealed is None
    assert named(page_of(battle, client)) == []
