"""Files as pieces: takes pictures apart, puts metadata in, writes what Pillow cannot write."""
import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


# --- JPEG -----------------------------------------------------------------------------------------
def segment(marker, data):
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg_with(jpeg, *segments):
    """Segments right behind the start."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def jpeg_as_ycck(jpeg):
    """The same numbers of CMYK, said to be YCCK."""
    at = jpeg.index(b"Adobe") + 11
    return jpeg[:at] + b"\x02" + jpeg[at + 1 :]


def icc_segments(profile, piece=65519):
    pieces = [profile[i : i + piece] for i in range(0, len(profile), piece)]
    return [
        segment(0xE2, b"ICC_PROFILE\0" + bytes([i + 1, len(pieces)]) + p) for i, p in enumerate(pieces)
    ]


# --- colour profiles ------------------------------------------------------------------------------
def icc_tags(profile):
    """Name to bytes."""
    count = struct.unpack(">I", profile[128:132])[0]
    table = [struct.unpack(">4sII", profile[132 + 12 * i : 144 + 12 * i]) for i in range(count)]
    return {name: profile[at : at + size] for name, at, size in table}


def icc_with(profile, tags):
    """The profile with more or other tags."""
    table, body = b"", b""
    tags = icc_tags(profile) | tags
    begin = 132 + 12 * len(tags)
    for name, data in tags.items():
        table += struct.pack(">4sII", name, begin + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    return struct.pack(">I", begin + len(body)) + profile[4:128] + struct.pack(">I", len(tags)) + table + body


def icc_text(text):
    return b"text\0\0\0\0" + text + b"\0"


# --- PNG ------------------------------------------------------------------------------------------
def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(png, *chunks, last=False):
    """Chunks right behind the header, or right before the end."""
    at = len(png) - 12 if last else 33
    return png[:at] + b"".join(chunks) + png[at:]


def header(width, height, depth=8, colour=2, interlace=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


def png(width, height, rows, depth=8, colour=2):
    """Of rows of packed samples."""
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return SIGNATURE + header(width, height, depth, colour) + chunk(b"IDAT", data) + chunk(b"IEND")


def png_interlaced(width, height, pixel):
    """Adam7, RGB: pixel(x, y) returns three bytes."""
    data = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:  # fmt: skip
        columns = range(x0, width, dx)
        for y in range(y0, height, dy) if columns else []:
            data += b"\0" + b"".join(pixel(x, y) for x in columns)
    idat = chunk(b"IDAT", zlib.compress(data))
    return SIGNATURE + header(width, height, interlace=1) + idat + chunk(b"IEND")


def raw_profile(name, data):
    """ImageMagick's text of any profile."""
    digits = data.hex()
    lines = "\n".join(digits[i : i + 72] for i in range(0, len(digits), 72))
    return f"\n{name}\n{len(data):8}\n{lines}\n".encode()


# --- GIF ------------------------------------------------------------------------------------------
def blocks(data):
    pieces = [data[i : i + 255] for i in range(0, len(data), 255)]
    return b"".join(bytes([len(p)]) + p for p in pieces) + b"\0"


def gif_with(gif, *extensions):
    """Extensions behind the screen descriptor and its colours."""
    colours = 3 << ((gif[10] & 7) + 1) if gif[10] & 0x80 else 0
    at = 13 + colours
    return gif[:at] + b"".join(extensions) + gif[at:]


def gif_comment(text):
    return b"\x21\xfe" + blocks(text)


def gif_xmp(packet):
    """The text is its own sizes; the trailer leads every size to the end (XMP part 3)."""
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    return b"\x21\xff\x0bXMP DataXMP" + packet + trailer


def gif_of_frames(n):
    """1 × 1, two colours."""
    frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    return b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff" + frame * n + b"\x3b"


# --- WebP -----------------------------------------------------------------------------------------
def riff(kind, data):
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def webp_with(webp, *chunks):
    """Chunks at the end."""
    body = webp[12:] + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def webp_flags(webp, flags):
    """Sets flags of VP8X."""
    assert webp[12:16] == b"VP8X"
    return webp[:20] + bytes([webp[20] | flags]) + webp[21:]
