"""The timetable as files, checked by the programs that read such files, and its jobs asked of a real Scrapyd."""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
from cronsim import CronSim
from scrapy.cmdline import execute
from scrapy.utils.project import get_project_settings

from sabah.site.sections import FEEDS, TREE
from sabah.timetable import JOBS, Place
from sabah.timetable.cron import crontab
from sabah.timetable.daemon import Daemon, DaemonError
from sabah.timetable.systemd import DAEMON, units
from tests import forked
from tests.running import REPOSITORY, SmallSite, article, environment, feed, item
from tests.scrapyd import Scrapyd, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed: units are not verified")
PAGES = {**{one.path: feed(item("/world/one/news")) for one in FEEDS}, "/world/one/news": article("One")}
INSTALLED = "sabah.settings"
ENVIRONMENT_D = Path("/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator")


def schedule(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return forked.run(
        [sys.executable, "-W", "error", "-m", "scrapy", "schedule", *args],
        cwd=REPOSITORY,
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=100,
    )


def analyze(*args: str) -> subprocess.CompletedProcess[str]:
    assert ANALYZE is not None
    return subprocess.run([ANALYZE, *args], env=os.environ | {"TZ": "UTC"}, capture_output=True, text=True, timeout=60)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A machine on which the project is installed where the timetable says."""
    install, data = tmp_path / "install", tmp_path / "data"
    (install / ".venv" / "bin").mkdir(parents=True)
    data.mkdir()
    for name in ("scrapy", "scrapyd"):
        (install / ".venv" / "bin" / name).symlink_to(Path(sys.executable).with_name(name))
    for name in ("scrapy.cfg", "sabah"):
        (install / name).symlink_to(REPOSITORY / name)
    return Place(install=str(install), data=str(data), environment=str(tmp_path / "environment"), user="root")


def test_the_repository_has_the_units_for_the_usual_places() -> None:
    kept = {path.name: path.read_text() for path in (REPOSITORY / "deploy" / "systemd").iterdir()}
    assert kept == units(Place()), "make them anew: scrapy schedule --systemd --into deploy/systemd"


def test_units_are_printed_each_behind_its_name(tmp_path: Path) -> None:
    printed = schedule("--systemd")
    assert (printed.returncode, printed.stderr) == (0, "")
    parts = re.split(r"^# (sabah-\S+)\n", printed.stdout, flags=re.MULTILINE)
    assert parts[0] == ""
    found = {name: text.rstrip("\n") + "\n" for name, text in zip(parts[1::2], parts[2::2], strict=True)}
    assert found == units(Place())
    written = schedule("--systemd", "--into", str(tmp_path))
    assert (written.returncode, written.stdout) == (0, f"schedule: {len(found)} units in {tmp_path}\n")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == found


def test_a_unit_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "sabah-feeds.timer").mkdir()
    done = schedule("--systemd", "--into", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"schedule: {tmp_path}/sabah-feeds.timer: Is a directory\n"


@needs_systemd
def test_systemd_finds_nothing_wrong(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "units"
    folder.mkdir()
    where = ("--install", place.install, "--data", place.data, "--environment", place.environment, "--user", "root")
    assert schedule("--systemd", "--into", str(folder), *where, "-s", f"OUTPUT_DIR={place.data}/set").returncode == 0
    names = sorted(str(path) for path in folder.iterdir())
    assert len(names) == 1 + 2 * len(JOBS)
    done = analyze("verify", *names)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    wrong = folder / "sabah-feeds.timer"
    wrong.write_text(wrong.read_text().replace("Persistent=true", "Persistant=true"))
    assert "Unknown key 'Persistant'" in analyze("verify", str(wrong)).stderr


@needs_systemd
@pytest.mark.parametrize("job", JOBS, ids=[job.name for job in JOBS])
def test_timers_and_cron_lines_mean_the_same_moments(job: object) -> None:
    when = next(one for one in JOBS if one is job).when
    start = dt.datetime(2026, 2, 27, 23, 50, tzinfo=dt.UTC)
    done = analyze("calendar", "--iterations=30", f"--base-time={start:%Y-%m-%d %H:%M:%S} UTC", when.calendar)
    assert done.returncode == 0, done.stderr
    elapses = [f"{one} UTC" for one in re.findall(r": \w{3} ([-\d]+ [:\d]+) UTC$", done.stdout, flags=re.MULTILINE)]
    ticks = CronSim(when.cron, start)
    assert elapses == [f"{next(ticks):%Y-%m-%d %H:%M:%S} UTC" for _ in range(30)]


def test_every_timer_makes_up_for_what_was_missed() -> None:
    timers = [text for name, text in units(Place()).items() if name.endswith(".timer")]
    assert len(timers) == len(JOBS)
    assert all("\nPersistent=true\n" in text for text in timers)


def test_the_daemon_does_not_start_without_user_and_password() -> None:
    unit = units(Place())[DAEMON]
    (line,) = re.findall(r"^ExecStartPre=(.*)$", unit, flags=re.MULTILINE)
    words = [word.replace("$$", "$") for word in shlex.split(line)]

    def code(**env: str) -> tuple[int, str]:
        done = subprocess.run(words, env=env, capture_output=True, text=True)
        return done.returncode, done.stderr

    assert code(SCRAPYD_USERNAME="reader", SCRAPYD_PASSWORD="a word") == (0, "")
    for env in ({}, {"SCRAPYD_USERNAME": "reader"}, {"SCRAPYD_USERNAME": "reader", "SCRAPYD_PASSWORD": ""}):
        failed, said = code(**env)
        assert failed
        assert "is not set in /etc/sabah/environment" in said
    assert code(SCRAPYD_USERNAME="reader", SCRAPYD_PASSWORD=PASSWORD) == (0, "")
    for word in ("a wörd", "a\tword", "пароль"):
        failed, said = code(SCRAPYD_USERNAME="reader", SCRAPYD_PASSWORD=word)
        assert (failed, said) == (
            1,
            "SCRAPYD_USERNAME and SCRAPYD_PASSWORD must be printable ASCII in /etc/sabah/environment\n",
        )


def by_shell(text: str, name: str) -> str:
    return subprocess.run(
        ["sh", "-c", f'eval "$1"; printf %s "${name}"', "sh", text], capture_output=True, text=True, check=True
    ).stdout


PASSWORD = r"""p$w0rd ${HOME} `id` ;&|#%%"\n\ (x) !*~ """


@pytest.mark.skipif(not ENVIRONMENT_D.exists(), reason="systemd's reader of environment files is not installed")
def test_single_quotes_mean_the_same_to_shell_and_systemd(tmp_path: Path) -> None:
    assert by_shell(f"WORD='{PASSWORD}'", "WORD") == PASSWORD
    # This reader of systemd's replaces variables after it has read, which that of EnvironmentFile does not.
    word = PASSWORD.replace("$", "")
    (tmp_path / "environment.d").mkdir()
    (tmp_path / "environment.d" / "one.conf").write_text(f"SABAH_WORD='{word}'\n")
    read = subprocess.run(
        [ENVIRONMENT_D], env={"XDG_CONFIG_HOME": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    (line,) = (line for line in read.stdout.splitlines() if line.startswith("SABAH_WORD="))
    assert by_shell(line, "SABAH_WORD") == word


def test_a_password_of_all_signs_opens_scrapyd(start: Callable[..., Scrapyd]) -> None:
    daemon = start(user=("reader", PASSWORD))
    done = asked_of(daemon, "feeds", "-s", "DOWNLOAD_DELAY=0")
    assert (done.returncode, done.stderr) == (0, "")
    daemon.wait(done.stdout.split()[4])


@pytest.mark.parametrize(
    ("setting", "paths"),
    [
        ((), "/var/lib/sabah"),
        (("OUTPUT_DIR=/var/lib/sabah/other",), "/var/lib/sabah"),
        (("OUTPUT_DIR=/var/lib/sabah2",), "/var/lib/sabah /var/lib/sabah2"),
        (("OUTPUT_DIR=/data/x", "LOG_LEVEL=INFO"), "/var/lib/sabah /data/x"),
    ],
)
def test_what_is_written_to_is_writable(setting: tuple[str, ...], paths: str) -> None:
    made = units(Place(settings=setting))
    for name in (DAEMON, "sabah-export.service", "sabah-compact.service"):
        assert re.findall(r"^ReadWritePaths=(.*)$", made[name], flags=re.MULTILINE) == [paths]


def test_paths_user_and_settings_are_those_given() -> None:
    options = ("--install", "/srv/it", "--data", "/mnt/data", "--environment", "/srv/env", "--user", "daily")
    setting = ("-s", "OUTPUT_DIR=/mnt/data/set")
    for form in ("--systemd", "--cron"):
        done = schedule(form, *options, *setting)
        assert (done.returncode, done.stderr) == (0, "")
        end = "\n" if form == "--systemd" else " >/dev/null\n"
        assert f"/srv/it/.venv/bin/scrapy schedule --now feeds -s OUTPUT_DIR=/mnt/data/set{end}" in done.stdout
        assert f"/srv/it/.venv/bin/scrapy compact -s OUTPUT_DIR=/mnt/data/set{end}" in done.stdout
        for default in ("/opt", "/etc/sabah/", "/var/lib", "User=sabah", "* sabah "):
            assert default not in done.stdout


REFUSED = [
    ((), "give one of --systemd, --cron and --now; usage: scrapy schedule "),
    (("--systemd", "--cron"), "give one of --systemd, --cron and --now"),
    (("feeds",), "unexpected argument 'feeds'; usage: scrapy schedule "),
    (("--cron", "--into", "/tmp"), "--into is for --systemd"),
    (("--systemd", "--into", "/nowhere"), "--into '/nowhere': there is no such folder"),
    (("--systemd", "--install", "opt"), "--install 'opt': must be an absolute path of letters, digits and "),
    (("--cron", "--data", "/my data"), "--data '/my data': must be an absolute path of letters, digits and "),
    (("--cron", "--environment", "/e;rm"), "--environment '/e;rm': must be an absolute path"),
    (("--systemd", "--install", "/../x"), "--install '/../x': must be written without detours: /x"),
    (("--cron", "--data", "/srv/./x/"), "--data '/srv/./x/': must be written without detours: /srv/x"),
    (("--cron", "-s", "OUTPUT_DIR=/srv/../x"), "OUTPUT_DIR '/srv/../x': must be written without detours: /x"),
    (("--cron", "--user", "no body"), "--user 'no body': must be the name of a user of this machine"),
    (("--cron", "-s", "CONTACT=a b"), "-s 'CONTACT=a b': blanks, quotes and the like are for the environment file"),
    (("--cron", "-s", "OUTPUT_DIR=data"), "OUTPUT_DIR='data' is no absolute folder, which a job needs"),
    (("--now", "feeds", "-s", "OUTPUT_DIR=data"), "OUTPUT_DIR='data' is no absolute folder, which a job needs"),
    (("--now", "feeds", "-s", "DOWNLAOD_DELAY=0"), "unknown setting 'DOWNLAOD_DELAY' (did you mean 'DOWNLOAD_DELAY'?)"),
    (("--now", "feeds", "--user", "sabah"), "--user is for --systemd and --cron"),
    (("--now", "feed"), "--now: unknown job 'feed' (did you mean 'feeds'?); valid are feeds, revisit, sections"),
    (("--now", "compact"), "--now: compact is a command, which Scrapyd cannot run: scrapy compact"),
    (("--now", "export"), "--now: export is a command, which Scrapyd cannot run: scrapy export nightly --replace "),
    (("--now",), "argument --now: expected one argument"),
    (("--noww",), "unknown option '--noww'; valid are "),
]


@pytest.mark.parametrize(("args", "said"), REFUSED)
def test_usage(
    args: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setenv("SCRAPYD_URL", "http://127.0.0.1:9")
    with pytest.raises(SystemExit) as ended:
        execute(["scrapy", "schedule", *args], settings=get_project_settings())
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out, printed.err.count("\n")) == (2, "", 1)
    assert printed.err.startswith(f"schedule: {said}")


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"SCRAPYD_URL": "127.0.0.1:6800"}, "SCRAPYD_URL is no address of a Scrapyd: it is written http(s)://host"),
        ({"SCRAPYD_URL": "http://127.0.0.1:x/"}, "SCRAPYD_URL is no address of a Scrapyd"),
        ({"SCRAPYD_URL": "http://reader:word@127.0.0.1:6800"}, "SCRAPYD_URL is no address of a Scrapyd"),
        ({"SCRAPYD_USERNAME": "reader"}, "SCRAPYD_USERNAME and SCRAPYD_PASSWORD: one is set and the other is not"),
        (
            {"SCRAPYD_USERNAME": "reader", "SCRAPYD_PASSWORD": "wörd"},
            "SCRAPYD_USERNAME and SCRAPYD_PASSWORD must be printable ASCII: beyond it Scrapyd's clients disagree",
        ),
    ],
)
def test_an_environment_that_cannot_be_meant(env: dict[str, str], said: str) -> None:
    done = schedule("--now", "feeds", **env)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"schedule: {said}")
    assert "word" not in done.stderr.replace("SCRAPYD_PASSWORD", "").replace("password", "")


