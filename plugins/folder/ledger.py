"""Which keywords are ours: kept beside the keywords themselves, so that they travel with the file.

======================  =====================================================================
``pn:tags``             words of ``dc:subject`` that we wrote
``pn:hierarchy``        the same in ``lr:hierarchicalSubject``, as ``group|tag``
``pn:tagsList``         the same in ``digiKam:TagsList``, as ``group/tag``
``pn:keywords``         the same in IPTC 2:25, at most 64 bytes each
``pn:copied``           people's words that ``dc:subject`` lacked altogether and we copied there
``pn:copiedKeywords``   people's words that IPTC lacked altogether and we copied there
``pn:known``            people's words at our last write, to tell what they changed since
======================  =====================================================================
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set

from connector_core.types import Tag
from plugins.folder.iptc import Iptc, cut
from plugins.folder.properties import Properties, key

SUBJECT, HIERARCHY, TAGS_LIST = "dc:subject", "lr:hierarchicalSubject", "digiKam:TagsList"
OURS = "pn:tags"
OURS_IN_TREES = {HIERARCHY: "pn:hierarchy", TAGS_LIST: "pn:tagsList"}
BARS = {HIERARCHY: "|", TAGS_LIST: "/"}
OURS_IN_IPTC = "pn:keywords"
COPIED, COPIED_TO_IPTC, KNOWN = "pn:copied", "pn:copiedKeywords", "pn:known"
EVERYTHING = (OURS, *OURS_IN_TREES.values(), OURS_IN_IPTC, COPIED, COPIED_TO_IPTC, KNOWN)


class Ledger:
    """The keywords of one picture: its XMP, its IPTC where it keeps any, and what we noted down about them."""

    def __init__(self, xmp: Properties, iptc: Iptc | None = None, *, elsewhere: Iterable[str] = ()) -> None:
        self._xmp = xmp
        self._iptc = iptc
        self._elsewhere = list(elsewhere)
        """people's words outside this XMP, which a new ``dc:subject`` would hide from most programs"""

    @property
    def is_ours(self) -> bool:
        """Whether we have written here before."""
        return bool(self._xmp.words(OURS))

    @property
    def tags(self) -> frozenset[str]:
        """What is shown because of us."""
        return frozenset(_both(self._xmp.words(OURS), self._xmp.words(SUBJECT)))

    def edits(self) -> tuple[frozenset[str], frozenset[str]]:
        """Words that people added, and words of ours that people removed, since our last write."""
        ours, known, shown = self._xmp.words(OURS), self._xmp.words(KNOWN), self._xmp.words(SUBJECT)
        if not shown and not self.is_ours:
            shown = self._elsewhere
        return frozenset(_without(shown, [*ours, *known])), frozenset(_without(ours, shown))

    def retag(self, add: Set[Tag], remove: Set[Tag]) -> bool:
        """Add and remove; false where all was as asked already, and then nothing is touched."""
        people = _without(self._xmp.words(SUBJECT), self._xmp.words(OURS))
        if not people and not self.is_ours:
            people = self._elsewhere
        wanted = [tag for tag in sorted(add, key=lambda t: (t.name, t.group)) if _without([tag.name], people)]
        ours = self._xmp.words(OURS)
        lost = _both(ours, [tag.name for tag in remove])
        fresh = _without((tag.name for tag in wanted), self.tags)
        changing = [tag for tag in wanted if _both([tag.name], fresh) or self._moves(tag)]
        if not lost and not changing:
            return False
        if not self.is_ours:
            self._copy()
        # Words of ours that people took away are theirs to decide: they leave every list.
        dropped = [*lost, *_without(ours, self._xmp.words(SUBJECT))]
        self._settle(SUBJECT, OURS, add=fresh, drop=dropped)
        for name in OURS_IN_TREES:
            self._settle_tree(name, wanted, changing, dropped)
        self._settle_iptc(fresh, dropped)
        self._note()
        return True

    def _moves(self, tag: Tag) -> bool:
        """Whether a tag that we wrote now belongs to another group."""
        return any(
            _without([_path(name, tag)], [*self._xmp.words(OURS_IN_TREES[name]), *self._xmp.words(name)])
            for name in OURS_IN_TREES
        )

    def _settle(self, name: str, ledger: str, *, add: Collection[str], drop: Collection[str]) -> None:
        mine = _both(self._xmp.words(ledger), self._xmp.words(name))
        self._xmp.discard(name, _both(mine, drop))
        fresh = _without(add, self._xmp.words(name))
        self._xmp.add(name, fresh)
        self._xmp.replace(ledger, [*_without(mine, drop), *fresh])

    def _settle_tree(
        self, name: str, wanted: Collection[Tag], changing: Collection[Tag], dropped: Collection[str]
    ) -> None:
        mine, bar = self._xmp.words(OURS_IN_TREES[name]), BARS[name]
        paths = [_path(name, tag) for tag in changing]
        kept = [_path(name, tag) for tag in wanted]
        leaves = [*(_leaf(name, word) for word in dropped), *(path.split(bar)[-1] for path in paths)]
        drop = [path for path in mine if _both([path.split(bar)[-1]], leaves) and not _both([path], kept)]
        self._settle(name, OURS_IN_TREES[name], add=paths, drop=drop)

    def _settle_iptc(self, add: Collection[str], drop: Collection[str]) -> None:
        if self._iptc is None or not self._iptc.can_be_written:
            return
        staying = [cut(word) for word in self._xmp.words(OURS)]
        mine = _both(self._xmp.words(OURS_IN_IPTC), self._iptc.words)
        gone = _both(mine, _without((cut(word) for word in drop), staying))
        self._iptc.discard(gone)
        fresh = _without((cut(word) for word in add), self._iptc.words)
        self._iptc.add(fresh)
        self._xmp.replace(OURS_IN_IPTC, [*_without(mine, gone), *fresh])

    def _copy(self) -> None:
        """Before our first word: a list that begins with ours must not hide the words of people elsewhere."""
        shown = self._xmp.words(SUBJECT)
        if not shown:
            self._xmp.add(SUBJECT, self._elsewhere)
            self._xmp.replace(COPIED, self._elsewhere)
        elif self._iptc is not None and self._iptc.can_be_written and not self._iptc.words:
            words = _without((cut(word) for word in shown), ())
            self._iptc.add(words)
            self._xmp.replace(COPIED_TO_IPTC, words)

    def _note(self) -> None:
        """Write down what people have now; after our last word take away every note, and what we copied."""
        if self.is_ours:
            self._xmp.replace(KNOWN, _without(self._xmp.words(SUBJECT), self._xmp.words(OURS)))
            return
        self._xmp.discard(SUBJECT, self._xmp.words(COPIED))
        if self._iptc is not None:
            self._iptc.discard(self._xmp.words(COPIED_TO_IPTC))
        for name in EVERYTHING:
            self._xmp.replace(name, ())


def _leaf(name: str, word: str) -> str:
    """A word as one step of a path: the bar that parts the steps cannot be in it."""
    return word.replace(BARS[name], "-")


def _path(name: str, tag: Tag) -> str:
    return BARS[name].join(_leaf(name, step) for step in (tag.group, tag.name) if step)


def _both(words: Iterable[str], others: Iterable[str]) -> list[str]:
    """The words that are among the others, each once."""
    known = {key(other) for other in others}
    return [word for word in _once(words) if key(word) in known]


def _without(words: Iterable[str], others: Iterable[str]) -> list[str]:
    """The words that are not among the others, each once."""
    known = {key(other) for other in others}
    return [word for word in _once(words) if key(word) not in known]


def _once(words: Iterable[str]) -> list[str]:
    return list({key(word): word for word in reversed(list(words))}.values())[::-1]
