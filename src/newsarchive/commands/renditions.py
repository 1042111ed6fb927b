"""A picture → smaller copies of it for narrow screens, in WebP and without metadata."""

import io
import struct
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from newsarchive.commands.fetching import PIXELS

if TYPE_CHECKING:
    from PIL import Image

WIDTHS = (480, 960, 1440)
"""Widths in pixels; the text column is 684 wide at most, and screens have up to three pixels for one."""
QUALITY = 80
_HIGHEST = 16_383
"""Most pixels that a side of a WebP picture can have (RFC 9649, section 2.5)."""
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, struct.error, MemoryError)
"""What decoders raise on pictures that are broken or were made to be."""


def can_resize() -> bool:
    """Tell whether Pillow is installed, which the extra `mirror` asks for."""
    return find_spec("PIL") is not None


def make_renditions(data: bytes) -> tuple[bytes, ...]:
    """Make the smaller copies, the smallest first: none wider than the picture, none that saves no bytes.

    A picture that moves, or that cannot be decoded, has none.
    """
    from PIL import Image  # noqa: PLC0415  optional: only this command needs it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP")) as opened:
                if getattr(opened, "is_animated", False) or opened.width * opened.height > PIXELS:
                    return ()
                plain = _plain(opened)
            return tuple(copy for copy in _copies(plain) if len(copy) < len(data)) if plain else ()
    except (*_BROKEN, Image.DecompressionBombError):
        return ()


def _plain(opened: "Image.Image") -> "Image.Image | None":
    """The picture upright and in sRGB; None for depths that no copy can hold."""
    from PIL import ImageOps  # noqa: PLC0415

    upright = ImageOps.exif_transpose(opened)
    if upright.mode.startswith(("I", "F")):
        return None
    clear = upright.has_transparency_data
    plain = _in_srgb(upright).convert("RGBA" if clear else "RGB")
    plain.info.clear()
    return plain


def _in_srgb(image: "Image.Image") -> "Image.Image":
    """Turn colours told by a profile into those of the web, since the profile goes with the other metadata."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "CMYK"):
        return image
    try:
        from PIL import ImageCms  # noqa: PLC0415
    except ImportError:  # some builds of Pillow lack it
        return image
    try:
        told = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(image, told, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (OSError, ImageCms.PyCMSError):
        return image
    return turned or image


def _copies(plain: "Image.Image") -> Iterator[bytes]:
    from PIL import Image  # noqa: PLC0415

    for width in WIDTHS:
        height = max(1, round(plain.height * width / plain.width))
        if width < plain.width and height <= _HIGHEST:
            out = io.BytesIO()
            small = plain.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
            small.save(out, "WEBP", quality=QUALITY, method=4)
            yield out.getvalue()
