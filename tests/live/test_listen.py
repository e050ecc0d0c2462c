"""Where the daemon listens, and where it does not."""

import itertools
import os
import re
import select
import shutil
import socket
import ssl
import stat
import subprocess
import sys

import pytest
from client import PATIENCE, Client, connect, upgrade_request
from daemon import Daemon, wait_until
from redis_server import RedisServer
from web import Response, exchange, is_whole


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


@pytest.mark.parametrize("mode", [None, "0660"])
def test_the_mode_of_a_unix_socket_is_the_configured_one(start, tmp_path, mode):
    path = str(tmp_path / "http.sock")
    where = {"unix": path, **({"mode": mode} if mode else {})}
    d = start(listen=[{"address": "127.0.0.1", "port": 0}, where])
    local, remote = Client(path, told=d.told), d.person("remote", room="lobby")
    assert local.status == 101
    local.hello("local")
    local.join()
    local.say("from the same machine")
    assert remote.texts(1) == ["from the same machine"]
    assert stat.S_IMODE(os.stat(path).st_mode) == int(mode or "0666", 8)
    local.close()
    d.restart()  # the socket file of an earlier run is no obstacle
    assert Client(path).status == 101
    d.kill()
    d.start()
    assert Client(path).status == 101


def test_a_unix_socket_is_removed_at_the_end(start, tmp_path):
    path = tmp_path / "http.sock"
    d = start(listen=[{"unix": str(path)}])
    assert path.exists()
    assert d.terminate() == 0
    assert not path.exists()


def test_the_limit_of_connections_per_address_does_not_apply_to_a_unix_socket(start, tmp_path):
    path = str(tmp_path / "http.sock")
    d = start(listen=[{"unix": path}], connections_per_address=2)
    all_ = [Client(path, told=d.told) for _ in range(5)]
    assert [c.status for c in all_] == [101] * 5
    for c in all_:
        c.close()


def test_a_unix_socket_is_not_taken_from_a_running_daemon(start, tmp_path):
    path = str(tmp_path / "http.sock")
    d = start(listen=[{"unix": path}])
    refused(Daemon(listen=[{"unix": path}]), path)
    assert Client(path, told=d.told).status == 101


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_ipv6_is_served(start):
    d = start(listen=[{"address": "127.0.0.1", "port": 0}, {"address": "::1", "port": 0}])
    six = Client(d.addresses[1], told=d.told)
    assert six.status == 101
    four = d.person("four", room="lobby")
    six.hello("six")
    six.join()
    six.say("by the new road")
    assert four.texts(1) == ["by the new road"]
    six.close()


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_connections_of_an_ipv6_network_are_limited_too(start):
    d = start(listen=[{"address": "::1", "port": 0}], connections_per_address=2)
    kept = [Client(d.address) for _ in range(2)]
    assert [c.status for c in kept] == [101, 101]
    assert Client(d.address).status == 503
    assert "refused reason=address address=::/64 held=2: " in d.log()
    for c in kept:
        c.close()


# --- shares -----------------------------------------------------------------------------------------


def get(socket, path="/healthz"):
    socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    data = b""
    while not is_whole(data, head_only=False):
        piece = socket.recv(65536)
        assert piece, f"closed before {path} was answered"
        data += piece
    return Response(data)


def test_forty_browsers_behind_one_address_get_the_whole_page(start):
    d = start(connections_per_address=64)  # the default
    page = get(connect(d.address), "/")
    files = re.findall(r"""(?:src|href)=["'](/[^"']+)""", page.body.decode())
    assert len(files) > 5
    browsers = [[connect(d.address) for _ in range(6)] for _ in range(40)]
    for sockets in browsers:
        assert get(sockets[0], "/").body == page.body
    for sockets in browsers:
        for i, path in enumerate(files):
            assert get(sockets[i % 6], path).status == 200
    people = [d.person(room="lobby") for _ in range(40)]  # while the browsers keep their connections
    people[0].say("room for all")
    assert people[-1].texts(1) == ["room for all"]
    assert d.metric('chatd_refused_total{reason="connections"}') == 0
    for s in itertools.chain(*browsers):
        s.close()


def test_an_idle_connection_is_given_up_before_anyone_is_refused(start):
    d = start(connections_per_address=1)
    idle = [connect(d.address) for _ in range(8)]
    for s in idle:
        assert get(s).status == 200
    newest = connect(d.address)
    assert get(newest).status == 200
    assert idle[0].recv(1) == b""  # it has waited longest
    assert get(idle[1]).status == 200
    assert d.person().settle() is not None
    for s in [*idle, newest]:
        s.close()


def test_a_connection_over_the_share_is_answered_with_503(start):
    d = start(connections_per_address=1)
    busy = [connect(d.address) for _ in range(8)]
    for s in busy:
        s.sendall(b"GET / HTTP/1.1\r\n")  # the rest never comes
    got = wait_until(lambda: exchange(d.address, b""), "an answer")
    assert got.status == 503 and int(got.headers["retry-after"]) > 0 and got.body
    assert re.search(r"warn refused reason=connections address=127.0.0.1 connections=8 ", d.log())
    for s in busy:
        s.close()
    wait_until(lambda: d.get("/healthz")[0] == 200, "place for new connections")
    assert d.metric('chatd_refused_total{reason="connections"}') >= 1


