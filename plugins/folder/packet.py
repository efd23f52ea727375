"""An XMP packet: bytes to a tree and back, without ever following a DTD or an entity."""

from __future__ import annotations

import codecs
import re
from xml.dom import Node, expatbuilder
from xml.dom.minidom import Document as Tree
from xml.dom.minidom import Element
from xml.parsers import expat
from xml.sax.saxutils import escape

from plugins.folder.formats import Unwritable

MAX_PACKET = 8 * 2**20
MAX_ELEMENTS = 100_000
MAX_DEPTH = 100
PADDING = 2048

BEGIN = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
END = b'\n<?xpacket end="w"?>'
EMPTY = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about=""/></rdf:RDF></x:xmpmeta>'
)
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
IN_TEXT = {"\r": "&#xD;"}
IN_ATTRIBUTE = {"\r": "&#xD;", "\n": "&#xA;", "\t": "&#x9;", '"': "&quot;"}


def parse(packet: bytes) -> Tree:
    """The tree of a packet. Raises Unwritable where it is damaged, too large or brings a DTD."""
    if len(packet) > MAX_PACKET:
        raise Unwritable("the XMP is far larger than keywords need")
    text = _decode(packet)
    try:
        _judge(text)
        return expatbuilder.parseString(text, namespaces=True)
    except expat.ExpatError as error:
        raise Unwritable("the XMP is damaged") from error


def serialise(tree: Tree, *, padding: int = PADDING) -> bytes:
    """The packet as the XMP specification wants it, with room for others to edit in place."""
    assert tree.documentElement is not None
    pieces: list[str] = []
    _write(tree.documentElement, pieces)
    blank = (b" " * 99 + b"\n") * (padding // 100)
    return BEGIN + "".join(pieces).encode() + b"\n" + blank + END


def _decode(packet: bytes) -> bytes:
    """The same XML in UTF-8, without declaration and padding."""
    packet = packet.strip(b" \t\r\n") if packet[:1] != b"\x00" else packet
    encoding = next((name for mark, name in MARKS if packet.startswith(mark)), "utf-8")
    try:
        text = packet.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unwritable("the XMP is damaged") from error
    text = text.strip("\ufeff\x00 \t\r\n")
    return re.sub(r"^<\?xml[^>]*\?>\s*", "", text).encode()


def _judge(text: bytes) -> None:
    """Refuse a DTD, and what would be dear to keep in memory, before a tree is built."""
    depth = count = 0

    def opened(_name: str, _attributes: object) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise Unwritable("the XMP is far larger than keywords need")

    def closed(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def refused(*_: object) -> None:
        raise Unwritable("the XMP brings a DTD, which is not followed")

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.StartDoctypeDeclHandler = refused
    parser.Parse(text, True)


def _write(element: Element, pieces: list[str]) -> None:
    """minidom's own writer loses line breaks in attributes; this one loses nothing."""
    pieces.append(f"<{element.tagName}")
    for name, value in element.attributes.items():
        pieces.append(f' {name}="{escape(value, IN_ATTRIBUTE)}"')
    if not element.childNodes:
        pieces.append("/>")
        return
    pieces.append(">")
    for child in element.childNodes:
        if isinstance(child, Element):
            _write(child, pieces)
        elif child.nodeType in (Node.TEXT_NODE, Node.CDATA_SECTION_NODE):
            pieces.append(escape(child.data, IN_TEXT))
        elif child.nodeType == Node.COMMENT_NODE:
            pieces.append(f"<!--{child.data}-->")
        elif child.nodeType == Node.PROCESSING_INSTRUCTION_NODE:
            pieces.append(f"<?{child.target} {child.data}?>")
    pieces.append(f"</{element.tagName}>")
