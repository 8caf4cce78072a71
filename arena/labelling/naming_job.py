"""Judging the votes of a campaign anew by its rule on answers that name their model, as a file job:
ordered on its page, and by a change of the rule."""

from __future__ import annotations

from typing import Any

from arena.jobs.kinds import Kind, Made, campaign_of
from arena.jobs.progress import Note
from arena.models import Campaign, Job

from .disclosing import mark_all

Rule = Campaign.NamedAnswers


class JudgeNames(Kind):
    name = "names"
    title = "Answers that name their model"
    about = (
        "Reads all answers with a vote again, and lets these votes count or not by the campaign’s "
        "rule: after a change of that rule, which orders it, after an upgrade, or after names of "
        "contestants have changed. Votes that a person has judged stay as they are."
    )

    def name_of(self, campaign: str, asked: dict[str, Any]) -> str:
        rule = asked.get("rule")
        return f"{campaign}: {Rule(rule).label}" if rule else f"{campaign}: by its rule"

    def followed(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The former rule; that can be undone, too."""
        return {"rule": asked["before"], "before": asked["rule"]}

    def run(self, job: Job, note: Note) -> Made:
        campaign, rule = campaign_of(job), job.asked.get("rule")
        if rule:
            campaign.named_answers = rule
            campaign.save(update_fields=["named_answers"])
        said = mark_all(campaign, note).told
        return Made([said, "Leaderboards update within seconds."], offer="Undo" if rule else "")
