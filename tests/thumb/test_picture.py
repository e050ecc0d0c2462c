"""Every kind and mode of picture: the right colours at the right places, in the right size."""

import base64
import struct

import pytest
from PIL import Image, ImageOps
from pictures import (
    COLOURS, chunk, converted, display_p3, exif, iccp, ink, linear_grey, odd_cmyk, places, png, saved, scene, ycck,
)  # fmt: skip
from thumb import SANITIZED, measured, run, size_of

NEAR = 10  # of 255: two lossy codecs
MIB = 1 << 20


def near(got, wanted):
    return all(abs(a - b) <= NEAR for a, b in zip(got, wanted, strict=True))


def assert_shows(image, wanted):
    """These colours in the quarters."""
    for place, colour in zip(places(image.size), wanted):
        got = image.convert("RGBA").getpixel(place)
        assert near(got[:3], colour) and got[3] == 255, f"{place}: {got}, not {colour}"


def colours_of(image):
    return [image.convert("RGB").getpixel(place) for place in places(image.size)]


def grey(image):
    return colours_of(image.convert("L"))


def moving(kind, **options):
    frames = [scene(colours=COLOURS[i:] + COLOURS[:i]) for i in range(3)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], **options)


def gif_in_a_corner():
    """The first frame covers the lower right quarter."""
    data = bytearray(saved(Image.new("RGB", (600, 450), COLOURS[3]), "GIF", optimize=False))
    data[6:10] = struct.pack("<HH", 1200, 900)
    at = data.index(b"\x2c\0\0\0\0" + struct.pack("<HH", 600, 450))
    data[at + 1 : at + 5] = struct.pack("<HH", 600, 450)
    return bytes(data)


RGB = {
    "jpeg": (lambda: saved(scene(), "JPEG", quality=90), "image/jpeg"),
    "jpeg 4:4:4": (lambda: saved(scene(), "JPEG", quality=90, subsampling=0), "image/jpeg"),
    "jpeg progressive": (lambda: saved(scene(), "JPEG", progressive=True), "image/jpeg"),
    "jpeg CMYK": (lambda: saved(scene(mode="CMYK", colours=map(ink, COLOURS)), "JPEG"), "image/jpeg"),
    "jpeg YCCK": (lambda: ycck(scene()), "image/jpeg"),
    "png": (lambda: saved(scene(), "PNG"), "image/png"),
    "png palette": (lambda: saved(scene(mode="P"), "PNG"), "image/png"),
    "png of 16 bits": (lambda: png(scene(), depth=16), "image/png"),
    "png interlaced": (lambda: png(scene(), interlaced=True), "image/png"),
    "png interlaced, of 16 bits": (lambda: png(scene(), 16, interlaced=True), "image/png"),
    "gif": (lambda: saved(scene(), "GIF", interlace=0), "image/gif"),
    "gif interlaced": (lambda: saved(scene(), "GIF", interlace=1), "image/gif"),
    "gif moving": (lambda: moving("GIF"), "image/gif"),
    "webp": (lambda: saved(scene(), "WEBP"), "image/webp"),
    "webp lossless": (lambda: saved(scene(), "WEBP", lossless=True), "image/webp"),
    "webp moving": (lambda: moving("WEBP"), "image/webp"),
}


@pytest.mark.parametrize("name", RGB)
def test_a_picture_in_colours_keeps_them(name):
    make, mime = RGB[name]
    image = run(make(), mime).image
    assert (image.size, image.mode) == ((800, 600), "RGB")
    assert_shows(image, COLOURS)


GREY = {
    "jpeg": (lambda: saved(scene(mode="L"), "JPEG"), "image/jpeg"),
    "png": (lambda: saved(scene(mode="L"), "PNG"), "image/png"),
    "png of 16 bits": (lambda: png(scene(mode="L"), depth=16), "image/png"),
    "png of 16 bits, by Pillow": (lambda: saved(sixteen(scene(mode="L")), "PNG"), "image/png"),
    "png interlaced": (lambda: png(scene(mode="L"), interlaced=True), "image/png"),
}


def sixteen(image):
    return image.convert("I").point(lambda v: v * 257).convert("I;16")


@pytest.mark.parametrize("name", GREY)
def test_a_grey_picture_stays_grey(name):
    make, mime = GREY[name]
    assert_shows(run(make(), mime).image, grey(scene()))


def test_a_picture_of_black_and_white_becomes_grey_where_it_shrinks():
    image = Image.new("1", (1600, 1600))
    image.putdata([(x + y) % 2 * 255 for y in range(1600) for x in range(1600)])
    assert_shows(run(saved(image, "PNG"), "image/png").image, [(128, 128, 128)] * 4)


