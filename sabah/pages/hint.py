"""What a feed says of an article before its page is asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Self

import attrs

from sabah.normalize.dates import parse_date

if TYPE_CHECKING:
    from sabah.normalize.dates import Moment


@attrs.frozen
class Hint:
    published: Moment | None = None
    description: str | None = None
    """Plain text, one line."""

    def to_json(self) -> str | None:
        """An object with `published_at` (ISO 8601 with offset), `published_raw` (as the feed prints it) and `description`, those there are."""
        said = {
            "published_at": self.published and self.published.isoformat(),
            "published_raw": self.published and self.published.raw,
            "description": self.description,
        }
        known = {name: value for name, value in said.items() if value}
        return json.dumps(known, ensure_ascii=False) if known else None

    @classmethod
    def from_json(cls, text: str | None) -> Self:
        """As `to_json` wrote it; an empty hint for None."""
        said = json.loads(text) if text else {}
        raw = said.get("published_raw")
        return cls(parse_date(raw) if raw else None, said.get("description"))
