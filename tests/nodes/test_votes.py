"""Polls on several nodes: one voter, one tally, one end, whatever happens to nodes and Redis."""

import json
import threading
import time

import pytest
from ballot_box import RULES, assert_recounts, close, item, poll, vote
from client import Client, Closed
from cluster import await_away, await_ready
from daemon import wait_until

rules = pytest.mark.parametrize("secret, results", RULES)


def now_ms():
    return int(time.time() * 1000)


def same_everywhere(clients, of):
    """The poll is the same on all their nodes, apart from what is one's own; it."""

    def told():
        items = [item(c, of) for c in clients]
        public = [{k: v for k, v in i.items() if k != "mine"} for i in items]
        return public[0] if all(p == public[0] for p in public) else None

    return wait_until(told, "it is the same on all nodes")


def ends(client, of):
    """How often the client was told of the end."""
    client.settle()
    return [e for e in client.log["lobby"] if e["type"] == "poll_closed" and e["poll"] == of]


# --- voting ---------------------------------------------------------------------------------------


@rules
def test_a_voter_is_one_on_all_nodes(start, secret, results):
    a, b, c = cluster = start(3)
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    of = poll(ann, secret=secret, results=results)
    bob.expect("poll", seq=of)
    vote(bob, of, 0)
    elsewhere = c.person("bob", bob.token, room="lobby")
    wait_until(lambda: item(elsewhere, of).get("mine") == [0], "her vote is hers there, too")
    then = vote(elsewhere, of, 2)["receipt"]
    mine = vote(ann, of, 2)["receipt"]
    people = (ann, bob, elsewhere)
    assert same_everywhere(people, of)["voters"] == 2
    close(ann, of)
    now = same_everywhere(people, of)
    assert now["counts"] == [0, 0, 2] and now["closed"] is True
    for p in people:
        assert assert_recounts(p, of, now) == {then: [2], mine: [2]}
    assert len(cluster.nodes) == 3


