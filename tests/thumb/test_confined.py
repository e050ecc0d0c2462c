"""What chatd-thumb may do, whatever a picture makes of it, and what it does with pictures that are none."""

import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from pictures import chunk, png, png_header, saved, scans, scene, ycck
from thumb import ENVIRONMENT, PIXELS, ROOT, SANITIZED, THUMB, measured, run

MIB = 1 << 20
HERE = Path(__file__).parent
confined = pytest.mark.skipif(SANITIZED, reason="sanitizers need more than the filter allows")


# --- limits ---------------------------------------------------------------------------------------


def status(proc):
    return dict(line.split(":\t", 1) for line in proc.joinpath("status").read_text().splitlines())


@pytest.fixture
def waiting():
    """A confined program that waits for its picture. It was given one descriptor too many."""
    extra = os.open("/dev/null", os.O_RDONLY)
    process = subprocess.Popen(
        [THUMB, "image/png", str(PIXELS)], pass_fds=[extra], env=ENVIRONMENT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    os.close(extra)
    proc = Path(f"/proc/{process.pid}")
    deadline = time.monotonic() + 60
    while status(proc)["Seccomp"] != "2":
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    yield proc
    process.communicate(b"")
    assert process.returncode == 1


@confined
def test_it_is_confined_before_it_reads(waiting):
    now = status(waiting)
    assert (now["NoNewPrivs"], now["Threads"]) == ("1", "1")
    limits = waiting.joinpath("limits").read_text()
    for name, most in {
        "Max address space": 512 * MIB,
        "Max cpu time": 10,
        "Max file size": 4 * MIB,
        "Max open files": 0,
        "Max processes": 0,
        "Max core file size": 0,
    }.items():
        line = next(line for line in limits.splitlines() if line.startswith(name))
        assert line.removeprefix(name).split()[:2] == [str(most)] * 2


@confined
@pytest.mark.skipif(os.geteuid() != 0, reason="only root sees the descriptors of a process that hides them")
def test_it_keeps_no_other_descriptor(waiting):
    assert {entry.name for entry in waiting.joinpath("fd").iterdir()} <= {"0", "1", "2", "3"}


# What a codec might be made to do. Each is a C expression, evaluated in place of decoding.
DEEDS = {
    "open a file": 'open("/etc/passwd", O_RDONLY)',
    "make a socket": "socket(AF_UNIX, SOCK_STREAM, 0)",
    "fork": "fork()",
    "execute": 'execl("/bin/true", "true", NULL)',
    "kill": "kill(getppid(), 0)",
    "read another's memory": "ptrace(PTRACE_ATTACH, getppid(), 0, 0)",
    "map what can run": "mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)",
    "map a file": "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 0, 0)",
    "make what it wrote run": "mprotect(malloc(1), 1, PROT_READ | PROT_EXEC)",
    "move in a file": "lseek(0, 0, SEEK_SET)",
}
INCLUDES = ["fcntl.h", "signal.h", "stdlib.h", "sys/mman.h", "sys/ptrace.h", "sys/socket.h", "unistd.h"]


@confined
@pytest.mark.skipif(not shutil.which("gcc"), reason="gcc makes the codec that has been taken over")
@pytest.mark.parametrize("deed", DEEDS)
def test_a_codec_that_was_taken_over_dies(tmp_path, deed):
    """In place of libjpeg's function stands one that does the deed."""
    source = "".join(f"#include <{name}>\n" for name in INCLUDES)
    source += f"int jpeg_read_header(void) {{ _exit(7 + !({DEEDS[deed]})); }}\n"
    (tmp_path / "bad.c").write_text(source)
    bad = tmp_path / "bad.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", bad, tmp_path / "bad.c"], check=True)
    done = run(saved(scene(), "JPEG"), "image/jpeg", before=["env", f"LD_PRELOAD={bad}"])
    assert done.status == -signal.SIGSYS and not done.thumbnail


@confined
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze knows systemd's sets of calls")
def test_it_works_within_the_shipped_unit():
    unit = [sys.executable, str(HERE / "within_unit.py"), str(ROOT / "systemd/chatd.service")]
    denied = [*unit, sys.executable, "-c", "import os; os.nice(1)"]
    assert b"PermissionError" in subprocess.run(denied, capture_output=True).stderr
    for picture, mime in SEEDS.values():
        assert run(picture, mime, before=unit).image.size == (120, 90)


# --- bombs ----------------------------------------------------------------------------------------


def larger(kind, header, side):
    """A picture whose headers name another size."""
    data = saved(Image.new("RGB", (77, 77)), kind)
    assert struct.pack(header, 77, 77) in data
    return data.replace(struct.pack(header, 77, 77), struct.pack(header, side, side))


def webp_canvas(side):
    """An extended file: a large canvas and a small picture."""
    frame = saved(Image.new("RGB", (77, 77)), "WEBP")[12:]
    canvas = b"VP8X" + struct.pack("<II", 10, 0) + 2 * struct.pack("<I", side - 1)[:3]
    return b"RIFF" + struct.pack("<I", 4 + len(canvas) + len(frame)) + b"WEBP" + canvas + frame


