"""What is asked of a page in the browser. Each is a JavaScript function; none of them waits for a time that content may take."""

from __future__ import annotations

import json
from typing import Final

from sabah.pages.not_the_page import MORE_LABEL

CLEAN_START: Final = "try { localStorage.clear(); sessionStorage.clear() } catch (e) {}"
"""Before any script of a page: nothing an earlier page has left (a counter of articles read) decides what this one shows."""

HTML: Final = "() => (document.doctype ? '<!DOCTYPE html>\\n' : '') + document.documentElement.outerHTML"

ARTICLE: Final = """({body, quiet, patience}) => new Promise(done => {
  const length = nodes => { let sum = 0; for (const one of nodes) sum += one.textContent.trim().length; return sum };
  const weigh = () => {
    const headline = length(document.querySelectorAll('.main_page_title, #newsTitle')) || length(document.querySelectorAll('h1:not(.logo_holder)'));
    const marked = length(document.querySelectorAll('.article_body, #newsDescription, .txtIn'));
    return headline && (marked > 20 || !body) ? headline + marked : length(document.querySelectorAll('p')) > 200 ? headline + length(document.querySelectorAll('p')) : 0;
  };
  const start = performance.now();
  let before = 0, since = start;
  const look = () => {
    const now = performance.now(), weight = weigh();
    if (weight !== before) { before = weight; since = now }
    if (weight && now - since >= quiet) return done(true);
    if (now - start >= patience) return done(false);
    setTimeout(look, 20);
  };
  look();
})"""
"""Whether headline and text are there and have not grown for `quiet` milliseconds; false after `patience` milliseconds."""

_LINKED: Final = "[...new Set(Array.from(document.links, one => one.host + one.pathname))].sort().join(' ')"

LINKED: Final = f"() => {_LINKED}"
"""Where the page's links lead, without queries, which may count or name the visit; as one text to compare."""

GROWN: Final = """({before, patience}) => new Promise(done => {
  const start = performance.now();
  const look = () => {
    if (LINKED !== before) return done(true);
    if (performance.now() - start >= patience) return done(false);
    setTimeout(look, 20);
  };
  look();
})""".replace("LINKED", _LINKED)
"""Whether links lead elsewhere than `before`, as LINKED gave it; false after `patience` milliseconds."""

ANY_CARD: Final = GROWN.replace(
    f"{_LINKED} !== before", "document.querySelector('h3 a[href], h4 a[href], a[href] h3, a[href] h4')"
)
"""Whether the page has a card with a link; false after `patience` milliseconds."""

TRIED: Final = "() => new WeakMap()"
"""What MORE has done in vain, to be given to it each time: how often, by element."""

MORE: Final = """({tried, brought}) => {
  const label = new RegExp(LABEL, 'i'), named = /(load|show)[-_]?more/i, of_teasers = /^read/i;
  const says = one => (one.textContent || one.value || '').replace(/\\s+/g, ' ').trim();
  const stays = one => { const href = (one.getAttribute('href') || '').trim(); return !href || href.startsWith('#') || href.startsWith('javascript:') };
  const page = document.scrollingElement || document.documentElement;
  const buttons = [...document.querySelectorAll('button, a, [role=button], input[type=button]')]
    .filter(one => (label.test(says(one)) || named.test(one.className) || named.test(one.id)) && stays(one) && one.getClientRects().length);
  const ways = [...buttons.filter(one => !of_teasers.test(says(one))), ...buttons.filter(one => of_teasers.test(says(one))), page];
  const times = one => tried.get(one) || 0;
  if (brought && tried.last) tried.set(tried.last, 0);
  const way = ways.reduce((best, one) => times(one) < times(best) ? one : best);
  const fresh = !times(way);
  tried.set(way, times(way) + 1);
  tried.last = way;
  if (way !== page) {
    if (!way.disabled && way.getAttribute('aria-disabled') !== 'true') way.click();
  } else {
    const scrolls = one => one.scrollHeight > one.clientHeight && /auto|scroll/.test(getComputedStyle(one).overflowY) && one.querySelector('a[href]');
    for (const box of [page, ...[...document.querySelectorAll('body *')].filter(scrolls)]) {
      box.scrollTo(0, 0);
      box.scrollTo(0, box.scrollHeight);
    }
  }
  return {fresh, left: ways.filter(one => !times(one)).length};
}""".replace("LABEL", json.dumps(MORE_LABEL))
"""Presses a button that may bring more, also behind a wall, or scrolls to the end, the page and every box with links in it: what was done in vain
least often. `brought` says that the last time was not in vain. Gives `fresh`, whether this is the first time in vain if it is, and `left`, how many
ways have not been tried in vain."""

REFUSE: Final = """() => {
  const no = /^(reject|decline|refuse|deny)( all)?( cookies)?$|^(only )?(strictly )?necessary( cookies)?( only)?$|^continue without (accepting|consent)$/i;
  for (const one of document.querySelectorAll('button, [role=button], a')) {
    if (no.test((one.textContent || '').trim()) && one.getClientRects().length) { one.click(); return true }
  }
  return false;
}"""
"""Says no to a consent wall that stands before the page. Nothing is ever agreed to."""
