"""How nodes reach Redis, what they leave in it, and what can share a port, a Redis or a chat."""

import re
import shlex
import time

import pytest
from client import Client
from cluster import await_away, await_ready, here
from daemon import ROOT, Daemon, wait_until
from redis_server import free_port
from test_photo import see, uploaded

# --- one Redis, several chats ---------------------------------------------------------------------


def test_two_prefixes_share_a_redis_without_touching(start, redis):
    (red,), (blue,) = start(1, prefix="red:"), start(1, prefix="blue:")
    ann, other_ann = red.person("ann", room="lobby"), blue.person("ann", room="lobby")
    ann.do("create", room="attic")
    ann.say("in the red one")
    other_ann.say("in the blue one")
    ann.events(1), other_ann.events(1)
    other_ann.do("create", room="attic")
    for p, text in ((ann, "in the red one"), (other_ann, "in the blue one")):
        p.settle()
        assert p.texts(1) == [text] and list(here(p)) == ["ann"]
    red.connect().refused("nick_taken", "hello", nick="ann", token=other_ann.token)
    assert all(key.startswith(("red:", "blue:")) for key in redis.keys())
    assert redis.keys("red:log:{lobby}:*") and redis.keys("blue:log:{lobby}:*")


def test_a_prefix_that_begins_like_another_is_a_separate_chat(start):
    (short,), (long,) = start(1, prefix="chat:"), start(1, prefix="chat:log:")
    short.person("ann", room="lobby").say("short")
    bob = long.person("bob", room="lobby")
    assert bob.do("history", room="lobby")["items"] == []
    bob.say("long")
    assert bob.texts(1) == ["long"]


def test_chats_in_two_databases_are_separate_if_their_prefixes_differ(start, redis):
    """Redis's channels know no database: two chats in two databases still need two prefixes."""
    (first,), (second,) = (
        start(1, block={"database": 1}, prefix="one:"),
        start(1, block={"database": 2}, prefix="two:"),
    )
    first.person("ann", room="lobby").say("in database 1")
    assert second.person("ann", room="lobby").do("history", room="lobby")["items"] == []
    assert redis.keys() == []
    keyspace = redis.info("keyspace")
    assert set(keyspace) == {"db1", "db2"}


# --- ways to it -----------------------------------------------------------------------------------


def test_redis_can_be_reached_by_a_unix_socket(start, redis):
    cluster = start(0)
    a = cluster.add(redis=redis.config(unix=True)).start()
    b = cluster.add().start()
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.say("by the short way")
    assert bob.texts(1) == ["by the short way"]
    assert [c for c in clients_of(redis) if c["addr"].startswith(redis.unix)]


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "password"
    path.write_text("Rumpelstiltskin\n")
    return str(path)


def test_a_user_and_a_password_from_a_file_are_used(start, redis, secret):
    redis.cli("ACL", "SETUSER", "chatter", "on", ">Rumpelstiltskin", "~*", "&*", "+@all")
    (a,) = start(1, block={"user": "chatter", "password_file": secret})
    a.told.add("Rumpelstiltskin")
    a.person("ann", room="lobby").say("let in")
    users = {c["user"] for c in clients_of(redis)}
    assert "chatter" in users and "default" not in users


def test_a_password_without_a_user_is_used(start_redis, start, secret):
    server = start_redis(password="Rumpelstiltskin")
    (a,) = start(1, redis=server, block={"password_file": secret})
    a.told.add("Rumpelstiltskin")
    a.person("ann", room="lobby").say("let in")
    server.restart()
    await_ready(a)
    a.person(room="lobby").say("let in again")


def test_a_wrong_password_is_reported_but_not_logged(start, redis, secret):
    redis.cli("ACL", "SETUSER", "chatter", "on", ">another", "~*", "&*", "+@all")
    (a,) = start(1, block={"user": "chatter", "password_file": secret})
    a.told.add("Rumpelstiltskin")
    await_away(a)
    wait_until(lambda: says(a, "Redis refuses: WRONGPASS"), "/readyz and the log say so")
    assert "redis link=ask: WRONGPASS" in a.log()
    redis.cli("ACL", "SETUSER", "chatter", "resetpass", ">Rumpelstiltskin")
    await_ready(a)


