"""A room that is removed is gone at every node: at one that was away, at one that goes on posting in it, and when
it is made again."""

import shlex
import threading

import pytest
from ballot_box import poll, vote
from cluster import await_away, await_ready, await_room
from daemon import wait_until
from database import id_of, query, rows, set_back
from redis_server import Link, RedisError

SECRET = "Rumpelstiltskin"


def make(client, room="attic", **members):
    client.do("create", room=room, **members)
    client.join(room)


def in_redis(cluster, place="attic"):
    """What the keys of this room hold, of each of its generations."""
    redis, prefix, held = cluster.redis, cluster.prefix, []
    for key in redis.keys(f"{prefix}log:{{{place}}}*"):
        held += redis.cli("XRANGE", key, "-", "+")
    for key in redis.keys(f"{prefix}polls:{{{place}}}*"):
        held += redis.cli("HGETALL", key)
    return held


def is_only_the_last_entry(held):
    return len(held) == 1 and held[0][1][3] == "gone"


def await_gone(node, room="attic"):
    wait_until(lambda: id_of(node, room) is None, f"{room} is gone at {node.keys['node']}", 30)


def contents(node, room):
    """Everything that the node's database has of the room, whatever number it gave the room."""
    id, tables = id_of(node, room), ("event", "poll", "ballot")
    return {t: [row[1:] for row in query(node, f"SELECT * FROM {t} WHERE room = ?", id)] for t in tables}


def generation_of(node):
    return node.metric("chatd_redis_generation")


# --- one removal ----------------------------------------------------------------------------------


def test_a_room_deleted_at_one_node_is_gone_at_all(start):
    cluster = start(3)
    a, b, c = cluster
    ann, bob = a.person("ann"), b.person("bob")
    make(ann, title=f"Of {SECRET}")
    await_room(bob, "attic")
    bob.join("attic")
    for i in range(30):
        ann.say(f"{SECRET} {i}", room="attic")
    of = poll(ann, room="attic", secret=True)
    vote(ann, of, 1, room="attic")
    assert in_redis(cluster)
    ids = {node: id_of(node, "attic") for node in cluster}
    a.ctl("room", "delete", "attic")
    for p in (ann, bob):
        p.expect("room_gone", room="attic")
        p.refused("no_such_room", "say", room="attic", text="anybody?")
    for node in cluster:
        await_gone(node)
        assert not any(rows(node, ids[node]).values())
        wait_until(lambda n=node: not n.files_contain(SECRET.encode()), "the words are gone from the files")
    wait_until(lambda: is_only_the_last_entry(in_redis(cluster)), "nothing is left in Redis")
    ann.join()
    ann.say("the lobby is there")
    assert generation_of(a) == 1


def test_a_room_made_again_is_the_same_at_all_nodes(start):
    cluster = start(3)
    a, b, c = cluster
    ann, bob = a.person("ann"), b.person("bob")
    make(ann)
    for i in range(5):
        ann.say(f"old {i}", room="attic")
    old = ann.join("attic")
    a.ctl("room", "delete", "attic")
    await_gone(b)
    make(bob, title="New")
    said = [bob.say(f"new {i}", room="attic")["seq"] for i in range(5)]
    for node in cluster:
        p = node.person(f"eve-{node.keys['node']}")
        await_room(p, "attic")
        joined = p.join("attic", log=old["log"], after=old["last"])
        assert joined["recovered"] is False and joined["log"] != old["log"]
        wait_until(lambda p=p: [i["seq"] for i in p.join("attic")["items"]] == said, "the new words are here")
    assert contents(a, "attic") == contents(b, "attic") == contents(c, "attic")
    for node in cluster:
        node.restart()
    ann, bob = a.person("ann", ann.token, room="attic"), b.person("bob", bob.token, room="attic")
    ann.say("on it goes", room="attic")
    assert bob.texts(1, "attic") == ["on it goes"]


def test_posts_at_the_moment_of_the_removal_are_before_it_or_refused(start):
    """And no node takes the emptied stream for a Redis that has lost its data."""
    cluster = start(2)
    a, b = cluster
    ann, bob = a.person("ann"), b.person("bob")
    for i in range(5):
        make(ann, f"attic-{i}")
        await_room(bob, f"attic-{i}")
        bob.join(f"attic-{i}")
        ids = [(p, p.command("say", room=f"attic-{i}", text=f"{SECRET} {n}")) for n in range(200) for p in (ann, bob)]
        a.ctl("room", "delete", f"attic-{i}")
        more = [(p, p.command("say", room=f"attic-{i}", text=f"{SECRET} late {n}")) for n in range(50) for p in (ann, bob)]
        answers = {p.expect(id=id).get("code", "ok") for p, id in ids + more}
        assert answers <= {"ok", "no_such_room", "not_member"}
        await_gone(a, f"attic-{i}"), await_gone(b, f"attic-{i}")
        wait_until(lambda i=i: is_only_the_last_entry(in_redis(cluster, f"attic-{i}")), "nothing is left in Redis")
    assert generation_of(a) == generation_of(b) == 1
    for node in cluster:
        wait_until(lambda n=node: not n.files_contain(SECRET.encode()), "nothing is left in the files")


