"""A node whose clock is an hour off works like the others, and a Redis whose clock jumps ends
nothing: order never depends on the clock."""

import time

import pytest
from ballot_box import item, poll
from client import PATIENCE
from cluster import here
from daemon import Daemon, wait_until


@pytest.mark.parametrize("off", [3600, -3600])
def test_a_clock_that_is_an_hour_off_does_no_harm(start, clock, off):
    cluster = start(1)
    a, b = cluster["a"], cluster.add(environment=clock(off)).start()
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.told_here(came="bob")
    for i in range(40):
        (ann, bob)[i % 2].say(f"line {i}")
    for p in (ann, bob):
        assert p.texts(40) == [f"line {i}" for i in range(40)]
        ats = [e["at"] for e in p.log["lobby"]]
        assert ats == sorted(ats), "shown time goes back"
    assert ann.log == bob.log
    for p in (ann, bob):
        wait_until(lambda: set(here(p)) == {"ann", "bob"}, "both are here")
    b.restart()
    bob = b.person("bob", bob.token, room="lobby")
    bob.say("still the same")
    assert ann.texts(41)[-1] == "still the same"
    wait_until(lambda: set(here(ann)) == {"ann", "bob"}, "a knows that bob is back")
    b.kill()
    ann.told_here(left="bob", within=PATIENCE)
    bob = a.person("bob", bob.token, room="lobby")
    assert bob.say("here now")["seq"] > ann.log["lobby"][-2]["seq"]


@pytest.mark.parametrize("off", [3600, -3600])
def test_a_poll_closes_by_the_clock_of_redis(start, clock, off):
    cluster = start(1)
    a, b = cluster["a"], cluster.add(environment=clock(off)).start()
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    now = ann.say("now")["at"]
    soon, later = (poll(p, closes_at=now + ms) for p, ms in ((bob, 2000), (ann, 1800_000)))
    end = bob.expect("poll_closed", poll=soon)
    assert 2000 <= end["at"] - now < 60_000
    a.kill()  # leaves b, whose clock is wrong: b must not use it
    last = poll(bob, closes_at=end["at"] + 2000)
    assert bob.expect("poll_closed", poll=last)["at"] >= end["at"] + 2000
    assert item(bob, later)["closed"] is False


def test_a_clock_that_jumps_while_its_node_runs_closes_no_poll_early(start, clock, tmp_path):
    when = tmp_path / "when"
    cluster = start(1)
    a, b = cluster["a"], cluster.add(environment={**clock(3600), "CLOCK_WHEN": str(when)}).start()
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    later = poll(ann, closes_at=ann.say("now")["at"] + 1800_000)
    bob.expect("poll", seq=later)
    when.touch()
    soon = poll(bob, closes_at=bob.say("then")["at"] + 1500)
    ann.expect("poll_closed", poll=soon)  # by the wrong clock, the other would have closed by now
    assert item(ann, later)["closed"] is False


@pytest.mark.parametrize("off", [40 * 86400, -86400])
def test_a_node_alone_does_not_follow_a_jump_of_a_moment(clock, off, tmp_path, request):
    when = tmp_path / "when"
    d = Daemon(redis=False, environment={**clock(off), "CLOCK_WHEN": str(when)}).start()
    request.addfinalizer(d.finish)
    ann, bob, carol = d.people("ann", "bob", "carol")
    now = ann.say("now")["at"]
    d.ctl("--room", "lobby", "mute", "bob", "1h")
    later = poll(ann, closes_at=now + 1800_000)
    when.touch()
    wait_until(lambda: "clock jumped by" in d.log(), "it is logged")
    assert 0 <= ann.say("then")["at"] - now < 60_000
    soon = poll(ann, closes_at=ann.say("short")["at"] + 1500)
    ann.expect("poll_closed", poll=soon)
    assert item(ann, later)["closed"] is False
    bob.refused("muted", "say", room="lobby", text="already?")
    d.ctl("--room", "lobby", "mute", "carol", "1s")
    wait_until(lambda: carol.ask("say", room="lobby", text="again")["type"] == "ok", "a second is over")
    when.unlink()
    wait_until(lambda: "clock is right again" in d.log(), "it is logged")
    assert 0 <= ann.say("at last")["at"] - now < 60_000


def assert_now(at):
    assert abs(at - time.time() * 1000) < 60_000


def assert_lengths(d, ann, bob, before):
    """A mute of a second is over in a second, and a poll of five seconds can be made, takes
    votes and ends; shown time stands still."""
    d.ctl("--room", "lobby", "mute", "bob", "1s")
    bob.refused("muted", "say", room="lobby", text="already?")
    wait_until(lambda: bob.ask("say", room="lobby", text="again")["type"] == "ok", "a second is over")
    now = d.connect().do("hello", nick=d.new_nick())["server"]["now"]
    short = poll(ann, closes_at=now + 5000)
    bob.expect("poll", seq=short)
    bob.do("vote", room="lobby", poll=short, choices=[0])
    assert ann.expect("poll_closed", poll=short)["at"] == before
    assert ann.say("then")["at"] == before


