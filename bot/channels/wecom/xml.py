"""XML as the platform writes it, read into plain dicts. Entities and document types are refused."""

import re
import xml.etree.ElementTree as ElementTree
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as GuardedTree

DEEPEST = 32

# Elements that the platform repeats: always a list, so that one of them reads like many.
REPEATED = frozenset(
    {
        "SelectedItem",
        "OptionId",
        "OpitonId",
        "item",
        "SpRecord",
        "Details",
        "Notifyer",
        "Comments",
        "ApprovalNode",
        "NotifyNode",
        "Item",
    }
)

# What XML 1.0 forbids but phones type all the same.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class XmlRefused(Exception):
    """Not XML, or XML with tricks in it."""


def read(content: bytes) -> dict[str, Any]:
    """The children of the root as a nested dict: leaves are strings, repeated elements lists.

    Characters that XML forbids are dropped. Raises XmlRefused and nothing else.
    """
    root = parse(content)
    folded = _fold(root, 0)
    return folded if isinstance(folded, dict) else {}


def parse(content: bytes) -> Element:
    """The root element. Raises XmlRefused and nothing else."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise XmlRefused("not UTF-8") from None
    try:
        return _parse(text)
    except ParseError:
        cleaned = FORBIDDEN.sub("", text)
    try:
        if cleaned != text:
            return _parse(cleaned)
    except ParseError:
        pass
    raise XmlRefused("not well-formed")


def _parse(text: str) -> Element:
    # A person may type "<!DOCTYPE": only where it occurs is the slower parser asked what it means there.
    if "<!DOCTYPE" not in text and "<!ENTITY" not in text:
        return ElementTree.fromstring(text)
    try:
        root: Element = GuardedTree.fromstring(text, forbid_dtd=True)
    except DefusedXmlException:
        raise XmlRefused("document type or entity") from None
    return root


def _fold(element: Element, depth: int) -> Any:
    if not len(element):
        return element.text or ""
    if depth > DEEPEST:
        raise XmlRefused("nested too deep")
    folded: dict[str, Any] = {}
    for child in element:
        value = _fold(child, depth + 1)
        if child.tag not in folded:
            folded[child.tag] = [value] if child.tag in REPEATED else value
        elif isinstance(folded[child.tag], list):
            folded[child.tag].append(value)
        else:
            folded[child.tag] = [folded[child.tag], value]
    return folded
