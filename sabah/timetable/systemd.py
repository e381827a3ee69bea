"""The timetable as systemd units, and the daemon's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sabah.timetable import JOBS

if TYPE_CHECKING:
    from sabah.timetable import Job, Place

DAEMON: Final = "sabah-scrapyd.service"

_WALLS: Final = """\
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
LockPersonality=yes
"""
"""What Chromium can live with: it wants namespaces of its own, and memory it writes and runs."""


def units(place: Place) -> dict[str, str]:
    """Text of each unit by its file name: the daemon, then a service and a timer for every job."""
    found = {DAEMON: _daemon(place)}
    for job in JOBS:
        found[f"sabah-{job.name}.service"] = _spider(job, place) if job.spider else _command(job, place)
        found[f"sabah-{job.name}.timer"] = _timer(job)
    return found


def _daemon(place: Place) -> str:
    # The first command is a shell's, so its dollars are written twice.
    missing = f"is not set in {place.environment}"
    return f"""\
[Unit]
Description=Scrapyd, which runs the spiders of sabah
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
User={place.user}
# Not the repository: its code would go before that of the version deployed.
WorkingDirectory={place.data}
EnvironmentFile={place.environment}
# Without user and password Scrapyd would serve anyone; beyond ASCII its clients disagree on what they are.
ExecStartPre=/bin/sh -c 'LC_ALL=C; case "$${{SCRAPYD_USERNAME:?{missing}}}$${{SCRAPYD_PASSWORD:?{missing}}}" in *[!" "-~]*) echo "SCRAPYD_USERNAME and SCRAPYD_PASSWORD must be printable ASCII in {place.environment}" >&2; exit 1;; esac'
# No file with its process id: one that a killed daemon leaves may name somebody else's process later, and it would not start.
ExecStart={place.scrapyd} --pidfile=
Restart=always
RestartSec=10
# A stop is SIGTERM to daemon and jobs alike: each job ends what it has begun and gives the rest back; the next one goes on there.
KillMode=control-group
TimeoutStopSec=180
{_WALLS}ReadWritePaths={place.writable}

[Install]
WantedBy=multi-user.target
"""


def _spider(job: Job, place: Place) -> str:
    return f"""\
[Unit]
Description=sabah: {job.what}
Wants={DAEMON} network-online.target
After={DAEMON} network-online.target
StartLimitIntervalSec=10min
StartLimitBurst=5

[Service]
Type=oneshot
User={place.user}
WorkingDirectory={place.install}
EnvironmentFile={place.environment}
# Asks Scrapyd for the job and ends. One that finds the same job at work ends by itself, as no_new.
ExecStart={place.line(job)}
# A daemon that is just starting; what is wrong in the asking itself does not get better.
Restart=on-failure
RestartSec=30
RestartPreventExitStatus=2
TimeoutStartSec=120
{_WALLS}"""


def _command(job: Job, place: Place) -> str:
    return f"""\
[Unit]
Description=sabah: {job.what}

[Service]
Type=oneshot
User={place.user}
WorkingDirectory={place.install}
EnvironmentFile={place.environment}
# While it is at work systemd does not start it again.
ExecStart={place.line(job)}
Nice=10
{_WALLS}ReadWritePaths={place.writable}
"""


def _timer(job: Job) -> str:
    delay = f"RandomizedDelaySec={job.delay}\n" if job.delay else ""
    return f"""\
[Unit]
Description=sabah: {job.what}

[Timer]
OnCalendar={job.when.calendar}
{delay}# Made up for, once, when the machine was off at the time.
Persistent=true

[Install]
WantedBy=timers.target
"""
