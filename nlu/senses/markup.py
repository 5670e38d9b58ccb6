"""XML from strangers → its tree. No DTD, no entities, nothing from outside, and a limit on size."""

import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from nlu.senses.errors import UnreadableMedia

LARGEST = 2 * 1024 * 1024
"""Bytes. An invoice of a thousand lines is half as large."""

WORDS = {
    "xml_too_large": "这个 XML 太大（超过 2 MB），不像是发票。请发税务平台下载的发票 XML，或者发同一张发票的 PDF。",
    "xml_damaged": "这个 XML 没有传完整或者已经损坏，读不了。请重新下载后再发，或者发同一张发票的 PDF。",
    "xml_unsafe": "这个 XML 里带有 DTD 或实体定义，正规的发票原件不会有，我不打开。请到税务平台重新下载，或者发 PDF。",
}

# Python's parser knows no encoding of more than one byte a character but UTF.
_CHINESE = re.compile(
    rb"""^(?:\s*<\?xml[^>]*?)\s+encoding\s*=\s*["'](?:gbk|gb2312|gb18030)["']""", re.IGNORECASE
)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def refused(code: str) -> UnreadableMedia:
    return UnreadableMedia(code, WORDS[code])


def tree_of(data: bytes) -> Element:
    """The root element. Raises UnreadableMedia."""
    if len(data) > LARGEST:
        raise refused("xml_too_large")
    try:
        if _CHINESE.match(data[:200]):
            text = _DECLARATION.sub("", data.decode("gb18030"), count=1)
            return fromstring(text, forbid_dtd=True)
        return fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise refused("xml_unsafe") from None
    except (ParseError, ValueError, LookupError):
        # An encoding that nobody knows is a LookupError, one that is not what it says a ValueError.
        raise refused("xml_damaged") from None


def name_of(element: Element) -> str:
    """The tag without its namespace, in small letters: issuers agree in neither."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()


def text_of(element: Element) -> str:
    return (element.text or "").strip()
