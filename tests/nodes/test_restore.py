"""A node that has lost events of its own, by a power cut or by an older copy of its database: clients
go from node to node as before. Only where the numbers may name other messages do they start afresh."""

import shutil
import sqlite3

import pytest
from daemon import wait_until

BOOT = "0123456789abcdef0123456789abcdef"


def copy_of(node, to):
    with sqlite3.connect(node.state / "chat.db") as db:
        db.execute("VACUUM INTO ?", (str(to),))
    return to


def nicks(node):
    with sqlite3.connect(node.state / "chat.db") as db:
        return {nick for nick, in db.execute("SELECT nick FROM identity")}


def restore(node, backup):
    """As the README says it. The node is not running."""
    for file in node.state.glob("chat.db*"):
        file.unlink()
    shutil.copy(backup, node.state / "chat.db")
    (node.state / "running").write_text("restored\n")


def cut_power(node):
    """The node loses what was in its write-ahead log."""
    node.kill()
    for file in node.state.glob("chat.db-*"):
        file.unlink()
    (node.state / "running").write_text(BOOT)


class Wanderer:
    """A client that goes from node to node with its cursor. It keeps what a client keeps: `seen`."""

    def __init__(self, node):
        client = node.person("wanderer")
        joined = client.join()
        self.token, self.log, self.seen, self.resets = client.token, joined["log"], [], 0
        self.last = joined["last"]
        client.close()

    def go_to(self, node, newest):
        """Until it has the message `newest`."""
        client = node.person("wanderer", self.token)
        joined = client.join(after=self.last, log=self.log)
        self.resets += joined["recovered"] is False
        self.log = joined["log"]
        while self.last < newest:
            event = client.expect("message")
            self.seen.append(event["text"])
            self.last = event["seq"]
        client.close()


def test_a_client_goes_between_nodes_that_lost_their_newest_events(start, tmp_path):
    a, b, c = start(3)
    ann = a.person("ann", room="lobby")
    wanderer, said = Wanderer(a), []

    def say(n):
        for _ in range(n):
            said.append(f"message {len(said)}")
            newest = ann.say(said[-1])["seq"]
        return newest

    wanderer.go_to(c, say(5))
    wanderer.go_to(b, wanderer.last)
    backup = copy_of(c, tmp_path / "backup")
    newest = say(5)
    wanderer.go_to(b, newest)
    wanderer.go_to(c, newest)
    cut_power(b)
    c.kill()
    restore(c, backup)
    newest = say(5)
    b.start(), c.start()
    for node in (b, c, a, c, b, a):
        wanderer.go_to(node, newest)
        newest = say(1)
    for node in (a, b, c):
        wanderer.go_to(node, newest)
    assert wanderer.resets == 0 and wanderer.seen == said
    for node in (b, c):
        assert [i["text"] for i in node.person().join()["items"]] == said
        node.restart()
        wanderer.go_to(node, newest)
    assert wanderer.resets == 0


def test_where_redis_has_lost_the_numbers_too_all_nodes_begin_one_branch(start, redis, tmp_path):
    """Of two nodes only an older copy is left: the next generation has the number of the lost one."""
    cluster = start(2)
    a, b = cluster
    ann = a.person("ann", room="lobby")
    ann.say("kept")
    wait_until(lambda: len(b.person().join()["items"]) == 1, "b has it")
    wanderer = Wanderer(a)
    wait_until(lambda: "wanderer" in nicks(b), "b has the nick")
    backups = {node: copy_of(node, tmp_path / node.keys["node"]) for node in cluster}
    cluster.restart_redis("kept")
    wanderer.go_to(b, ann.say("lost")["seq"])
    for node, backup in backups.items():
        node.kill()
        restore(node, backup)
    redis.restart("lost")
    a.start(), b.start()
    cluster.await_ready()
    bob = b.person("bob", room="lobby")
    assert bob.say("has the number of a lost one")["seq"] == wanderer.last
    joined = [n.person().join(after=wanderer.last, log=wanderer.log) for n in (a, b, a.restart())]
    assert not any(j["recovered"] for j in joined)
    assert [[i["text"] for i in j["items"]] for j in joined] == [["kept", "has the number of a lost one"]] * 3
    assert len({j["log"] for j in joined}) == 1
    newest = bob.say("and on")["seq"]
    wanderer.log = joined[0]["log"]
    for node in (a, b, a):
        wanderer.go_to(node, newest)
    assert wanderer.resets == 0 and wanderer.seen == ["lost", "and on"]


def test_a_node_with_other_events_under_the_same_numbers_keeps_its_own_branch(start, redis, tmp_path):
    """c was away while the others lost a generation and gave its numbers again."""
    cluster = start(3)
    a, b, c = cluster
    backups = {node: copy_of(node, tmp_path / node.keys["node"]) for node in (a, b)}
    cluster.restart_redis("kept")
    ann = a.person("ann", room="lobby")
    wanderer = Wanderer(a)
    for text in ("one", "two"):
        newest = ann.say(text)["seq"]
    wanderer.go_to(c, newest)
    c.terminate()
    for node, backup in backups.items():
        node.kill()
        restore(node, backup)
    redis.restart("lost")
    a.start(), b.start()
    newest = b.person("bob", room="lobby").say("another one")["seq"]
    c.start()
    wait_until(lambda: "this node has other events" in c.log(), "c says so")
    there, here = (n.person().join() for n in (a, c))
    assert there["log"] != here["log"] == wanderer.log
    assert not c.person().join(after=newest, log=there["log"])["recovered"]


@pytest.mark.parametrize("mark", ["restored", BOOT, ""])
def test_doubt_lasts_until_redis_has_answered(start, redis, mark, tmp_path):
    """A clean stop in between does not end it."""
    cluster = start(1)
    a = cluster["a"]
    log = a.person("ann").join()["log"]
    a.kill()
    (a.state / "running").write_text(mark)
    redis.kill()
    a.start()
    assert a.person("ann", a.clients[0].token).join()["log"] == log, "it begins nothing"
    a.terminate()
    redis.start()
    a.start()
    assert a.person("ann", a.clients[0].token).join()["log"] != log
