"""A real model labels prompts. It is small and may label them badly; the test covers the
process."""

from __future__ import annotations

import os
import subprocess
import sys

from arena.plurals import counted

from .site import ROOT, Site
from .volunteer import Volunteer

MODEL = "SELECT name, slug FROM arena_contestant WHERE stands_in_for = '' ORDER BY id LIMIT 1"
ASKED = """SELECT count(*) FROM arena_battlelabels
           WHERE source IN ('model ' || %s || ', rules 1', 'no answer of ' || %s || ', rules 1')"""


def label(site: Site, *options: str) -> str:
    command = [sys.executable, str(ROOT / "manage.py"), "label_battles", *options]
    env = os.environ | site.environment | site.servers
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return done.stdout


def test_model_of_the_arena_labels_battles(site: Site, volunteer: Volunteer) -> None:
    for prompt in ("What is 3 * 7?", "Write a Python function."):
        battle = volunteer.begin(prompt)
        volunteer.finish(battle)
        volunteer.vote(battle, "TIE")
    [(voted,)] = site.rows("SELECT count(*) FROM arena_vote")
    [(name, slug)] = site.rows(MODEL)
    said = label(site, "--model", slug, "--limit", "1")
    assert f"{name} was asked about 1 battle." in said
    assert "could not be read" in said
    assert site.rows(ASKED, name, name) == [(1,)]
    assert f"asked about {counted(voted - 1, 'battle')}." in label(site, "--model", slug)
    assert site.rows(ASKED, name, name) == [(voted,)]
    assert "asked about 0 battles." in label(site, "--model", slug)
    label(site, "--rules")
    assert site.rows(ASKED, name, name) == [(0,)]
