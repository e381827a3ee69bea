"""Bodies to measure clusters on: stories, wire copies of them that editors have been at, and near-twins that are stories of their own.

Words are drawn as running English has them: a few function words make up most of a text, names and words of the topic come back all
through a story, stock phrases and background paragraphs stand in stories that have nothing else in common.
"""

from __future__ import annotations

import random
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

Paragraphs = list[list[str]]
Topic = tuple[list[str], list[list[str]], list[list[str]]]
"""Words of it; names of two or three words; attributions: a name and three words that keep company with it."""

MODES: Final = ("spread", "runs", "cut", "mixed")
"""How a copy differs: single words here and there; passages of 3 to 60 words; its end is missing; half spread, half in runs."""

MOST: Final = 0.20
"""Share of a story's words that a copy may differ by."""

SHARED: Final = (0.50, 0.75)
"""Share of its paragraphs that a near-twin has from its story."""


@attrs.frozen
class Text:
    cluster: int
    """Texts of one number are copies of one story; all other texts are not."""

    body: str
    what: str
    """`story`, `short`, `twin` or the copy's mode."""

    share: float = 0.0
    """Of a copy: share of the story's words edited. Of a twin: share of paragraphs it has from its story."""


def _made(rng: random.Random, count: int) -> list[str]:
    syllables = [a + b for a in "bcdfghklmnprstvyz" for b in ("a", "e", "i", "o", "u", "an", "er", "il", "on")]
    return ["".join(rng.choices(syllables, k=rng.choice((1, 2, 2, 3, 3, 4)))) for _ in range(count)]


class Writer:
    """Writes texts; the same seed, the same texts."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.function = _made(self.rng, 120)
        self.words = _made(self.rng, 30_000)
        self._function = list(accumulate(1 / (place + 1.5) for place in range(len(self.function))))
        self._words = list(accumulate(1 / (place + 30) for place in range(len(self.words))))
        self._topical = list(accumulate(1 / (place + 3) for place in range(60)))
        self.phrases = [self._general(self.rng.randint(3, 6)) for _ in range(400)]
        self.backgrounds = [self._paragraph(self._topic()) for _ in range(40)]
        self.next = 0

    def texts(self, groups: int) -> Iterator[Text]:
        """A fifth of the groups are a lone story; two fifths a story with copies; two fifths near-twins, every third with copies of its own."""
        for group in range(groups):
            kind = group % 5
            if kind == 0:
                yield from self._group(self._story(), short=self.rng.random() < 0.3)
            elif kind in (1, 2):
                yield from self._group(self._story(), copies=self.rng.randint(1, 3))
            else:
                yield from self._twins(self.rng.randint(2, 3))

    def _group(
        self, story: Paragraphs, *, copies: int = 0, what: str = "story", share: float = 0.0, short: bool = False
    ) -> Iterator[Text]:
        cluster, self.next = self.next, self.next + 1
        if short:
            story, what = story[: self.rng.randint(1, 2)], "short"
        yield Text(cluster, self._printed(story), what, share)
        for _ in range(copies):
            mode, edited = self.rng.choice(MODES), self.rng.uniform(0, MOST)
            yield Text(cluster, self._printed(self._set_anew(self.copy(story, mode, edited))), mode, edited)

    def _twins(self, count: int) -> Iterator[Text]:
        """A story that goes on: each instalment has 50-75 % of its paragraphs, word for word, from the one before."""
        topic = self._topic()
        story = self._story(topic, at_least=4)
        yield from self._group(story, copies=self.rng.choice((0, 0, 1)), what="twin")
        for _ in range(count - 1):
            size = len(story)
            least, most = -(-size * SHARED[0] // 1), size * SHARED[1] // 1
            kept = self.rng.randint(int(least), int(most))
            old = self.rng.sample(range(size), kept)
            story = [story[place] if place in old else self._paragraph(topic) for place in range(size)]
            yield from self._group(story, copies=self.rng.choice((0, 0, 1)), what="twin", share=kept / size)

    def copy(self, story: Paragraphs, mode: str, share: float) -> Paragraphs:
        """The story with `share` of its words substituted (60 %), left out (20 %) or added (20 %)."""
        words = [(number, word) for number, paragraph in enumerate(story) for word in paragraph]
        left = round(share * len(words))
        if mode == "cut":
            words = words[: len(words) - left]
        elif mode == "mixed":
            words = self._edit(self._edit(words, left // 2, longest=1), left - left // 2, longest=60)
        else:
            words = self._edit(words, left, longest=1 if mode == "spread" else 60)
        edited: Paragraphs = [[] for _ in story]
        for number, word in words:
            edited[number].append(word)
        return [paragraph for paragraph in edited if paragraph]

    def _edit(self, words: list[tuple[int, str]], left: int, longest: int) -> list[tuple[int, str]]:
        """No word is edited twice: what was put in bears a mark until the end."""
        marked = [(number, word, False) for number, word in words]
        while left:
            size = 1 if longest == 1 else min(left, longest, 3 + int(self.rng.expovariate(1 / 12)))
            start = self.rng.randrange(max(1, len(marked) - size))
            if any(mark for _, _, mark in marked[start : start + size]):
                left -= size > 1 and left < 3  # no room for so short a rest
                continue
            number = marked[start][0]
            kind = self.rng.random()
            new = [] if kind < 0.2 else [(number, word, True) for word in self._general(size)]
            marked[start : start + (0 if kind > 0.8 else size)] = new
            left -= size
        return [(number, word) for number, word, _ in marked]

    def _set_anew(self, story: Paragraphs) -> Paragraphs:
        """Three copies of ten are divided into paragraphs differently."""
        if self.rng.random() > 0.3:
            return story
        divided: Paragraphs = []
        for paragraph in story:
            if divided and self.rng.random() < 0.3:
                divided[-1] = divided[-1] + paragraph
            elif len(paragraph) > 30 and self.rng.random() < 0.3:
                divided += [paragraph[:20], paragraph[20:]]
            else:
                divided.append(paragraph)
        return divided

    def _topic(self) -> Topic:
        names = [self.rng.sample(self.words, self.rng.choice((2, 2, 3))) for _ in range(6)]
        return self.rng.sample(self.words, 60), names, [[*name, *self._general(3)] for name in names[:2]]

    def _story(self, topic: Topic | None = None, at_least: int = 3) -> Paragraphs:
        topic = topic or self._topic()
        story = [self._paragraph(topic) for _ in range(max(at_least, min(25, round(self.rng.gauss(9, 3.5)))))]
        if self.rng.random() < 0.25:
            story[-1] = self.rng.choice(self.backgrounds)
        return story

    def _paragraph(self, topic: Topic) -> list[str]:
        size = max(12, round(self.rng.gauss(40, 14)))
        words: list[str] = []
        while len(words) < size:
            kind = self.rng.random()
            if kind < 0.015:
                words += self.rng.choice(topic[2])
            elif kind < 0.035:
                words += self.rng.choice(self.phrases)
            elif kind < 0.08:
                words += self.rng.choice(topic[1])
            elif kind < 0.30:
                words += self.rng.choices(topic[0], cum_weights=self._topical)
            else:
                words += self._general(1)
        return words

    def _general(self, count: int) -> list[str]:
        return [
            self.rng.choices(self.function, cum_weights=self._function)[0]
            if self.rng.random() < 0.6
            else self.rng.choices(self.words, cum_weights=self._words)[0]
            for _ in range(count)
        ]

    def _printed(self, story: Paragraphs) -> str:
        return "\n\n".join(" ".join(paragraph).capitalize() + "." for paragraph in story)
