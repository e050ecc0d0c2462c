"""Pictures of one scene in every kind and mode. Where Pillow cannot write a mode, bytes are put together here."""

import io
import struct
import zlib

from PIL import Image, ImageCms, ImageDraw

# Four quarters, and what they are in any upright picture.
COLOURS = [(200, 40, 40), (40, 170, 60), (40, 60, 190), (220, 200, 60)]


def places(size):
    """The middle of each quarter."""
    return [(int(size[0] * x), int(size[1] * y)) for y in (0.25, 0.75) for x in (0.25, 0.75)]


def scene(size=(1200, 900), mode="RGB", colours=COLOURS):
    """Four quarters; with alpha, a transparent middle."""
    width, height = size
    image = Image.new("CMYK" if mode == "CMYK" else "RGB", size)
    draw = ImageDraw.Draw(image)
    for i, colour in enumerate(colours):
        left, top = i % 2 * (width // 2), i // 2 * (height // 2)
        draw.rectangle([left, top, left + width // 2, top + height // 2], colour)
    image = image.convert(mode.removesuffix("A"))
    if mode.endswith("A"):
        alpha = Image.new("L", size, 255)
        alpha.paste(0, [width * 2 // 5, height * 2 // 5, width * 3 // 5, height * 3 // 5])
        image.putalpha(alpha)
    return image


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


# --- JPEG -----------------------------------------------------------------------------------------


def ink(colour):
    """A colour as cyan, magenta, yellow and black: black takes half of what it can."""
    black = (255 - max(colour)) // 2
    return *(255 - v * 255 // (255 - black) for v in colour), black


def ycck(image):
    """As Photoshop writes it: brightness and chroma of the negative in place of C, M and Y."""
    negative = image.point(lambda v: 255 - v).convert("YCbCr")
    stored = [*negative.split(), Image.new("L", image.size, 255)]
    planes = Image.merge("CMYK", [plane.point(lambda v: 255 - v) for plane in stored])
    data = saved(planes, "JPEG", quality=95)
    at = data.index(b"Adobe") + 11
    assert data[at] == 0
    return data[:at] + b"\2" + data[at + 1 :]


def scans(data, times):
    """A progressive JPEG with its last scan again and again."""
    last = data.rindex(b"\xff\xda")
    end = data.rindex(b"\xff\xd9")
    return data[:end] + data[last:end] * times + data[end:]


# --- PNG ------------------------------------------------------------------------------------------

PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_header(width, height, depth=8, colour=2, interlaced=False):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)


def every(row, samples, first, step):
    """The pixels `first`, `first` + `step`, … of a row."""
    out = bytearray(len(range(first, len(row) // samples, step)) * samples)
    for i in range(samples):
        out[i::samples] = row[first * samples + i :: step * samples]
    return out


def twice(row):
    """8 bits a sample become 16."""
    out = bytearray(2 * len(row))
    out[0::2] = out[1::2] = row
    return out


def png(image, depth=8, interlaced=False, before=b"", after=b"", level=6):
    """`before` and `after` are chunks before and after the pixels."""
    samples, (width, height) = len(image.getbands()), image.size
    raw = memoryview(image.tobytes())
    rows = [raw[y * width * samples :][: width * samples] for y in range(height)]
    packer, data = zlib.compressobj(level), []
    for x, y, across, down in PASSES if interlaced else [(0, 0, 1, 1)]:
        for row in rows[y::down] if x < width else []:
            line = every(row, samples, x, across) if interlaced else row
            data.append(packer.compress(b"\0" + (twice(line) if depth == 16 else bytes(line))))
    colour = {"L": 0, "RGB": 2, "LA": 4, "RGBA": 6}[image.mode]
    return b"".join([
        png_header(width, height, depth, colour, interlaced), before,
        chunk(b"IDAT", b"".join(data) + packer.flush()), after, chunk(b"IEND", b""),
    ])  # fmt: skip


def iccp(profile):
    return chunk(b"iCCP", b"profile\0\0" + zlib.compress(profile))


# --- profiles -------------------------------------------------------------------------------------


def fixed(*values):
    return b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def icc(kind, space, connection, tags):
    """A profile with these tags and no others."""
    table, data, at = b"", b"", 128 + 4 + 12 * (len(tags) + 1)
    white = ("wtpt", b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249))
    for name, body in [white, *tags]:
        body += b"\0" * (-len(body) % 4)
        table += name.encode() + struct.pack(">II", at + len(data), len(body))
        data += body
    table = struct.pack(">I", len(tags) + 1) + table
    head = struct.pack(">I4sI4s4s4s", 128 + len(table) + len(data), b"lcms", 0x02400000,
                       kind.encode(), space.encode(), connection.encode())  # fmt: skip
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + b"\0" * 28 + fixed(0.9642, 1, 0.8249)
    return head + b"\0" * (128 - len(head)) + table + data


def display_p3():
    curve = b"para\0\0\0\0\0\3\0\0" + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    primaries = {
        "r": (0.51512, 0.24120, -0.00105),
        "g": (0.29198, 0.69225, 0.04189),
        "b": (0.15710, 0.06657, 0.78407),
    }
    tags = [(f"{c}XYZ", b"XYZ \0\0\0\0" + fixed(*xyz)) for c, xyz in primaries.items()]
    return icc("mntr", "RGB ", "XYZ ", tags + [(f"{c}TRC", curve) for c in "rgb"])


def linear_grey():
    return icc("mntr", "GRAY", "XYZ ", [("kTRC", b"curv\0\0\0\0\0\0\0\0")])


def odd_cmyk():
    """A printer whose inks are red, blue, green and black, so that nobody takes it for the usual one."""
    paper, inks = (255, 128, 128), [(130, 200, 190), (80, 180, 40), (140, 60, 180), (20, 128, 128)]
    grid = bytearray()
    for i in range(16):
        mixed = [inks[k] for k in range(4) if i >> (3 - k) & 1] or [paper]
        grid += bytes(sum(ink[c] for ink in mixed) // len(mixed) for c in range(3))
    straight = bytes(range(256))
    table = b"mft1\0\0\0\0\4\3\2\0" + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1) + straight * 4 + grid + straight * 3
    return icc("prtr", "CMYK", "Lab ", [("A2B0", bytes(table))])


def converted(image, profile, mode):
    """The image's sRGB colours in another profile's numbers, or the other way round for a printer."""
    srgb = ImageCms.createProfile("sRGB")
    other = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    ways = (other, srgb) if image.mode == "CMYK" else (srgb, other)
    return ImageCms.profileToProfile(image, *ways, outputMode=mode)
