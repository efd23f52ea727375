"""The lists of words in an XMP packet, read and changed one word at a time."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from xml.dom.minidom import Attr, Element, Text

from plugins.folder import packet
from plugins.folder.formats import Unwritable

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XMLNS = "http://www.w3.org/2000/xmlns/"
SPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "pn": "https://propernoun.dev/ns/1.0/",
}
ORDERED = frozenset({"digiKam:TagsList"})
LISTS = ("Bag", "Seq", "Alt")


def key(word: str) -> str:
    """What makes two keywords the same one: not how their accents are composed, nor blanks around them."""
    return unicodedata.normalize("NFC", word).strip()


class Properties:
    """A packet as named lists of words, such as ``dc:subject``. What it is not asked to change stays as it is."""

    def __init__(self, data: bytes | None = None) -> None:
        self._tree = packet.parse(packet.EMPTY if data is None else data)
        top = self._tree.documentElement
        assert top is not None
        found = [top] if top.namespaceURI == RDF and top.localName == "RDF" else list(_children(top, RDF, "RDF"))
        if len(found) != 1:
            raise Unwritable("the XMP is damaged")
        self._rdf = found[0]

    def words(self, name: str) -> list[str]:
        """The words of a property, in order; empty where it is absent."""
        return [_text(item) for item in self._items(name)] + [a.value for _, a in self._attributes(name)]

    def add(self, name: str, words: Iterable[str]) -> None:
        """Append words to a property, which is made where it is absent."""
        fresh = list(words)
        if not fresh:
            return
        for owner, attribute in self._attributes(name):
            fresh.insert(0, attribute.value)
            owner.removeAttributeNode(attribute)
        found = next(self._elements(name), None)
        if found is None:
            found = self._make(name)
        for word in fresh:
            self._append(_list(found) or self._listed(found), word)

    def discard(self, name: str, words: Iterable[str]) -> None:
        """Take words out of a property; with its last word the property goes."""
        doomed = {key(word) for word in words}
        for owner, attribute in self._attributes(name):
            if key(attribute.value) in doomed:
                owner.removeAttributeNode(attribute)
        for item in self._items(name):
            if key(_text(item)) in doomed:
                _drop(item)
        for element in list(self._elements(name)):
            holder = _list(element)
            if (holder is None and not _text(element)) or (holder is not None and not list(_children(holder))):
                _drop(element)

    def replace(self, name: str, words: Iterable[str]) -> None:
        """Make a property of ours hold exactly these words."""
        for element in list(self._elements(name)):
            _drop(element)
        self.add(name, words)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said any more."""
        return not any(
            list(_children(description)) or any(a.namespaceURI not in (RDF, XMLNS) for a in _attributes(description))
            for description in self._descriptions()
        ) and all(child in self._descriptions() for child in _children(self._rdf))

    def data(self, *, padding: int = packet.PADDING) -> bytes:
        """The packet."""
        return packet.serialise(self._tree, padding=padding)

    def _descriptions(self) -> list[Element]:
        return list(_children(self._rdf, RDF, "Description"))

    def _elements(self, name: str) -> Iterator[Element]:
        prefix, local = name.split(":")
        for description in self._descriptions():
            yield from _children(description, SPACES[prefix], local)

    def _attributes(self, name: str) -> Iterator[tuple[Element, Attr]]:
        prefix, local = name.split(":")
        for description in self._descriptions():
            found = description.getAttributeNodeNS(SPACES[prefix], local)
            if found is not None:
                yield description, found

    def _items(self, name: str) -> list[Element]:
        """The items of every list of this name; a bare text counts as its own only item."""
        found: list[Element] = []
        for element in self._elements(name):
            holder = _list(element)
            others = [child for child in _children(element) if child is not holder]
            if others or any(a.namespaceURI == RDF for a in _attributes(element)):
                raise Unwritable(f"the XMP keeps {name} in an unknown form")
            if holder is not None:
                found += _children(holder, RDF, "li")
            elif _text(element):
                found.append(element)
        return found

    def _make(self, name: str) -> Element:
        owner = next(iter(self._descriptions()), None)
        if owner is None:
            owner = self._rdf.appendChild(self._of_rdf("Description"))
            owner.setAttributeNS(XMLNS, "xmlns:rdf", RDF)
            owner.setAttributeNS(RDF, "rdf:about", "")
        prefix = name.split(":")[0]
        element = self._tree.createElementNS(SPACES[prefix], name)
        element.setAttributeNS(XMLNS, f"xmlns:{prefix}", SPACES[prefix])
        element.appendChild(self._of_rdf("Seq" if name in ORDERED else "Bag"))
        owner.appendChild(element)
        return element

    def _listed(self, element: Element) -> Element:
        """A bare text turned into a list of one."""
        word = _text(element)
        while element.firstChild is not None:
            element.removeChild(element.firstChild)
        holder = element.appendChild(self._of_rdf("Bag"))
        if word:
            self._append(holder, word)
        return holder

    def _append(self, holder: Element, word: str) -> None:
        item = self._of_rdf("li")
        item.appendChild(self._tree.createTextNode(word))
        holder.appendChild(item)

    def _of_rdf(self, name: str) -> Element:
        prefix = self._rdf.prefix
        return self._tree.createElementNS(RDF, f"{prefix}:{name}" if prefix else name)


def _children(parent: Element, space: str | None = None, name: str | None = None) -> Iterator[Element]:
    for child in list(parent.childNodes):
        if isinstance(child, Element) and (name is None or (child.namespaceURI, child.localName) == (space, name)):
            yield child


def _attributes(element: Element) -> list[Attr]:
    return list(element.attributes.values())


def _list(element: Element) -> Element | None:
    return next((child for kind in LISTS for child in _children(element, RDF, kind)), None)


def _text(element: Element) -> str:
    value = next(_children(element, RDF, "value"), element)
    return "".join(child.data for child in value.childNodes if isinstance(child, Text)).strip()


def _drop(element: Element) -> None:
    """Take an element out, with the blank line that it would leave."""
    before, parent = element.previousSibling, element.parentNode
    assert isinstance(parent, Element)
    if isinstance(before, Text) and not before.data.strip():
        parent.removeChild(before)
    parent.removeChild(element)
