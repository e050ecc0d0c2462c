import json
import os
import subprocess
from collections import namedtuple

import corpus
import pytest

# What picture_clean made of a picture, and the file before it: `facts` is None if it was refused.
Cleaned = namedtuple("Cleaned", "before after fault facts")


def clean(before, after):
    done = subprocess.run([os.environ["PICTURE_CLEAN"], before, after], capture_output=True, text=True)
    assert done.returncode in range(5) and not done.stderr, done.stderr
    return Cleaned(before, after, done.returncode, json.loads(done.stdout) if done.stdout else None)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("photo")


@pytest.fixture(scope="session")
def cleaned(folder):
    """All pictures by name, cleaned."""
    out = {}
    for name, picture in corpus.PICTURES.items():
        before = folder / f"{name}.before"
        before.write_bytes(picture.data)
        out[name] = clean(before, folder / f"{name}.after")
    return out


@pytest.fixture(scope="session")
def tags(folder, cleaned):
    """What exiftool reads in a file: {"group:tag": value}."""
    done = subprocess.run(
        ["exiftool", "-json", "-G1", "-a", "-u", "-U", "-ee", "-struct", str(folder), "-ext", "*"],
        capture_output=True, text=True,
    )  # fmt: skip
    return {os.path.basename(file["SourceFile"]): file for file in json.loads(done.stdout)}