def test_what_redis_answers_is_said_once_a_change(start, redis):
    (a,) = start(1)
    redis.cli("CONFIG", "SET", "requirepass", "another")
    redis.password = "another"
    redis.cli("CLIENT", "KILL", "TYPE", "normal")
    wait_until(lambda: says(a, "Redis refuses: NOAUTH"), "it wants a password")
    redis.kill()
    wait_until(lambda: a.get("/readyz")[1].startswith("Redis is away"), "it is gone")
    redis.password = None
    redis.restart()
    wait_until(lambda: "messages are stored again" in a.log(), "all is well", 30)
    waits = re.findall("messages wait: (.*)", a.log())
    assert waits == ["Redis is away", "Redis refuses: NOAUTH", "Redis is away"]
    assert a.log().count("redis link=ask: NOAUTH") == 1


def says(node, why):
    return node.get("/readyz")[1].startswith(why) and f"messages wait: {why}" in node.log()


def test_an_unreadable_password_file_is_reported(redis, tmp_path):
    d = Daemon(redis=redis.config(password_file=str(tmp_path / "none")))
    d.spawn()
    assert d.process.wait(15) != 0 and str(tmp_path / "none") in d.log()
    d.process = None
    d.finish()


def clients_of(redis):
    """All connections to Redis but the one that asks."""
    lines = redis.cli("CLIENT", "LIST").splitlines()
    all_ = [dict(w.split("=", 1) for w in line.split(" ")) for line in lines]
    return [c for c in all_ if not c["cmd"].startswith("client")]


def readmes_user():
    """The words of the ACL SETUSER line in the README."""
    text = (ROOT / "README.md").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    found = [line[line.index("ACL SETUSER") :] for line in lines if "ACL SETUSER" in line]
    assert found, "README.md has no line with ACL SETUSER"
    return shlex.split(found[0].rstrip("`"), comments=True)


def test_the_redis_user_of_the_readme_has_exactly_the_rights_that_chatd_needs(start, redis, secret):
    words = readmes_user()
    name = words[2]
    words = [">Rumpelstiltskin" if w.startswith((">", "#")) else w for w in words]
    assert "on" in words and not {"+@all", "allcommands", "~*", "allkeys"} & set(words)
    prefix = next(w for w in words if w.startswith("~"))[1:].rstrip("*")
    redis.cli(*words)
    cluster = start(2, prefix=prefix, block={"user": name, "password_file": secret})
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.do("create", room="attic")
    bob.expect("room", room="attic")
    seq = ann.say("hello")["seq"]
    ann.do("edit", room="lobby", of=seq, text="hullo")
    ann.do("delete", room="lobby", of=seq)
    photo = uploaded(a, ann)
    wait_until(lambda: see(b, photo).status == 200, "b has a copy of the photo")
    wait_until(lambda: not redis.keys(f"{prefix}piece:*"), "its pieces are removed")
    bob.do("away", on=True)
    bob.events(3)
    bob.do("read", room="lobby", seq=seq)
    bob.do("leave", room="lobby")
    channel = f"{prefix}ch:{{lobby}}"
    wait_until(lambda: redis.cli("PUBSUB", "NUMSUB", channel)[1] == 1, "b has left the channel", 30)
    assert denied(redis, name) == []

    b.terminate()
    said = ann.say("while b was away")["seq"]
    b.start()
    redis.restart("lost")  # nodes fence and offer: that needs rights too
    redis.cli(*words)
    cluster.await_ready()
    assert ann.say("after the flood")["seq"] > said
    bob = b.person("bob", bob.token)
    wait_until(lambda: bob.join()["items"][-1]["text"] == "after the flood", "b has read on")
    cluster.add().start().person("carol", room="attic")
    assert denied(redis, name) == []


def denied(redis, name):
    """The commands that Redis has refused to that user; failed logins do not count."""
    entries = [dict(zip(e[::2], e[1::2])) for e in redis.cli("ACL", "LOG")]
    refused = [e for e in entries if e["username"] == name and e["reason"] != "auth"]
    return [f"{e['reason']} {e['object']} {e['client-info']}" for e in refused]


# --- metrics and warnings -------------------------------------------------------------------------


def test_the_log_level_debug_shows_what_a_node_does_with_redis(start):
    (a,) = start(1, log={"level": "debug"})
    a.person("ann", room="lobby")
    wait_until(lambda: "debug redis room=lobby stream=live" in a.log(), "the room's stream is read")
    stages = [line for line in a.log().splitlines() if line.startswith("debug redis stage=")]
    assert [line.split("=")[1] for line in stages[-3:]] == ["fencing", "sealing", "live"]


