"""Whether what takes longer than a battle works again: an export, an import and a leaderboard."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import psycopg

from tests.live.site import Site, until

ORDER = """INSERT INTO arena_job (kind, campaign_id, name, asked, state, attempts, said, files,
               tables, offer, kept_in, created)
           SELECT %s, CASE WHEN %s = 'export' THEN b.campaign_id END, 'votes.csv', %s, 'WAITING',
               0, '[]', '[]', '[]', '', '', now()
           FROM arena_battle b ORDER BY b.id DESC LIMIT 1 RETURNING id"""
AGREE = """INSERT INTO arena_consent (voter_id, version, language, wording, sha256, given)
           SELECT id, 1, 'en', '', '', now() FROM arena_voter ON CONFLICT DO NOTHING"""
STATES = "SELECT state FROM arena_job WHERE id = ANY(%s)"
IS_COUNTED = """SELECT max(s.last_vote_id) >= %s FROM ratings_snapshot s
                JOIN ratings_board o ON o.id = s.board_id AND o.slug = 'overall'
                WHERE o.campaign_id =
                    (SELECT campaign_id FROM arena_battle ORDER BY id DESC LIMIT 1)"""
FILE = "model_a,model_b,winner\n" + "".join(
    f"m{a},m{b},model_a\n" for a, b in itertools.permutations(range(9), 2)
)
_number = itertools.count()


@dataclass(frozen=True)
class Ordered:
    site: Site
    jobs: list[int]

    def wait(self) -> None:
        """Until the jobs are done and every vote so far is on its leaderboard."""
        until(self._are_done, "an export and an import")
        [(newest,)] = self.site.rows("SELECT max(id) FROM arena_vote")
        until(lambda: self.site.rows(IS_COUNTED, newest) == [(True,)], "a leaderboard")

    def _are_done(self) -> bool:
        states = {state for (state,) in self.site.rows(STATES, self.jobs)}
        assert "FAILED" not in states, self.site.rows("SELECT said FROM arena_job")
        return states == {"DONE"}


def order(site: Site) -> Ordered:
    """Order an export and an import, as the admin's forms do."""
    site.rows(AGREE)  # all voters so far, or there would be nothing to export
    campaign = f"faults-{next(_number)}"
    asked = {
        "export": '{"format": "evenhand", "file": ".csv"}',
        "import": f'{{"format": "csv", "campaign": "{campaign}", "dry_run": false}}',
    }
    return Ordered(site, [_order(site, kind, each) for kind, each in asked.items()])


def _order(site: Site, kind: str, asked: str) -> int:
    with psycopg.connect(site.servers["DATABASE_URL"]) as connection:
        found = connection.execute(ORDER.encode(), [kind, kind, asked]).fetchone()
        assert found is not None
        job = int(found[0])
        if kind == "import":  # there before the worker can see the job
            upload = site.var / "jobs" / "uploads" / str(job)
            upload.mkdir(parents=True)
            (upload / "votes.csv").write_text(FILE)
    return job
