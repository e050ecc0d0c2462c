"""Node tests use client, daemon and Redis of the live tests, and the oracle of the fault tests."""

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "live"), str(TESTS / "faults")]

import pytest  # noqa: E402
from ballot_box import poll, vote  # noqa: E402
from cluster import Cluster, await_away, await_ready, newest, same_everywhere  # noqa: E402
from daemon import finish_all, wait_until  # noqa: E402
from fixtures import helper, pytest_terminal_summary  # noqa: E402, F401
from proxy import Proxy  # noqa: E402
from redis_server import RedisServer  # noqa: E402


@pytest.fixture
def start_redis():
    """Starts Redis servers. Keywords go to RedisServer."""
    running = []

    def start_one(*mode, **options):
        running.append(RedisServer(*mode, **options))
        return running[-1].start()

    yield start_one
    finish_all(running)


@pytest.fixture
def redis(start_redis):
    """A Redis for this test only."""
    return start_redis()


@pytest.fixture
def start(redis):
    """Starts clusters over this test's Redis, or over another `redis`. With `new`, no chat has begun
    in that Redis yet; the start then takes longer."""
    running = []

    def start_nodes(nodes=2, new=False, **keys):
        running.append(Cluster(**{"redis": redis, **keys}))
        if not new:
            running[-1].begin()
        for _ in range(nodes):
            running[-1].add().start()
        return running[-1]

    yield start_nodes
    finish_all(running)


@pytest.fixture
def cluster(start):
    """Two nodes, a and b."""
    return start(2)


def pytest_addoption(parser):
    parser.addoption("--faults", type=int, help="number of faults that test_faults.py injects")


@pytest.fixture
def linked(start, start_redis):
    """Starts a cluster in which each node has its own link to Redis, which has this environment.
    Returns the cluster, and the links by node."""
    proxies = []

    def start_linked(nodes, *mode, environment=None, **keys):
        redis = start_redis(*mode, environment=environment)
        cluster, links = start(0, redis=redis, resume_events=1000000, **keys), {}
        for _ in range(nodes):
            proxies.append(Proxy(cluster.redis.port))
            block = {**cluster.redis.config(cluster.prefix), "port": proxies[-1].port}
            links[cluster.add(redis=block).start()] = proxies[-1]
        return cluster, links

    yield start_linked
    finish_all(proxies)


@pytest.fixture
def late(linked):
    """Runs nodes a, b and c. Only a has the last events; then Redis loses them, and b goes on alone.
    Call it with two functions: the first acts only at a, the second then at b. `moderator`: bob is one."""

    def play(only_at_a, then_at_b, moderator=False):
        cluster, links = linked(3)
        a, b, c = cluster
        ann, bob, carol = (n.person(p, room="lobby") for n, p in zip((a, b, c), ("ann", "bob", "carol")))
        bob_at_a = a.person("bob", bob.token, room="lobby")
        if moderator:
            a.ctl("--room", "lobby", "role", "bob", "moderator")
            for p in (ann, bob, carol):
                p.expect("role", nick="bob")
        of = poll(ann, secret=True)
        for p in (bob, carol):
            p.expect("poll", seq=of)
        vote(carol, of, 2)
        same_everywhere((ann, bob, carol), of)
        for n in (b, c):
            links[n].cut()
            await_away(n)
        only_at_a(ann, bob_at_a, of)
        links[a].cut()
        await_away(a)
        cluster.redis.restart("lost")
        links[b].heal()
        await_ready(b)
        wait_until(lambda: cluster.redis.cli("GET", "chat:sealed") == "2", "b has gone on", 30)
        receipt = then_at_b(bob, of)
        for n in (a, c):
            links[n].heal()
            await_ready(n)
        last = ann.say("all are here again")["seq"]
        for p in (bob, carol):
            wait_until(lambda p=p: newest(p) == last, "the last message has come")
        return (ann, bob, carol), of, receipt

    return play


@pytest.fixture(scope="session")
def clock(tmp_path_factory):
    """Gives the environment for a process whose clock is so many seconds off."""
    library = tmp_path_factory.mktemp("clock") / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    return lambda seconds: {
        "LD_PRELOAD": str(library),
        "CLOCK_OFF": str(seconds),
        "ASAN_OPTIONS": "detect_leaks=1:verify_asan_link_order=0",
    }
