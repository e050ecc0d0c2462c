"""Several daemons that form one chat: nodes a, b, c… over one Redis."""

import random
import secrets

from ballot_box import item
from client import Closed
from daemon import Daemon, finish_all, wait_until


class Cluster:
    """Unpacks into its nodes, ordered by name. Keywords are keys of every node's configuration;
    `block` adds members to its `redis` block."""

    def __init__(self, redis, prefix="chat:", block=None, **keys):
        self.redis, self.prefix, self.block, self.keys = redis, prefix, block or {}, keys
        self.nodes, self.told = {}, set()

    def begin(self):
        """Makes Redis look as if a chat had begun in it. Otherwise the first node waits some seconds
        for nodes that know more."""
        if "database" not in self.block:
            self.redis.cli("SET", f"{self.prefix}history", secrets.token_hex(16), "NX")

    def add(self, **keys):
        """Adds a node and does not start it."""
        name = "abcdefgh"[len(self.nodes)]
        config = self.redis.config(self.prefix, **self.block)
        node = Daemon(**{"redis": config, "node": name, **self.keys, **keys})
        node.told = self.told  # no node's log may contain it
        self.nodes[name] = node
        return node

    def __iter__(self):
        return iter(self.nodes.values())

    def __getitem__(self, name):
        return self.nodes[name]

    @property
    def awake(self):
        """The nodes that run and are not paused."""
        return [n for n in self if n.process and not n.paused]

    @property
    def address(self):
        """The address of a random node that is awake."""
        if not self.awake:
            raise ConnectionRefusedError("no node is awake")
        return random.choice(self.awake).address

    def await_ready(self, within=30):
        for node in self.awake:
            await_ready(node, within)

    def restart_redis(self, data):
        """Restarts Redis, and waits until every node has found out and is ready again. (Without
        that wait a node may still answer /readyz with the 200 of before.)"""
        before = {node: node.metric("chatd_redis_generation") for node in self.awake}
        self.redis.restart(data)
        for node, generation in before.items():
            wait_until(lambda n=node, g=generation: n.metric("chatd_redis_generation") > g,
                       "the node has a new generation", 30)  # fmt: skip
            await_ready(node)

    def log_key(self, room="lobby", generation=None):
        """The key of the room's stream in that generation; default: the current one."""
        generation = generation or self.redis.cli("GET", f"{self.prefix}gen")
        return f"{self.prefix}log:{{{room}}}:{generation}"

    def finish(self):
        finish_all(self)


def await_ready(node, within=30):
    wait_until(lambda: node.get("/readyz")[0] == 200, "the node is ready by itself", within)


def await_away(node, within=30):
    wait_until(lambda: node.get("/readyz")[0] == 503, "the node knows that Redis is away", within)


def ctl_once_known(node, *words):
    """chatctl, repeated until the node has heard of the person that it names."""
    wait_until(lambda: node.try_ctl(*words).returncode == 0, f"chatctl {words} succeeds")


def await_room(client, room):
    """Until the client's node has heard of the room, which another node has made."""
    wait_until(lambda: client.ask("typing", room=room)["code"] != "no_such_room", f"{room} is known")


def is_banned(node, person):
    """Whether the node refuses a new connection of that person."""
    client = node.connect()
    try:
        reply = client.ask("hello", nick=person.nick, token=person.token)
    except Closed:  # let in, and closed by the ban a moment later
        return False
    finally:
        client.close()
    return reply.get("code") == "banned"


def newest(client):
    """The number of the newest item that the client's node has."""
    return client.do("history", room="lobby", limit=1)["items"][0]["seq"]


def here(client, room="lobby"):
    """The people in the room, as the client's node lists them: nick -> whether they are away."""
    return {p["nick"]: p["away"] for p in client.do("who", room=room)["here"]}


def same_everywhere(clients, of):
    """Waits until all their nodes show the same item, apart from `mine`; returns it without that."""

    def told():
        items = [item(c, of) for c in clients]
        public = [without_mine(i) for i in items]
        return public[0] if all(p == public[0] for p in public) else None

    return wait_until(told, "the item is the same on all nodes")


def without_mine(value):
    """A copy of JSON without the members that each person sees otherwise."""
    if isinstance(value, dict):
        return {k: without_mine(v) for k, v in value.items() if k != "mine"}
    return [without_mine(v) for v in value] if isinstance(value, list) else value
