"""Commands as Scrapy runs them, without the seconds that the start of a process takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.cmdline import ScrapyArgumentParser
from scrapy.utils.project import get_project_settings

from sabah.commands import export, report

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = {"export": export.Command, "report": report.Command}


def scrapy(output: Path, name: str, *args: str) -> int:
    """The exit code of `scrapy NAME ARGS` on the dataset in `output`."""
    command = COMMANDS[name]()
    command.settings = get_project_settings()
    command.settings.set("OUTPUT_DIR", str(output), "cmdline")
    parser = ScrapyArgumentParser(conflict_handler="resolve")
    try:
        command.add_options(parser)
        options, left = parser.parse_known_args(args)
        command.run(left, options)
    except SystemExit as left_by:
        return int(left_by.code or 0)
    return int(command.exitcode or 0)