def test_two_removals_at_once_are_one(start):
    cluster = start(2)
    a, b = cluster
    ann = a.person("ann")
    make(ann)
    await_room(b.person("bob"), "attic")
    done = []
    both = [threading.Thread(target=lambda n=n: done.append(n.try_ctl("room", "delete", "attic").returncode)) for n in cluster]
    [t.start() for t in both], [t.join() for t in both]
    assert 0 in done
    make(ann)
    ann.say("still here", room="attic")
    b.restart()
    bob = b.person("bob2", room="attic")
    assert [i["text"] for i in bob.join("attic")["items"]] == ["still here"]


# --- nodes that were away ------------------------------------------------------------------------


@pytest.mark.parametrize("again", [False, True])
def test_a_node_that_was_away_learns_of_the_removal(start, again):
    cluster = start(2)
    a, b = cluster
    ann, bob = a.person("ann"), b.person("bob")
    make(ann)
    await_room(bob, "attic")
    bob.join("attic")
    ann.say(f"{SECRET} one", room="attic")
    bob.events(1, "attic")
    assert b.terminate() == 0
    for i in range(20):
        ann.say(f"{SECRET} {i}", room="attic")
    a.ctl("room", "delete", "attic")
    ann.expect("room_gone")
    if again:
        make(ann)
        ann.say("the new one", room="attic")
    b.start()
    bob = b.person("bob", bob.token)
    if again:
        await_room(bob, "attic")
        joined = bob.join("attic")
        assert [i["text"] for i in joined["items"]] == ["the new one"] and joined["read"] == 0
        assert contents(a, "attic") == contents(b, "attic")
    else:
        bob.refused("no_such_room", "join", room="attic")
        await_gone(b)
    wait_until(lambda: not b.files_contain(SECRET.encode()), "nothing is left in the files")
    assert generation_of(a) == generation_of(b) == 1 and "are missing" not in b.log()


def test_posts_that_waited_for_redis_do_not_reach_a_room_that_is_gone(linked):
    cluster, links = linked(2)
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    make(ann)
    await_room(bob, "attic")
    bob.join("attic")
    bob.say(f"{SECRET} once", room="attic")
    links[b].cut()
    await_away(b)
    ids = [bob.command("say", room="attic", text=f"{SECRET} {i}") for i in range(10)]
    here = bob.command("say", room="lobby", text="in the lobby")
    a.ctl("room", "delete", "attic")
    make(ann)
    links[b].heal()
    for id in ids:
        assert bob.expect(id=id, within=30)["code"] == "no_such_room"
    assert bob.expect(id=here, within=30)["type"] == "ok"
    bob.expect("room_gone", room="attic")
    await_ready(b)
    assert bob.join("attic")["items"] == ann.join("attic")["items"] == []
    assert SECRET not in str(in_redis(cluster)) + str(in_redis(cluster, "attic.1"))
    assert generation_of(a) == 1


def test_a_late_node_brings_nothing_of_a_removed_room_back(linked):
    """It has not heard of the removal when Redis loses everything, and offers what it has of the room."""
    cluster, links = linked(2)
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    make(ann)
    await_room(bob, "attic")
    bob.join("attic")
    for i in range(10):
        bob.say(f"{SECRET} {i}", room="attic")
    ann.events(10, "attic")
    links[b].cut()
    await_away(b)
    waiting = bob.command("say", room="attic", text=f"{SECRET} waits")
    a.ctl("room", "delete", "attic")
    ann.expect("room_gone")
    cluster.redis.restart("lost")
    links[b].heal()
    for node in cluster:
        await_ready(node)
        await_gone(node)
    assert bob.expect(id=waiting, within=30)["code"] == "no_such_room"
    for node in cluster:
        wait_until(lambda n=node: not n.files_contain(SECRET.encode()), "nothing is left in the files")
    wait_until(lambda: SECRET not in str(in_redis(cluster)), "nothing is left in Redis")
    make(bob)
    bob.say("new", room="attic")
    await_room(ann, "attic")
    wait_until(lambda: [i["text"] for i in ann.join("attic")["items"]] == ["new"], "all go on alike")
    assert contents(a, "attic") == contents(b, "attic")