ALPHA = {
    "png": (lambda: saved(scene(mode="RGBA"), "PNG"), "image/png"),
    "png of 16 bits": (lambda: png(scene(mode="RGBA"), depth=16), "image/png"),
    "png interlaced": (lambda: png(scene(mode="RGBA"), interlaced=True), "image/png"),
    "png palette": (lambda: saved(scene(mode="RGBA").quantize(16), "PNG"), "image/png"),
    "gif": (lambda: saved(scene(mode="RGBA"), "GIF"), "image/gif"),
    "webp": (lambda: saved(scene(mode="RGBA"), "WEBP"), "image/webp"),
    "webp lossless": (lambda: saved(scene(mode="RGBA"), "WEBP", lossless=True), "image/webp"),
}


@pytest.mark.parametrize("name", ALPHA)
def test_what_is_transparent_stays_so(name):
    make, mime = ALPHA[name]
    image = run(make(), mime).image
    assert image.mode == "RGBA" and image.getpixel((400, 300))[3] == 0
    assert_shows(image, COLOURS)


def test_grey_with_alpha_keeps_both():
    image = run(png(scene(mode="LA")), "image/png").image
    assert image.getpixel((400, 300))[3] == 0
    assert_shows(image, grey(scene()))


def test_a_colour_does_not_shine_through_where_it_is_transparent():
    """Each pixel is one of red, and of green that nobody sees."""
    image = Image.new("RGBA", (1600, 1600))
    image.putdata([((255, 0, 0, 255), (0, 255, 0, 0))[x % 2] for y in range(1600) for x in range(1600)])
    red, green, blue, alpha = run(saved(image, "PNG"), "image/png").image.getpixel((400, 400))
    assert near((red, green, blue, alpha), (255, 0, 0, 128))


def test_a_first_frame_in_a_corner_is_shown_there():
    image = run(gif_in_a_corner(), "image/gif").image
    assert image.size == (800, 600)
    assert [image.getpixel(place)[3] for place in places(image.size)] == [0, 0, 0, 255]
    assert near(image.getpixel(places(image.size)[3])[:3], COLOURS[3])


# --- colours of other profiles --------------------------------------------------------------------


def far(a, b):
    return any(not near(x, y) for x, y in zip(colours_of(a), colours_of(b)))


def in_p3():
    image = converted(scene(), display_p3(), "RGB")
    assert far(image, scene())
    return image


P3 = {
    "jpeg": (lambda: saved(in_p3(), "JPEG", icc_profile=display_p3()), "image/jpeg"),
    "png": (lambda: saved(in_p3(), "PNG", icc_profile=display_p3()), "image/png"),
    "png of 16 bits": (lambda: png(in_p3(), 16, before=iccp(display_p3())), "image/png"),
    "webp": (lambda: saved(in_p3(), "WEBP", icc_profile=display_p3()), "image/webp"),
}


@pytest.mark.parametrize("name", P3)
def test_display_p3_becomes_srgb(name):
    make, mime = P3[name]
    assert_shows(run(make(), mime).image, COLOURS)


def bright(linear):
    """A part of the light, as sRGB says it."""
    return round(255 * (1.055 * (linear / 255) ** (1 / 2.4) - 0.055))


def test_grey_with_a_profile_follows_it():
    tones = [10, 60, 120, 200]
    image = scene(colours=[(tone,) * 3 for tone in tones]).convert("L")
    thumbnail = run(saved(image, "JPEG", icc_profile=linear_grey()), "image/jpeg").image
    assert_shows(thumbnail, [(bright(tone),) * 3 for tone in tones])


def test_cmyk_with_a_profile_follows_it():
    image = scene(mode="CMYK", colours=[(200, 0, 0, 0), (0, 200, 0, 40), (0, 0, 220, 0), (90, 90, 0, 20)])
    wanted = converted(image, odd_cmyk(), "RGB")
    assert far(wanted, image)
    thumbnail = run(saved(image, "JPEG", quality=95, icc_profile=odd_cmyk()), "image/jpeg").image
    assert_shows(thumbnail, colours_of(wanted))


BAD_PROFILES = {"none": b"no profile", "grey": linear_grey(), "CMYK": odd_cmyk(), "cut": display_p3()[:200]}


@pytest.mark.parametrize("profile", BAD_PROFILES.values(), ids=BAD_PROFILES)
def test_a_profile_that_does_not_fit_is_ignored(profile):
    for kind in "JPEG", "WEBP":
        picture = saved(scene(), kind, icc_profile=profile)
        assert_shows(run(picture, f"image/{kind.lower()}").image, COLOURS)


def test_a_png_with_a_gamma_follows_it():
    linear = scene(colours=[tuple(round((v / 255) ** 2.2 * 255) for v in colour) for colour in COLOURS])
    gamma = chunk(b"gAMA", struct.pack(">I", 100000))
    assert_shows(run(png(linear, before=gamma), "image/png").image, COLOURS)


# --- size and orientation -------------------------------------------------------------------------