def test_a_share_counts_people_and_tells_who_is_over_it(start):
    d = start(connections_per_address=2)
    ann, bob = d.person("ann"), d.person("bob")
    for _ in range(3):
        got = exchange(d.address, upgrade_request("localhost"))
        assert got.status == 503 and int(got.headers["retry-after"]) > 0
        assert b"Too many people come from your address" in got.body
    assert d.log().count("refused reason=address address=127.0.0.1 held=2: ") == 1
    assert "limits.connections_per_address" in d.log()
    assert d.metric('chatd_refused_total{reason="address"}') == 3
    bob.leave_politely()
    wait_until(lambda: d.connect().status == 101, "place for the next one")
    ann.settle()


def refused(other, why):
    """Checks that the daemon does not start because its address is in use."""
    other.spawn()
    assert other.process.wait(15) != 0
    assert why in other.log() and " ready" not in other.log()
    other.process = None
    other.finish()


def test_a_port_in_use_is_reported(start):
    d = start(redis=False)
    port = d.address[1]
    refused(Daemon(listen=[{"address": "127.0.0.1", "port": port}], redis=False), str(port))
    d.person("ann")


@pytest.fixture
def redis():
    """Starts a Redis for this test; returns its unix socket."""
    server = RedisServer().start()
    yield server.unix
    server.finish()


def test_nodes_on_one_machine_share_a_port(start, redis):
    a = start(redis={"unix": redis}, node="a")
    b = start(
        redis={"unix": redis}, node="b", listen=[{"address": "127.0.0.1", "port": a.address[1]}]
    )
    assert a.address == b.address
    clients = [a.connect() for _ in range(40)]
    b.kill()
    ended = len(select.select([c.socket for c in clients], [], [], 5)[0])
    assert 0 < ended < 40, "the kernel gave all connections to one node"
    for _ in range(5):
        assert a.connect().status == 101


def test_a_lone_daemon_does_not_share_its_port_with_a_node(start, redis):
    d = start(redis=False)
    port = d.address[1]
    listen = [{"address": "127.0.0.1", "port": port}]
    refused(Daemon(redis={"unix": redis}, node="b", listen=listen), str(port))


# --- addresses that come later --------------------------------------------------------------------


def can_unshare():
    return shutil.which("ip") and subprocess.run(["unshare", "-n", "true"]).returncode == 0


@pytest.mark.skipif(not can_unshare(), reason="no network namespace, or no ip")
def test_an_address_that_is_not_there_yet_is_tried_again(start, tmp_path):
    path = str(tmp_path / "http.sock")
    listen = [{"address": "192.0.2.1", "port": 8080}, {"unix": path}]
    alone = ["unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"]
    d = start(command=alone, listen=listen, redis=False)
    assert "listen address=192.0.2.1 port=8080: Cannot assign requested address" in d.log()
    assert Client(path, told=d.told).status == 101, "the other listener serves"
    inside = ["nsenter", "-t", str(d.process.pid), "-n"]
    subprocess.run([*inside, "ip", "address", "add", "192.0.2.1", "dev", "lo"], check=True)
    wait_until(lambda: "listen address=192.0.2.1 port=8080 tls=no" in d.log(), "the address")
    assert d.log().count("Cannot assign") == 1, "it is logged once"
    get = "import urllib.request as u; print(u.urlopen('http://192.0.2.1:8080/metrics').read())"
    got = subprocess.run([*inside, sys.executable, "-c", get], capture_output=True, text=True)
    assert re.search(r"chatd_listen_failures_total [1-9]", got.stdout)


# --- sockets that systemd passes ------------------------------------------------------------------

PASS = """
import os, socket, sys
for i, name in enumerate(sys.argv[1].split(":")):
    s = socket.create_server(("127.0.0.1", 0))
    os.dup2(s.fileno(), 100 + i)
    print("passed port=%d" % s.getsockname()[1], file=sys.stderr)
for i in range(i + 1):
    os.dup2(100 + i, 3 + i)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(i + 1), LISTEN_FDNAMES=sys.argv[1])
os.execv(sys.argv[2], sys.argv[2:])
"""


def passing(*names):
    return [sys.executable, "-c", PASS, ":".join(names)]


def passed_addresses(daemon):
    return [("127.0.0.1", int(p)) for p in re.findall(r"passed port=(\d+)", daemon.log())]


def test_sockets_of_systemd_replace_the_configured_ones(start):
    d = start(command=passing("http", "chatd.socket"))
    assert "listen fd=3 name=http tls=no" in d.log()
    for address in passed_addresses(d):
        c = Client(address, told=d.told)
        assert c.status == 101
        c.close()


def test_a_socket_of_systemd_named_https_has_tls(start, certificate):
    listen = [{"address": "127.0.0.1", "port": 1, "tls": certificate}]
    d = start(command=passing("http", "https"), listen=listen)
    assert "listen fd=4 name=https tls=yes" in d.log()
    context = ssl.create_default_context(cafile=certificate["cert"])
    with socket.create_connection(passed_addresses(d)[1], timeout=PATIENCE) as raw:
        with context.wrap_socket(raw, server_hostname="localhost") as s:
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200 OK" in s.recv(1000)


def test_sockets_of_systemd_do_not_take_the_place_of_tls_without_it(certificate):
    listen = [{"address": "127.0.0.1", "port": 1, "tls": certificate}]
    refused(Daemon(command=passing("http"), listen=listen, redis=False), "none of them is named https")
    refused(Daemon(command=passing("https"), redis=False), "needs a certificate")


def test_no_other_protocol_escapes_the_limits(daemon):
    c = daemon.connect(protocol="http, chat")
    assert c.status != 101 or c.closed().code == 1006
