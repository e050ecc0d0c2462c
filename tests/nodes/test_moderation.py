"""Roles, bans and purges on several nodes: they hold at every node, through all faults."""

import pytest
from ballot_box import assert_recounts, close, poll, vote
from cluster import await_away, await_ready, ctl_once_known, here, is_banned, newest
from daemon import wait_until

FOREVER = 0


def role_of(client, room="lobby"):
    return client.join(room)["role"]


def assemble(cluster):
    """An admin at a, a moderator of the lobby at b, and a member at c."""
    a, b, c = cluster
    ann, mia, bob = (n.person(nick, room="lobby") for n, nick in zip(cluster, ("ann", "mia", "bob")))
    wait_until(lambda: len(here(ann)) == 3, "a knows that all three are here")
    ctl_once_known(c, "role", "ann", "admin")
    ann.expect("role", nick="ann")
    ann.do("role", nick="mia", role="moderator", room="lobby")
    for p in (ann, mia, bob):
        p.expect("role", nick="mia", role="moderator")
    return cluster, ann, mia, bob


@pytest.fixture
def cast(start):
    return assemble(start(3))


def test_a_role_holds_at_every_node(cast):
    cluster, ann, mia, bob = cast
    for node in cluster:
        also_ann = node.person("ann", ann.token)
        wait_until(lambda p=also_ann: role_of(p) == "admin", "the node knows that ann is an admin")
        assert role_of(node.person("mia", mia.token)) == "moderator"
    roles = {p["nick"]: p["role"] for p in bob.do("who", room="lobby")["here"]}
    assert roles == {"ann": "admin", "mia": "moderator", "bob": "member"}
    of = poll(bob, secret=True, results="closed")
    for p in (ann, mia):
        p.expect("poll", seq=of)
    vote(ann, of, 1)
    close(mia, of)
    assert_recounts(ann, of, ann.expect("poll_closed", poll=of))


def test_a_ban_holds_at_every_node(cast):
    cluster, ann, mia, bob = cast
    others = [n.person("bob", bob.token, room="lobby") for n in cluster]
    mia.do("ban", room="lobby", nick="bob", seconds=FOREVER)
    for p in (bob, *others):
        p.expect("ban", nick="bob")
        p.refused("banned", "join", room="lobby")
    wait_until(lambda: "bob" not in here(ann), "bob is no longer here")
    ann.do("ban", nick="bob", seconds=FOREVER)
    for p in (bob, *others):
        assert p.closed().code == 4003
    for node in cluster:
        node.connect().refused("banned", "hello", nick="bob", token=bob.token)


def test_a_node_that_was_away_learns_of_roles_and_bans(cast):
    cluster, ann, mia, bob = cast
    cluster["c"].terminate()
    ann.do("role", nick="mia", role="moderator")
    ann.do("ban", nick="bob", seconds=FOREVER)
    cluster["c"].start()
    wait_until(lambda: is_banned(cluster["c"], bob), "c knows of the ban")
    assert role_of(cluster["c"].person("mia", mia.token)) == "moderator"


def test_roles_and_bans_survive_a_redis_that_has_lost_everything(cast):
    cluster, ann, mia, bob = cast
    mia.do("ban", room="lobby", nick="bob", seconds=FOREVER)
    for p in (ann, mia, bob):
        p.expect("ban", nick="bob")
    cluster.redis.cli("FLUSHALL")
    cluster.await_ready()
    ann.say("we go on")
    for node in cluster:
        assert role_of(node.person("mia", mia.token)) == "moderator"
        node.person("bob", bob.token).refused("banned", "join", room="lobby")
    fresh = cluster.add().start()
    assert role_of(fresh.person("ann", ann.token)) == "admin"
    fresh.person("bob", bob.token).refused("banned", "join", room="lobby")


