"""What is left of a picture after picture_clean(): all of its pixels and colours, nothing of its metadata."""
import corpus
import pytest
from conftest import clean
from formats import icc_tags
from metadata import SECRET
from PIL import Image, ImageOps, ImageSequence

Image.MAX_IMAGE_PIXELS = None
every_picture = pytest.mark.parametrize("name", corpus.PICTURES)

# What exiftool may still say: about the file, the pixels and how to show them.
SHOWING = {
    "JFIF": {"JFIFVersion", "ResolutionUnit", "XResolution", "YResolution"},
    "Adobe": {"DCTEncodeVersion", "APP14Flags0", "APP14Flags1", "ColorTransform"},
    "PNG": {
        "ImageWidth", "ImageHeight", "BitDepth", "ColorType", "Compression", "Filter", "Interlace", "Palette",
        "Transparency", "Gamma", "ProfileName", "BackgroundColor", "AnimationFrames", "AnimationPlays",
        "WhitePointX", "WhitePointY", "RedX", "RedY", "GreenX", "GreenY", "BlueX", "BlueY",
    },
    "GIF": {
        "GIFVersion", "ImageWidth", "ImageHeight", "HasColorMap", "ColorResolutionDepth", "BitsPerPixel",
        "BackgroundColor", "AnimationIterations", "FrameCount", "Duration", "TransparentColor",
    },
    "RIFF": {
        "ImageWidth", "ImageHeight", "HorizontalScale", "VerticalScale", "VP8Version", "AlphaIsUsed", "WebP_Flags",
        "AlphaPreprocessing", "AlphaFiltering", "AlphaCompression", "BackgroundColor", "AnimationLoopCount",
        "FrameCount", "Duration",
    },
    "IFD0": {"Orientation"},
}  # fmt: skip
ABOUT_THE_FILE = ("ExifTool", "System", "File", "Composite", "PNG-pHYs")


def leftover(tag):
    """Whether it says more than how to show the picture."""
    group, _, name = tag.partition(":")
    if group in ABOUT_THE_FILE or group.startswith("ICC"):
        return name == "Comment" or group == "ExifTool" and name in ("Warning", "Error")
    return name not in SHOWING.get(group, set())


COLOUR_TAGS = [*"rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC wtpt chad cicp A2B0 A2B1 A2B2 B2A0 B2A1 B2A2".split()]


def colours_of(profile):
    """What it says of colours. None: it is no profile."""
    if not profile or profile[36:40] != b"acsp" or len(profile) < int.from_bytes(profile[:4], "big"):
        return None
    tags = icc_tags(profile)
    # a type's bytes may be followed by others
    tags = {t: tags[t.encode()][: 20 if t.endswith("XYZ") else 32 if t.endswith("TRC") else None].rstrip(b"\0")
            for t in COLOUR_TAGS if t.encode() in tags}  # fmt: skip
    return profile[8:10], profile[12:24], tags


def shown(path):
    """All frames as an independent decoder sees them, with what belongs to the showing."""
    with Image.open(path) as image:
        colours = [image.info.get(k) for k in ("loop", "gamma", "jfif_density", "transparency")]
        colours.append(colours_of(image.info.get("icc_profile")))
        exact = image.mode, image.tobytes(), image.getpalette()
        pictures = [
            (frame.mode, frame.size, frame.info.get("duration"), frame.tobytes())
            for frame in ImageSequence.Iterator(image)
        ]
    return colours, exact, pictures


@every_picture
def test_what_it_finds_is_what_is_there(cleaned, name):
    want, got = corpus.PICTURES[name], cleaned[name].facts
    assert cleaned[name].fault == corpus.FINE
    assert got == {k: getattr(want, k) for k in ("mime", "width", "height", "orientation", "frames", "located")}


@every_picture
def test_its_size_is_the_size_that_a_decoder_shows(cleaned, name):
    got = cleaned[name].facts
    with Image.open(cleaned[name].after) as image:
        assert ImageOps.exif_transpose(image).size == (got["width"], got["height"])
        assert image.getexif().get(0x0112, 1) == got["orientation"]


@every_picture
def test_all_its_pixels_and_colours_stay(cleaned, name):
    before, after = shown(cleaned[name].before), shown(cleaned[name].after)
    if name == "jpeg-mpo":  # Pillow shows all pictures of it; the first is kept
        before = (before[0], before[1], before[2][:1])
    assert before == after


@every_picture
def test_exiftool_finds_no_metadata(tags, name):
    assert [tag for tag in tags[f"{name}.after"] if tag != "SourceFile" and leftover(tag)] == []


@pytest.mark.parametrize("name", [n for n, p in corpus.PICTURES.items() if p.located and "-profile" not in n])
def test_exiftool_finds_the_place_before(tags, name):
    """The corpus is what it says."""
    found = " ".join(tags[f"{name}.before"])
    assert "GPS" in found or "City" in found


@every_picture
def test_no_byte_of_the_metadata_is_left(cleaned, name):
    assert SECRET not in cleaned[name].after.read_bytes()
    assert (SECRET in cleaned[name].before.read_bytes()) == corpus.PICTURES[name].secret


@every_picture
def test_what_is_clean_stays_as_it_is(cleaned, folder, name):
    again = clean(cleaned[name].after, folder / f"{name}.again")
    assert again.after.read_bytes() == cleaned[name].after.read_bytes()
    assert again.facts == cleaned[name].facts | {"located": False}
    again.after.unlink()


@pytest.mark.parametrize("name", corpus.REFUSED)
def test_it_refuses_what_is_no_picture_or_too_big(folder, name):
    data, fault = corpus.REFUSED[name]
    path = folder / f"{name}.refused"
    path.write_bytes(data)
    assert clean(path, folder / "none").fault == fault


@pytest.mark.parametrize("name", corpus.CUT)
def test_it_refuses_a_picture_that_is_cut(folder, name):
    data = corpus.PICTURES[name].data
    path = folder / f"{name}.cut"
    for size in [*range(1, len(data), len(data) // 40), len(data) - 2, len(data) - 1]:
        path.write_bytes(data[:size])
        assert clean(path, folder / "none").fault in (corpus.UNKNOWN, corpus.BROKEN)
