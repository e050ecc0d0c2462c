"""Faults of nodes, of Redis and of the links between them. Each strike heals what it broke; the
caller checks whether the chat has recovered."""

import time

from daemon import wait_until
from oracle import Writer, await_progress
from redis_server import RedisError

PUBSUB_LIMIT = "pubsub 33554432 8388608 60"  # Redis's own default


class Strikes:
    """`links`: each node's proxy, by node. `seconds`: least and most that a lasting strike lasts."""

    def __init__(self, cluster, links, people, moments, seconds):
        self.cluster, self.redis, self.links = cluster, cluster.redis, links
        self.people, self.moments, self.seconds = people, moments, seconds
        self.trimmed = {}  # by the node that missed them: events that a stream has lost, (room, seq)

    def all(self):
        """The strikes, by name."""
        return {k[7:]: getattr(self, k) for k in sorted(dir(self)) if k.startswith("strike_")}

    def node(self):
        return self.moments.choice(list(self.cluster))

    def link(self):
        return self.links[self.node()]

    def last(self):
        time.sleep(self.moments.uniform(*self.seconds))  # the strike itself

    def progress(self, events=20):
        await_progress(self.people, events)

    # --- nodes ------------------------------------------------------------------------------------

    def strike_node_killed(self):
        node = self.node()
        node.kill()
        node.start()

    def strike_node_ended(self):
        node = self.node()
        assert node.terminate() == 0
        node.start()

    def strike_node_killed_and_missed(self):
        node = self.node()
        node.kill()
        self.progress(50)
        node.start()

    def strike_all_nodes_killed(self):
        for node in self.cluster:
            node.kill()
        for node in self.cluster:
            node.start()

    def strike_node_stopped(self):
        node = self.node()
        node.pause()
        try:
            self.last()
        finally:
            node.resume()

    def strike_stream_trimmed_behind_a_node(self):
        """The node misses events that are no longer in the stream: a gap, at this node only."""
        node = self.node()
        node.kill()
        self.progress(50)
        for room in sorted({p.room for p in self.people}):
            self.trimmed.setdefault(node, set()).update(self.trim(room, 5))
        node.start()

    def trim(self, room, kept):
        """Trims the room's stream to its newest `kept` events; the events that are gone. Writers go
        on meanwhile: MAXLEN would also trim events that came after the ids were read."""
        key = self.cluster.log_key(room)
        ids = [e[0] for e in self.redis.cli("XREVRANGE", key, "+", "-")]
        if len(ids) <= kept:
            return set()
        self.redis.cli("XTRIM", key, "MINID", ids[kept - 1])
        gone = (id.split("-") for id in ids[kept:])
        return {(room, int(gen) << 40 | int(n)) for gen, n in gone}

    # --- Redis ------------------------------------------------------------------------------------

    def strike_redis_killed(self):
        self.redis.restart("kept")

    def strike_redis_killed_and_missed(self):
        self.redis.kill()
        self.last()
        self.redis.restart("kept")

    def strike_redis_comes_back_empty(self):
        self.redis.restart("lost")

    def strike_redis_comes_back_older(self):
        self.redis.remember()
        self.progress(30)
        self.redis.restart("older")

    def strike_redis_flushed(self):
        self.redis.cli("FLUSHALL")

    def strike_redis_stopped(self):
        self.redis.pause()
        try:
            self.last()
        finally:
            self.redis.resume()

    def strike_redis_killed_while_a_node_is_down(self):
        node = self.node()
        assert node.terminate() == 0
        self.progress(20)
        self.redis.restart("kept")
        node.start()

    def strike_node_killed_while_redis_is_away(self):
        self.redis.kill()
        node = self.node()
        node.kill()
        node.start()
        self.redis.restart("kept")

    # --- links ------------------------------------------------------------------------------------

    def strike_subscribers_killed(self):
        self.client_kill("pubsub")

    def strike_writers_killed(self):
        self.client_kill("normal")

    def client_kill(self, kind):
        self.redis.cli("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")

    def strike_link_cut(self):
        link = self.link()
        link.cut()
        try:
            self.last()
        finally:
            link.heal()

    def strike_link_dropped(self):
        self.link().drop()

    def strike_link_silent(self):
        """Half-open: nothing arrives and nothing closes. In the end the data under way is lost."""
        link = self.link()
        link.silence()
        try:
            self.last()
        finally:
            link.drop()
            link.heal()

    def strike_link_stalled(self):
        """As above, but the data under way arrives in the end."""
        link = self.link()
        link.silence()
        try:
            self.last()
        finally:
            link.heal()

    def strike_link_slow(self):
        link = self.link()
        link.slow(0.05)
        try:
            self.last()
        finally:
            link.heal()

    def strike_subscriber_overrun(self):
        """Sends more than Redis buffers for a subscriber, so Redis throws it out."""
        before = self.subscribers()
        self.redis.cli("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1024 1024 0")
        try:
            with self.shouting("x" * 3000):
                wait_until(lambda: self.subscribers() - before, "a subscriber has come back", 30)
        finally:
            self.redis.cli("CONFIG", "SET", "client-output-buffer-limit", PUBSUB_LIMIT)

    def subscribers(self):
        try:
            lines = self.redis.cli("CLIENT", "LIST", "TYPE", "pubsub").splitlines()
        except (OSError, RedisError):
            return set()
        return {line.split(" ", 1)[0] for line in lines}

    # --- writers ----------------------------------------------------------------------------------

    def strike_all_nodes_publish_as_fast_as_they_can(self):
        with self.shouting(""):
            self.progress(500)

    def shouting(self, padding):
        return Shouting([p for p in self.people if isinstance(p, Writer)], padding)


class Shouting:
    """Meanwhile the writers do not pause, and their messages are longer."""

    def __init__(self, writers, padding):
        self.writers, self.padding = writers, padding

    def __enter__(self):
        self.paces = [w.pace for w in self.writers]
        for w in self.writers:
            w.pace, w.padding = 0, self.padding

    def __exit__(self, *_):
        for w, pace in zip(self.writers, self.paces):
            w.pace, w.padding = pace, ""