def test_the_metrics_show_the_state_of_redis(cluster, redis):
    a, b = cluster
    cluster.await_ready()
    assert a.metric("chatd_redis_connected") == 1 and a.metric("chatd_redis_waiting") == 0
    first = a.metric("chatd_redis_generation")
    assert first == b.metric("chatd_redis_generation") == int(redis.cli("GET", "chat:gen"))
    redis.restart("lost")
    cluster.await_ready()
    wait_until(lambda: a.metric("chatd_redis_generation") > first, "a has a new generation")
    wait_until(lambda: b.metric("chatd_redis_generation") > first, "b has it too")
    assert int(redis.cli("GET", "chat:gen")) == a.metric("chatd_redis_generation")


def test_redis_settings_that_can_lose_messages_cause_a_warning(start, redis):
    (a,) = start(1)
    wait_until(lambda: "appendonly" in a.log(), "the log has the warning")
    assert a.get("/readyz")[0] == 200 and "appendonly" in a.get("/readyz")[1]
    assert "maxmemory" not in a.get("/readyz")[1]
    assert a.log().count("appendonly") == 1, "once"


def test_a_redis_that_may_evict_keys_causes_a_warning_in_readyz(start, start_redis):
    (a,) = start(1, redis=start_redis("always", maxmemory_policy="allkeys-lru"))
    await_ready(a)
    code, text = a.get("/readyz")
    assert code == 200 and "maxmemory" in text and "appendonly" not in text


def test_no_text_and_no_token_is_part_of_a_key(cluster, redis):
    ann = next(iter(cluster)).person("ann", room="lobby")
    ann.say("Rumpelstiltskin")
    names = "\n".join(redis.keys())
    assert "Rumpelstiltskin" not in names and ann.token not in names


def test_the_stream_grows_only_to_its_limit(start, redis):
    (a,) = start(1, block={"stream_events": 1000})
    ann = a.person("ann", room="lobby")
    for i in range(2500):
        ann.command("say", room="lobby", text=f"{i}")
        if i % 500 == 499:
            ann.events(i - 100)
    seqs = [e["seq"] for e in ann.events(2500)]
    (key,) = redis.keys("chat:log:{lobby}:*")
    assert 1000 <= redis.cli("XLEN", key) < 1500
    page = ann.do("history", room="lobby", before=seqs[50], limit=50)
    assert [i["seq"] for i in page["items"]] == seqs[:50]  # from the node's copy


# --- one port, several processes ------------------------------------------------------------------


def test_two_processes_on_one_port_share_the_clients(start):
    port = free_port()
    cluster = start(0)
    for _ in range(2):
        own, shared = ({"address": "127.0.0.1", "port": p} for p in (0, port))
        cluster.add(listen=[own, shared]).start()
    a, b = cluster
    people = [Client(("127.0.0.1", port), told=cluster.told) for _ in range(60)]
    for i, p in enumerate(people):
        p.hello(f"person{i}")
        p.join()
    counts = [n.metric("chatd_sessions") for n in (a, b)]
    assert sum(counts) == 60 and min(counts) > 5
    people[0].say("hello all")
    assert all(p.texts(1) == ["hello all"] for p in people)
    b.kill()
    for i in range(10):
        p = Client(("127.0.0.1", port), told=cluster.told)
        p.hello(f"late{i}")
        p.close()
    for p in people:
        p.close()


# --- refusals -------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(start):
    """The state directory of another chat."""
    (node,) = start(1, prefix="other:")
    node.person("ann", room="lobby").say("elsewhere")
    assert node.terminate() == 0
    return str(node.state)


def test_a_state_directory_of_another_chat_is_refused(start, elsewhere):
    """Two histories under one name would give one number to two messages."""
    cluster = start(1)
    cluster["a"].person("bob", room="lobby").say("here")
    b = cluster.add(state=elsewhere)
    b.spawn()
    wait_until(lambda: "another chat" in b.log(), "the reason is logged")
    wait_until(b.is_ready_or_dead, "up, or ended")
    if b.process.poll() is None:
        b.find_addresses()
        assert b.get("/readyz")[0] == 503
    else:
        b.process = None
    (item,) = cluster["a"].person(room="lobby").do("history", room="lobby")["items"]
    assert item["text"] == "here"


