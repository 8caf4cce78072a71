"""What a probe found at fault stops activation, unless somebody says why not."""

from __future__ import annotations

import pytest

from arena.contestants import lifecycle
from arena.errors import Refused
from arena.models import Contestant, RegistryEvent, Revision
from tests import factories

from .conftest import played

State = Contestant.State


def test_red_probe_stops_activation_unless_a_reason_overrides_it(
    draft: Contestant, revision: Revision
) -> None:
    played(draft.revisions.get(), {"sum": "4 [/INST]"})
    other = revision.contestant
    Contestant.objects.filter(pk=other.pk).update(state=State.PAUSED)
    both = [draft, other]
    with pytest.raises(Refused, match=r"Zebrawood: Its probe of .* No control tokens in answers"):
        lifecycle.change_state(both, State.ACTIVE, "Ready.")
    assert not Contestant.objects.filter(pk__in=[draft.pk, other.pk], state="ACTIVE").exists()
    lifecycle.change_state(both, State.ACTIVE, "Only a demonstration.", anyway=True)
    logged = RegistryEvent.objects.order_by("contestant__name").values_list("reason", flat=True)
    assert list(logged) == [
        "Only a demonstration.", "Despite faults that its probe found: Only a demonstration.",
    ]  # fmt: skip


def test_new_revision_or_no_probe_stops_nothing(draft: Contestant) -> None:
    played(draft.revisions.get(), {"sum": "[INST]"})
    lifecycle.change_state([draft], State.RETIRED, "Faulty.")
    factories.revision(draft, number=2, weights="zugzwang-weights")
    assert lifecycle.change_state([draft], State.ACTIVE, "Corrected.")
    assert RegistryEvent.objects.last().reason == "Corrected."  # type: ignore[union-attr]
