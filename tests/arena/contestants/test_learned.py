"""What workers have learned of a contestant's API is shown on its page, kept in the next revision,
or found out again."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from arena.campaigns import batches
from arena.generating import dispatch, learning
from arena.generating.life import Policy
from arena.generating.settling import settle
from arena.limits import AnswerTimes
from arena.models import Campaign, Contestant, Learned, PreparedAnswer, Prompt, Revision
from inference.contract.endings import FinishReason
from inference.contract.requests import GenerateRequest, GenerateResult
from tests import factories

pytestmark = pytest.mark.django_db
WITHOUT = "without:temperature"
GIVE = "give letters, digits, underscores"
NO_CHOICE = "Select a valid choice. {} is not one of the available choices."
MOST_S = settings.ANSWER_SECONDS


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def revision() -> Revision:
    one = factories.contestant("Away", state="ACTIVE")
    return factories.revision(
        one, backend="openai", weights="", remote_model="away-1", url="http://127.0.0.1:1/v1",
        sampling={"temperature": 0.7, "top_p": 0.9}, answer_s=30,
    )  # fmt: skip


def result(*learned: str, trial: int = 0) -> GenerateResult:
    return GenerateResult("", 1, learned=learned, trial=trial)


def words(revision: Revision) -> set[str]:
    return {*(Learned.objects.filter(revision=revision).values_list("lessons", flat=True)[0])}


def request_of(revision: Revision) -> GenerateRequest:
    return dispatch.request_for(revision, [], Policy(AnswerTimes()), uuid4())


def page_of(admin: Client, one: Contestant) -> str:
    page = admin.get(f"/admin/arena/contestant/{one.pk}/change/").content.decode()
    return " ".join(page.split())


def test_lessons_come_with_answers_that_fail_too(revision: Revision) -> None:
    campaign = Campaign.objects.create(slug="set", name="A set", kind=Campaign.Kind.PREPARED)
    prompt = Prompt.objects.create(campaign=campaign, key="1", text="Hi")
    one = PreparedAnswer.objects.create(prompt=prompt, revision=revision, attempt=1, state="QUEUED")
    error = "Its answer began with unmarked thoughts."
    said = GenerateResult(str(one.stream), 1, "", FinishReason.ERROR, error, learned=("thinks",))
    settle(batches.life, one.pk, said)
    assert words(revision) == {"thinks"}


def test_lessons_add_up_until_they_are_forgotten(revision: Revision) -> None:
    learning.note(revision.pk, result())
    assert not Learned.objects.exists()
    learning.note(revision.pk, result(WITHOUT))
    first = Learned.objects.get().lessons[WITHOUT]
    learning.note(revision.pk, result("thinks", WITHOUT, "x" * 101))
    assert (words(revision), Learned.objects.get().lessons[WITHOUT]) == ({WITHOUT, "thinks"}, first)
    learning.forget(revision)
    learning.note(revision.pk, result("thinks"))  # of an answer begun before
    assert words(revision) == set()
    learning.note(revision.pk, result("thinks", trial=1))
    assert words(revision) == {"thinks"}


def test_request_says_what_is_fixed_and_how_often_all_else_was_forgotten(
    revision: Revision,
) -> None:
    assert request_of(revision).endpoint == revision.endpoint
    assert request_of(revision).deadline_s == 30
    learning.forget(revision)
    new = factories.revision(revision.contestant, number=2, backend="openai", weights="",
                             remote_model="away-1", lessons=["thinks"])  # fmt: skip
    found = [request_of(each).endpoint for each in (revision, new)]
    assert [(end.trial, end.lessons) for end in found if end] == [(1, ()), (0, ("thinks",))]
    assert request_of(new).deadline_s == AnswerTimes().answer_s


def test_lessons_are_shown_kept_in_the_next_revision_and_forgotten(
    admin: Client, revision: Revision
) -> None:
    one = revision.contestant
    assert "Learned of its API" not in page_of(admin, one)
    learning.note(revision.pk, result(WITHOUT, "system-in-prompt", "limit:max_completion_tokens"))
    learning.note(revision.pk, result("from-the-future"))
    page = page_of(admin, one)
    day = f"{revision.learned.lessons[WITHOUT]}"[:10]
    assert f'datetime="{day}' in page
    assert "It rejects temperature, which is left out." in page
    assert "from-the-future. A newer model worker has learned it: update the site" in page

    revise = f"/admin/arena/contestant/{one.pk}/revise/"
    keep = f"keep={WITHOUT}&keep=system-in-prompt&keep=limit:max_completion_tokens&keep=thinks"
    form = admin.get(f"{revise}?{keep}").context["form"]
    given = {bound.name: bound.value() or "" for bound in form}
    assert (given["temperature"], given["top_p"]) == ("", 0.9)  # what it rejects is not sent
    assert given["limit_name"] == "max_completion_tokens"
    assert given["ways"] == ["system-in-prompt"]  # nobody has learned that it thinks
    changes = admin.post(revise, {**given, "_review": "1"}).context["changes"]
    assert {change.label for change in changes} == {"temperature", "known of its API"}
    admin.post(revise, {**given, "_save": "1"})
    newest = one.revisions.get(number=2)
    assert newest.lessons == ["limit:max_completion_tokens", "system-in-prompt"]
    assert newest.sampling == {"top_p": 0.9}

    learning.note(newest.pk, result("thinks"))
    forget = f"/admin/arena/contestant/{one.pk}/forget/"
    assert "Forgotten. With its next answer" in admin.post(forget, follow=True).content.decode()
    assert "Learned of its API" not in page_of(admin, one)
    assert learning.trial_of(newest) == 1


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"left_out": "model"}, "left_out", "Without model nothing can be asked."),
        ({"left_out": "a-b"}, "left_out", f"a-b is no name of a parameter: {GIVE}."),
        ({"left_out": "top_p, seed"}, "left_out", "top_p has a value in this revision: empty it, "
         "or send it."),
        ({"ways": ["guesses"]}, "ways", NO_CHOICE.format("guesses")),
        ({"limit_name": "tokens"}, "limit_name", NO_CHOICE.format("tokens")),
        ({"limit_name": "none", "backend": "anthropic"}, "limit_name", "Anthropic has one name for "
         "it: leave this as it is."),
        ({"left_out": "seed", "backend": "llama_cpp"}, "left_out", "Only for APIs: leave it empty, "
         "or choose an API above."),
        ({"answer_s": "0"}, "answer_s", "The seconds for an answer must be at least 1."),
        ({"answer_s": "100000"}, "answer_s", f"No answer may take longer than {MOST_S:g} seconds "
         "here (ANSWER_SECONDS). Give fewer, or leave it empty."),
    ],
)  # fmt: skip
def test_term_that_cannot_be_fixed_gets_a_sentence(
    admin: Client, revision: Revision, given: dict[str, object], field: str, sentence: str
) -> None:
    revise = f"/admin/arena/contestant/{revision.contestant_id}/revise/"
    form = admin.get(revise).context["form"]
    filled = {bound.name: bound.value() or "" for bound in form}
    page = admin.post(revise, {**filled, **given, "_review": "1"})
    assert page.context["form"].errors[field] == [sentence]


def test_every_setting_shows_what_applies_where_it_is_empty(
    admin: Client, revision: Revision
) -> None:
    form = admin.get(f"/admin/arena/contestant/{revision.contestant_id}/revise/").context["form"]
    shown = {bound.name: bound.field.widget.attrs.get("placeholder") for bound in form}
    usual = {"temperature": "0.7", "top_p": "1", "seed": "random", "max_tokens": "512",
             "daily_usd": "no cap", "answer_s": f"{settings.ANSWER_SECONDS:g}"}  # fmt: skip
    assert {name: shown[name] for name in usual} == usual
