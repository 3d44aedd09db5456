"""DJI's product numbers `domain-type-sub_type`, and what kind of device each domain is.

Type numbers repeat across domains (67, 89, 99), so the domain always belongs to the key.
"""

from typing import Any

from schemas.device import Kind

KINDS: dict[str, Kind] = {"0": "aircraft", "2": "remote-controller", "3": "dock"}

MODELS: dict[str, str] = {
    "0-60-0": "Matrice 300 RTK",
    "0-67-0": "Matrice 30",
    "0-67-1": "Matrice 30T",
    "0-77-0": "Mavic 3E",
    "0-77-1": "Mavic 3T",
    "0-77-2": "Mavic 3M",
    "0-77-3": "Mavic 3TA",
    "0-89-0": "Matrice 350 RTK",
    "0-91-0": "Matrice 3D",
    "0-91-1": "Matrice 3TD",
    "0-99-0": "Matrice 4E",
    "0-99-1": "Matrice 4T",
    "0-100-0": "Matrice 4D",
    "0-100-1": "Matrice 4TD",
    "0-103-0": "Matrice 400",
    "2-56-0": "Smart Controller Enterprise",
    "2-119-0": "RC Plus",
    "2-144-0": "RC Pro Enterprise",
    "2-174-0": "RC Plus 2",
    "3-1-0": "Dock",
    "3-2-0": "Dock 2",
    "3-3-0": "Dock 3",
}


def kind_of(domain: Any) -> Kind:
    """The kind of device a domain (text or number, absent in old messages) stands for."""
    return KINDS.get(str(domain), "unknown")


def model_of(domain: Any, type_number: Any, sub_type: Any) -> str | None:
    """The product's name, its number where it is not in the table, None where the message does not give one."""
    parts = (domain, type_number, sub_type)
    if not all(isinstance(part, str | int) and str(part).isdecimal() and len(str(part)) <= 10 for part in parts):  # noqa: PLR2004 - no product number is longer
        return None
    key = "-".join(str(part) for part in parts)
    return MODELS.get(key, key)