@pytest.mark.parametrize("reason", ["password", "history"])
def test_a_redis_that_refuses_gets_few_connections(start, redis, secret, elsewhere, reason):
    if reason == "password":
        redis.cli("ACL", "SETUSER", "chatter", "on", ">another", "~*", "&*", "+@all")
        d = start(0, block={"user": "chatter", "password_file": secret}).add()
    else:
        next(iter(start(1))).person("bob", room="lobby").say("here")
        d = start(0).add(state=elsewhere)
    d.spawn()
    wait_until(d.is_ready_or_dead, "up, or ended")
    before, began = connections(redis), time.monotonic()
    time.sleep(3)  # a measured interval, not a wait
    assert connections(redis) - before < 10 * (time.monotonic() - began)
    assert d.log().count("\n") < 50, d.log()[:3000]
    d.process = d.process if d.process.poll() is None else None


def connections(redis):
    return int(redis.info("stats")["total_connections_received"])


# --- the beginning of a chat ----------------------------------------------------------------------


REFUSALS = {
    "full": (["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "maxmemory", "0"]),
    "no replica": (
        ["CONFIG", "SET", "min-replicas-to-write", "1"],
        ["CONFIG", "SET", "min-replicas-to-write", "0"],
    ),
    "itself a replica": (["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"]),
    "no right": (
        ["ACL", "SETUSER", "default", "-evalsha"],
        ["ACL", "SETUSER", "default", "+evalsha"],
    ),
}


@pytest.mark.parametrize("begin, end", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_of_redis_is_logged_once_until_redis_writes(start, redis, begin, end):
    (a,) = start(1)
    ann = a.person("ann", room="lobby")
    ann.say("before")
    redis.cli(*begin)
    ann.command("say", room="lobby", text="meanwhile", id="m")
    wait_until(lambda: a.get("/readyz")[1].startswith("Redis refuses to write: "), "/readyz says so")
    redis.cli("CONFIG", "RESETSTAT")
    wait_until(lambda: tries(redis) >= 5, "it tries again and again", 30)
    late = a.connect()  # a new name does not wait as posts do
    assert late.ask("hello", nick="late")["code"] == "unavailable"
    redis.cli(*end)
    ann.expect("ok", id="m", within=30)
    wait_until(lambda: a.get("/readyz")[0] == 200, "it is ready again", 30)
    late.hello("late")
    wait_until(lambda: "messages are stored again" in a.log(), "the log says so")
    log = a.log()
    assert (log.count("messages wait: "), log.count("messages are stored again")) == (1, 1), log


def tries(redis):
    """Scripts, and greetings of new connections."""
    stats = redis.info("commandstats")
    words = ",".join(stats.get(f"cmdstat_{c}", "") for c in ("evalsha", "select")).split(",")
    return sum(int(w.split("=")[1]) for w in words if w.startswith(("calls=", "rejected_calls=")))


def test_several_empty_nodes_begin_one_chat(start):
    cluster = start(0, new=True)
    a, b = cluster.add(), cluster.add()
    for n in (a, b):
        n.spawn()
    for n in (a, b):
        wait_until(n.is_ready_or_dead, "ready")
        n.find_addresses()
        await_ready(n)
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.say("one chat")
    assert bob.texts(1) == ["one chat"]


def test_a_new_node_that_finds_an_emptied_redis_first_does_not_lock_out_the_others(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    said = [ann.say(f"{i}")["seq"] for i in range(5)]
    for n in (a, b):
        n.terminate()
    cluster.redis.restart("lost")
    c = cluster.add()
    c.spawn()
    for n in (a, b, c):
        if not n.process:
            n.spawn()
        wait_until(n.is_ready_or_dead, "ready")
        n.find_addresses()
        await_ready(n)
        again = n.person("ann", ann.token)
        assert [i["seq"] for i in again.join()["items"]] == said


# --- state that is left ---------------------------------------------------------------------------


def test_the_nodes_keep_what_redis_lost_while_they_were_down(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    said = [ann.say(f"{i}")["seq"] for i in range(50)]
    for n in (a, b):
        n.terminate()
    cluster.redis.restart("lost")
    for n in (a, b):
        n.start()
    for n in (a, b):
        await_ready(n)
        ann = n.person("ann", ann.token)
        assert [i["seq"] for i in ann.join()["items"]] == said
        ann.leave_politely()
    new = a.person("ann", ann.token, room="lobby").say("on it goes")["seq"]
    assert new > said[-1]