def test_while_redis_is_away_a_ban_waits_and_is_not_lost(cast):
    cluster, ann, mia, bob = cast
    cluster.redis.pause()
    await_away(cluster["b"])
    id = mia.command("ban", room="lobby", nick="bob", seconds=FOREVER)
    cluster.redis.resume()
    reply = mia.expect(id=id)
    assert reply["type"] == "ok", reply
    bob.expect("ban", nick="bob")
    bob.refused("banned", "join", room="lobby")


def test_a_purge_empties_every_node_and_destroys_the_keys_of_polls(cast):
    cluster, ann, mia, bob = cast
    for i in range(10):
        bob.say(f"purge-me-{i}")
    of = poll(bob, secret=True, results="closed")
    ann.expect("poll", seq=of)
    vote(ann, of, 1)
    mine = poll(ann, secret=True, results="closed")
    bob.expect("poll", seq=mine)
    vote(bob, mine, 2)
    keys = f"{cluster.prefix}polls:{{lobby}}"
    assert cluster.redis.cli("HLEN", keys) == 2
    mia.do("purge", room="lobby", nick="bob")
    for p in (ann, mia, bob):
        p.expect("purge", nick="bob")
    wait_until(lambda: cluster.redis.cli("HLEN", keys) == 1, "the key of bob's poll is gone")
    for node, p in zip(cluster, (ann, mia, bob)):
        wait_until(lambda n=node: not n.files_contain(b"purge-me"), "nothing is left on disk")
        items = p.do("history", room="lobby")["items"]
        assert all(i.get("deleted") for i in items if i["from"] == "bob")
    close(ann, mine)
    for p in (ann, mia, bob):
        told = p.expect("poll_closed", poll=mine)
        assert told["counts"] == [0, 0, 1], "bob's vote has stayed"
        assert_recounts(p, mine, told)


def test_the_last_act_counts_at_every_node(cast):
    cluster, ann, mia, bob = cast
    cluster["a"].ctl("ban", "mia", "0")
    assert mia.closed().code == 4003  # so b knows of the ban that it is to lift
    cluster["b"].ctl("unban", "mia")
    for node in cluster:
        wait_until(lambda n=node: not is_banned(n, mia), "the node knows that the ban was lifted")
    cluster["c"].ctl("ban", "mia", "0")
    for node in cluster:
        wait_until(lambda n=node: is_banned(n, mia), "the node knows of the last ban")


# --- events that a node has missed ----------------------------------------------------------------


def forget_what_was_said(cluster, who):
    """Posts until Redis has trimmed everything before from the stream. One message at a time, so that
    the author's node is never further behind than the stream reaches."""
    first = cluster.redis.cli("XRANGE", cluster.log_key(), "-", "+", "COUNT", "1")
    for i in range(300):
        who.say(f"noise {i}")
    now = cluster.redis.cli("XRANGE", cluster.log_key(), "-", "+", "COUNT", "1")
    assert first != now, "the stream was trimmed"


def test_roles_and_bans_are_not_lost_with_a_trimmed_stream(start):
    cluster, ann, mia, bob = assemble(start(3, block={"stream_events": 10}))
    cluster["c"].terminate()
    mia.do("ban", room="lobby", nick="bob", seconds=FOREVER)
    forget_what_was_said(cluster, ann)
    cluster["c"].start()
    fresh = cluster.add().start()
    for node in (cluster["c"], fresh):
        again = node.person("bob", bob.token)
        again.refused("banned", "join", room="lobby")
        assert role_of(node.person("mia", mia.token)) == "moderator"


def test_roles_in_an_empty_room_are_known_at_every_node(start):
    rooms = [{"name": n, "title": n, "topic": ""} for n in ("lobby", "attic")]
    cluster, ann, mia, bob = assemble(start(3, rooms=rooms))
    for role, verdict in (("moderator", "ok"), ("member", "error")) * 3:
        ann.do("role", nick="mia", role=role, room="attic")
        wait_until(
            lambda v=verdict: mia.ask("mute", nick="bob", room="attic", seconds=1)["type"] == v,
            "b knows mia's new role",
        )


