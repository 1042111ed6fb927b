"""Headers of pictures, held against the pictures that a real encoder writes."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from newsarchive.pictures import Header, is_whole, kind_of, read_header

FORMS = {"png": "PNG", "jpg": "JPEG", "gif": "GIF", "webp": "WEBP"}


def encoded(kind, size=(7, 3), **options):
    data = io.BytesIO()
    mode = options.pop("mode", "RGB")
    Image.new(mode, size, 128).save(data, FORMS[kind], **options)
    return data.getvalue()


def moving(kind, frames=2):
    data = io.BytesIO()
    first, *rest = [Image.new("RGB", (5, 4), (40 * number, 90, 200)) for number in range(frames)]
    first.save(data, FORMS[kind], save_all=True, append_images=rest, duration=80)
    return data.getvalue()


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_size_and_type_are_read_from_the_header(kind):
    assert read_header(encoded(kind)) == Header(kind, 7, 3)


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 50}, {"mode": "RGBA"}, {"exif": b"Exif\0\0MM\0*"}])
def test_every_form_of_webp_tells_its_size(options):
    assert read_header(encoded("webp", **options)) == Header("webp", 7, 3)


@pytest.mark.parametrize("options", [{"progressive": True}, {"mode": "L"}, {"mode": "CMYK"}, {"comment": b"x" * 999}])
def test_every_form_of_jpeg_tells_its_size(options):
    assert read_header(encoded("jpg", **options)) == Header("jpg", 7, 3)


@pytest.mark.parametrize(("orientation", "size"), [(1, (7, 3)), (3, (7, 3)), (6, (3, 7)), (8, (3, 7))])
def test_a_camera_held_upright_makes_a_picture_higher_than_wide(orientation, size):
    exif = Image.Exif()
    exif[0x0112] = orientation
    header = read_header(encoded("jpg", exif=exif))
    assert (header.width, header.height) == size


@pytest.mark.parametrize("kind", ["gif", "webp", "png"])
def test_a_picture_with_several_frames_moves(kind):
    assert read_header(moving(kind)) == Header(kind, 5, 4, animated=True)


def test_a_single_frame_does_not_move_whatever_stands_around_it():
    assert not read_header(encoded("gif", comment=b"a comment", mode="P")).animated


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"GIF8", b"RIFF....WAVE", b"BM" + bytes(60), b"\xff\xd8"])
def test_other_data_is_no_picture(data):
    assert kind_of(data) is None
    assert read_header(data) is None


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_a_picture_broken_off_lacks_its_end(kind):
    data = encoded(kind, size=(64, 64))
    assert is_whole(data)
    assert is_whole(data + b"\0\0")
    assert not is_whole(data[: len(data) * 2 // 3])


@given(st.sampled_from(sorted(FORMS)), st.binary(max_size=200), st.integers(0, 60))
def test_no_bytes_break_the_reader(kind, noise, start):
    whole = encoded(kind)
    header = read_header(whole[: start + 4] + noise)
    assert header is None or (header.width is None) == (header.height is None)
    read_header(moving("gif")[:start] + noise)
