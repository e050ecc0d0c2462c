"""Blocks of metadata, as phones and programs write them. Each has SECRET in it, so that a search of bytes finds
what a reader of metadata does not know."""
import struct

SECRET = b"SECRET"
PREFIX = b"Exif\0\0"
ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 2, 3, 4, 5, 7
SIZES = {ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1}


def directory(at, entries, order, following=0):
    """A TIFF directory at an offset: (tag, type, bytes); returns it with the values behind it."""
    head = struct.pack(order + "H", len(entries))
    values_at = at + 2 + 12 * len(entries) + 4
    values = b""
    for tag, kind, value in entries:
        head += struct.pack(order + "HHI", tag, kind, len(value) // SIZES[kind])
        if len(value) <= 4:
            head += value.ljust(4, b"\0")
        else:
            head += struct.pack(order + "I", values_at + len(values))
            values += value + b"\0" * (len(value) % 2)
    return head + struct.pack(order + "I", following) + values


def rationals(order, *numbers):
    return b"".join(struct.pack(order + "II", n, 1) for n in numbers)


def exif(orientation=None, gps=True, thumbnail=b"", order=">", secret=SECRET):
    """A TIFF structure: camera, maker note, GPS, thumbnail."""
    short, long = (lambda n: struct.pack(order + "H", n)), (lambda n: struct.pack(order + "I", n))
    header = (b"MM\0*" if order == ">" else b"II*\0") + long(8)

    def whole(exif_at, gps_at, second_at):
        entries = [(0x010F, ASCII, secret + b" camera\0")]
        if orientation is not None:
            entries.append((0x0112, SHORT, short(orientation)))
        entries.append((0x8769, LONG, long(exif_at)))
        if gps:
            entries.append((0x8825, LONG, long(gps_at)))
        first = directory(8, entries, order, second_at if thumbnail else 0)
        inner = directory(exif_at, [(0x927C, UNDEFINED, secret + b" maker note")], order)
        place = directory(
            gps_at,
            [(1, ASCII, b"N\0"), (2, RATIONAL, rationals(order, 48, 24, 1)),
             (3, ASCII, b"E\0"), (4, RATIONAL, rationals(order, 9, 59, 2))],
            order,
        )  # fmt: skip
        second = b""
        if thumbnail:
            size = len(directory(second_at, [(0x0201, LONG, long(0)), (0x0202, LONG, long(0))], order))
            second = directory(
                second_at,
                [(0x0201, LONG, long(second_at + size)), (0x0202, LONG, long(len(thumbnail)))],
                order,
            )
        return first, inner, place, second

    first, inner, place, second = map(len, whole(0, 0, 0))
    at = 8 + first, 8 + first + inner, 8 + first + inner + place
    return header + b"".join(whole(*at)) + thumbnail


def xmp(place=True):
    where = b' exif:GPSLatitude="48,24.0N" exif:GPSLongitude="9,59.0E"' if place else b""
    return (
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        b'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        b'photoshop:Credit="SECRET"' + where + b"/></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
    )


def iptc(city=b"Ulm"):
    out = b"\x1c\x02\x50" + struct.pack(">H", len(SECRET)) + SECRET  # the author
    if city:
        out += b"\x1c\x02\x5a" + struct.pack(">H", len(city)) + city
    return out


def photoshop(data):
    """IPTC as an image resource of Photoshop."""
    return b"8BIM\x04\x04\0\0" + struct.pack(">I", len(data)) + data + b"\0" * (len(data) % 2)
