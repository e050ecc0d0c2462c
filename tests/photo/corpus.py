"""The pictures: PICTURES are to be cleaned, REFUSED are not."""
import io
import random
import struct
import zlib
from collections import namedtuple

from PIL import Image, ImageCms

import formats as f
import metadata as m

# What picture_clean must find. `secret`: the input has SECRET in it.
Picture = namedtuple("Picture", "data mime width height orientation frames located secret")
FINE, UNKNOWN, BROKEN, TOO_BIG, FAILED = range(5)

WIDTH, HEIGHT = 24, 16  # landscape


def rgb(width=WIDTH, height=HEIGHT, seed=1):
    noise = random.Random(seed)
    return Image.frombytes("RGB", (width, height), noise.randbytes(3 * width * height))


def save(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(image=None, **options):
    return save(image or rgb(), "JPEG", **options)


def png(image=None, **options):
    return save(image or rgb(), "PNG", **options)


def gif(image=None, **options):
    return save((image or rgb()).convert("P"), "GIF", **options)


def webp(image=None, **options):
    return save(image or rgb(), "WEBP", **options)


def frames(n):
    return [rgb(seed=i) for i in range(n)]


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GRID = b"mft1\0\0\0\0\3\3\x21\0" + struct.pack(">9i", *[65536, 0, 0, 0] * 2, 65536) + random.Random(1).randbytes(
    2 * 3 * 256 + 33**3 * 3)  # fmt: skip
LONG_PROFILE = f.icc_with(PROFILE, {b"A2B0": GRID})
TALKATIVE_PROFILE = f.icc_with(PROFILE[:80] + m.SECRET[:4] + PROFILE[84:100] + m.SECRET + PROFILE[106:], {
    b"desc": b"desc\0\0\0\0\0\0\0\7" + m.SECRET + bytes(90), b"cprt": f.icc_text(m.SECRET),
    b"dmnd": f.icc_text(m.SECRET), b"mine": f.icc_text(m.xmp()), b"made": b"made\0\0\0\0" + m.exif(6),
    b"rTRC": f.icc_tags(PROFILE)[b"rTRC"] + m.SECRET,
}) + m.SECRET  # fmt: skip
THUMBNAIL = jpeg(rgb(8, 8)) + m.SECRET
FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + m.SECRET * 20
APP1_EXIF, APP1_XMP = m.PREFIX, b"http://ns.adobe.com/xap/1.0/\0"
VP8X_ALL = 0x3C  # profile, alpha, EXIF, XMP


def exif_segment(*args, **options):
    return f.segment(0xE1, APP1_EXIF + m.exif(*args, **options))


def xmp_segment(**options):
    return f.segment(0xE1, APP1_XMP + m.xmp(**options))


def iptc_segment(**options):
    return f.segment(0xED, b"Photoshop 3.0\0" + m.photoshop(m.iptc(**options)))


def webp_extended(image=None, *chunks, **options):
    """With VP8X, and so with metadata that counts."""
    data = webp(image, icc_profile=PROFILE, **options)
    return f.webp_flags(f.webp_with(data, *chunks), VP8X_ALL & ~0x10 if chunks else 0)


PICTURES = {}


def add(name, data, mime, size=(WIDTH, HEIGHT), orientation=1, frames=1, located=False):
    PICTURES[name] = Picture(data, mime, *size, orientation, frames, located, m.SECRET in data)


def add_jpeg(name, data, **expected):
    add("jpeg-" + name, data, "image/jpeg", **expected)


def add_png(name, data, **expected):
    add("png-" + name, data, "image/png", **expected)


def add_gif(name, data, **expected):
    add("gif-" + name, data, "image/gif", **expected)


def add_webp(name, data, **expected):
    add("webp-" + name, data, "image/webp", **expected)


# --- orientations ---------------------------------------------------------------------------------
for orientation in range(1, 9):
    for name, size in (("landscape", (WIDTH, HEIGHT)), ("portrait", (HEIGHT, WIDTH))):
        shown = size[::-1] if orientation > 4 else size
        expected = {"size": shown, "orientation": orientation, "located": True}
        order = "<" if orientation % 2 else ">"
        block = m.exif(orientation, thumbnail=THUMBNAIL, order=order)
        which = f"{name}-{orientation}"
        add_jpeg(which, f.jpeg_with(jpeg(rgb(*size)), f.segment(0xE1, APP1_EXIF + block)), **expected)
        add_png(which, f.png_with(png(rgb(*size)), f.chunk(b"eXIf", block)), **expected)
        add_webp(which, webp_extended(rgb(*size), f.riff(b"EXIF", block)), size=size, located=True)  # nobody turns it

# --- JPEG -----------------------------------------------------------------------------------------
add_jpeg("plain", jpeg())
add_jpeg("one-pixel", jpeg(rgb(1, 1)), size=(1, 1))
add_jpeg("odd", jpeg(rgb(17, 31)), size=(17, 31))
add_jpeg("grey", jpeg(rgb().convert("L")))
add_jpeg("cmyk", jpeg(rgb().convert("CMYK")))
add_jpeg("ycck", f.jpeg_as_ycck(jpeg(rgb().convert("CMYK"))))
add_jpeg("progressive", jpeg(progressive=True))
add_jpeg("progressive-optimized", jpeg(rgb(300, 200), progressive=True, optimize=True), size=(300, 200))
add_jpeg("444", jpeg(subsampling=0, quality=95))
add_jpeg("density", jpeg(dpi=(300, 300)))
add_jpeg("no-jfif", (lambda d: d[:2] + d[20:])(jpeg()))
add_jpeg("profile", jpeg(icc_profile=PROFILE))
add_jpeg("long-profile", f.jpeg_with(jpeg(), *f.icc_segments(LONG_PROFILE)))
add_jpeg("talkative-profile", f.jpeg_with(jpeg(), *f.icc_segments(TALKATIVE_PROFILE, 500)), located=True)
add_jpeg("no-profile", f.jpeg_with(jpeg(), *f.icc_segments(m.SECRET)))
add_jpeg("exif-profile", f.jpeg_with(jpeg(), *f.icc_segments(m.exif(6))), located=True)
add_jpeg("cut-profile", f.jpeg_with(jpeg(), *f.icc_segments(TALKATIVE_PROFILE[:300])), located=False)
add_jpeg("comment", f.jpeg_with(jpeg(), f.segment(0xFE, m.SECRET)))
add_jpeg("xmp", f.jpeg_with(jpeg(), xmp_segment()), located=True)
add_jpeg("xmp-no-place", f.jpeg_with(jpeg(), xmp_segment(place=False)))
add_jpeg("iptc", f.jpeg_with(jpeg(), iptc_segment()), located=True)
add_jpeg("iptc-no-place", f.jpeg_with(jpeg(), iptc_segment(city=b"")))
add_jpeg("exif-no-place", f.jpeg_with(jpeg(), exif_segment(1, gps=False)))
add_jpeg("exif-no-orientation", f.jpeg_with(jpeg(), exif_segment()), located=True)
add_jpeg("exif-broken", f.jpeg_with(jpeg(), f.segment(0xE1, APP1_EXIF + b"MM\0*\xff\xff\xff\xffSECRET")))
add_jpeg(
    "all",
    f.jpeg_with(
        jpeg(icc_profile=PROFILE), exif_segment(6, thumbnail=THUMBNAIL), xmp_segment(), iptc_segment(),
        f.segment(0xFE, m.SECRET), f.segment(0xE4, m.SECRET), f.segment(0xE2, b"MPF\0" + m.SECRET),
    ),
    size=(HEIGHT, WIDTH), orientation=6, located=True,
)  # fmt: skip
add_jpeg("trailing-zip", jpeg() + b"PK\3\4" + m.SECRET * 9)
add_jpeg("trailing-html", jpeg() + b"<script>SECRET</script>")
add_jpeg("motion", f.jpeg_with(jpeg(), xmp_segment(place=False)) + FILM)
add_jpeg("mpo", save(rgb(), "MPO", save_all=True, append_images=frames(1)))
add_jpeg(
    "gain-map",
    f.jpeg_with(jpeg(), f.segment(0xE2, b"MPF\0" + m.SECRET), f.segment(0xE2, b"urn:iso:std:iso:ts:21496:-1\0"))
    + f.jpeg_with(jpeg(rgb(8, 8)), xmp_segment()),
)  # fmt: skip
add_jpeg("40-megapixels", jpeg(Image.new("L", (8000, 5000), 77)), size=(8000, 5000))

# --- PNG ------------------------------------------------------------------------------------------
rows16 = [random.Random(y).randbytes(6 * WIDTH) for y in range(HEIGHT)]
add_png("plain", png())
add_png("one-pixel", png(rgb(1, 1)), size=(1, 1))
add_png("grey", png(rgb().convert("L")))
add_png("one-bit", png(rgb().convert("1")))
add_png("grey-alpha", png(rgb().convert("LA")))
add_png("rgba", png(rgb().convert("RGBA")))
add_png("palette", png(rgb().convert("P")))
add_png("palette-4-bits", png(rgb().quantize(16), bits=4))
add_png("palette-transparent", png(rgb().convert("P"), transparency=3))
add_png("rgb-transparent", png(transparency=(1, 2, 3)))
add_png("16-bit-grey", f.png(WIDTH, HEIGHT, [row[: 2 * WIDTH] for row in rows16], depth=16, colour=0))
add_png("16-bit-rgb", f.png(WIDTH, HEIGHT, rows16, depth=16))
add_png("interlaced", f.png_interlaced(WIDTH, HEIGHT, lambda x, y: bytes([x * 9, y * 9, x ^ y])))
add_png("profile", png(icc_profile=PROFILE))
add_png("long-profile", f.png_with(png(), f.chunk(b"iCCP", b"p\0\0" + zlib.compress(LONG_PROFILE, 0))))
add_png("talkative-profile", f.png_with(png(), f.chunk(b"iCCP", b"SECRET\0\0" + zlib.compress(TALKATIVE_PROFILE) + m.SECRET)), located=True)  # fmt: skip
add_png("no-profile", f.png_with(png(), f.chunk(b"iCCP", b"p\0\0" + m.SECRET)))
add_png("exif-profile", f.png_with(png(), f.chunk(b"iCCP", b"p\0\0" + zlib.compress(m.exif(6)))), located=True)
add_png("raw-exif-profile", f.png_with(png(), f.chunk(b"iCCP", b"p\0\0" + m.exif(6))), located=True)
add_png("gamma", f.png_with(png(), f.chunk(b"gAMA", struct.pack(">I", 45455)), f.chunk(b"cHRM", b"\0\0z&" * 8)))  # fmt: skip
add_png("time", f.png_with(png(), f.chunk(b"tIME", b"\x07\xea\x05\x05\x05\x05\x05"), f.chunk(b"prVt", m.SECRET)))  # fmt: skip
add_png("text", f.png_with(png(), f.chunk(b"tEXt", b"Comment\0SECRET")))
add_png("text-at-the-end", f.png_with(png(), f.chunk(b"tEXt", b"Comment\0SECRET"), last=True))
add_png("exif-at-the-end", f.png_with(png(), f.chunk(b"eXIf", m.exif(3)), last=True), orientation=3, located=True)  # fmt: skip
add_png("text-place", f.png_with(png(), f.chunk(b"tEXt", b"exif:GPSLatitude\0" + b"48/1 SECRET")), located=True)  # fmt: skip
add_png("xmp", f.png_with(png(), f.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + m.xmp())), located=True)
add_png("xmp-packed", f.png_with(png(), f.chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(m.xmp()))), located=True)  # fmt: skip
add_png("many-texts", f.png_with(png(), *[f.chunk(b"tEXt", b"a\0b")] * 64, f.chunk(b"tEXt", b"GPSLatitude\0SECRET")))  # 64 are read
add_png("raw-exif", f.png_with(png(), f.chunk(b"tEXt", b"Raw profile type exif\0" + f.raw_profile("exif", m.PREFIX + m.exif(6)))), located=True)  # fmt: skip
add_png("raw-exif-packed", f.png_with(png(), f.chunk(b"zTXt", b"Raw profile type APP1\0\0" + zlib.compress(f.raw_profile("APP1", m.PREFIX + m.exif())))), located=True)  # fmt: skip
add_png("raw-iptc", f.png_with(png(), f.chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(f.raw_profile("iptc", m.photoshop(m.iptc()))))), located=True)  # fmt: skip
add_png("trailing", png() + b"<script>SECRET</script>")
add_png("moving", png(save_all=True, append_images=frames(3)), frames=4)
add_png("moving-default-apart", png(save_all=True, append_images=frames(3), default_image=True), frames=3)
add_png("moving-text", f.png_with(png(save_all=True, append_images=frames(3)), f.chunk(b"tEXt", b"Comment\0SECRET"), last=True), frames=4)  # fmt: skip