def test_messages_on_their_way_at_a_ban_are_on_all_nodes_or_on_none(cast):
    cluster, ann, mia, bob = cast
    cluster.redis.pause()
    for name in "bc":
        await_away(cluster[name])
    ban = mia.command("ban", room="lobby", nick="bob", seconds=FOREVER)
    said = [bob.command("say", room="lobby", text=f"after {i}") for i in range(10)]
    cluster.redis.resume()
    assert mia.expect(id=ban)["type"] == "ok"
    stored = [r["seq"] for id in said if (r := bob.expect(id=id))["type"] == "ok"]
    bob.expect("ban", nick="bob")
    bob.refused("not_member", "say", room="lobby", text="more")
    last = ann.say("that was it")["seq"]
    mia.expect("message", seq=last)
    for p in (ann, mia, cluster["c"].person("cat", room="lobby")):
        wait_until(lambda p=p: newest(p) == last, "the last message has come")
        items = p.do("history", room="lobby")["items"]
        assert [i["seq"] for i in items if i["from"] == "bob"] == sorted(stored)


def test_an_id_used_twice_does_not_make_nodes_differ(linked):
    cluster, links = linked(3)
    cluster, ann, mia, bob = assemble(cluster)
    c = cluster["c"]
    links[c].cut()
    await_away(c)
    mia.say("hi", id="X")
    mia.ask("ban", room="lobby", nick="bob", seconds=FOREVER, id="X")
    links[c].heal()
    await_ready(c)
    for node in cluster:
        again = node.connect()
        again.hello("bob", bob.token)
        wait_until(lambda p=again: p.ask("join", room="lobby").get("code") == "banned", "the ban holds")


def test_an_admin_demoted_while_their_node_hears_nothing_gives_no_role(linked):
    cluster, links = linked(2)
    a, b = cluster
    eve, mal = b.person("eve", room="lobby"), b.person("mal", room="lobby")
    ctl_once_known(a, "role", "eve", "admin")
    eve.expect("role", nick="eve", role="admin")
    links[b].silence()
    asked = [eve.command("role", nick=nick, role="admin") for nick in ("mal", "eve")]
    a.ctl("role", "eve", "member")
    links[b].heal()
    for id in asked:
        assert eve.expect(id=id)["code"] == "forbidden"
    for person in (eve, mal):
        for node in cluster:
            again = node.connect()
            assert again.hello(person.nick, person.token)["role"] == "member"


@pytest.mark.parametrize("act", ["ban", "role", "purge"])
def test_an_act_that_only_a_late_node_knows_holds_alike_everywhere(linked, act):
    """One node has an act that the others never received. Redis loses everything, and they go on."""
    cluster, links = linked(3)
    cluster, ann, mia, bob = assemble(cluster)
    a, b, c = cluster
    bob.say("bob 1")
    for p in (ann, mia):
        p.expect("message", text="bob 1")
    for node in (b, c):
        links[node].cut()
        await_away(node)
    members = {"ban": {"seconds": FOREVER}, "role": {"role": "moderator"}, "purge": {}}[act]
    ann.do(act, nick="bob", room="lobby", **members)
    links[a].cut()
    await_away(a)
    cluster.redis.restart("lost")
    for node in (b, c):
        links[node].heal()
        await_ready(node)
    wait_until(lambda: cluster.redis.cli("GET", "chat:sealed"), "the others go on", 60)
    bob.say("bob 2")
    links[a].heal()
    await_ready(a)
    mia.say("all here")

    def seen(node):
        p = node.person("cat", cat.token)
        joined = p.join("lobby")
        items = [(i["from"], i.get("text")) for i in joined["items"] if i["from"] != "ann"]
        q = node.connect()
        q.hello("bob", bob.token)
        at = q.ask("join", room="lobby")
        return items, at["type"], at.get("role"), at.get("code")

    cat = a.person("cat")
    wait_until(lambda: seen(a) == seen(b) == seen(c), "all nodes show the same", 30)
