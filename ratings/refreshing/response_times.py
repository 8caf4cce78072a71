"""How long answers take, and how many tokens: over answers in battles that have been voted on.

Answers before the vote do not count: a page that changed during a battle would reveal which two
models are in it. Nor do those of prepared campaigns that tell names later, until they have closed
(`Campaign.may_be_followed`). Tokens are those of live campaigns: a prepared answer is in many
battles, but is one answer.
"""

from __future__ import annotations

from django.db import connection

from inference.contract.endings import FinishReason

STOPPED = [FinishReason.CANCELLED.value, FinishReason.ABANDONED.value]  # times too short
MEASURE = """
    WITH measured AS (
        SELECT revision.contestant_id,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY answer.total_s) AS median_s,
            count(*) AS answers,
            count(tokens.read) AS counted,
            count(tokens.read) FILTER (WHERE turn.number = 1) AS battles,
            avg(tokens.read) AS read,
            avg(tokens.written) AS written,
            var_samp(tokens.read) AS read_variance,
            var_samp(tokens.written) AS written_variance,
            covar_samp(tokens.read, tokens.written) AS covariance
        FROM arena_vote vote
        JOIN arena_battle battle ON battle.id = vote.battle_id
        JOIN arena_campaign campaign ON campaign.id = battle.campaign_id
        JOIN arena_turn turn ON turn.battle_id = vote.battle_id
        JOIN arena_answer answer ON answer.turn_id = turn.id
        JOIN arena_revision revision ON revision.id = answer.revision_id
        LEFT JOIN LATERAL (
            SELECT answer.prompt_tokens::float AS read,
                (answer.completion_tokens + coalesce(answer.thought_tokens, 0))::float AS written
            WHERE campaign.kind = 'LIVE'
                AND answer.prompt_tokens IS NOT NULL AND answer.completion_tokens IS NOT NULL
        ) tokens ON true
        WHERE answer.state = 'DONE' AND answer.total_s IS NOT NULL
            AND NOT answer.finish_reason = ANY(%(stopped)s)
            AND (campaign.kind <> 'PREPARED' OR campaign.reveals = 'EACH_VOTE'
                 OR campaign.closes <= now())
        GROUP BY revision.contestant_id
    ), gone AS (
        DELETE FROM ratings_responsetime
        WHERE contestant_id NOT IN (SELECT contestant_id FROM measured)
    )
    INSERT INTO ratings_responsetime (contestant_id, {names}, computed)
    SELECT contestant_id, {names}, now() FROM measured
    ON CONFLICT (contestant_id) DO UPDATE SET {replaced}, computed = EXCLUDED.computed
"""
NAMES = (
    "median_s", "answers", "counted", "battles",
    "read", "written", "read_variance", "written_variance", "covariance",
)  # fmt: skip


def measure() -> None:
    replaced = ", ".join(f"{name} = EXCLUDED.{name}" for name in NAMES)
    query = MEASURE.format(names=", ".join(NAMES), replaced=replaced)
    with connection.cursor() as cursor:
        cursor.execute(query, {"stopped": STOPPED})