def test_after_a_clock_that_was_ahead_lengths_are_right(clock, request):
    d = Daemon(redis=False, environment=clock(3600)).start()
    request.addfinalizer(d.finish)
    ann, bob = d.people("ann", "bob")
    before = ann.say("an hour ahead")["at"]
    d.terminate()
    d.environment = {}
    d.start()
    assert "behind the newest stored event" in d.log()
    ann, bob = (d.person(p.nick, p.token, room="lobby") for p in (ann, bob))
    assert_lengths(d, ann, bob, before)


def test_after_a_redis_that_was_ahead_lengths_are_right(start, start_redis, clock):
    cluster = start(2, redis=start_redis("everysec", environment=clock(3600)))
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    before = ann.say("an hour ahead")["at"]
    bob.expect("message")
    a.terminate(), b.terminate()
    cluster.redis.environment = {}
    cluster.redis.restart("kept")
    a.start(), b.start()
    cluster.await_ready()
    ann, bob = (n.person(p.nick, p.token, room="lobby") for n, p in ((a, ann), (b, bob)))
    assert_lengths(b, ann, bob, before)


def test_a_node_that_starts_far_ahead_and_is_put_right_ends_nothing(clock, tmp_path, request):
    when = tmp_path / "when"
    d = Daemon(redis=False, environment={**clock(40 * 86400), "CLOCK_WHEN": str(when)}).start()
    request.addfinalizer(d.finish)
    ann, bob, carol = d.people("ann", "bob", "carol")
    now = ann.say("now")["at"]
    d.ctl("--room", "lobby", "mute", "bob", "1h")
    later = poll(ann, closes_at=now + 1800_000)
    d.terminate()
    when.touch()
    d.start()
    assert "the newest stored event is 960 hours old" in d.log()
    ann, bob = (d.person(p.nick, p.token, room="lobby") for p in (ann, bob))
    moment = ann.say("forty days on")["at"]
    assert moment - now > 39 * 86400_000

    def assert_nothing_ended():
        bob.refused("muted", "say", room="lobby", text="already?")
        d.connect().refused("nick_taken", "hello", nick="carol")
        assert item(ann, later)["closed"] is False

    assert_nothing_ended()
    when.unlink()
    wait_until(lambda: "clock is right again" in d.log(), "it is logged")
    assert "clock jumped by" in d.log()
    assert_nothing_ended()
    assert_now(ann.say("put right")["at"])
    assert_now(d.connect().do("hello", nick=d.new_nick())["server"]["now"])


YEARS = 10 * 365 * 86400


@pytest.mark.parametrize("off", [YEARS, -YEARS, 3 * 3600])
def test_a_jump_of_redis_moves_no_time_and_ends_nothing(start, start_redis, clock, off, tmp_path):
    when = tmp_path / "when"
    redis = start_redis(environment={**clock(off), "CLOCK_WHEN": str(when)})
    cluster = start(2, redis=redis)
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    later = poll(ann, closes_at=ann.say("now")["at"] + 1800_000)
    bob.expect("poll", seq=later)
    a.ctl("--room", "lobby", "mute", "bob", "1h")
    bob.expect("mute")
    when.touch()
    for node in cluster:
        wait_until(lambda n=node: "redis clock jumped by" in n.log(), "each node logs it")
        assert node.metric("chatd_redis_clock_jumps_total") == 1
    assert_now(ann.say("then")["at"])
    soon = poll(ann, closes_at=ann.say("short")["at"] + 1500)
    bob.expect("poll_closed", poll=soon)
    assert item(bob, later)["closed"] is False
    bob.refused("muted", "say", room="lobby", text="already?")
    when.unlink()
    for node in cluster:
        wait_until(lambda n=node: "redis clock is right again" in n.log(), "each node logs it")
        assert node.log().count("redis clock jumped by") == 1
    assert_now(ann.say("at last")["at"])
    ats = [e["at"] for e in ann.log["lobby"]]
    assert ats == sorted(ats)


@pytest.mark.parametrize("off", [YEARS, -2 * YEARS])
def test_a_node_that_starts_does_not_believe_a_redis_that_is_far_off(start, start_redis, clock, off):
    cluster = start(2, redis=start_redis(environment=clock(off)))
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    assert_now(ann.say("now")["at"])
    soon = poll(bob, closes_at=bob.say("and here")["at"] + 1500)
    assert_now(ann.expect("poll_closed", poll=soon)["at"])
    assert all("chatd does not follow it" in node.log() for node in cluster)


def test_the_preloaded_clock_is_really_off(clock):
    """Without this the tests above prove nothing. A single node shows its own time."""
    late, right = Daemon(redis=False, environment=clock(-3600)), Daemon(redis=False)
    ats = [d.start().person("ann", room="lobby").say("now")["at"] for d in (late, right)]
    late.finish(), right.finish()
    assert 3_500_000 < ats[1] - ats[0] < 3_700_000