# --- GIF ------------------------------------------------------------------------------------------
add_gif("plain", gif())
add_gif("one-pixel", gif(rgb(1, 1)), size=(1, 1))
add_gif("interlaced", gif(interlace=1))
add_gif("transparent", gif(transparency=3))
add_gif("comment", f.gif_with(gif(), f.gif_comment(m.SECRET * 99)))
add_gif("xmp", f.gif_with(gif(), f.gif_xmp(m.xmp())), located=True)
add_gif("application", f.gif_with(gif(), b"\x21\xff\x0bICCRGBG1012" + f.blocks(m.SECRET)))
add_gif("moving", gif(save_all=True, append_images=frames(4), duration=[50, 60, 70, 80, 90], loop=3), frames=5)
add_gif("200-frames", f.gif_of_frames(200), size=(1, 1), frames=200)
add_gif("trailing", gif() + b"<script>SECRET</script>")

# --- WebP -----------------------------------------------------------------------------------------
add_webp("lossy", webp())
add_webp("lossless", webp(lossless=True))
add_webp("one-pixel", webp(rgb(1, 1)), size=(1, 1))
add_webp("alpha", webp(rgb().convert("RGBA").rotate(10)))
add_webp("alpha-lossless", webp(rgb().convert("RGBA").rotate(10), lossless=True))
add_webp("profile", webp_extended())
add_webp("talkative-profile", webp(icc_profile=TALKATIVE_PROFILE), located=True)
add_webp("long-profile", webp(icc_profile=LONG_PROFILE))
add_webp("no-profile", webp(icc_profile=m.SECRET))
add_webp("exif-profile", webp(icc_profile=m.exif(6)), located=True)
add_webp("xmp", webp_extended(None, f.riff(b"XMP ", m.xmp())), located=True)
add_webp("exif-prefix", webp_extended(None, f.riff(b"EXIF", m.PREFIX + m.exif(8))), located=True)  # fmt: skip
add_webp("unknown", webp_extended(None, f.riff(b"abcd", m.SECRET)))
add_webp("moving", webp(save_all=True, append_images=frames(3), duration=70, loop=2), frames=4)
add_webp("moving-alpha", webp(rgb().convert("RGBA").rotate(9), save_all=True, append_images=[i.convert("RGBA").rotate(5) for i in frames(2)]), frames=3)  # fmt: skip
add_webp("moving-exif", f.webp_flags(f.webp_with(webp(save_all=True, append_images=frames(1)), f.riff(b"EXIF", m.exif(1))), 8), frames=2, located=True)  # fmt: skip
add_webp("trailing", webp() + b"<script>SECRET</script>")

