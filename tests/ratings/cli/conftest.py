import json
from pathlib import Path
from typing import Any

import pytest

from ratings.cli.main import main


@pytest.fixture
def board(capsys: pytest.CaptureFixture[str]) -> Any:
    def rate(*arguments: str | Path) -> list[dict[str, Any]]:
        assert main(["rate", *map(str, arguments), "--format", "json"]) == 0
        rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
        return rows

    return rate


@pytest.fixture
def complaint(capsys: pytest.CaptureFixture[str]) -> Any:
    def fail(*arguments: str | Path) -> str:
        assert main([*map(str, arguments)]) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        return captured.err

    return fail
