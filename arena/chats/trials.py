"""Chats in which staff try a contestant, perhaps a draft, through the queue and workers of voters.

They are nobody's data but their author's, and are deleted after some days.
"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from .. import broker
from ..battles.turns import checked_prompt
from ..models import Chat, Revision, Side
from ..probing.running import check_served
from .talking import begin_with

TO_TRY = "arena.change_contestant"  # it uses workers, and may cost money
Anybody = User | AnonymousUser


def may_try(user: Anybody) -> bool:
    return user.is_staff and user.has_perm(TO_TRY)


@broker.needed_for_prompt()
def begin(staff: User, revision: Revision, prompt: str) -> Chat:
    """Start a chat with a revision, whatever the state of its contestant. Raises Refused."""
    prompt = checked_prompt(prompt)
    check_served(revision)
    return begin_with({Side.A: revision}, prompt, Chat(staff=staff))


def own(staff: Anybody) -> QuerySet[Chat]:
    """Chats that this member of staff may see."""
    return Chat.objects.filter(staff=staff.pk) if may_try(staff) else Chat.objects.none()
