"""The rules and the dashboard of deploy/ are sound, and name metrics that there are."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client.core import Metric

from config.metrics.collector import Arena
from tests.programs import program

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"
SUFFIXES = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"], "gauge": [""]}
# Of a metric, or of a rule that records one.
NAME = re.compile(r"\bevenhand[_:][\w:]+")


def printed() -> set[str]:
    families: list[Metric] = [*Arena().collect()]
    return {family.name + suffix for family in families for suffix in SUFFIXES[family.type]}


def rules() -> list[dict[str, str]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> Iterator[str]:
    """Of rules and panels."""
    yield from (rule["expr"] for rule in rules())
    dashboard = json.loads((DEPLOY / "grafana.json").read_text())
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel.get("targets", []))


@pytest.mark.django_db
def test_rules_and_dashboard_name_metrics_that_there_are() -> None:
    named = {name for expression in expressions() for name in NAME.findall(expression)}
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    assert len(named) > 30
    assert named - recorded <= printed()
    values = yaml.safe_load((DEPLOY / "helm" / "values.yaml").read_text())
    assert values["queueMetric"] in printed()


@pytest.mark.django_db
def test_every_metric_is_documented_and_nothing_else() -> None:
    page = (ROOT / "docs" / "watching.md").read_text()
    rows = re.findall(r"^\| (`[a-z].*?) \|", page, re.MULTILINE)
    told = {f"evenhand_{name}" for row in rows for name in re.findall(r"`(\w+)`", row)}
    families = [*Arena().collect()]
    assert told == {f"{one.name}{'_total' * (one.type == 'counter')}" for one in families}


def test_rules_fire_when_they_should() -> None:
    """As the examples beside them say, in Prometheus's own test."""
    command = [program("promtool", "prometheus"), "test", "rules", "rules_test.yml"]
    done = subprocess.run(command, cwd=RULES.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tried_and_says_what_to_do() -> None:
    tried = RULES.with_name("rules_test.yml").read_text()
    alerts = [rule for rule in rules() if "alert" in rule]
    assert len(alerts) > 10
    for alert in alerts:
        assert alert["alert"] in tried, alert
        assert {*alert["annotations"]} == {"summary", "todo"}, alert
