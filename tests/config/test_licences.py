"""Everything that a host installs may be used by everybody for everything."""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from config import install, licences
from config.licences import licence

PERMISSIVE = re.compile(
    r"MIT(-0)?( License)?|(0|2-Clause |3-Clause )?BSD( License)?|BSD-[23]-Clause|0BSD|Zlib|CC0-1\.0"
    r"|Apache-2\.0|Apache Software License|PSF-2\.0|CNRI-Python|OFL-1\.1"
    r"|Python Software Foundation License"
)
# Weaker than that, but binding only those who change the package itself, which we do not; or named
# unclearly.
KNOWN = {
    "certifi": "Mozilla Public License 2.0 (MPL 2.0)",
    "fido2": "BSD License; Apache Software License; Mozilla Public License 2.0 (MPL 2.0)",
    "orjson": "MPL-2.0 AND (Apache-2.0 OR MIT)",
    "psycopg": "LGPL-3.0-only",
    "psycopg-binary": "LGPL-3.0-only",
    "psycopg-pool": "LGPL-3.0-only",
    "qrcode": "BSD License; Other/Proprietary License",  # BSD, and MIT for a part
    "tqdm": "MPL-2.0 AND MIT",
}


def is_permissive(licence: str) -> bool:
    parts = re.split(r"; | AND | OR ", licence)
    return all(PERMISSIVE.fullmatch(part) for part in parts)


def test_licences_of_all_that_a_host_installs_are_permissive_or_known() -> None:
    text = (install.ROOT / "requirements.lock").read_text()
    names = re.findall(r"^([\w.-]+)==", text, re.MULTILINE)
    found = {}
    for name in names:
        try:
            found[name] = licence(name)
        except PackageNotFoundError:  # for another system, or another Python
            continue
    assert len(found) > 70
    odd = {name: said for name, said in found.items() if not is_permissive(said)}
    assert odd == {name: said for name, said in KNOWN.items() if name in found}


def test_licences_are_in_the_bill_of_materials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, names = tmp_path / "bill.json", ["Django", "pyrage", "of-another-system"]
    file.write_text(json.dumps({"components": [{"name": n, "version": "1"} for n in names]}))
    monkeypatch.setattr(sys, "argv", ["licences", str(file)])
    licences.main()
    said = [each.get("licenses") for each in json.loads(file.read_text())["components"]]
    assert said == [
        [{"license": {"name": "BSD-3-Clause"}}], [{"license": {"name": "MIT"}}], None
    ]  # fmt: skip
    assert capsys.readouterr().out.splitlines() == ["Django 1: BSD-3-Clause", "pyrage 1: MIT"]
