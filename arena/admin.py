"""The door of the admin: which class shows which records. The classes are in their wings."""

from __future__ import annotations

from django.contrib import admin

from . import models
from .battles.admin import TurnAdmin
from .campaigns.admin import CampaignAdmin
from .campaigns.prepared_admin import PreparedAnswerAdmin, PromptAdmin, PromptSuggestionAdmin
from .contestants.admin import ContestantAdmin
from .contestants.failures_admin import FailureAdmin
from .contestants.registry_admin import RegistryEventAdmin
from .counting.admin import StandingChangeAdmin, TallyAdmin
from .desk.admin import DeskPolicyAdmin, SuspectAdmin
from .importing.admin import ImportAdmin, ImportedVoteAdmin
from .jobs.admin import JobAdmin
from .keys.admin import ApiKeyAdmin
from .moderating.admin import FlagAdmin, ModerationPolicyAdmin
from .trying.admin import TryAdmin
from .votes.admin import VoteAdmin
from .votes.blind_admin import BlindAnswerAdmin, BlindBattleAdmin
from .votes.bulk_admin import BulkChangeAdmin
from .votes.objection_admin import ObjectionAdmin
from .votes.person_admin import VoterAdmin
from .votes.reasons_admin import ReasonAdmin
from .votes.share_admin import ShareAdmin

admin.site.register(models.Answer, BlindAnswerAdmin)
admin.site.register(models.ApiKey, ApiKeyAdmin)
admin.site.register(models.Battle, BlindBattleAdmin)
admin.site.register(models.BulkChange, BulkChangeAdmin)
admin.site.register(models.Campaign, CampaignAdmin)
admin.site.register(models.Contestant, ContestantAdmin)
admin.site.register(models.DeskPolicy, DeskPolicyAdmin)
admin.site.register(models.Failure, FailureAdmin)
admin.site.register(models.Flag, FlagAdmin)
admin.site.register(models.Import, ImportAdmin)
admin.site.register(models.ImportedVote, ImportedVoteAdmin)
admin.site.register(models.Job, JobAdmin)
admin.site.register(models.ModerationPolicy, ModerationPolicyAdmin)
admin.site.register(models.Objection, ObjectionAdmin)
admin.site.register(models.PreparedAnswer, PreparedAnswerAdmin)
admin.site.register(models.Probe, TryAdmin)
admin.site.register(models.Prompt, PromptAdmin)
admin.site.register(models.PromptSuggestion, PromptSuggestionAdmin)
admin.site.register(models.Reason, ReasonAdmin)
admin.site.register(models.RegistryEvent, RegistryEventAdmin)
admin.site.register(models.Share, ShareAdmin)
admin.site.register(models.StandingChange, StandingChangeAdmin)
admin.site.register(models.Suspect, SuspectAdmin)
admin.site.register(models.Tally, TallyAdmin)
admin.site.register(models.Turn, TurnAdmin)
admin.site.register(models.Vote, VoteAdmin)
admin.site.register(models.Voter, VoterAdmin)
