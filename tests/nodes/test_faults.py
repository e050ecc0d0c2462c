"""Everything breaks, one thing after the other, while people go on: no acknowledged message is lost
or doubled, and all clients see one order. By hand, for longer:

    CHATD=build/release/chatd SEED=1 /usr/bin/python3 -m pytest --faults=500 -k whatever tests/nodes
"""

import os
import random
import time

import pytest
from daemon import wait_until
from oracle import PATIENCE, Reader, Writer, await_progress, begin, judge, stop_writing, tell
from strikes import Strikes

ROOMS = ["lobby", "attic"]
CI_FAULTS, LONG_FAULTS = 50, 100  # at LONG_FAULTS or more, strikes last longer
PACE = 0.025  # seconds between two messages of a writer; keeps the judge's memory small


def crowd_of(cluster):
    """In each room: one reader that stays at each node, and two readers and two writers that wander
    between nodes."""
    people = []
    for room in ROOMS:
        for name, node in cluster.nodes.items():
            people.append(Reader(node, f"{room} at {name}", room))
        for i in range(2):
            people.append(Reader(cluster, f"{room} wanderer {i}", room, stay=200))
            people.append(Writer(cluster, f"{room} writer {i}", room, stay=400, pace=PACE))
    return people


def await_calm(cluster, people):
    """Waits until all nodes are ready, and new messages reach every reader."""
    cluster.await_ready(PATIENCE)
    await_progress(people, 10)
    for room in ROOMS:
        mark = max((seq for w in people if isinstance(w, Writer) and w.room == room
                    for seq in list(w.acked.values())), default=0)  # fmt: skip
        for r in people:
            if isinstance(r, Reader) and r.room == room:
                wait_until(lambda: r.reached(mark), f"{r.nick} sees {mark}", PATIENCE)


def verdict(cluster, people, holes):
    """The judge's counts, summed over all rooms."""
    total = {}
    for room in ROOMS:
        there = [p for p in people if p.room == room]
        writers = [p for p in there if isinstance(p, Writer)]
        readers = [p for p in there if isinstance(p, Reader)]
        for k, n in judge(cluster, writers, readers, list(cluster), room, holes).items():
            total[k] = total.get(k, 0) + n
    return total


@pytest.fixture
def faults(request):
    """The number of faults, for both values of appendfsync together."""
    return request.config.getoption("--faults") or int(os.environ.get("FAULTS", CI_FAULTS))


