"""A record in the making: the loader, and where each field was read."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from sabah.items import SOURCE_FIELDS
from sabah.loaders import ArticleLoader
from sabah.normalize.dates import in_zone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lxml.etree import _Element as Element

    from sabah.normalize.dates import Moment

_LOADED_AS = {"published_at": "published", "modified_at": "modified"}
"""Fields whose loaded value is a Moment, from which several fields of the record come."""


class Draft:
    def __init__(self) -> None:
        self.loader = ArticleLoader()
        self.body: Element | None = None
        """The element that holds the text, where the layout has one."""

        self.unread: set[str] = set()
        """Fields that the page prints in a way not known: its head says perhaps something else."""

        self.sources: dict[str, str | None] = dict.fromkeys(SOURCE_FIELDS)

    def take(self, field: str, source: str | None, value: object) -> None:
        """Takes a value for a field that has none yet. Empty values are passed over, so callers try their sources in order."""
        if not value or self.has(field):
            return
        name = _LOADED_AS.get(field, field)
        self.loader.add_value(name, value)
        if field in self.sources and self.has(field):
            self.sources[field] = source

    def has(self, field: str) -> bool:
        return bool(self.loader.get_collected_values(_LOADED_AS.get(field, field)))

    def get(self, field: str) -> Any:
        """The value of a field as loaded so far; None without one."""
        return self.loader.get_output_value(_LOADED_AS.get(field, field)) if self.has(field) else None

    def settle_zone(self, others: Iterable[Moment]) -> None:
        """Gives the dates without an offset that of the first date of the page that has one: those taken, else the `others`."""
        taken: list[tuple[str, Moment]] = [
            (name, self.get(field)) for field, name in _LOADED_AS.items() if self.has(field)
        ]
        if all(moment.zone_source != "assumed" for _, moment in taken):
            return
        moments = chain((moment for _, moment in taken), others)
        zone = next((moment.at.tzinfo for moment in moments if moment.zone_source == "printed"), None)
        for name, moment in taken:
            if zone:
                self.loader.replace_value(name, in_zone(moment, zone))

    def load(self) -> dict[str, Any]:
        """Every loaded value by its loader name."""
        loaded: dict[str, Any] = self.loader.load_item()
        return loaded
