"""One row of everything that has a page in the admin."""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone

from arena.models import (
    ApiKey,
    BulkChange,
    Campaign,
    DeskPolicy,
    Failure,
    Flag,
    Import,
    ImportedVote,
    Job,
    ModerationPolicy,
    Objection,
    PreparedAnswer,
    Prompt,
    PromptSuggestion,
    Reason,
    RegistryEvent,
    Share,
    StandingChange,
    Suspect,
    Tally,
)
from people import invitations
from people.models import AuditEvent
from tests import factories
from tests.people.routes import Route

# What the pages in `PAGES` are about, and what else is in their addresses.
ABOUT = {
    "arena_contestant_try": "arena.contestant",
    "arena_contestant_probe": "arena.contestant",
    "arena_contestant_chat": "arena.contestant",
    "arena_contestant_ready": "arena.contestant",
    "arena_contestant_state": "arena.contestant",
    "arena_contestant_revise": "arena.contestant",
    "arena_contestant_forget": "arena.contestant",
    "arena_voter_export": "arena.voter",
    "job_follow": "arena.job",
    "job_delete": "arena.job",
    "job_file": "arena.job",
    "arena_campaign_prepare": "arena.campaign",
    "campaign_matchmaking": "arena.campaign",
    "auth_user_password_change": "auth.user",
    "auth_user_second_factor": "auth.user",
    "auth_user_password_link": "auth.user",
}
NAMED = {"jobs": "export", "job_file": "votes.csv", "admin/arena/job/<slug:name>/": "import"}


def make() -> dict[str, Model]:
    """By label, such as "arena.vote"."""
    return {one._meta.label_lower: one for one in (*_votes(), *_campaigns(), *_people())}


def _votes() -> list[Model]:
    campaign = Campaign.objects.create(slug="arena", name="The arena")
    a, b = factories.contestant("Xylo"), factories.contestant("Quetzal")
    of_a, of_b = factories.revision(a), factories.revision(b)
    battle = factories.battle(campaign, a, b)
    turn = factories.turn(battle, "Hi", {of_a: "Hello", of_b: "Good day"})
    vote = factories.vote(battle, "A")
    change = StandingChange(vote=vote, before="COUNTED", after="EXCLUDED", reason="spam")
    event = RegistryEvent(contestant=a, new=a.state, reason="entered")
    bulk = BulkChange(after="EXCLUDED", votes=[vote.pk], preview={"changing": 1})
    asked = [Objection(vote=vote, text="Why?"), Share(vote=vote)]
    failure = Failure(revision=of_a, reason="no memory")
    flag = Flag(battle=battle, turn=1, category="hate", action="LOG")
    policy = ModerationPolicy(actions={"hate": "WARN"}, reason="They asked for it")
    about = _saved(bulk, change, event, failure, flag, policy, *asked)
    there = [Tally.objects.all()[0], *_saved(Reason(key="brief", sign=1, labels={"en": "brief"}))]
    there += _saved(ApiKey(name="ACME_API_KEY", hosts=["acme.example"], token="unreadable"))
    about += _saved(
        DeskPolicy(reason="a trial"),
        Suspect(
            voter=vote.voter, campaign=campaign, score=0.2, corroborated=False, reasons=[],
            leanings={}, votes=1, first=vote.created, through=vote.pk,
        ),
    )  # fmt: skip
    return [a, of_a, battle, battle.voter, turn, turn.answers.all()[0], vote, *there, *about]


def _campaigns() -> list[Model]:
    campaign = Campaign.objects.create(slug="set", name="A set", kind=Campaign.Kind.PREPARED)
    of = factories.revision(factories.contestant("Zugzwang"))
    prompt = Prompt.objects.create(campaign=campaign, key="1", text="Hi")
    answer = PreparedAnswer(prompt=prompt, revision=of)
    done = Job(kind="export", campaign=campaign, name="votes.csv", state=Job.State.DONE)
    done.files = [{"name": "votes.csv", "bytes": 3}]
    brought = Import(campaign=campaign, format="arena-33k", name="votes.csv")
    _saved(answer, done, brought)
    elsewhere = ImportedVote(source=brought, verdict="A")
    elsewhere.contestant_a = elsewhere.contestant_b = of.contestant
    _saved(elsewhere)
    done.folder.mkdir(parents=True, exist_ok=True)
    (done.folder / "votes.csv").write_text("a,b")
    suggestion = PromptSuggestion.objects.create(text="Why?", category="REASONING")
    return [campaign, prompt, answer, done, brought, elsewhere, suggestion]


def _people() -> list[Model]:
    somebody = User.objects.create_user("somebody")
    attempt = AccessAttempt(
        attempt_time=timezone.now(), ip_address="192.0.2.1", failures_since_start=1
    )
    group = Group.objects.create(name="Our own")
    invitation, _ = invitations.new(group, "for Ann", 7, somebody)
    event = AuditEvent(who="somebody", what=AuditEvent.What.SIGNED_IN)
    return [somebody, group, invitation, *_saved(attempt, event)]


def _saved(*rows: Any) -> list[Model]:
    for row in rows:
        row.save()
    return [*rows]


def values(rows: dict[str, Model], model: str) -> dict[str, object]:
    """What the addresses of this model's pages have in them."""
    vote = rows["arena.vote"]
    named = {
        "content_type_id": ContentType.objects.get_for_model(vote).pk,
        "code": "none",
        "uidb64": "none",
        "token": "none",
        "public_id": "none",
        "key": "begin",
        "order_id": "none",
    }
    one = rows[model].pk if model else vote.pk
    return named | {"object_id": one, "id": one, "pk": one, "campaign": rows["arena.campaign"].pk}


def path_of(route: Route, rows: dict[str, Model]) -> str:
    """The address of this page, about these rows."""
    known = values(rows, route.model or ABOUT.get(route.name, ""))
    name = NAMED.get(route.pattern) or NAMED.get(route.name)
    return route.path(known | {"name": name})
