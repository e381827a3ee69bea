"""`-h` of each of the project's own commands, on terminals of every width."""

from __future__ import annotations

from inspect import isabstract
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scrapy.cmdline import ScrapyArgumentParser, _get_commands_from_module
from scrapy.commands import ScrapyCommand, ScrapyHelpFormatter
from scrapy.utils.project import get_project_settings

import sabah.commands

if TYPE_CHECKING:
    import argparse

NAMES = sorted(path.stem for path in Path(sabah.commands.__path__[0]).glob("[!_]*.py"))
HEADINGS = {"Usage", "Options", "Global Options"}


def parser(name: str) -> argparse.ArgumentParser:
    """As Scrapy's command line makes it."""
    command: ScrapyCommand = _get_commands_from_module("sabah.commands", True)[name]
    assert not isabstract(type(command))
    command.settings = get_project_settings()
    made = ScrapyArgumentParser(
        formatter_class=ScrapyHelpFormatter,
        usage=f"scrapy {name} {command.syntax()}",
        conflict_handler="resolve",
        description=command.long_desc(),
    )
    command.add_options(made)
    return made


@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_headings_is_underlined(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = parser(name)
    for columns in range(50, 140):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = one.format_help().splitlines()
        underlined = [before for before, line in pairwise(lines) if line and not line.strip("=-")]
        assert set(underlined) <= HEADINGS, f"at {columns} columns"
        assert len(underlined) == len(set(underlined)) >= 2, f"at {columns} columns"
