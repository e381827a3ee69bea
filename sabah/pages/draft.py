"""A record in the making: the loader, and where each field was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sabah.items import SOURCE_FIELDS
from sabah.loaders import ArticleLoader

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from sabah.normalize.dates import Moment

_LOADED_AS = {"published_at": "published", "modified_at": "modified"}
"""Fields whose loaded value is a Moment, from which several fields of the record come."""


class Draft:
    def __init__(self) -> None:
        self.loader = ArticleLoader()
        self.sources: dict[str, str | None] = dict.fromkeys(SOURCE_FIELDS)

    def take(self, field: str, source: str | None, value: object) -> None:
        """Takes a value for a field that has none yet. Empty values are passed over, so callers try their sources in order."""
        if not value or self.has(field):
            return
        name = _LOADED_AS.get(field, field)
        self.loader.add_value(name, value)
        if field in self.sources and self.has(field):
            self.sources[field] = source

    def take_first(self, field: str, *candidates: tuple[str, Callable[[], object]]) -> None:
        """Tries (source, reader) pairs in order; a reader runs only while the field has no value."""
        for source, read in candidates:
            if self.has(field):
                return
            self.take(field, source, read())

    def has(self, field: str) -> bool:
        return bool(self.loader.get_collected_values(_LOADED_AS.get(field, field)))

    def get(self, field: str) -> Any:
        """The value of a field as loaded so far; None without one."""
        return self.loader.get_output_value(_LOADED_AS.get(field, field)) if self.has(field) else None

    @property
    def page_zone(self) -> tzinfo | None:
        """The offset that the page prints with its date; dates printed without one share it."""
        published: Moment | None = self.get("published_at")
        return published.at.tzinfo if published and published.zone_source == "printed" else None

    def load(self) -> dict[str, Any]:
        """Every loaded value by its loader name."""
        loaded: dict[str, Any] = self.loader.load_item()
        return loaded
