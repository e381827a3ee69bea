"""The stand-in of a web archive: its index files and its captures."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from scrapy.http import HtmlResponse

from sabah.pages import read
from tests.replica.asking import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Replica

moment = dt.datetime.fromisoformat


@pytest.fixture(scope="module")
def paper(replica: Callable[..., Replica]) -> Replica:
    found = replica(
        articles=150, seed=8, clock="2026-03-02T06:00:00+03:00", publish=20, correct=0.5, withdraw=0.2, days=3
    )
    found.move(at="2026-03-09T06:00:00+03:00")
    return found


def lines(paper: Replica, path: str) -> list[str]:
    return paper.get(path).decode(errors="replace").splitlines()


def captured(paper: Replica) -> list[dict[str, Any]]:
    """Whole captures of the CDXJ index with their time."""
    found = []
    for line in lines(paper, "/_cdxj"):
        _, brace, rest = line.partition("{")
        time = line.partition(" ")[2][:14]
        if brace and line.endswith("}") and time != "20211399999999":
            found.append(json.loads("{" + rest) | {"time": time})
    return found


def test_both_indexes_and_their_packed_forms(paper: Replica) -> None:
    for path in ("/_cdx", "/_cdxj"):
        assert gzip.decompress(paper.get(f"{path}.gz")) == paper.get(path)
    cdx = lines(paper, "/_cdx")
    assert cdx[0] == " CDX N b a m s k r M S V g"
    whole = [line.split(" ") for line in cdx[1:] if line.count(" ") == 10]
    assert len(whole) > 1000
    assert len(cdx) - 1 > len(whole)
    assert {one[4] for one in whole} >= {"200", "301", "403", "503", "404", "410", "-"}
    assert {one[3] for one in whole} >= {"text/html", "warc/revisit", "text/css", "text/xml", "unk"}
    urls = " ".join(one[2] for one in whole)
    for form in ("http://www.dailysabah.com:80/", "http://dailysabah.com/", "HTTP://WWW.DAILYSABAH.COM/", "/amp ", "?utm_source=", "?gallery_image="):  # fmt: skip
        assert form in urls
    pairs = {(one[1], one[2]) for one in whole if one[1] != "20211399999999"}
    assert {(one["time"], one["url"]) for one in captured(paper)} == pairs


def test_a_capture_is_the_version_that_was_live(paper: Replica) -> None:
    truth = {urlsplit(one["record"]["url"]).path: one for one in paper.truth}
    seen = set()
    for one in captured(paper):
        entry = truth.get(urlsplit(one["url"]).path.rstrip("/").removesuffix("/amp"))
        if entry is None or one["status"] != "200" or one["mime"] not in ("text/html", "warc/revisit"):
            continue
        if "/amp" in one["url"] or len(entry["revisions"]) == 1:
            continue
        at = dt.datetime.strptime(one["time"] + "+0000", "%Y%m%d%H%M%S%z")
        status, headers, page = ask(paper, f"/web/{one['time']}id_/{one['url']}")
        assert (status, parsedate_to_datetime(headers["Memento-Datetime"])) == (200, at)
        live = [number for number, revision in enumerate(entry["revisions"]) if moment(revision["at"]) <= at][-1]
        seen.add(live)
        url = entry["record"]["url"]
        values = read(HtmlResponse(url, body=page, encoding="utf-8"), url).values
        assert values["revision_hash"] == entry["revisions"][live]["record"]["revision_hash"]
    assert seen == {0, 1, 2}


def test_what_was_not_captured_or_not_then(paper: Replica) -> None:
    first = next(one for one in captured(paper) if one["status"] == "200" and re.search("/world/.*/news$", one["url"]))
    plain = first["url"].replace("https://", "http://")
    status, headers, _ = ask(paper, f"/web/20200101000000id_/{plain}")
    assert status == 302
    assert ask(paper, headers["Location"])[0] == 200
    for path in ("/web/20200101000000id_/https://www.dailysabah.com/world/none/news", "/web/2020id_/x", "/web/", "/web/99999999999999id_/" + plain):  # fmt: skip
        assert ask(paper, path)[0] == 404
    moved = next(one for one in captured(paper) if one["status"] == "301" and urlsplit(one["url"]).path.strip("/"))
    status, headers, _ = ask(paper, f"/web/{moved['time']}id_/{moved['url']}")
    assert (status, headers["Location"][:5]) == (301, "/web/")
    gone = next(one for one in captured(paper) if one["status"] == "410")
    assert ask(paper, f"/web/{gone['time']}id_/{gone['url']}")[0] == 410


def test_nothing_is_captured_after_the_clock(paper: Replica) -> None:
    paper.move(at="2026-03-03T06:00:00+03:00")
    early = captured(paper)
    paper.move(at="2026-03-09T06:00:00+03:00")
    assert len(early) < len(captured(paper))
    articles = [one for one in early if one["digest"] not in ("X", "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ")]
    assert max(one["time"] for one in articles) < "20260303030001"