@pytest.mark.timeout(0)
@pytest.mark.parametrize("appendonly", ["everysec", "always"])
def test_whatever_breaks_nothing_is_lost_or_doubled(linked, appendonly, faults, record_property):
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(1000000)))
    print(f"SEED={seed}")
    moments, long = random.Random(seed), faults >= LONG_FAULTS
    rooms = [{"name": room} for room in ROOMS]
    cluster, links = linked(3, appendonly, rooms=rooms)
    people = crowd_of(cluster)
    strikes = Strikes(cluster, links, people, moments, (2, 30) if long else (1, 3))
    began, deck = time.monotonic(), []
    begin(people)
    for _ in range(faults // 2):
        deck = deck or moments.sample(list(strikes.all().items()), len(strikes.all()))
        name, strike = deck.pop()
        await_calm(cluster, people)
        time.sleep(moments.uniform(0, 0.25))  # the fault itself: any moment
        print(f"{time.monotonic() - began:.1f} s: {name}")
        strike()
    await_calm(cluster, people)
    stop_writing(people)
    counts = verdict(cluster, people, strikes.trimmed)
    seconds = round(time.monotonic() - began)
    what = f"{appendonly}, SEED={seed}, {seconds} s: faults={faults // 2}"
    tell(record_property, what, counts)


# --- single faults, each with its visible effect --------------------------------------------------


def subscriber_ports(redis):
    lines = redis.cli("CLIENT", "LIST", "TYPE", "pubsub").splitlines()
    words = [dict(w.split("=", 1) for w in line.split(" ")) for line in lines]
    return [int(c["addr"].rsplit(":", 1)[1]) for c in words]


@pytest.mark.timeout(120)
def test_a_link_that_is_connected_but_deaf_is_detected(linked):
    cluster, links = linked(2)
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.say("heard")
    bob.events(1)
    links[b].silence(*subscriber_ports(cluster.redis))
    for i in range(5):
        ann.say(f"into deaf ears {i}")
    assert bob.events(6, within=60) == ann.events(6)
    links[b].heal()


@pytest.mark.timeout(120)
def test_the_last_message_of_a_quiet_room_is_not_missed(linked):
    """The subscriber loses one message, and nothing follows that would show it."""
    cluster, links = linked(2)
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.say("heard")
    bob.events(1)
    links[b].cut()
    last = ann.say("the last word")["seq"]
    links[b].heal()
    assert [e["seq"] for e in bob.events(2, within=45)][1] == last


def gaps_of(view):
    return [e for e in view if e["type"] == "gap"]


def assert_tells_of(gap, missed, last_before):
    assert last_before <= gap["after"] < missed[0] and gap["seq"] == missed[-1]
    assert gap["room"] == "lobby" and isinstance(gap["at"], int)


def test_a_stream_trimmed_while_a_node_was_away_is_a_gap_there(start):
    cluster = start(2)
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob")
    log = bob.join()["log"]
    seen = [ann.say(f"seen {i}")["seq"] for i in range(5)]
    bob.events(5)
    assert b.terminate() == 0
    missed = [ann.say(f"missed {i}")["seq"] for i in range(50)]
    kept = [ann.say(f"kept {i}")["seq"] for i in range(5)]
    cluster.redis.cli("XTRIM", cluster.log_key(), "MAXLEN", 5)
    b.start()

    carol = b.person("carol")
    items = carol.join()["items"]
    assert [i["seq"] for i in items if i["type"] != "gap"] == seen + kept
    (gap,) = gaps_of(items)
    assert_tells_of(gap, missed, seen[-1])
    assert items.index(gap) == 5, "the gap is in its place"

    bob = b.person("bob", bob.token)
    joined = bob.join(after=seen[-1], log=log)
    if joined["recovered"]:
        view = bob.events(6)
        assert [e["seq"] for e in view if e["type"] != "gap"] == kept and view[0] == gap
    else:
        assert joined["items"] == items
    assert [i["seq"] for i in ann.do("history", room="lobby", limit=200)["items"]] == [
        *seen, *missed, *kept
    ]  # fmt: skip


def test_a_client_that_resumes_from_inside_a_gap_gets_the_gap(start):
    """The client saw a part of it at another node. The rest must not be skipped silently."""
    cluster = start(2)
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob")
    log = bob.join()["log"]
    seen = ann.say("seen")["seq"]
    bob.events(1)
    assert b.terminate() == 0
    missed = [ann.say(f"missed {i}")["seq"] for i in range(20)]
    kept = ann.say("kept")["seq"]
    cluster.redis.cli("XTRIM", cluster.log_key(), "MAXLEN", 1)
    b.start()
    bob = b.person("bob", bob.token)
    joined = bob.join(after=missed[9], log=log)
    if joined["recovered"]:
        gap, last = bob.events(2)
        assert_tells_of(gap, missed, seen)
        assert last["seq"] == kept
    else:
        assert gaps_of(joined["items"])


def test_a_client_that_pages_back_from_inside_a_gap_gets_the_gap(start):
    """The client has a page of the other node. This node shows what it lacks before that page."""
    cluster = start(2)
    a, b = cluster
    ann = a.person("ann", room="lobby")
    seen = [ann.say(f"seen {i}")["seq"] for i in range(3)]
    wait_until(lambda: b.person(f"judge {b.new_nick()}").join()["last"] == seen[-1], "b has it")
    assert b.terminate() == 0
    missed = [ann.say(f"missed {i}")["seq"] for i in range(20)]
    ann.say("kept")
    cluster.redis.cli("XTRIM", cluster.log_key(), "MAXLEN", 1)
    b.start()
    bob = b.person("bob", room="lobby")
    for limit in (1, 50):
        page = bob.do("history", room="lobby", before=missed[10], limit=limit)["items"]
        *older, gap = page
        assert gap["type"] == "gap" and gap["after"] == seen[-1] and gap["seq"] == missed[10] - 1
        assert [i["seq"] for i in older] == seen[-limit:]
    assert not gaps_of(bob.do("history", room="lobby", before=missed[0])["items"])


def test_a_place_inside_a_gap_begins_with_the_gap(behind_a_gap):
    """At the node with the gap: at another one the same page has the messages."""
    ann, bob, missed = behind_a_gap
    (gap,) = gaps_of(bob.do("history", room="lobby")["items"])
    items = bob.do("history", room="lobby", around=missed[2], limit=4)["items"]
    assert gap in items and all(i["seq"] <= gap["after"] for i in items[: items.index(gap)])
    assert bob.do("history", room="lobby", after=missed[2])["items"][0] == gap
    seqs = [i["seq"] for i in ann.do("history", room="lobby", around=missed[2], limit=1)["items"]]
    assert seqs == [missed[2]]


def test_a_client_that_pages_back_from_a_gap_can_recognise_it(start):
    """The client's oldest item is the gap itself, or the last message that is missing here, which it
    got at another node. The server cannot tell which, so the page ends with the gap, and the client
    recognises it by its `after`."""
    cluster = start(2)
    a, b = cluster
    ann = a.person("ann", room="lobby")
    seen = ann.say("seen")["seq"]
    wait_until(lambda: b.person(f"judge {b.new_nick()}").join()["last"] == seen, "b has it")
    assert b.terminate() == 0
    missed = [ann.say(f"missed {i}")["seq"] for i in range(20)]
    ann.say("kept")
    cluster.redis.cli("XTRIM", cluster.log_key(), "MAXLEN", 1)
    b.start()
    bob = b.person("bob")
    gap, kept = bob.join(limit=2)["items"]
    assert gap["type"] == "gap" and gap["seq"] == missed[-1] and kept["text"] == "kept"
    first, again = bob.do("history", room="lobby", before=gap["seq"])["items"]
    assert first["seq"] == seen and again["type"] == "gap" and again["after"] == gap["after"]


@pytest.fixture
def behind_a_gap(cluster):
    """Ann at a, bob at b, and the numbers of the messages that a has and b lacks."""
    a, b = cluster
    ann = a.person("ann", room="lobby")
    ann.say("seen")
    assert b.terminate() == 0
    missed = [ann.say(f"missed {i}")["seq"] for i in range(10)]
    ann.say("kept")
    cluster.redis.cli("XTRIM", cluster.log_key(), "MAXLEN", 1)
    b.start()
    bob = b.person("bob", room="lobby")
    (gap,) = gaps_of(bob.do("history", room="lobby")["items"])
    assert gap["seq"] == missed[-1]
    return ann, bob, missed


def test_an_edit_of_a_message_in_a_gap_is_sent_since_clients_may_have_the_message(behind_a_gap):
    ann, bob, missed = behind_a_gap
    for of in (missed[0], missed[-1]):
        ann.do("edit", room="lobby", of=of, text="mended")
    ann.do("delete", room="lobby", of=missed[1])
    ann.say("the end")
    assert [(e["type"], e.get("of")) for e in bob.events(4)] == [
        ("edit", missed[0]), ("edit", missed[-1]), ("delete", missed[1]), ("message", None)
    ]  # fmt: skip


def test_messages_in_a_gap_cannot_be_changed(cluster, behind_a_gap):
    ann, bob, missed = behind_a_gap
    other = cluster["b"].person("ann", ann.token, room="lobby")
    for of in missed:
        other.refused("not_found", "edit", room="lobby", of=of, text="mended")
        other.refused("not_found", "delete", room="lobby", of=of)


def test_a_delete_of_the_last_message_in_a_gap_leaves_the_gap(behind_a_gap):
    """The gap has the number of that message."""
    ann, bob, missed = behind_a_gap
    (before,) = gaps_of(bob.do("history", room="lobby")["items"])
    ann.do("delete", room="lobby", of=missed[-1])
    assert bob.events(1)[0]["type"] == "delete"
    assert gaps_of(bob.do("history", room="lobby")["items"]) == [before]


def test_a_new_node_behind_a_trimmed_stream_shows_a_gap(start):
    cluster = start(1)
    ann = cluster["a"].person("ann", room="lobby")
    said = [ann.say(f"{i}")["seq"] for i in range(30)]
    cluster.redis.cli("XTRIM", cluster.log_key(), "MAXLEN", 10)
    bob = cluster.add().start().person("bob")
    first, *rest = bob.join()["items"]
    assert first["type"] == "gap"
    assert_tells_of(first, said[:20], 0)
    assert [i["seq"] for i in rest] == said[20:]


def test_no_number_names_two_messages_when_redis_comes_back_older(start, redis):
    a, b = start(2)
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    first = [ann.say(f"first {i}")["seq"] for i in range(10)]
    redis.remember()
    lost = [ann.say(f"nobody may lose {i}")["seq"] for i in range(10)]
    bob.events(20)
    redis.restart("older")
    new = [bob.say(f"new {i}")["seq"] for i in range(10)]
    assert first + lost + new == sorted(set(first + lost + new))
    for p in (ann, bob):
        assert [e["seq"] for e in p.events(30)] == first + lost + new
    for n in (a, b):
        judge = n.person(f"judge at {n.keys['node']}", room="lobby")
        items = judge.do("history", room="lobby", limit=200)["items"]
        assert [i["seq"] for i in items] == first + lost + new


@pytest.mark.parametrize("loss", ["restart", "flush"])
def test_the_nodes_give_back_to_redis_what_it_has_lost(start, redis, loss):
    """A new node has no other source than Redis, and finds everything there."""
    cluster = start(2)
    a, b = cluster
    ann = a.person("ann", room="lobby")
    said = [ann.say(f"{i}")["seq"] for i in range(20)]
    if loss == "restart":
        redis.restart("lost")
    else:
        redis.cli("FLUSHALL")
    said.append(ann.say("after it")["seq"])
    cluster.await_ready()
    carol = cluster.add().start().person("carol")
    assert [i["seq"] for i in carol.join()["items"]] == said


def test_a_resent_message_that_redis_has_forgotten_is_still_the_same_message(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    first = ann.say("just once", id="k")
    cluster.restart_redis("lost")
    for n in (a, b):
        again = n.person("ann", ann.token, room="lobby").say("just once", id="k")
        assert again["seq"] == first["seq"]
    ann.say("the end")
    bob = b.person("bob", room="lobby")
    wait_until(lambda: len(bob.join()["items"]) == 2, "both are there")
    assert [i["key"] for i in bob.join()["items"]][0] == "k"


def test_a_nick_keeps_its_owner_when_redis_has_lost_everything(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    cluster.restart_redis("lost")
    for n in (a, b):
        n.connect().refused("nick_taken", "hello", nick="ann")
        assert n.person("ann", ann.token, room="lobby").nick == "ann"


@pytest.mark.timeout(120)
def test_a_stopped_node_that_continues_catches_up_with_people_and_messages(start):
    a, b = start(2)
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    carol = a.person("carol", room="lobby")
    ann.told_here(came="bob")
    ann.say("seen")
    bob.events(1)
    b.pause()
    ann.told_here(left="bob", within=20)  # its lease is over
    carol.do("leave", room="lobby")
    ann.say("while it slept")
    b.resume()
    assert bob.texts(2) == ["seen", "while it slept"]
    ann.told_here(came="bob", within=20)
    for p in (ann, bob):
        wait_until(
            lambda: {x["nick"] for x in p.do("who", room="lobby")["here"]} == {"ann", "bob"},
            "both nodes know the people here",
            20,
        )


def test_large_messages_arrive_although_redis_throws_the_subscriber_out(start, redis):
    """Each message is larger than the buffer that Redis allows a subscriber."""
    a, b = start(2, text_bytes=100000, message_bytes=200000)
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.say("heard")
    bob.events(1)
    redis.cli("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1024 1024 0")
    before = subscriber_ports(redis)
    for i in range(10):
        ann.command("say", room="lobby", text=f"{i} " + "x" * 60000)
    ann.events(11, within=60)  # a node hears no more of a client that does not read
    bob.events(11, within=60)  # ten new connections, on a machine that may be busy
    assert [t.split(" ")[0] for t in bob.texts(11)[1:]] == [f"{i}" for i in range(10)]
    assert subscriber_ports(redis) != before, "no subscriber was thrown out: nothing was tested"
