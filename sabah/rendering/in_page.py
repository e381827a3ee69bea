"""What is asked of a page in the browser. Each is a JavaScript function; none of them waits for a time that content may take."""

from __future__ import annotations

import json
from typing import Final

from sabah.pages.shells import MORE_LABEL

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

LINKS: Final = "() => document.links.length"

GROWN: Final = """({before, patience}) => new Promise(done => {
  const start = performance.now();
  const look = () => {
    if (document.links.length !== before) return done(true);
    if (performance.now() - start >= patience) return done(false);
    setTimeout(look, 20);
  };
  look();
})"""
"""Whether the number of links is another than `before`; false after `patience` milliseconds."""

ANY_CARD: Final = GROWN.replace(
    "document.links.length !== before", "document.querySelector('h3 a[href], h4 a[href], a[href] h3, a[href] h4')"
)
"""Whether the page has a card with a link; false after `patience` milliseconds."""

MORE: Final = """() => {
  const label = new RegExp(LABEL, 'i'), named = /(load|show)[-_]?more/i;
  const stays = one => { const href = (one.getAttribute('href') || '').trim(); return !href || href.startsWith('#') || href.startsWith('javascript:') };
  for (const one of document.querySelectorAll('button, a, [role=button], input[type=button]')) {
    const says = (one.textContent || one.value || '').replace(/\\s+/g, ' ').trim();
    if (!(label.test(says) || named.test(one.className) || named.test(one.id)) || !stays(one) || !one.getClientRects().length) continue;
    if (!one.disabled && one.getAttribute('aria-disabled') !== 'true') one.click();
    return 'button';
  }
  const page = document.scrollingElement || document.documentElement;
  page.scrollTo(0, 0);
  page.scrollTo(0, page.scrollHeight);
  return 'scroll';
}""".replace("LABEL", json.dumps(MORE_LABEL))
"""Presses the button that brings more, also behind a wall; where there is none, scrolls to the end. Gives `button` or `scroll`."""

REFUSE: Final = """() => {
  const no = /^(reject|decline|refuse|deny)( all)?( cookies)?$|^(only )?(strictly )?necessary( cookies)?( only)?$|^continue without (accepting|consent)$/i;
  for (const one of document.querySelectorAll('button, [role=button], a')) {
    if (no.test((one.textContent || '').trim()) && one.getClientRects().length) { one.click(); return true }
  }
  return false;
}"""
"""Says no to a consent wall that stands before the page. Nothing is ever agreed to."""
