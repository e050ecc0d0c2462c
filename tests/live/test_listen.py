"""Where the daemon listens, and where it does not."""

import os
import select
import socket
import stat

import pytest
from client import Client
from daemon import Daemon
from redis_server import RedisServer


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


def test_a_unix_socket_is_served_for_its_group_only(start, tmp_path):
    path = str(tmp_path / "http.sock")
    d = start(listen=[{"address": "127.0.0.1", "port": 0}, {"unix": path}])
    local, remote = Client(path, told=d.told), d.person("remote", room="lobby")
    assert local.status == 101
    local.hello("local")
    local.join()
    local.say("from the same machine")
    assert remote.texts(1) == ["from the same machine"]
    assert stat.S_IMODE(os.stat(path).st_mode) & 0o007 == 0
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
    with pytest.raises(Exception):
        Client(d.address)
    for c in kept:
        c.close()


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


def test_no_other_protocol_escapes_the_limits(daemon):
    c = daemon.connect(protocol="http, chat")
    assert c.status != 101 or c.closed().code == 1006
