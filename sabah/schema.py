"""The published JSON Schema of the record; `make schema` writes it anew."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from sabah.items import article_schema

FILE = "article.schema.json"


def published() -> str:
    """The schema as it is in the package, a JSON text."""
    return files("sabah").joinpath(FILE).read_text("utf-8")


def current() -> str:
    """The schema as it follows from the record's class, in the form in which it is published."""
    return json.dumps(article_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name(FILE).write_text(current(), "utf-8")
