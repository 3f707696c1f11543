"""Takes out of a photo where it was made: coordinates in EXIF and in XMP.

They are overwritten in place, so that picture, orientation and the file's length stay as they are. That works alike for
JPEG, PNG, WebP and HEIC, in which this block lies uncompressed; no picture is decoded for it.
"""

from __future__ import annotations

import re
import struct
import zlib

PNG = b"\x89PNG\r\n\x1a\n"
GPS = 0x8825  # the tag of an image that points to the tags of its place
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}  # bytes of a value, by its type
# What stands before a block of EXIF: in JPEG and HEIC, in PNG, in WebP (with its length).
_BLOCK = re.compile(rb"(?:Exif\0\0|eXIf|EXIF.{4})(?=II\*\0|MM\0\*)", re.DOTALL)
_XMP = re.compile(rb"""(exif:GPS\w+\s*=\s*["'])([^"']*)|(<exif:GPS(\w+)[^>]*>)(.*?)(?=</exif:GPS\4>)""", re.DOTALL)


def without_place(content: bytes) -> bytes:
    """The same photo without its coordinates; whatever is no photo, or has none, as it is."""
    changed = bytearray(content)
    for block in _BLOCK.finditer(content):
        _blank_exif(changed, block.end())
    cleaned = _XMP.sub(_blank_xmp, bytes(changed))
    return _with_checksums(cleaned) if cleaned != content and cleaned.startswith(PNG) else cleaned


def _blank_exif(photo: bytearray, start: int) -> None:
    """Empty the directory of the place, and what it points to. A block that cannot be read is left as it is."""
    order = "<" if photo[start : start + 2] == b"II" else ">"
    try:
        (first,) = struct.unpack_from(f"{order}I", photo, start + 4)
        for tag, _, _, _, place in _entries(photo, start + first, order):
            if tag == GPS:
                _blank_directory(photo, start, start + place, order)
    except struct.error:
        return


def _blank_directory(photo: bytearray, start: int, directory: int, order: str) -> None:
    entries = _entries(photo, directory, order)
    for _, kind, count, _, value in entries:
        size = _SIZES.get(kind, 0) * count
        if size > 4:  # smaller values stand in the entry itself
            end = min(start + value + size, len(photo))
            photo[start + value : end] = bytes(max(end - start - value, 0))
    length = 2 + 12 * len(entries)
    photo[directory : directory + length] = bytes(length)


def _entries(photo: bytearray, directory: int, order: str) -> list[tuple[int, int, int, int, int]]:
    """Tag, type, count, where the entry stands, and its value or the value's place.

    Raises:
        struct.error: the block is cut off.
    """
    (count,) = struct.unpack_from(f"{order}H", photo, directory)
    places = [directory + 2 + 12 * number for number in range(count)]
    rows = [(place, struct.unpack_from(f"{order}HHII", photo, place)) for place in places]
    return [(tag, kind, values, place, value) for place, (tag, kind, values, value) in rows]


def _blank_xmp(match: re.Match[bytes]) -> bytes:
    before, value = (match[1], match[2]) if match[1] else (match[3], match[5])
    return before + b" " * len(value)


def _with_checksums(png: bytes) -> bytes:
    """Each chunk of a PNG ends in a checksum."""
    parts, at = [PNG], len(PNG)
    while at + 12 <= len(png):
        end = at + 8 + int.from_bytes(png[at : at + 4], "big")
        parts += [png[at:end], zlib.crc32(png[at + 4 : end]).to_bytes(4, "big")]
        at = end + 4
    return b"".join(parts) + png[at:]
