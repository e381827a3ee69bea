"""What is to be read again, and by how many processes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from sabah.dataset.filters import Filters
    from sabah.rereading.record import Pipelines

PAGES_A_PROCESS: Final = 200
"""A process takes half a second to start, in which this one reads more than that."""


@attrs.frozen
class Request:
    filters: Filters
    """Of which dates, sections and layouts count."""

    jobs: int | None = None
    """Processes that read; None: as many as this one may use processors, fewer for few pages."""

    page_bytes: int = 1 << 24
    """Of a page, unpacked, at most, as DOWNLOAD_MAXSIZE says (0: of any size)."""

    pipelines: Pipelines | None = None
    """Of the user's own: every record read goes through them, in this process; None: there are none."""

    pipeline_names: tuple[str, ...] = ()

    @property
    def given(self) -> dict[str, Any]:
        """What decides what is found, for the scope of a run."""
        return {**self.filters.given, **({"pipelines": list(self.pipeline_names)} if self.pipeline_names else {})}

    def jobs_for(self, pages: int) -> int:
        return self.jobs or max(1, min(len(os.sched_getaffinity(0)), pages // PAGES_A_PROCESS))

    def wants(self, section: str | None, subsection: str | None, published_at: str | None, layout: str | None) -> bool:
        """A date or layout that is not known yet (None) may be wanted."""
        filters = self.filters
        return (
            (filters.sections is None or filters.sections.covers(section, subsection))
            and (published_at is None or filters.window.holds(published_at))
            and (layout is None or not filters.layouts or layout in filters.layouts)
        )