@pytest.fixture(scope="module")
def site() -> Iterator[SmallSite]:
    with SmallSite(PAGES) as running:
        yield running


@pytest.fixture
def start(tmp_path: Path, site: SmallSite) -> Iterator[Callable[..., Scrapyd]]:
    """Starts a Scrapyd that has the project of a settings module at hand, without an egg."""
    running: list[Scrapyd] = []

    def one(module: str | None = INSTALLED, user: tuple[str, str] = ("reader", "a word")) -> Scrapyd:
        folder = tmp_path / "scrapyd"
        folder.mkdir()
        if module:
            (folder / "scrapy.cfg").write_text(f"[settings]\nsabah = {module}\n")
        daemon = Scrapyd(
            folder,
            user=user,
            PYTHONPATH=f"{REPOSITORY}:{tmp_path}",
            SABAH_SITE_ORIGIN=site.origin,
            SABAH_OUTPUT_DIR=str(tmp_path / "data"),
        )
        running.append(daemon)
        return running[-1]

    yield one
    for daemon in running:
        daemon.stop()


def asked_of(daemon: Scrapyd, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    known = {name: daemon.env[name] for name in ("SCRAPYD_URL", "SCRAPYD_USERNAME", "SCRAPYD_PASSWORD")}
    return schedule("--now", *args, **(known | env))


def test_a_job_of_the_timetable_runs(start: Callable[..., Scrapyd], tmp_path: Path) -> None:
    daemon = start()
    proxy = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    done = asked_of(daemon, "feeds", "-s", f"OUTPUT_DIR={tmp_path}/other", "-s", "DOWNLOAD_DELAY=0", SCRAPYD_URL=f"{daemon.url}/", **proxy)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    match = re.fullmatch(rf"schedule: feeds is job ([0-9a-f]{{32}}) of Scrapyd at {daemon.url}\n", done.stdout)
    assert match is not None
    daemon.wait(match[1])
    assert not (tmp_path / "data").exists()
    shown = forked.run(
        [sys.executable, "-m", "scrapy", "status", "--jobs"], cwd=REPOSITORY, text=True, capture_output=True,
        env=environment(SABAH_OUTPUT_DIR=f"{tmp_path}/other"),
    )  # fmt: skip
    assert shown.stdout.startswith("ok  feeds\n"), daemon.log(match[1])
    assert f"1 articles, job {match[1]}\n" in shown.stdout


def test_arguments_of_the_job_are_given(start: Callable[..., Scrapyd], site: SmallSite) -> None:
    daemon = start()
    done = asked_of(daemon, "sections", "-s", "DOWNLOAD_DELAY=0")
    assert (done.returncode, done.stderr) == (0, "")
    daemon.wait(done.stdout.split()[4])
    assert {section.listing for section in TREE} <= set(site.asked)


def test_who_is_not_let_in_is_told(start: Callable[..., Scrapyd]) -> None:
    daemon = start()
    wrong = asked_of(daemon, "feeds", SCRAPYD_PASSWORD="another")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr == f"schedule: Scrapyd at {daemon.url} lets nobody in: SCRAPYD_USERNAME and SCRAPYD_PASSWORD are wrong\n"  # fmt: skip
    none = schedule("--now", "feeds", SCRAPYD_URL=daemon.url)
    assert (none.returncode, none.stdout) == (1, "")
    assert none.stderr.endswith("SCRAPYD_USERNAME and SCRAPYD_PASSWORD are needed, and not set\n")


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (None, "refuses: project 'sabah' not found; deploy it: scrapyd-deploy"),
        (
            "bare",
            "refuses: spider 'feeds' not found; the version deployed does not have it, deploy this one: scrapyd-deploy",
        ),
        (
            "broken",
            "refuses: the version deployed cannot be loaded there (ModuleNotFoundError: No module named 'nothing_of_that_name')",
        ),
    ],
)
def test_what_is_not_deployed_is_said_in_a_line(
    module: str | None, said: str, start: Callable[..., Scrapyd], tmp_path: Path
) -> None:
    (tmp_path / "bare.py").write_text("BOT_NAME = 'bare'\n")
    (tmp_path / "broken.py").write_text("import nothing_of_that_name\n")
    daemon = start(module)
    done = asked_of(daemon, "feeds")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"schedule: Scrapyd at {daemon.url} {said}")


