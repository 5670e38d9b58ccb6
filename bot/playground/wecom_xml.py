"""Inner messages as dicts, and the XML they travel as."""

from collections.abc import Mapping
from typing import Any

from defusedxml.ElementTree import fromstring


def to_xml(message: Mapping[str, Any], root: str = "xml") -> str:
    """Strings become CDATA, numbers plain text, lists repeated elements, mappings nested elements."""
    return f"<{root}>" + "".join(_element(name, value) for name, value in message.items()) + f"</{root}>"


def _element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return to_xml(value, name)
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    return f"<{name}><![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]></{name}>"


def from_xml(text: str) -> dict[str, Any]:
    """Repeated elements become lists; leaves are strings. Raises ValueError for anything but one XML document."""
    try:
        root = fromstring(text, forbid_dtd=True)
    except Exception as broken:  # parser and entity errors have no common base
        raise ValueError(f"not a plain XML document: {broken}") from broken
    found = _value(root)
    return found if isinstance(found, dict) else {}


def _value(element: Any) -> Any:
    if not len(element):
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        value = _value(child)
        if child.tag not in found:
            found[child.tag] = value
        elif isinstance(found[child.tag], list):
            found[child.tag].append(value)
        else:
            found[child.tag] = [found[child.tag], value]
    return found