SIZES = [(1, 1), (1, 5000), (5000, 1), (799, 10), (800, 800), (801, 600), (1601, 1200), (6401, 99), (3, 2), (13000, 9)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "webp"])
def test_the_longer_side_has_800_pixels_at_most(kind, size):
    done = run(saved(Image.new("RGB", size, COLOURS[0]), kind.upper()), f"image/{kind}")
    assert done.image.size == size_of(*size)
    assert near(done.image.convert("RGB").getpixel((0, 0)), COLOURS[0])


def turned(kind, size, orientation):
    if kind == "png, behind the pixels":
        return png(scene(size), after=chunk(b"eXIf", exif(orientation)[6:])), "image/png"
    return saved(scene(size), kind.upper(), exif=exif(orientation)), f"image/{kind}"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["jpeg", "png", "png, behind the pixels"])
def test_a_picture_stands_upright(kind, orientation):
    for size in (1000, 500), (100, 200):
        picture, mime = turned(kind, size, orientation)
        upright = scene(size)
        upright.getexif()[0x0112] = orientation
        upright = ImageOps.exif_transpose(upright)
        image = run(picture, mime).image
        assert image.size == size_of(*upright.size)
        assert_shows(image, colours_of(upright))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_webp_lies_as_chromium_shows_it(orientation):
    image = run(*turned("webp", (1000, 500), orientation)).image
    assert image.size == size_of(1000, 500)
    assert_shows(image, COLOURS)


NO_ORIENTATION = {
    "nothing": b"",
    "no directory": b"Exif\0\0",
    "cut": exif(6)[:20],
    "far away": b"Exif\0\0MM\0*\xff\xff\xff\xff",
    "zero": exif(0),
    "nine": exif(9),
}


@pytest.mark.parametrize("tags", NO_ORIENTATION.values(), ids=NO_ORIENTATION)
def test_an_orientation_that_is_none_changes_nothing(tags):
    marker = b"\xff\xe1" + struct.pack(">H", len(tags) + 2) + tags
    plain = saved(scene(), "JPEG")
    assert_shows(run(plain[:2] + marker + plain[2:], "image/jpeg").image, COLOURS)


# --- preview --------------------------------------------------------------------------------------


def light_of(preview):
    """What the first 24 bits of a ThumbHash say: mean colour, and whether there is alpha."""
    text = preview.rstrip("\n")
    head = int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))[:3], "little")
    light, yellow, red = (head & 63) / 63, (head >> 6 & 63) / 31.5 - 1, (head >> 12 & 63) / 31.5 - 1
    blue = light - 2 / 3 * yellow
    first = (3 * light - blue + red) / 2
    return [round(255 * v) for v in (first, first - red, blue)], bool(head >> 23)


def test_the_preview_has_the_mean_colour():
    for colour in COLOURS:
        picture = saved(Image.new("RGB", (1000, 700), colour), "PNG")
        mean, alpha = light_of(run(picture, "image/png").preview)
        assert all(abs(a - b) <= 16 for a, b in zip(mean, colour)) and not alpha


# Of the encoder at https://github.com/evanw/thumbhash: these bytes, and no others.
HASHES = {
    ("RGB", (100, 75)): "GwkGVZSBiobAZ4eHeKiGeIDb-IeO",
    ("RGBA", (61, 99)): "GwmGUxQeccB4qIZw6_iIjvcYd4iPgBg",
    ("RGB", (100, 20)): "GwkGUZSBiobAZ4eIgOv4h34",
}


@pytest.mark.parametrize("mode, size", HASHES, ids=str)
def test_the_preview_is_a_thumbhash(mode, size):
    assert run(saved(scene(size, mode), "PNG"), "image/png").preview == HASHES[mode, size] + "\n"


# --- large pictures -------------------------------------------------------------------------------


def large(mode="RGB"):
    return scene((8000, 5000), mode)


LARGE = {  # with the MiB that it may take
    "jpeg": (lambda: saved(large(), "JPEG"), "image/jpeg", 64),
    "jpeg progressive": (lambda: saved(large(), "JPEG", progressive=True, subsampling=0), "image/jpeg", 320),
    "jpeg CMYK, progressive": (lambda: saved(large("CMYK"), "JPEG", progressive=True), "image/jpeg", 384),
    "png": (lambda: png(large(), level=1), "image/png", 64),
    "png interlaced": (lambda: png(large(), interlaced=True, level=1), "image/png", 192),
    "gif": (lambda: saved(large("L"), "GIF"), "image/gif", 96),
    "webp": (lambda: saved(large(), "WEBP", method=0), "image/webp", 192),
    "webp lossless": (lambda: saved(large(), "WEBP", method=0, quality=0, lossless=True), "image/webp", 384),
}


@pytest.mark.parametrize("name", LARGE)
def test_forty_megapixels_fit(name):
    make, mime, mib = LARGE[name]
    done = measured(make(), mime)
    assert done.image.size == (800, 500)
    print(f"{name}: {done.cpu_seconds:.2f} s, {done.rss_bytes / MIB:.0f} MiB")
    assert SANITIZED or done.rss_bytes < mib * MIB
