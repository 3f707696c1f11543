from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.customers.photo_place import without_place
from tests.bot.customers.photos import GPS, MODEL, ORIENTATION, heic, photo, read_exif

KINDS = {
    "jpeg": lambda: photo("JPEG"),
    "png": lambda: photo("PNG"),
    "webp": lambda: photo("WEBP"),
    "heic": heic,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_place_goes_and_everything_else_stays(kind: str) -> None:
    original = KINDS[kind]()
    assert dict(read_exif(original).get_ifd(GPS))
    cleaned = without_place(original)
    exif = read_exif(cleaned)
    assert dict(exif.get_ifd(GPS)) == {}
    assert (exif[ORIENTATION], exif[MODEL]) == (6, "Camera 1")
    assert len(cleaned) == len(original)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_picture_is_the_same(kind: str) -> None:
    def pixels(content: bytes) -> bytes:
        return Image.open(io.BytesIO(content)).tobytes()

    original = photo(kind, xmp=kind != "PNG")
    assert pixels(without_place(original)) == pixels(original)


def test_coordinates_in_xmp_go_too() -> None:
    cleaned = without_place(photo(xmp=True))
    assert b"55,45" not in cleaned and b"37,37" not in cleaned


@pytest.mark.parametrize(
    "content", [photo(placed=False), b"%PDF-1.7 exif", b"", b"Exif\0\0II*\0", b"Exif\0\0MM\0*\xff"]
)
def test_what_has_no_place_or_cannot_be_read_stays_as_it_is(content: bytes) -> None:
    assert without_place(content) == content


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_a_damaged_photo_is_no_error(at: int, damage: bytes) -> None:
    content = photo()
    damaged = content[:at] + damage + content[at + len(damage) :]
    assert len(without_place(damaged)) == len(damaged)