def test_a_removal_that_only_a_late_node_knows_holds_everywhere(linked):
    """The others never heard of it. Redis loses everything, and they go on in that room."""
    cluster, links = linked(3)
    a, b, c = cluster
    ann, bob, cat = a.person("ann", room="lobby"), b.person("bob", room="lobby"), c.person("cat", room="lobby")
    make(ann)
    for p in (bob, cat):
        await_room(p, "attic")
        p.join("attic")
    bob.say(f"{SECRET} one", room="attic")
    for p in (ann, cat):
        p.events(1, "attic")
    for node in (b, c):
        links[node].cut()
        await_away(node)
    a.ctl("room", "delete", "attic")
    ann.expect("room_gone")
    links[a].cut()
    await_away(a)
    cluster.redis.restart("lost")
    for node in (b, c):
        links[node].heal()
        await_ready(node)
    wait_until(lambda: cluster.redis.cli("GET", "chat:sealed"), "the others go on", 60)
    bob.say(f"{SECRET} two", room="attic")
    assert len(cat.events(2, "attic")) == 2
    links[a].heal()
    await_ready(a)
    for p in (bob, cat):
        p.expect("room_gone", room="attic", within=30)
    for node in cluster:
        await_gone(node)
        wait_until(lambda n=node: not n.files_contain(SECRET.encode()), "nothing is left in the files")
    wait_until(lambda: SECRET not in str(in_redis(cluster)), "nothing is left in Redis")
    make(cat)
    cat.say("new", room="attic")
    for p in (ann, bob):
        await_room(p, "attic")
        wait_until(lambda p=p: [i["text"] for i in p.join("attic")["items"]] == ["new"], "all go on alike")


def test_a_new_node_learns_of_rooms_and_their_removals(start):
    cluster = start(1)
    a = cluster["a"]
    ann = a.person("ann")
    for i in range(20):
        make(ann, f"attic-{i}")
        ann.say(f"{SECRET} {i}", room=f"attic-{i}")
        a.ctl("room", "delete", f"attic-{i}")
        if i % 2:
            make(ann, f"attic-{i}")
            ann.say(f"new {i}", room=f"attic-{i}")
    b = cluster.add().start()
    bob = b.person("bob")
    names = {r["room"] for r in bob.do("rooms")["rooms"]}
    assert names == {"lobby"} | {f"attic-{i}" for i in range(1, 20, 2)}
    for i in range(1, 20, 2):
        assert [m["text"] for m in bob.join(f"attic-{i}")["items"]] == [f"new {i}"]
    assert generation_of(a) == 1 and not b.files_contain(SECRET.encode())


# --- the clock ------------------------------------------------------------------------------------


@pytest.mark.parametrize("generation", [1, 2])
def test_the_clock_removes_a_room_once_for_all_nodes(start, generation):
    cluster = start(2)
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.say("now")
    bob.events(1)
    for i in range(10):
        make(ann, f"old-{i}")
    make(ann, "spoken")
    ann.say("kept", room="spoken")
    make(ann, "young")
    await_room(bob, "young")
    for node in cluster:
        assert node.terminate() == 0
        set_back(node, 31, "spoken", *(f"old-{i}" for i in range(10)))
    if generation == 2:
        cluster.redis.restart("kept")
    for node in cluster:
        node.spawn()  # both at once
    for node in cluster:
        wait_until(node.is_ready_or_dead, "ready")
        node.find_addresses()
    for node in cluster:
        for i in range(10):
            await_gone(node, f"old-{i}")
        assert id_of(node, "young") and id_of(node, "spoken")
        assert query(node, "SELECT count(*) FROM event WHERE kind = 67") == [(10,)]
    for i in range(10):
        wait_until(lambda i=i: is_only_the_last_entry(in_redis(cluster, f"old-{i}")), "nothing is left in Redis")


def test_redis_refuses_to_remove_a_room_in_which_somebody_has_just_written(start):
    """The test repeats what a node sends, as if the clock had asked, with the number that the node has of the room."""
    cluster = start(1)
    a = cluster["a"]
    ann = a.person("ann")
    make(ann, "cellar")
    make(ann, "attic")
    seq = ann.say("just now", room="attic")["seq"]
    with Link(cluster.redis.port) as monitor:
        monitor.call("MONITOR")
        a.ctl("room", "delete", "cellar")
        while True:
            words = shlex.split(monitor.lines.readline().decode().split("] ", 1)[1])
            if words[0] == "EVALSHA" and "room_gone" not in words and any("cellar" in w for w in words):
                break
    sum, keys, args = words[1], words[3:9], words[9:]
    keys[1], keys[5] = keys[1][:-1] + "x", keys[5].replace("cellar", "attic")
    n = seq & ((1 << 40) - 1)
    head, key, body = args[1][:10], args[1][10:42], args[1][42:]
    args[1] = head + key[::-1] + body.replace("cellar", "attic").replace("}", f',"last":{seq}}}')
    with pytest.raises(RedisError, match="NEWEREVENT"):
        cluster.redis.cli("EVALSHA", sum, 6, *keys, *args[:5], -1, *args[6:10], n - 1)
    assert ann.say("on it goes", room="attic")["seq"] == seq + 1
    cluster.redis.cli("EVALSHA", sum, 6, *keys, *args[:5], -1, *args[6:10], n + 1)
    ann.expect("room_gone", room="attic")