# --- refused --------------------------------------------------------------------------------------
REFUSED = {
    "nothing": (b"", UNKNOWN),
    "text": (b"Dear all,\n", UNKNOWN),
    "html": (b"<!doctype html><script>alert(1)</script>", UNKNOWN),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', UNKNOWN),
    "avif": (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(99), UNKNOWN),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), UNKNOWN),
    "film": (FILM, UNKNOWN),
    "pdf": (b"%PDF-1.7\n" + jpeg(), UNKNOWN),
    "zip": (b"PK\3\4" + bytes(26), UNKNOWN),
    "bmp": (save(rgb(), "BMP"), UNKNOWN),
    "tiff": (save(rgb(), "TIFF"), UNKNOWN),
    "icon": (save(rgb(), "ICO"), UNKNOWN),
    "jpeg-2000": (b"\0\0\0\x0cjP  \r\n\x87\n", UNKNOWN),
    "jpeg-xl": (b"\xff\x0a" + bytes(99), UNKNOWN),
    "sound": (b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), UNKNOWN),
    "html-then-jpeg": (b"<html>" + jpeg(), UNKNOWN),
    "gif-and-script": (b"GIF89a/*/*" + bytes(9) + b"*/=1;alert(1)", TOO_BIG),
    "gif-and-script-small": (b"GIF89a\x0a\0\x0a\0\0\0\0=1;alert(1)", BROKEN),
    "jpeg-and-script": (b"\xff\xd8\xff\xe0\x2f\x2a=1;alert(1)//", BROKEN),
    "png-100000-by-100000": (f.SIGNATURE + f.header(100000, 100000) + f.chunk(b"IDAT", zlib.compress(bytes(900))) + f.chunk(b"IEND"), TOO_BIG),
    "png-1-by-100000000": (f.SIGNATURE + f.header(1, 100000000) + f.chunk(b"IDAT", b"x") + f.chunk(b"IEND"), TOO_BIG),
    "png-over-40-megapixels": (f.SIGNATURE + f.header(8000, 5001) + f.chunk(b"IDAT", b"x") + f.chunk(b"IEND"), TOO_BIG),
    "jpeg-65535-by-65535": (b"\xff\xd8\xff\xc0\0\x0b\x08\xff\xff\xff\xff\1\1\x11\0\xff\xd9", TOO_BIG),
    "webp-16384-by-16384": (b"RIFF\x12\0\0\0WEBPVP8L\x05\0\0\0/\xff\xff\xff\x0f\0", TOO_BIG),
    "gif-65535-by-65535": (b"GIF89a\xff\xff\xff\xff\0\0\0;", TOO_BIG),
    "gif-201-frames": (f.gif_of_frames(201), TOO_BIG),
    "gif-10000-frames": (f.gif_of_frames(10000), TOO_BIG),
    "png-10000-frames": (f.png_with(png(), f.chunk(b"acTL", struct.pack(">II", 10000, 0))), TOO_BIG),
    "jpeg-bad-profile": (f.jpeg_with(jpeg(), *reversed(f.icc_segments(LONG_PROFILE))), BROKEN),
}  # fmt: skip

# Cut at many places. tests/unit/test_picture.c cuts small pictures at every byte.
CUT = ("jpeg-profile", "png-palette", "gif-moving", "webp-alpha", "webp-lossless")
