"""Polls on several nodes: one vote for each voter, one tally and one end, through all faults."""

import json
import sqlite3
import threading
import time

import pytest
from ballot_box import LUNCH, RULES, assert_recounts, close, item, poll, vote
from client import Client, Closed
from cluster import await_away, await_ready, same_everywhere
from daemon import wait_until

rules = pytest.mark.parametrize("secret, results", RULES)


def now_ms():
    return int(time.time() * 1000)


def ends(client, of):
    """The poll_closed events of the poll that the client has received."""
    client.settle()
    return [e for e in client.log.get("lobby", ()) if e["type"] == "poll_closed" and e["poll"] == of]


# --- voting ---------------------------------------------------------------------------------------


@rules
def test_a_voter_counts_once_on_all_nodes(start, secret, results):
    a, b, c = cluster = start(3)
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    of = poll(ann, secret=secret, results=results)
    bob.expect("poll", seq=of)
    vote(bob, of, 0)
    elsewhere = c.person("bob", bob.token, room="lobby")
    wait_until(lambda: item(elsewhere, of).get("mine") == [0], "c knows bob's vote as his")
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


def test_the_same_vote_at_two_nodes_at_once_counts_once(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    twin = b.person("ann", ann.token, room="lobby")
    of = poll(ann, secret=True)
    twin.expect("poll", seq=of)
    sent = [p.command("vote", id="once", room="lobby", poll=of, choices=[1]) for p in (ann, twin)]
    oks = [p.expect(id=i) for p, i in zip((ann, twin), sent)]
    assert oks[0] == oks[1] and oks[0]["type"] == "ok"
    assert same_everywhere((ann, twin), of)["voters"] == 1


def test_a_vote_numbered_behind_the_end_is_void_on_every_node(start):
    """People vote at all nodes while the poll closes. Exactly the votes that got an `ok` count."""
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


def test_a_poll_that_several_nodes_close_at_once_closes_once(start, redis):
    nodes = list(start(3))
    people = [n.person(room="lobby") for n in nodes]
    of = poll(people[0], secret=True, closes_at=now_ms() + 3000)
    people[1].expect("poll", seq=of)
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


def test_a_poll_due_while_all_nodes_were_down_closes_once_when_they_start(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    due = now_ms() + 3000
    of = poll(ann, secret=True, closes_at=due)
    bob.expect("poll", seq=of)
    vote(bob, of, 1)
    wait_until(lambda: item(ann, of)["voters"] == 1, "a has the vote too")
    for node in cluster:
        node.kill()
    wait_until(lambda: now_ms() > due, "the poll is due")
    for node in cluster:
        node.start()
    ann, bob = a.person("ann", ann.token, room="lobby"), b.person("bob", bob.token, room="lobby")
    wait_until(lambda: all(item(p, of)["closed"] for p in (ann, bob)), "closed by itself")
    now = same_everywhere((ann, bob), of)
    assert now["counts"] == [0, 1, 0]
    assert assert_recounts(ann, of, now) == assert_recounts(bob, of, now)


def test_a_node_that_was_away_learns_the_end_and_the_ballots(cluster, redis):
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
    wait_until(lambda: not redis.keys("chat:polls:*"), "the key is destroyed")


# --- keys -----------------------------------------------------------------------------------------


def test_people_at_a_new_node_can_vote(cluster, tmp_path):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    of = poll(ann, secret=True)
    vote(ann, of, 0)
    c = cluster.add().start()
    carol = c.person("carol", room="lobby")
    item(carol, of)
    vote(carol, of, 1)
    again = c.person("ann", ann.token, room="lobby")
    wait_until(lambda: item(again, of).get("mine") == [0], "c has the key")
    vote(again, of, 2)
    assert same_everywhere((ann, carol), of)["counts"] == [0, 1, 1]


@pytest.mark.parametrize("how", ["lost", "flushed"])
def test_a_redis_that_has_lost_everything_gets_the_keys_back(cluster, redis, how):
    """Without the key, a person who has voted could vote again as somebody else."""
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    of = poll(ann, secret=True)
    bob.expect("poll", seq=of)
    vote(ann, of, 0), vote(bob, of, 0)
    same_everywhere((ann, bob), of)
    if how == "lost":
        redis.restart("lost")
    else:
        redis.cli("FLUSHALL")
        ann.say("the node notices")
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
    bob.expect("poll", seq=of)
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


def test_no_client_at_another_node_learns_more(cluster):
    """For a secret poll with results at the end, everybody gets a tally without counts."""
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


# --- Redis of another time, gaps, late nodes ------------------------------------------------------


def poll_row(node):
    with sqlite3.connect(f"file:{node.state / 'chat.db'}?mode=ro", uri=True, timeout=15) as db:
        db.row_factory = sqlite3.Row
        return db.execute("SELECT * FROM poll ORDER BY seq DESC LIMIT 1").fetchone()


def test_an_older_redis_does_not_keep_the_key_of_a_poll_that_has_closed(cluster, redis):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    of = poll(ann, secret=True)
    bob.expect("poll", seq=of)
    vote(bob, of, 1)
    same_everywhere((ann, bob), of)
    redis.remember()
    assert redis.keys("chat:polls:*"), "the older Redis has the key"
    close(ann, of)
    bob.expect("poll_closed", poll=of)
    redis.restart("older")
    cluster.await_ready()
    wait_until(lambda: not redis.keys("chat:polls:*"), "the key is destroyed again", 30)
    assert same_everywhere((ann, bob), of)["counts"] == [0, 1, 0]


def test_refused_polls_leave_no_key(start, redis):
    a, b = start(2, polls=1)
    ann = a.person("ann", room="lobby")
    of = poll(ann, secret=True)
    for more in ({}, {"closes_at": 5}):
        ann.ask("poll", room="lobby", **LUNCH, secret=True, results="live", **more)
    wait_until(lambda: len(redis.cli("HKEYS", "chat:polls:{lobby}")) == 1, "one key is left")
    vote(ann, of, 1)


def test_a_refused_delete_leaves_the_poll_its_key(start, redis):
    a, b = start(2, block={"key_seconds": 1})
    ann = a.person("ann", room="lobby")
    said = ann.say("x")["seq"]
    ann.do("delete", id="same", room="lobby", of=said)
    of = poll(ann, secret=True)
    wait_until(lambda: not redis.keys("chat:key:*"), "Redis has forgotten the id")
    ann.refused("conflict", "delete", id="same", room="lobby", of=of)
    assert redis.keys("chat:polls:*") and item(ann, of)["closed"] is False


@pytest.mark.parametrize("closed", [False, True])
def test_a_node_that_lacks_votes_ends_the_poll_without_a_result(start, redis, closed):
    """A different result than at the other nodes would be worse."""
    a, b = start(2, block={"stream_events": 10})
    ann, bob, cy = a.person("ann", room="lobby"), b.person("bob", room="lobby"), a.person("cy", room="lobby")
    of = poll(ann, secret=True)
    bob.expect("poll", seq=of)
    vote(bob, of, 1)
    same_everywhere((ann, bob), of)
    b.kill()
    vote(cy, of, 0)
    if closed:
        close(ann, of)
    for i in range(450):  # one at a time: a must never be more than 10 events behind its own stream
        ann.say(f"{i}")
    b.start()
    bob = b.person("bob", bob.token, room="lobby")
    wait_until(lambda: item(bob, of)["closed"], "b has given the poll up")
    lost = item(bob, of)
    assert lost["lost"] is True and not {"counts", "digest", "votes", "mine"} & set(lost)
    bob.refused("closed", "vote", room="lobby", poll=of, choices=[2])
    bob.refused("unavailable", "ballots", room="lobby", poll=of)
    assert poll_row(b)["key"] is None
    if not closed:
        close(ann, of)
    now = item(ann, of)
    assert now["counts"] == [1, 1, 0] and len(assert_recounts(ann, of, now)) == 2
    bob.settle()
    assert not ends(bob, of) and item(bob, of) == lost
    wait_until(lambda: not redis.keys("chat:polls:*"), "no node gives the key back")


def test_a_node_that_lacks_ballots_does_not_give_a_part_of_them(cluster, redis):
    """A node was away while people voted, and then Redis lost the votes. The other nodes give back
    the tally without the votes."""
    a, b = cluster
    ann, bob, cy = a.person("ann", room="lobby"), b.person("bob", room="lobby"), a.person("cy", room="lobby")
    of = poll(ann, secret=True)
    bob.expect("poll", seq=of)
    vote(bob, of, 1)
    same_everywhere((ann, bob), of)
    b.kill()
    vote(ann, of, 2), vote(cy, of, 0)
    close(ann, of)
    redis.cli("FLUSHALL")
    ann.say("the node notices")
    b.start()
    cluster.await_ready()
    bob = b.person("bob", bob.token, room="lobby")
    wait_until(lambda: item(bob, of)["closed"], "b has closed the poll", 30)
    now = same_everywhere((ann, bob), of)
    assert now["counts"] == [1, 1, 1] and len(assert_recounts(ann, of, now)) == 3
    bob.refused("unavailable", "ballots", room="lobby", poll=of)


@pytest.mark.timeout(120)
def test_a_late_vote_counts_on_all_nodes_or_on_none(late):
    people, of, _ = late(lambda ann, bob, of: vote(bob, of, 0), lambda bob, of: vote(bob, of, 1))
    now = same_everywhere(people, of)
    assert now["voters"] == 2
    close(people[0], of)
    now = same_everywhere(people, of)
    found = [assert_recounts(p, of, now) for p in people]
    assert found[0] == found[1] == found[2]


@pytest.mark.timeout(120)
def test_a_late_end_loses_no_vote_of_the_nodes_that_went_on(late):
    people, of, receipt = late(
        lambda ann, bob, of: (vote(ann, of, 0), close(ann, of)),
        lambda bob, of: vote(bob, of, 1)["receipt"],
    )
    for p in people[1:]:
        wait_until(lambda: item(p, of)["closed"], "the poll is closed there too", 30)
    now = same_everywhere(people[1:], of)
    for p in people[1:]:
        assert assert_recounts(p, of, now)[receipt] == [1]


# --- many -----------------------------------------------------------------------------------------


@pytest.mark.timeout(120)
def test_a_crowd_votes_at_all_nodes_while_they_are_killed(start, record_property):
    """The list has every acknowledged vote that was not replaced, by its receipt, and no other."""
    cluster = start(3, resume_events=100000)
    nodes = list(cluster)
    author = nodes[0].person("author", room="lobby")
    of = poll(author, secret=True)
    last, over = {}, threading.Event()

    def voter(i):
        """Votes until the end, at least once. Sends a vote without an answer again, to any node."""
        nick, token, n, failed = f"voter{i}", None, 0, None

        def goes_on():
            return not over.is_set() or failed or nick not in last

        while goes_on():
            try:
                c = Client(cluster.address, told=cluster.told)
                token = c.hello(nick, token)["token"]
                c.join("lobby", limit=0)
                while goes_on():
                    failed = f"v{i}-{n}"
                    ok = vote(c, of, n % 3, id=failed)
                    last[nick], n, failed = (ok["receipt"], [n % 3]), n + 1, None
            except (OSError, Closed, AssertionError):  # the node died, or cannot answer now
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

