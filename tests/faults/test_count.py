"""The daemon is killed while people vote and while the poll closes: acknowledged votes count."""

import random
import threading
import time

import pytest
from ballot_box import assert_recounts, close, item, poll, vote
from client import Client, Closed
from daemon import wait_until

ROUNDS = 6


class Voter(threading.Thread):
    """Changes the vote until the poll is over. Sends a vote without an answer again."""

    def __init__(self, daemon, nick, of):
        super().__init__(daemon=True)
        self.where, self.nick, self.of = daemon, nick, of
        self.token, self.n, self.pending, self.last, self.failed = None, 0, None, None, None
        self.ended = False

    def run(self):
        while not self.ended and not self.failed:
            try:
                self.live_once()
            except (OSError, Closed, TimeoutError):
                time.sleep(0.02)
            except Exception as why:
                self.failed = why

    def live_once(self):
        c = Client(self.where.address, told=self.where.told)
        self.token = c.hello(self.nick, self.token)["token"]
        c.join("lobby", limit=0)
        while not self.ended:
            choice = self.n % 3
            self.pending = (f"{self.nick}-{self.n}", choice)
            reply = c.ask("vote", id=self.pending[0], room="lobby", poll=self.of, choices=[choice])
            if reply["type"] == "ok":
                self.last, self.n, self.pending = (reply["receipt"], [choice]), self.n + 1, None
            else:
                assert reply["code"] in ("closed", "unavailable"), reply
                self.ended = reply["code"] == "closed"
        c.close()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("secret", [False, True])
def test_a_daemon_killed_around_the_end_of_a_poll_counts_each_vote_once(start, secret):
    daemon, dice = start(resume_events=1000000), random.Random()
    ann = daemon.person("ann", room="lobby")
    for round in range(ROUNDS):
        of = poll(ann, secret=secret)
        voters = [Voter(daemon, f"voter{round}-{i}", of) for i in range(6)]
        for v in voters:
            v.start()
        wait_until(lambda: all(v.last for v in voters), "all have voted")
        if dice.random() < 0.5:
            ann.command("close_poll", id=f"close-{round}", room="lobby", poll=of)
        time.sleep(dice.uniform(0, 0.02))  # the fault itself: any moment
        daemon.kill()
        daemon.start()
        ann = daemon.person("ann", ann.token, room="lobby")
        if not item(ann, of)["closed"]:
            close(ann, of)
        for v in voters:
            v.join(15)
            assert not v.failed and not v.is_alive(), v.failed
        found = assert_recounts(ann, of, item(ann, of))
        # a vote that was not answered may have been counted, in place of the one before it
        assert len(found) == 6
        for v in voters:
            in_doubt = v.pending and [v.pending[1]]
            assert v.last[0] in found or in_doubt in found.values(), (v.nick, v.last, found)
            if v.last[0] in found:
                assert found[v.last[0]] == v.last[1]
