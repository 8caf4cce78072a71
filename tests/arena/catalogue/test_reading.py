"""A faulty entry is reported by name, not partly read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from arena.catalogue import CatalogueError
from arena.catalogue.lookup import by_name
from arena.catalogue.reading import DATA, read

FAMILY = """
[[family]]
slug = "xylophone"
name = "Xylophone"
developer = "Xylophonic Laboratories"
parameters = [7_000_000_000]
licence = "MIT"
access = "OPEN_WEIGHTS"
format = "chatml"
architecture = "llama"

[family.sources]
licence = "https://example.org/licence"
organisation = "https://example.org"
parameters = "https://example.org/card"

[[family.model]]
name = "Xylophone-7B"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalogue of one model."""
    for file in DATA.glob("*.toml"):
        shutil.copy(file, tmp_path)
    (tmp_path / "families").mkdir()
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / "families" / "xylophone.toml").write_text(text)


def test_model_inherits_from_its_family(folder: Path) -> None:
    write(folder, FAMILY)
    model = read(folder).models["Xylophone-7B"]
    assert (model.organisation, model.parameters) == ("Xylophonic Laboratories", 7_000_000_000)
    assert model.sources["parameters"] == "https://example.org/card"


def test_model_inherits_from_its_base_before_its_family(folder: Path) -> None:
    tuned = '[[family.model]]\nname = "Xylophone-Tuned"\nbase = "Xylophone-9B"\n'
    larger = (
        '[[family.model]]\nname = "Xylophone-9B"\nparameters = 9_000_000_000\n'
        'sources = { all = "https://example.org/9b" }\n'
    )
    write(folder, FAMILY + larger + tuned)
    model = read(folder).models["Xylophone-Tuned"]
    assert model.parameters == 9_000_000_000
    assert model.sources["parameters"] == "as Xylophone-9B: https://example.org/9b"
    assert model.sources["licence"] == "https://example.org/licence"


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ('name = "Xylophone-7B"', "two entries called Xylophone-7B"),
        ('name = "Zither"\nparametres = 7', "Zither.*parametres"),
        ('name = "Zither"\nlicence = "Beerware-9"', "Zither.*Beerware-9"),
        ('name = "Zither"\nformat = "morse"', "Zither.*morse"),
        ('name = "Zither"\naccess = "AJAR"', "Zither.*AJAR"),
        ('name = "Zither"\nbase = "Lute"', "Zither.*Lute"),
        ('name = "Zither"\ncontext_length = 2048', "Zither.*no source for context_length"),
    ],
)
def test_wrong_entry_is_named_with_its_fault(folder: Path, entry: str, complaint: str) -> None:
    write(folder, f"{FAMILY}\n[[family.model]]\n{entry}\n")
    with pytest.raises(CatalogueError, match=complaint):
        read(folder)


@pytest.mark.parametrize("text", ["[[family", "[[families]]\n"])
def test_file_that_holds_no_entries_is_named(folder: Path, text: str) -> None:
    write(folder, text)
    with pytest.raises(CatalogueError, match=r"xylophone\.toml"):
        read(folder)


def test_two_models_cannot_share_a_name(folder: Path) -> None:
    write(folder, FAMILY + '[[family.model]]\nname = "Zither"\naliases = ["xylophone 7b"]\n')
    with pytest.raises(CatalogueError, match="share the name xylophone7b"):
        by_name(read(folder).models.values())
