"""The page and the chat over TLS."""

import shutil
import socket
import ssl
import subprocess

import pytest
from client import PATIENCE, TEXT, frame, upgrade_request
from web import Response

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")


@pytest.fixture
def secure(start, tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-subj", "/CN=localhost", "-days", "1", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    tls = {"cert": str(cert), "key": str(key)}
    return start(
        listen=[
            {"address": "127.0.0.1", "port": 0},
            {"address": "127.0.0.1", "port": 0, "tls": tls},
        ]
    )


def open_tls(daemon, alpn=()):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(alpn)
    raw = socket.create_connection(daemon.addresses[1], timeout=PATIENCE)
    return context.wrap_socket(raw, server_hostname="localhost")


def read_until(s, mark):
    data = b""
    while mark not in data:
        piece = s.recv(65536)
        assert piece, f"closed before {mark}: {data[-200:]}"
        data += piece
    return data


def test_the_page_is_served_over_tls_and_stays_there(secure):
    with open_tls(secure) as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        got = Response(read_until(s, b"</html>"))
    assert got.status == 200
    assert "max-age=" in got.headers["strict-transport-security"]


def test_http2_is_not_offered_over_tls(secure):
    with open_tls(secure, ["h2", "http/1.1"]) as s:
        assert s.selected_alpn_protocol() in (None, "http/1.1")
    with open_tls(secure) as s:
        assert s.version() in ("TLSv1.2", "TLSv1.3")


def test_people_with_and_without_tls_are_in_the_same_room(secure):
    ann = secure.person("ann", room="lobby")
    with open_tls(secure) as s:
        s.sendall(upgrade_request("localhost"))
        read_until(s, b"\r\n\r\n")
        for m in (
            b'{"type":"hello","nick":"bob","id":"h"}',
            b'{"type":"join","room":"lobby","id":"j"}',
        ):
            s.sendall(frame(TEXT, m))
        read_until(s, b'"joined"')
        for i in range(300):
            ann.command("say", room="lobby", text=f"line {i}. " + "x" * 1000)
        data = read_until(s, b"line 299.")
        assert [data.find(b"line %d." % i) for i in range(300)] == sorted(
            data.find(b"line %d." % i) for i in range(300)
        )
        s.sendall(frame(TEXT, b'{"type":"say","room":"lobby","id":"s","text":"over TLS"}'))
        ann.expect("message", text="over TLS")


def test_bytes_that_are_not_tls_do_no_harm(secure):
    for junk in (
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01" + b"\xff" * 500,
        b"\x80" * 100,
    ):
        with socket.create_connection(secure.addresses[1], timeout=PATIENCE) as s:
            s.sendall(junk)
            try:
                assert b"200 OK" not in s.recv(1000)
            except ConnectionResetError:
                pass
    with open_tls(secure) as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in read_until(s, b"ok\n")