def test_the_same_vote_on_two_nodes_at_once_is_one(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    twin = b.person("ann", ann.token, room="lobby")
    of = poll(ann, secret=True)
    twin.expect("poll", seq=of)
    sent = [p.command("vote", id="once", room="lobby", poll=of, choices=[1]) for p in (ann, twin)]
    oks = [p.expect(id=i) for p, i in zip((ann, twin), sent)]
    assert oks[0] == oks[1] and oks[0]["type"] == "ok"
    assert same_everywhere((ann, twin), of)["voters"] == 1


def test_a_vote_behind_the_end_is_void_on_every_node(start):
    """Voters on all nodes while it is being closed: those that were told ok are counted, no other."""
    nodes = list(start(3))
    people = [nodes[i % 3].person(f"voter{i}", room="lobby") for i in range(12)]
    for round in range(5):
        of = poll(people[0], secret=True)
        for p in people:
            p.expect("poll", seq=of)
        sent = []
        for i, p in enumerate(people):
            sent += [(p, p.command("vote", room="lobby", poll=of, choices=[c])) for c in (0, 1, i % 3)]
            if i == 3 + round:
                ended = people[0].command("close_poll", room="lobby", poll=of)
        replies = [(p, p.expect(id=id)) for p, id in sent]
        assert people[0].expect(id=ended)["type"] == "ok"
        assert {r["type"] for _, r in replies} <= {"ok", "error"}
        assert {r["code"] for _, r in replies if r["type"] == "error"} <= {"closed"}
        last = {p.nick: r["receipt"] for p, r in replies if r["type"] == "ok"}
        now = same_everywhere(people[:3], of)
        for p in people[:3]:
            assert set(assert_recounts(p, of, now)) == set(last.values())


# --- the end --------------------------------------------------------------------------------------


def test_several_nodes_close_a_poll_at_once_and_it_is_closed_once(start, redis):
    nodes = list(start(3))
    people = [n.person(room="lobby") for n in nodes]
    of = poll(people[0], secret=True, closes_at=now_ms() + 1500)
    vote(people[1], of, 1)
    for p in people:
        p.expect("poll_closed", poll=of)
    key = f"chat:log:{{lobby}}:{redis.cli('GET', 'chat:gen')}"
    stream = redis.cli("XRANGE", key, "-", "+")
    closed = [e for e in stream if e[1][3].startswith("20 ")]
    assert len(closed) == 1, closed
    for p in people:
        assert len(ends(p, of)) == 1
    assert same_everywhere(people, of)["counts"] == [0, 1, 0]


def test_a_poll_due_while_all_nodes_were_down_closes_once_at_the_start(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    of = poll(ann, secret=True, closes_at=now_ms() + 2000)
    bob.expect("poll", seq=of)
    vote(bob, of, 1)
    wait_until(lambda: item(ann, of)["voters"] == 1, "it is on a, too")
    for node in cluster:
        node.kill()
    wait_until(lambda: now_ms() > item_due(ann, of), "it is due")
    for node in cluster:
        node.start()
    ann, bob = a.person("ann", ann.token, room="lobby"), b.person("bob", bob.token, room="lobby")
    wait_until(lambda: all(item(p, of)["closed"] for p in (ann, bob)), "closed by itself")
    now = same_everywhere((ann, bob), of)
    assert now["counts"] == [0, 1, 0]
    assert assert_recounts(ann, of, now) == assert_recounts(bob, of, now)


def item_due(client, of):
    return next(e["closes_at"] for e in client.log["lobby"] if e["seq"] == of)


def test_a_node_that_was_away_knows_the_end_and_the_ballots(cluster, redis):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    b.kill()
    of = poll(ann, secret=True)
    mine = vote(ann, of, 2)["receipt"]
    close(ann, of)
    b.start()
    bob = b.person("bob", bob.token, room="lobby")
    now = same_everywhere((ann, bob), of)
    assert assert_recounts(bob, of, now) == {mine: [2]}
    bob.refused("closed", "vote", room="lobby", poll=of, choices=[0])
    assert not redis.keys("chat:polls:*")


# --- keys -----------------------------------------------------------------------------------------


def test_a_new_node_and_one_without_its_state_can_vote(cluster, tmp_path):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    of = poll(ann, secret=True)
    vote(ann, of, 0)
    c = cluster.add().start()
    carol = c.person("carol", room="lobby")
    vote(carol, of, 1)
    again = c.person("ann", ann.token, room="lobby")
    wait_until(lambda: item(again, of).get("mine") == [0], "c has the key")
    vote(again, of, 2)
    assert same_everywhere((ann, carol), of)["counts"] == [0, 1, 1]


@pytest.mark.parametrize("how", ["lost", "flushed"])
def test_a_redis_that_has_lost_all_gets_the_keys_again(cluster, redis, how):
    """Or whoever has voted could vote once more, as somebody else."""
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    of = poll(ann, secret=True)
    vote(ann, of, 0), vote(bob, of, 0)
    same_everywhere((ann, bob), of)
    if how == "lost":
        redis.restart("lost")
    else:
        redis.cli("FLUSHALL")
        ann.say("somebody finds out")
    cluster.await_ready()
    wait_until(lambda: redis.keys("chat:polls:*"), "the key is there again", 30)
    c = cluster.add().start()
    again = c.person("bob", bob.token, room="lobby")
    wait_until(lambda: item(again, of)["voters"] == 2, "c has the votes")
    vote(again, of, 1), vote(ann, of, 2)
    now = same_everywhere((ann, bob, again), of)
    assert (now["voters"], now["counts"]) == (2, [0, 1, 1])
    close(ann, of)
    wait_until(lambda: not redis.keys("chat:polls:*"), "the key is destroyed")
    assert_recounts(again, of, same_everywhere((ann, bob, again), of))


def test_votes_wait_while_redis_is_away_and_count_once(cluster, start_redis):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    of = poll(ann, secret=True)
    vote(bob, of, 0)
    same_everywhere((ann, bob), of)
    cluster.redis.pause()
    await_away(a), await_away(b)
    sent = [(p, p.command("vote", room="lobby", poll=of, choices=[c]))
            for p, c in ((ann, 1), (bob, 2), (bob, 1))]  # fmt: skip
    cluster.redis.resume()
    for p, id in sent:
        assert p.expect(id=id, within=30)["type"] == "ok"
    now = same_everywhere((ann, bob), of)
    assert (now["voters"], now["counts"]) == (2, [0, 2, 0])


def test_nobody_is_told_more_on_another_node(cluster):
    """Of a secret poll with results at the end: the tally without counts, to everybody."""
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    of = poll(ann, secret=True, results="closed")
    bob.expect("poll", seq=of)
    ok = vote(ann, of, 1)
    told = bob.expect("vote", poll=of)
    assert set(told) == {"type", "room", "seq", "at", "poll", "voters"}
    bob.settle()
    seen = json.dumps(bob.inbox + [told])
    assert ok["receipt"] not in seen and "choices" not in seen and "counts" not in seen


# --- many -----------------------------------------------------------------------------------------


@pytest.mark.timeout(120)
def test_a_crowd_votes_on_all_nodes_while_they_are_killed(start, record_property):
    """Every vote that was acknowledged and not replaced is in the list, with its receipt; no other."""
    cluster = start(3, resume_events=100000)
    nodes = list(cluster)
    author = nodes[0].person("author", room="lobby")
    of = poll(author, secret=True)
    last, over = {}, threading.Event()

    def voter(i):
        """Votes until it is over; what was not answered is sent again, somewhere."""
        nick, token, n, failed = f"voter{i}", None, 0, None
        while not over.is_set() or failed:
            try:
                c = Client(cluster.address, told=cluster.told)
                token = c.hello(nick, token)["token"]
                c.join("lobby", limit=0)
                while not over.is_set() or failed:
                    failed = f"v{i}-{n}"
                    ok = vote(c, of, n % 3, id=failed)
                    last[nick], n, failed = (ok["receipt"], [n % 3]), n + 1, None
            except (OSError, Closed, AssertionError):  # its node dies, or cannot answer now
                time.sleep(0.05)

    threads = [threading.Thread(target=voter, args=(i,)) for i in range(8)]
    for t in threads:
        t.start()
    for i in range(6):
        time.sleep(0.5)  # the fault itself: any moment
        nodes[i % 3].kill()
        nodes[i % 3].start()
    over.set()
    for t in threads:
        t.join(60)
        assert not t.is_alive()
    cluster.await_ready()
    author = nodes[0].person("author", author.token, room="lobby")
    close(author, of)
    others = [n.person(room="lobby") for n in nodes]
    now = same_everywhere([author, *others], of)
    assert now["voters"] == 8
    for p in others:
        assert assert_recounts(p, of, now) == {r: c for r, c in last.values()}
    record_property("summary", f"polls: 8 voters, 6 kills, {now['voters']} in the list")

