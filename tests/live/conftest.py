import itertools
import shutil
import subprocess

import pytest
from daemon import JOURNAL, Daemon
from fixtures import helper, start  # noqa: F401

# What these test never comes to the journal.
collect_ignore = [] if JOURNAL == "local" else [
    "test_http.py", "test_listen.py", "test_tls.py", "test_unit.py"]


@pytest.fixture
def daemon(start):
    """A daemon for this test only."""
    return start()


@pytest.fixture(scope="session")
def one_daemon():
    d = Daemon().start()
    yield d
    d.finish()


@pytest.fixture
def shared(one_daemon):
    """One daemon for all tests whose commands are refused, so that they leave nothing behind."""
    yield one_daemon
    one_daemon.assert_sound()


@pytest.fixture
def make_certificate(tmp_path):
    """Makes certificates of localhost; returns their files, as `tls` names them."""
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate")
    numbers = itertools.count()

    def make():
        n = next(numbers)
        files = {k: str(tmp_path / f"{k}{n}.pem") for k in ("cert", "key")}
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-keyout", files["key"], "-out", files["cert"], "-days", "1"],
            check=True, capture_output=True,
        )  # fmt: skip
        return files

    return make


@pytest.fixture
def certificate(make_certificate):
    return make_certificate()
