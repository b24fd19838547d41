"""The Atom feed of digests (RFC 4287): one entry a generation, the newest first, the older ones out of the feed before.

An entry's id contains the generation's id, so a feed reader shows each entry once.
"""

from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from warehouse.generation import SIMULATED_NOTICE, Generation
from warehouse.publication.previous import Previous

FEED = "alerts.xml"
ENTRIES = 60  # a month of nights and mornings
_ATOM = "http://www.w3.org/2005/Atom"


def write(folder: Path, generation: Generation, subject: str, text: str, previous: Previous) -> Path:
    """Write the feed of a generation: its own digest before those of ``previous``; a damaged feed starts again."""
    ET.register_namespace("", _ATOM)
    root = ET.Element(_name("feed"))
    title = "Dollar liquidity: alerts and digests"
    _add(root, "title", f"{title} (SIMULATED)" if generation.is_simulated else title)
    _add(root, "id", "urn:dollar-liquidity:alerts" + (":simulated" if generation.is_simulated else ""))
    _add(root, "updated", _time(generation.built_at))
    _add(ET.SubElement(root, _name("author")), "name", "dollar-liquidity")
    if generation.is_simulated:
        _add(root, "subtitle", SIMULATED_NOTICE)
    entry = ET.SubElement(root, _name("entry"))
    _add(entry, "title", f"SIMULATED: {subject}" if generation.is_simulated else subject)
    _add(entry, "id", f"urn:dollar-liquidity:generation:{generation.id}")
    _add(entry, "updated", _time(generation.built_at))
    _add(entry, "content", text).set("type", "text")
    root.extend(_entries(previous)[: ENTRIES - 1])
    path = folder / FEED
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    return path


def _entries(previous: Previous) -> list[ET.Element]:
    """Entries of the feed before; the file has its recorded hash, so this program wrote it."""
    body = previous.read(FEED)
    if body is None:
        return []
    try:
        return ET.fromstring(body).findall(_name("entry"))
    except ET.ParseError:
        return []


def _name(tag: str) -> str:
    return f"{{{_ATOM}}}{tag}"


def _add(parent: ET.Element, tag: str, text: str) -> ET.Element:
    child = ET.SubElement(parent, _name(tag))
    child.text = text
    return child


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
