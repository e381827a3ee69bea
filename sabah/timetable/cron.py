"""The timetable as a file for /etc/cron.d."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sabah.timetable import JOBS

if TYPE_CHECKING:
    from sabah.timetable import Place


def crontab(place: Place) -> str:
    """Lines with the user in the sixth field, as /etc/cron.d has them."""
    head = f"""\
# For /etc/cron.d/sabah. {place.environment} is read by a shell here: {place.user} may read it, and values are in single quotes.
# A line that has something to say has failed: cron sends it by mail.
# What was due while the machine was off is not made up for: the next hour's jobs find it, a missed month of compact waits for the next.
# Two of one job do no harm: a spider's job ends as no_new while the same is at work, commands wait for each other or refuse.
SHELL=/bin/sh
"""
    enter = f"cd {place.install} && set -a && . {place.environment} &&"
    lines = "".join(
        f"# {job.what}\n{job.when.cron} {place.user} {enter} {place.line(job)} >/dev/null\n" for job in JOBS
    )
    return head + lines
