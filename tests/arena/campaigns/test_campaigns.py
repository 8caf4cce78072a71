"""Prepared campaigns: who may see them, what is drawn, and a volunteer's way through one."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from arena.battles import skipping
from arena.campaigns import taking_part
from arena.errors import Refused
from arena.exporting import consent
from arena.matchmaking import live_pairs
from arena.models import (
    Answer,
    Battle,
    Campaign,
    Contestant,
    Judgement,
    Pairing,
    PreparedAnswer,
    Prompt,
    Revision,
    Side,
    Tally,
    Vote,
    Voter,
)
from arena.votes import casting
from tests import factories

pytestmark = pytest.mark.django_db
NAMES = ("Xylophonic", "Quetzalbird", "Zugzwang")


@pytest.fixture
def campaign() -> Campaign:
    """Two prompts; three contestants have answered the first, two of them the second: four
    pairs."""
    found = Campaign.objects.create(
        slug="ready", name="Ready", kind=Campaign.Kind.PREPARED, goal=10, shared_percent=0
    )
    prompts = [Prompt.objects.create(campaign=found, key=k, text=f"{k}?") for k in ("one", "two")]
    for name in NAMES:
        revision = entered(name)
        for prompt in prompts if name != "Zugzwang" else prompts[:1]:
            answered(prompt, revision)
    return found


def entered(name: str) -> Revision:
    hidden = factories.contestant(
        f"{name} 9000", slug=name.lower(), organisation=f"{name} Labs",
        state=Contestant.State.HIDDEN,
    )  # fmt: skip
    return factories.revision(hidden, number=0, weights=f"{name}-weights")


def answered(prompt: Prompt, revision: Revision) -> PreparedAnswer:
    return PreparedAnswer.objects.create(
        prompt=prompt, revision=revision, state="DONE", text=f"I say {revision.pk * 7919}."
    )


def judge(campaign: Campaign, voter: Voter, verdict: str = "A") -> Battle:
    battle = taking_part.begin(campaign, voter)
    casting.cast(battle, voter, verdict)
    return battle


def refused(campaign: Campaign, voter: Voter) -> str:
    with pytest.raises(Refused) as refusal:
        taking_part.begin(campaign, voter)
    return refusal.value.code


def test_battle_is_complete_from_the_start(campaign: Campaign, voter: Voter) -> None:
    battle = taking_part.begin(campaign, voter)
    answers = Answer.objects.filter(turn__battle=battle)
    prepared = PreparedAnswer.objects.filter(prompt__text=battle.turns.get().prompt)
    assert {answer.state for answer in answers} == {Answer.State.DONE}
    assert {answer.text for answer in answers} <= {answer.text for answer in prepared}
    for answer in answers:
        assert answer.revision.contestant == battle.contestant(Side(answer.side))


def test_vote_counts_in_the_campaign(campaign: Campaign, voter: Voter) -> None:
    judge(campaign, voter, "TIE")
    assert Tally.objects.get(slice="overall").campaign == campaign
    assert taking_part.progress(campaign) == taking_part.Progress(votes=1, goal=10)
    assert taking_part.progress(campaign).percent == 10


def test_unfinished_battle_is_given_again(campaign: Campaign, voter: Voter) -> None:
    first = taking_part.begin(campaign, voter)
    assert taking_part.begin(campaign, voter) == first
    casting.cast(first, voter, "A")
    assert taking_part.begin(campaign, voter) != first


def test_voter_sees_each_pair_once_and_then_is_thanked(campaign: Campaign, voter: Voter) -> None:
    seen = [judge(campaign, voter).judgement.pairing_id for _ in range(4)]
    assert len(set(seen)) == 4
    assert refused(campaign, voter) == "all_judged"
    assert taking_part.begin(campaign, Voter.objects.create()).judgement.pairing_id in seen


def test_pair_is_drawn_as_often_as_its_probability_says(campaign: Campaign) -> None:
    def pair(battle: Battle) -> frozenset[str]:
        return frozenset((battle.contestant_a.slug, battle.contestant_b.slug))

    drawn = [taking_part.begin(campaign, Voter.objects.create()) for _ in range(80)]
    expected = {
        frozenset(("xylophonic", "quetzalbird")): 1 / 3,  # though they share two prompts
        frozenset(("xylophonic", "zugzwang")): 1 / 3,
        frozenset(("quetzalbird", "zugzwang")): 1 / 3,
    }
    assert {pair(b): b.selection_probability for b in drawn} == expected
    often = Counter(map(pair, drawn))
    # Binomial: outside these bounds with probability one in a million.
    assert 9 <= often[frozenset(("xylophonic", "quetzalbird"))] <= 48
    sides = Counter(b.contestant_a.slug < b.contestant_b.slug for b in drawn)
    assert min(sides.values()) > 15


def test_probability_knows_what_the_voter_has_judged(campaign: Campaign, voter: Voter) -> None:
    for _ in range(3):
        judge(campaign, voter)
    last = taking_part.begin(campaign, voter)
    assert last.selection_probability == 1.0


def test_shared_pair_is_shown_to_as_many_voters_as_wanted(campaign: Campaign) -> None:
    Campaign.objects.update(shared_percent=100, judgements_per_pair=3)
    campaign.refresh_from_db()
    battles = [judge(campaign, Voter.objects.create()) for _ in range(4)]
    assert len({battle.judgement.pairing_id for battle in battles[:3]}) == 1
    again = "uniform-1/again"
    assert [battle.policy for battle in battles] == ["uniform-1", again, again, "uniform-1"]
    assert battles[1].selection_probability == battles[0].selection_probability


def test_skipped_pair_is_not_asked_again(campaign: Campaign, voter: Voter) -> None:
    Campaign.objects.update(shared_percent=100, judgements_per_pair=2)
    campaign.refresh_from_db()
    battle = taking_part.begin(campaign, voter)
    skipping.skip(battle)
    left = [judge(campaign, voter).judgement.pairing for _ in range(3)]
    assert battle.judgement.pairing not in left
    assert refused(campaign, voter) == "all_judged"
    others = {judge(campaign, Voter.objects.create()).judgement.pairing for _ in range(2)}
    assert battle.judgement.pairing in others  # of it both judgements are still wanted
    assert taking_part.progress(campaign).votes == 5


def test_shared_pair_does_not_wait_for_whoever_left(campaign: Campaign) -> None:
    Campaign.objects.update(shared_percent=100, judgements_per_pair=2)
    campaign.refresh_from_db()
    first = judge(campaign, Voter.objects.create())
    left = taking_part.begin(campaign, Voter.objects.create())
    assert left.judgement.pairing == first.judgement.pairing
    Battle.objects.filter(pk=left.pk).update(created=timezone.now() - timedelta(hours=1))
    third = taking_part.begin(campaign, Voter.objects.create())
    assert third.judgement.pairing == first.judgement.pairing


def test_answers_that_are_not_done_are_not_shown(campaign: Campaign, voter: Voter) -> None:
    PreparedAnswer.objects.filter(revision__contestant__slug="xylophonic").update(state="WAITING")
    drawn = taking_part.begin(campaign, voter)
    assert {drawn.contestant_a.slug, drawn.contestant_b.slug} == {"quetzalbird", "zugzwang"}
    PreparedAnswer.objects.update(state="WAITING")
    assert refused(campaign, Voter.objects.create()) == "not_prepared"


def test_contestants_of_a_campaign_are_not_drawn_live(campaign: Campaign) -> None:
    assert live_pairs.in_service() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"opens": timedelta(hours=1)}, "not_yet"),
        ({"opens": timedelta(hours=-2), "closes": timedelta(hours=-1)}, "closed"),
    ],
)
def test_campaign_takes_votes_only_while_it_is_open(
    campaign: Campaign, voter: Voter, changes: dict[str, timedelta], code: str
) -> None:
    for field, delta in changes.items():
        setattr(campaign, field, timezone.now() + delta)
    campaign.save()
    assert refused(campaign, voter) == code
    assert not Battle.objects.exists()


def test_database_refuses_a_campaign_that_closes_before_it_opens(campaign: Campaign) -> None:
    campaign.opens, campaign.closes = timezone.now(), timezone.now() - timedelta(hours=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        campaign.save()


def test_volunteer_goes_from_the_list_to_the_reveal(client: Client, campaign: Campaign) -> None:
    Campaign.objects.update(reveals="EACH_VOTE")
    assert 'href="/campaigns/ready/"' in client.get("/campaigns/").content.decode()
    page = client.get("/campaigns/ready/").content.decode()
    assert "0 of 10 votes" in page
    address = client.post("/campaigns/ready/battles/").headers["location"]
    battle = Battle.objects.get()
    assert address == f"/battles/{battle.public_id}/"
    assert "Which answer is better?" in client.get(address).content.decode()
    client.post(f"{address}vote/", {"verdict": "B"})
    assert Vote.objects.get().verdict == "B"
    assert battle.contestant_a.name in client.get(address).content.decode()
    assert "1 of 10 votes" in client.get("/campaigns/ready/").content.decode()


def test_no_page_before_the_vote_names_anybody(client: Client, campaign: Campaign) -> None:
    address = client.post("/campaigns/ready/battles/").headers["location"]
    seen = [client.get(path) for path in ("/campaigns/", "/campaigns/ready/", address)]
    text = "\n".join(f"{page.headers} {page.content.decode()}" for page in seen).lower()
    assert [name for name in NAMES if name.lower() in text] == []
    keys = [prepared.stream for prepared in PreparedAnswer.objects.all()]
    assert [key for key in keys if str(key) in text] == []


@pytest.mark.parametrize("visibility", ["UNLISTED", "INVITATION"])
def test_hidden_campaign_is_not_listed(client: Client, campaign: Campaign, visibility: str) -> None:
    Campaign.objects.update(visibility=visibility)
    assert "ready" not in client.get("/campaigns/").content.decode()


def test_unlisted_campaign_is_there_for_whoever_knows_its_address(
    client: Client, campaign: Campaign
) -> None:
    Campaign.objects.update(visibility="UNLISTED")
    page = client.get("/campaigns/ready/")
    assert page.status_code == 200
    assert "noindex" in page.content.decode()


def test_consent_is_given_only_by_its_box(client: Client, campaign: Campaign) -> None:
    client.post("/campaigns/ready/battles/")
    voter = Voter.objects.get()
    assert not consent.is_given(voter)
    client.post("/campaigns/ready/battles/", {"consent": "yes"})
    assert consent.is_given(voter)
    assert str(consent.WORDING) not in client.get("/campaigns/ready/").content.decode()
    consent.withdraw(voter)
    assert not consent.is_given(voter)


def test_refusal_is_shown_on_the_campaigns_page(client: Client, campaign: Campaign) -> None:
    PreparedAnswer.objects.update(state="WAITING")
    page = client.post("/campaigns/ready/battles/")
    assert page.status_code == 503
    assert "still being prepared" in page.content.decode()
    assert [*Pairing.objects.all(), *Judgement.objects.all()] == []