BOMBS = {
    "png": (lambda: png_header(100_000, 100_000) + chunk(b"IDAT", bytes(900)), "image/png"),
    "png of one column": (lambda: png_header(1, 100_000_000) + chunk(b"IDAT", bytes(900)), "image/png"),
    "jpeg": (lambda: larger("JPEG", ">HH", 65_500), "image/jpeg"),
    "gif": (lambda: larger("GIF", "<HH", 65_535), "image/gif"),
    "webp": (lambda: webp_canvas(1 << 24), "image/webp"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_its_header(name):
    make, mime = BOMBS[name]
    done = measured(make(), mime)
    assert done.status == 1 and done.said.count("\n") == 1 and not done.thumbnail
    assert SANITIZED or (done.rss_bytes < 24 * MIB and done.cpu_seconds < 1)


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "webp"])
def test_the_limit_of_pixels_is_the_last_argument(kind):
    picture = saved(scene((120, 90)), kind.upper())
    assert run(picture, f"image/{kind}", pixels=120 * 90).image.size == (120, 90)
    done = run(picture, f"image/{kind}", pixels=120 * 90 - 1)
    assert (done.status, done.said) == (1, "The picture has too many pixels.\n")


@confined
def test_a_picture_that_needs_more_memory_than_there_is_cannot_be_decoded():
    picture = png_header(13_000, 13_000, colour=6, interlaced=True) + chunk(b"IDAT", bytes(900))
    done = measured(picture, "image/png", 10**9)
    assert (done.status, done.said) == (1, "There is no memory for the PNG.\n")
    assert done.rss_bytes < 64 * MIB


def test_a_jpeg_of_too_many_scans_is_refused():
    picture = saved(scene(), "JPEG", progressive=True)
    assert run(picture, "image/jpeg").status == 0
    done = run(scans(picture, 200), "image/jpeg")
    assert (done.status, done.said) == (1, "The JPEG cannot be decoded.\n")


# --- pictures that are none -----------------------------------------------------------------------

SEEDS = {
    "jpeg": (saved(scene((120, 90)), "JPEG"), "image/jpeg"),
    "jpeg progressive": (saved(scene((120, 90)), "JPEG", progressive=True), "image/jpeg"),
    "jpeg YCCK": (ycck(scene((120, 90))), "image/jpeg"),
    "png": (png(scene((120, 90), "RGBA"), depth=16), "image/png"),
    "png interlaced": (png(scene((120, 90)), interlaced=True), "image/png"),
    "png palette": (saved(scene((120, 90), "P"), "PNG"), "image/png"),
    "gif": (saved(scene((120, 90), "RGBA"), "GIF"), "image/gif"),
    "webp": (saved(scene((120, 90), "RGBA"), "WEBP"), "image/webp"),
    "webp lossless": (saved(scene((120, 90)), "WEBP", lossless=True), "image/webp"),
    "webp moving": (
        saved(scene((120, 90)), "WEBP", save_all=True, append_images=[Image.new("RGB", (120, 90))]),
        "image/webp",
    ),
}


def assert_ends_well(done):
    """Decoded or not, but neither killed nor stopped by a sanitizer, whose exit status is another."""
    assert done.status in (0, 1), done.said
    assert (done.said == "" and done.preview) if done.status == 0 else (done.said.count("\n") == 1 and not done.preview)


def mutated(picture, dice):
    data = bytearray(picture)
    for _ in range(dice.choice([1, 2, 5, 20])):
        at = dice.randrange(len(data))
        data[at] = dice.choice([0, 0xFF, data[at] ^ 1 << dice.randrange(8), dice.randrange(256)])
    return bytes(data[: dice.randrange(1, len(data))] if dice.random() < 0.2 else data)


@pytest.mark.parametrize("name", SEEDS)
def test_a_damaged_picture_does_no_harm(name):
    picture, mime = SEEDS[name]
    dice = random.Random(name)
    for _ in range(40):
        assert_ends_well(run(mutated(picture, dice), mime))


@pytest.mark.parametrize("name", SEEDS)
def test_a_cut_picture_does_no_harm(name):
    picture, mime = SEEDS[name]
    for size in (0, 1, 8, 12, len(picture) // 4, len(picture) // 2, len(picture) - 20):
        assert_ends_well(run(picture[:size], mime))


@pytest.mark.parametrize("mime", ["image/jpeg", "image/png", "image/gif", "image/webp"])
def test_another_kind_than_the_type_says_cannot_be_decoded(mime):
    for picture, other in SEEDS.values():
        assert other == mime or run(picture, mime).status == 1


def test_an_unknown_type_cannot_be_decoded():
    done = run(SEEDS["png"][0], "image/avif")
    assert (done.status, done.said) == (1, "There is no codec for this type.\n")


@pytest.mark.parametrize("arguments", ["", "image/png", "image/png x", "image/png 0", "image/png 1 2"])
def test_wrong_arguments_are_no_fault_of_the_picture(arguments):
    done = subprocess.run([THUMB, *arguments.split()], stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 2 and done.stderr.startswith(b"usage: ")


def test_a_full_disk_is_no_fault_of_the_picture():
    picture, mime = SEEDS["png"]
    done = run(picture, mime, before=["sh", "-c", 'exec "$@" >/dev/full', "sh"])
    assert (done.status, done.said) == (2, "The thumbnail cannot be written.\n")
