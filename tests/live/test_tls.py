"""The page and the chat over TLS."""

import socket
import ssl
import subprocess

import pytest
from client import PATIENCE, TEXT, frame, upgrade_request
from daemon import CHATD, ROOT, setting
from web import Response

@pytest.fixture
def secure(start, certificate):
    return start(
        listen=[
            {"address": "127.0.0.1", "port": 0},
            {"address": "127.0.0.1", "port": 0, "tls": certificate},
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
            ann.say(f"line {i}. " + "x" * 1000)
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


# --- certificates that cannot serve ---------------------------------------------------------------


def checked(tmp_path, tls):
    path = tmp_path / "chatd.conf"
    path.write_text(
        f'www = "{ROOT}/www"; state = "{tmp_path}/state";\n'
        f"listen = ( {{ port = 0; tls = {setting(tls)}; }} );\n"
    )
    done = subprocess.run([CHATD, "--config", path, "--check"], capture_output=True, text=True)
    return done.returncode, done.stderr.replace(f"{path}:", "")


def test_a_key_of_another_certificate_is_a_fault(tmp_path, certificate, make_certificate):
    assert checked(tmp_path, certificate) == (0, "")
    other = {**certificate, "key": make_certificate()["key"]}
    assert checked(tmp_path, other) == (2, "2: key: does not belong to cert\n")


def test_files_that_are_no_certificates_are_a_fault(tmp_path, certificate):
    bad = {**certificate, "cert": certificate["key"]}
    assert checked(tmp_path, bad) == (2, "2: cert: is no certificate in PEM\n")
    bad = {**certificate, "key": certificate["cert"]}
    assert checked(tmp_path, bad)[1].startswith("2: key: is no private key in PEM")


CA = """[ca]
default_ca = d
[d]
database = {dir}/index
new_certs_dir = {dir}
serial = {dir}/serial
policy = p
default_md = sha256
[p]
commonName = supplied
"""


def test_a_certificate_that_has_ended_is_a_warning(tmp_path, certificate):
    (tmp_path / "ca.conf").write_text(CA.format(dir=tmp_path))
    (tmp_path / "index").touch()
    (tmp_path / "serial").write_text("01\n")
    key, request = certificate["key"], tmp_path / "request"
    for command in (
        ["req", "-new", "-key", key, "-subj", "/CN=localhost", "-out", request],
        ["ca", "-batch", "-selfsign", "-config", tmp_path / "ca.conf", "-keyfile", key, "-in", request,
         "-out", certificate["cert"], "-notext", "-startdate", "20200101000000Z",
         "-enddate", "20200102000000Z"],
    ):  # fmt: skip
        subprocess.run(["openssl", *command], check=True, capture_output=True)
    assert checked(tmp_path, certificate) == (0, "2: warning: cert: ended 2020-01-02\n")
