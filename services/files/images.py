"""A picture made anew from what was sent: upright, small, and with nothing in it but the picture.

Pillow is loaded inside, because only jobs may pay for it.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.files import cuts
from services.files.cuts import Cut
from services.files.reasons import TOO_MANY_PIXELS, TOO_SMALL, UNREADABLE, Unfit

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.Image import Transpose

MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 25_000_000}  # a PNG is decoded whole, a JPEG at a part of its size
# A progressive JPEG keeps all its coefficients until the end.
MOST_PROGRESSIVE = 25_000_000
SIDE, THUMB_SIDE = 1600, 320
MOST_BYTES = 300_000
# What is tried in turn until the picture is small enough: its longer side and its quality. The last fits always.
TRIES = ((1600, 85), (1600, 75), (1600, 62), (1280, 62), (1024, 55), (800, 45), (640, 30))
# A portrait: three to four, large enough for a card, and a third of what other pictures may weigh.
PORTRAIT, LEAST_PORTRAIT, MOST_PORTRAIT_BYTES = (600, 800), (240, 320), 100_000
PORTRAIT_TRIES = ((800, 85), (800, 75), (800, 62), (640, 62), (480, 55), (320, 45), (320, 30))
ORIENTATION = 0x0112
# What Pillow raises for broken pictures, besides its own errors, which are OSErrors.
BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, OverflowError, struct.error, zlib.error,
)  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """What is kept of a picture, always as JPEG."""

    body: bytes
    thumb: bytes
    width: int
    height: int


def prepare(sent: bytes) -> Prepared:
    """Decode a JPEG or PNG and make it anew; of a moving picture the first frame.

    Raises:
        Unfit: it cannot be decoded to its end, or has too many pixels.

    Source: docs/rules.md R-92.
    """
    picture = _read(sent)
    body, size = _small(picture, TRIES, MOST_BYTES)
    return Prepared(body, _jpeg(_fitted(picture, THUMB_SIDE), 75), *size)


def prepare_to_cut(sent: bytes) -> Prepared:
    """The same of a picture from which its sender will cut a portrait.

    Raises:
        Unfit: as `prepare`, or no portrait of it is large enough for a card.
    """
    made = prepare(sent)
    if not cuts.is_enough(made.width, made.height):
        raise Unfit(TOO_SMALL)
    return made


def prepare_cut(sent: bytes, cut: Cut) -> Prepared:
    """The portrait that its sender has cut out of a picture: as `prepare_portrait`."""
    picture = _read(sent).rotate(-90 * cut.turns, expand=True)
    left, top, width, height = cuts.box(cut, *picture.size)
    return _portrait(picture.crop((left, top, left + width, top + height)))


def prepare_portrait(sent: bytes) -> Prepared:
    """The same of a portrait: cut to three by four, at most 600 by 800, and of 100 KB.

    Raises:
        Unfit: as `prepare`, or it is too small for a card.

    Source: docs/rules.md R-291.
    """
    return _portrait(_cut(_read(sent)))


def _portrait(picture: "Picture") -> Prepared:
    body, size = _small(picture, PORTRAIT_TRIES, MOST_PORTRAIT_BYTES)
    return Prepared(body, _jpeg(_fitted(picture, THUMB_SIDE), 75), *size)


def _read(sent: bytes) -> "Picture":
    """The picture alone, upright; Unfit where there is none to see."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)  # about metadata that we drop
        try:
            return _upright(sent)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
            raise Unfit(TOO_MANY_PIXELS) from None
        except BROKEN:
            raise Unfit(UNREADABLE) from None


def _cut(picture: "Picture") -> "Picture":
    """The middle of a picture in three by four; of a tall one more of its upper part, where the face is."""
    (width, height), (wide, tall) = picture.size, PORTRAIT
    kept = (min(width, height * wide // tall), min(height, width * tall // wide))
    if kept < LEAST_PORTRAIT:
        raise Unfit(TOO_SMALL)
    left, top = (width - kept[0]) // 2, (height - kept[1]) // 4
    return picture.crop((left, top, left + kept[0], top + kept[1]))


def _upright(sent: bytes) -> "Picture":
    """The first frame in plain RGB, at most `SIDE` long, turned as the camera was held, and nothing beside it."""
    from PIL import Image

    with Image.open(io.BytesIO(sent), formats=["JPEG", "PNG"]) as picture:
        _check_size(picture)
        if picture.format != "PNG":
            picture.draft(None, (SIDE, SIDE))  # a large JPEG is decoded at a half, a quarter or an eighth
        picture.load()
        flat = _flat(picture)
        flat.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
        turn = _turn(picture)
    if turn is not None:
        flat = flat.transpose(turn)
    clean = Image.new("RGB", flat.size)  # without the comments, profiles and times that the other one carries
    clean.paste(flat)
    return clean


def _turn(picture: "Picture") -> "Transpose | None":
    """What makes the picture upright, as its camera noted; a note that cannot be read turns nothing."""
    from PIL.Image import Transpose

    upside = {
        2: Transpose.FLIP_LEFT_RIGHT, 3: Transpose.ROTATE_180, 4: Transpose.FLIP_TOP_BOTTOM, 5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270, 7: Transpose.TRANSVERSE, 8: Transpose.ROTATE_90,
    }  # fmt: skip
    try:
        return upside.get(picture.getexif().get(ORIENTATION) or 1)
    except BROKEN:
        return None


def _check_size(picture: "Picture") -> None:
    most = MOST_PIXELS["PNG" if picture.format == "PNG" else "JPEG"]
    if picture.info.get("progressive") or picture.info.get("progression"):
        most = MOST_PROGRESSIVE
    if picture.width * picture.height > most:
        raise Unfit(TOO_MANY_PIXELS)


def _flat(picture: "Picture") -> "Picture":
    """Three channels of eight bits: what is transparent becomes white, sixteen bits of gray become eight."""
    from PIL import Image

    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if picture.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        white = Image.new("RGB", seen.size, "white")
        white.paste(seen, mask=seen.getchannel("A"))
        return white
    return picture.convert("RGB")


def _small(picture: "Picture", tries: Sequence[tuple[int, int]], most: int) -> tuple[bytes, tuple[int, int]]:
    fitted = picture
    for side, quality in tries:
        fitted = _fitted(picture, side)
        body = _jpeg(fitted, quality)
        if len(body) <= most:
            break
    return body, fitted.size


def _fitted(picture: "Picture", side: int) -> "Picture":
    from PIL import Image

    if max(picture.size) <= side:
        return picture
    smaller = picture.copy()
    smaller.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return smaller


def _jpeg(picture: "Picture", quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
