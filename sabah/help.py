"""How the project's commands print `-h`."""

from __future__ import annotations

from scrapy.commands import ScrapyHelpFormatter


class HelpFormatter(ScrapyHelpFormatter):
    """Scrapy's, which underlines every line that ends with a colon; here those of options, which begin with an indented line, stay as they are."""

    def format_part_strings(self, part_strings: list[str]) -> list[str]:
        if part_strings and part_strings[0].startswith(" "):
            return part_strings
        found: list[str] = []
        for part in part_strings:
            found += [part] if part.startswith(" ") else super().format_part_strings([part])
        return found
