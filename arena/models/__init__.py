"""The data model of the arena; its words are explained in docs/words.md."""

from .api_keys import ApiKey
from .battles import Answer, Battle, Side, Turn
from .bulk_changes import BulkChange
from .campaigns import Campaign
from .chats import Chat, ChatTurn, Reply
from .consents import Consent
from .contestants import Contestant, Failure, Learned, RegistryEvent, Revision
from .disclosures import Disclosure
from .guests import CampaignInvitation, Guest
from .imports import Import, ImportChange, ImportedVote, WithdrawnFrom
from .jobs import Job
from .labels import BattleLabels
from .matchmaking_policies import MatchmakingPolicy
from .moderation import Flag, ModerationPolicy
from .objections import Objection
from .pair_weights import PairWeights
from .probes import Probe, ProbeAnswer
from .prompts import CheckedAnswer, ExpectedAnswer, Judgement, Pairing, PreparedAnswer, Prompt
from .pushes import Push
from .reasons import Reason, Remark, VoteReason
from .shares import Share
from .suggestions import PromptSuggestion
from .suspects import DeskPlace, DeskPolicy, Suspect
from .votes import CriterionVerdict, StandingChange, Tally, Verdict, Vote, Voter
from .words import BattleWords

__all__ = [
    "Answer",
    "ApiKey",
    "Battle",
    "BattleLabels",
    "BattleWords",
    "BulkChange",
    "Campaign",
    "CampaignInvitation",
    "Chat",
    "ChatTurn",
    "CheckedAnswer",
    "Consent",
    "Contestant",
    "CriterionVerdict",
    "DeskPlace",
    "DeskPolicy",
    "Disclosure",
    "ExpectedAnswer",
    "Failure",
    "Flag",
    "Guest",
    "Import",
    "ImportChange",
    "ImportedVote",
    "Job",
    "Judgement",
    "Learned",
    "MatchmakingPolicy",
    "ModerationPolicy",
    "Objection",
    "PairWeights",
    "Pairing",
    "PreparedAnswer",
    "Probe",
    "ProbeAnswer",
    "Prompt",
    "PromptSuggestion",
    "Push",
    "Reason",
    "RegistryEvent",
    "Remark",
    "Reply",
    "Revision",
    "Share",
    "Side",
    "StandingChange",
    "Suspect",
    "Tally",
    "Turn",
    "Verdict",
    "Vote",
    "VoteReason",
    "Voter",
    "WithdrawnFrom",
]
