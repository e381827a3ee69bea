"""docs/dataset.md: its examples run, its tables say what is so."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
from scrapy.cmdline import ScrapyArgumentParser

from sabah.commands.export import Command
from sabah.dataset import fields
from sabah.dataset.filters import DUPLICATES, REVISIONS
from sabah.dataset.formats import FORMATS
from sabah.items import MARKS
from tests.dataset import made
from tests.dataset.conftest import ARTICLES
from tests.dataset.in_process import scrapy
from tests.running import REPOSITORY, environment

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (REPOSITORY / "docs" / "dataset.md").read_text("utf-8")


def test_examples(tmp_path: Path) -> None:
    made.dataset(tmp_path, ARTICLES)
    env = environment(
        SABAH_OUTPUT_DIR=str(tmp_path), HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path / "hf"), PYTHONPATH=str(REPOSITORY)
    )
    commands = [
        shlex.split(line) for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
    ]
    code = [block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "sqlite3" not in block]
    for program, *args in commands:
        assert program == "scrapy"
        if "--replace" in args:  # before it takes the other's place
            subprocess.run(
                [sys.executable, "-c", "\n".join(code)],
                cwd=tmp_path / "exports",
                env=env,
                check=True,
                capture_output=True,
            )
        assert scrapy(tmp_path, *args) == 0, args
    (search,) = (block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "sqlite3" in block)
    done = subprocess.run(
        [sys.executable, "-c", search], cwd=tmp_path / "exports", env=env, capture_output=True, text=True, check=True
    )
    assert "[text]" in done.stdout


def _section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _printed(type_: pa.DataType) -> str:
    """As the page prints it: what a struct has is told by name."""
    if pa.types.is_list(type_):
        return f"list<{_printed(type_.value_type)}>"
    if pa.types.is_struct(type_):
        return "struct" if type_.num_fields > 3 else f"struct<{', '.join(part.name for part in type_)}>"
    return str(type_)


def test_every_option_is_told() -> None:
    parser = ScrapyArgumentParser(conflict_handler="resolve")
    Command().add_own_options(parser)
    told = _section("Exports")
    for action in parser._actions:
        for option in action.option_strings:
            assert option in told or option in ("-h", "--help"), option
    for value in (*REVISIONS, *DUPLICATES, *fields.NAMES):
        assert value in told


def test_every_field_format_and_crosswalk() -> None:
    described = dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \| \S", _section("Fields"), re.MULTILINE))
    assert described == {name: _printed(type_) for name, type_ in fields.table_types("sabah").items()}
    assert all(field.description.split("\n")[0] in _section("Fields") for field in fields.FIELDS)
    for name in FORMATS:
        assert f"\n| `{name}` |" in PAGE
    for name, others in fields.CROSSWALK.items():
        cells = " | ".join(f"`{one}`" if one else "–" for one in others)
        assert f"\n| `{name}` | {cells} |\n" in PAGE


def test_every_mark_is_told() -> None:
    assert (
        dict(
            re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE.partition("\n### Marks\n")[2].partition("\n#")[0], re.MULTILINE)
        )
        == MARKS
    )
