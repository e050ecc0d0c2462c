"""Runs chatd-thumb, as chatd does: the picture at 0, the thumbnail at 1, a sentence at 2, the preview at 3."""

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
CHATD = os.path.abspath(os.environ.get("CHATD", ROOT / "build/asan/chatd"))
THUMB = os.path.join(os.path.dirname(CHATD), "chatd-thumb")
SANITIZED = b"__asan_init" in Path(THUMB).read_bytes()
PIXELS = 40_000_000
REPORT = 99  # exit status of a sanitizer's report
SIDE = 800
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": f"exitcode={REPORT}", "UBSAN_OPTIONS": f"exitcode={REPORT}"}


# Executes the rest and writes what it took to descriptor 4. A process begins with the memory of the one that
# forked it, so this one must be small.
MEASURE = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
os.write(4, b"%f %d" % (usage.ru_utime + usage.ru_stime, usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""


class Done:
    """What became of one picture. `status` is negative if a signal ended it."""

    def __init__(self, status, thumbnail, said, preview, used):
        self.status, self.thumbnail, self.said, self.preview = status, thumbnail, said, preview
        if used:
            self.cpu_seconds, kib = map(float, used.split())
            self.rss_bytes = kib * 1024

    @property
    def image(self):
        """The thumbnail, decoded. It must be fine."""
        assert (self.status, self.said) == (0, "")
        assert re.fullmatch(r"[\w-]{20,40}\n", self.preview, flags=re.ASCII)
        assert self.thumbnail[:4] == b"RIFF" and self.thumbnail[8:12] == b"WEBP"
        image = Image.open(io.BytesIO(self.thumbnail))
        assert not image.info.get("exif") and not image.info.get("icc_profile")
        image.load()
        return image


def run(picture, mime, pixels=PIXELS, before=(), environment=None):
    """`before`: a command in front of the program, which it executes."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("picture", "thumbnail", "said", "preview", "used")]
        files[0].write_bytes(picture)
        script = 'exec <"$1" >"$2" 2>"$3" 3>"$4" 4>"$5"; shift 5; exec "$@"'
        status = subprocess.run(
            ["sh", "-c", script, "sh", *files, *before, THUMB, mime, str(pixels)],
            env={**ENVIRONMENT, **(environment or {})},
        ).returncode
        _, thumbnail, said, preview, used = (file.read_bytes() for file in files)
    return Done(status, thumbnail, said.decode(), preview.decode(), used)


def measured(picture, mime, pixels=PIXELS):
    """With `cpu_seconds` and `rss_bytes`."""
    return run(picture, mime, pixels, before=[sys.executable, "-E", "-S", "-c", MEASURE])


def size_of(width, height):
    """The size that a thumbnail must have."""
    longer = max(width, height)
    if longer <= SIDE:
        return width, height
    return tuple(max(1, (side * SIDE + longer // 2) // longer) for side in (width, height))
