"""The data model of the arena; its words are explained in docs/words.md."""

from .battles import Answer, Battle, Side, Turn
from .campaigns import Campaign
from .contestants import Contestant, RegistryEvent, Revision
from .votes import Tally, Verdict, Vote, Voter

__all__ = [
    "Answer",
    "Battle",
    "Campaign",
    "Contestant",
    "RegistryEvent",
    "Revision",
    "Side",
    "Tally",
    "Turn",
    "Verdict",
    "Vote",
    "Voter",
]