def test_nobody_there_or_somebody_else(site: SmallSite) -> None:
    nobody = schedule("--now", "feeds", SCRAPYD_URL="http://127.0.0.1:9")
    assert nobody.returncode == 1
    assert nobody.stderr == "schedule: Scrapyd at http://127.0.0.1:9 cannot be reached (Connection refused)\n"
    other = schedule("--now", "feeds", SCRAPYD_URL=site.origin)
    assert other.returncode == 1
    assert other.stderr == f"schedule: what answers at {site.origin} is no Scrapyd (status 404)\n"


def test_a_daemon_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sabah.timetable.daemon.PATIENCE", 0.2)
    with SmallSite({}, slow={"/schedule.json": 1}) as hanging:
        asked = Daemon.from_environment({"SCRAPYD_URL": hanging.origin})
        with pytest.raises(DaemonError, match=r"^Scrapyd at http://127\.0\.0\.1:\d+ does not answer within 0\.2 s$"):
            asked.schedule(JOBS[0])


def test_an_interrupt_leaves_it_open() -> None:
    with SmallSite({}, slow={"/schedule.json": 3}) as hanging:
        asking = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "schedule", "--now", "feeds"],
            cwd=REPOSITORY,
            env=environment(SCRAPYD_URL=hanging.origin),
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: hanging.asked == ["/schedule.json"], "Scrapyd is asked")
        asking.send_signal(signal.SIGINT)
        said = asking.communicate(timeout=20)[1]
    assert (asking.returncode, said) == (14, "schedule: interrupted; Scrapyd may have the job or not\n")


