"""Pages that come by script, for small newspapers, and the browser that reads them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tests.running import article, listing

if TYPE_CHECKING:
    from collections.abc import Iterable

ARTICLE_JS = "/theme_dailysabah/js/a.js"
LISTING_JS = "/theme_dailysabah/js/l.js"
MORE = "Load more"
SCRIPTS = {
    ARTICLE_JS: "fetch('/part' + location.pathname).then(a => a.text()).then(t => { document.getElementById('app').outerHTML = t });",
    LISTING_JS: """
let page = 1, busy = false;
const list = document.querySelector('main'), button = document.querySelector('button');
function load() {
  if (busy) return;
  busy = true;
  fetch('/more' + location.pathname + '/' + page).then(a => { if (!a.ok) throw new Error(a.status); return a.text() }).then(t => {
    page++; busy = false;
    list.insertAdjacentHTML('beforeend', t);
  });
}
if (button) button.onclick = load; else addEventListener('scroll', () => { if (innerHeight + scrollY > document.documentElement.scrollHeight - 50) load() });
""",
}


def frame(head: str = "", wall: str = "", script: str = ARTICLE_JS) -> str:
    """An article's page without the article."""
    return (
        f"<html><head><title>Daily Sabah</title>{head}</head><body><h1 class='logo_holder'>Daily Sabah</h1><div id='app'></div>{wall}"
        f"<script src='{script}'></script></body></html>"
    )


def part(headline: str, body: str = "Text of the article that came by script, long enough.") -> str:
    """What belongs into a frame."""
    page = article(headline, body=body)
    return page[page.index("<div class='top_title_widget'") : page.index("</body>")]


def cards(links: Iterable[str], day: str | None = None) -> str:
    date = f"<div class='date_text'>{day}</div>" if day else ""
    return "".join(f"<div class='widget_content'><h3><a href='{link}'>Card</a></h3>{date}</div>" for link in links)


def endless(links: Iterable[str], *, button: bool, style: str = "") -> str:
    """A listing that has more."""
    more = f"<button>{MORE}</button>" if button else "<div class='infinite-scroll' style='height:3000px'></div>"
    page = listing()
    return page.replace(
        "</body>", f"<main>{cards(links)}</main>{more}<script src='{LISTING_JS}'></script></body>"
    ).replace("<body>", f"<body style='{style}'>")


def processes(group_of: int | None = None) -> dict[int, str]:
    """Command lines of all processes that come from `group_of`, itself not among them, by process id; of zombies none."""
    parents, lines = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
            lines[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    root = os.getpid() if group_of is None else group_of
    found, level = set[int](), {root}
    while level := {pid for pid, parent in parents.items() if parent in level} - found:
        found |= level
    return {pid: lines[pid] for pid in found if lines[pid]}
