"""Names of models, makers and campaigns: one rule, wherever they enter."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from arena.models import Campaign, Contestant, ImportedVote
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
COMPOSED, TYPED = "Mod\u00e8le", "Mode\u0300le"
TURNED = "Ada\u202eadA"
WHY = "Remove the control characters and those that turn the direction of writing."


def test_name_is_kept_and_found_in_one_form() -> None:
    made = factories.contestant(TYPED, slug="m", organisation=TYPED)
    made.refresh_from_db()
    assert (made.name, made.organisation) == (COMPOSED, COMPOSED)
    assert Contestant.objects.get(name=TYPED) == Contestant.objects.get(name=COMPOSED) == made
    Campaign.objects.create(slug="c", name=TYPED)
    assert Campaign.objects.get().name == COMPOSED


@pytest.mark.parametrize("field", ["name", "organisation", "licence", "stands_in_for"])
def test_characters_that_break_pages_are_refused_with_a_sentence(field: str) -> None:
    usual = {"name": "Ada", "slug": "ada", "organisation": "o", "licence": "l", "access": "UNKNOWN"}
    for text in (TURNED, "Ada\x1b[2J", "Ada\nBea", "Ada\u2028"):
        with pytest.raises(ValidationError) as refused:
            Contestant(**{**usual, field: text}).full_clean()
        assert WHY in refused.value.message_dict[field]
    with pytest.raises(ValidationError, match="Remove the control characters"):
        Campaign.entered("x", name=TURNED)


def test_admin_refuses_and_warns(client: Client, admin_user: User) -> None:
    client.force_login(admin_user)
    factories.contestant("Claude", slug="claude")
    form = {
        "name": "Cl\u0430ude", "slug": "klaude", "kind": "LIVE", "visibility": "PUBLIC",
        "reveals": "END", "judgements_per_pair": 3, "shared_percent": 20, "licence": "CC-BY-4.0",
        "named_answers": "LEFT_OUT",
    }  # fmt: skip
    Campaign.objects.create(slug="claude", name="Claude")
    add = "/admin/arena/campaign/add/"
    page = client.post(add, form, follow=True).content.decode()
    assert "Saved, but look again: “Cl\u0430ude” mixes Cyrillic and Latin letters" in page
    assert "looks like “Claude”, which is another name." in page
    refused = client.post(add, form | {"slug": "turned", "name": TURNED})
    assert WHY in refused.content.decode()
    assert not Campaign.objects.filter(slug="turned").exists()


@pytest.mark.parametrize("plain", [True, False], ids=["by columns", "row by row"])
def test_file_with_both_forms_of_a_name_has_one_model(tmp_path: Path, plain: bool) -> None:
    rows = [(COMPOSED, "Bea", "model_a"), (TYPED, "Bea", "model_b"), ("Be\u0430", "Bea", "tie")]
    if not plain:
        rows.append((COMPOSED, TYPED, "tie"))  # with itself
    path = tmp_path / "votes.csv"
    lines = ["model_a,model_b,winner", *map(",".join, rows)]
    path.write_text("\n".join(lines) + "\n")
    out = StringIO()
    call_command("import_votes", "csv", str(path), campaign="votes", stdout=out)
    assert [*Contestant.objects.values_list("name", flat=True)] == ["Bea", "Be\u0430", COMPOSED]
    assert ImportedVote.objects.filter(contestant_a__name=COMPOSED).count() == 2
    assert "“Be\u0430” looks like “Bea”, which is another name." in out.getvalue()
    assert ("is compared with itself" in out.getvalue()) is not plain


def test_command_refuses_a_campaign_with_such_a_name(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner\nAda,Bea,model_a\n")
    with pytest.raises(CommandError):
        call_command("import_votes", "csv", str(path), campaign=TURNED, stdout=StringIO())
    assert not Campaign.objects.exists()