def test_what_timer_and_cron_start_reaches_scrapyd(start: Callable[..., Scrapyd], place: Place, tmp_path: Path) -> None:
    daemon = start()
    place = attrs.evolve(place, settings=("DOWNLOAD_DELAY=0",))
    secrets = {name: daemon.env[name] for name in ("SCRAPYD_URL", "SCRAPYD_USERNAME", "SCRAPYD_PASSWORD")}
    Path(place.environment).write_text("".join(f"{name}='{value}'\n" for name, value in secrets.items()))
    (line,) = re.findall(r"^5 \* \* \* \* root (.*)$", crontab(place), flags=re.MULTILINE)
    by_cron = subprocess.run(["/bin/sh", "-c", line], cwd="/", env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)  # fmt: skip
    (line,) = re.findall(r"^ExecStart=(.*)$", units(place)["sabah-revisit.service"], flags=re.MULTILINE)
    by_timer = subprocess.run(shlex.split(line), cwd=place.install, env=secrets, capture_output=True, text=True)
    assert (by_cron.returncode, by_cron.stdout, by_cron.stderr) == (0, "", ""), "cron sends no mail when all is well"
    assert (by_timer.returncode, by_timer.stderr) == (0, "")
    assert by_timer.stdout.startswith("schedule: revisit is job ")
    listed = daemon.ask("listjobs.json?project=sabah")
    jobs = {one["id"]: one["spider"] for state in ("pending", "running", "finished") for one in listed[state]}
    assert sorted(jobs.values()) == ["feeds", "revisit"]
    for job in jobs:
        daemon.wait(job)
