"""Photos with and without a place, as cameras write them."""

from __future__ import annotations

import io
import struct

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

GPS, ORIENTATION, MODEL = 0x8825, 0x0112, 0x0110
PLACE = {1: "N", 2: tuple(map(IFDRational, (55, 45, 21))), 3: "E", 4: tuple(map(IFDRational, (37, 37, 2)))}
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf exif:GPSLatitude="55,45.35N"><exif:GPSLongitude>37,37.03E'
XMP += b"</exif:GPSLongitude></rdf></x:xmpmeta>"


def photo(kind: str = "JPEG", placed: bool = True, xmp: bool = False) -> bytes:
    """A small photo, taken upright by a camera that knows where it is."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MODEL] = 6, "Camera 1"
    if placed:
        exif.get_ifd(GPS).update(PLACE)
    stream = io.BytesIO()
    more = {"xmp": XMP} if xmp else {}
    Image.new("RGB", (8, 8), "green").save(stream, kind, exif=exif, **more)
    return stream.getvalue()


def heic() -> bytes:
    """The boxes of a HEIC file as far as they matter here: its brand, and EXIF within its data."""
    jpeg = photo()
    exif = jpeg[jpeg.index(b"Exif\0\0") : jpeg.index(b"\xff\xdb")]
    data = struct.pack(">I", 6) + exif + b"picture"
    return (
        struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"heic", 0, b"mif1", b"heic")
        + struct.pack(">I4s", len(data) + 8, b"mdat")
        + data
    )


def read_exif(content: bytes) -> Image.Exif:
    """What Pillow reads of a photo; for HEIC, of the EXIF within."""
    if content[4:8] == b"ftyp":
        exif = Image.Exif()
        exif.load(content[content.index(b"Exif\0\0") :])
        return exif
    return Image.open(io.BytesIO(content)).getexif()
