"""Polls for tests: create one, vote, and recount the votes."""

import hashlib

from daemon import wait_until

RULES = [(secret, results) for secret in (False, True) for results in ("live", "closed")]
LUNCH = {"question": "Lunch?", "options": ["pizza", "sushi", "soup"], "max": 1}


def poll(client, room="lobby", secret=False, results="live", **members):
    """Creates a poll; returns its seq."""
    rules = {**LUNCH, "secret": secret, "results": results, **members}
    return client.do("poll", room=room, **rules)["seq"]


def vote(client, poll, *choices, room="lobby", **members):
    """Votes; returns the `ok`."""
    return client.do("vote", room=room, poll=poll, choices=list(choices), **members)


def item(client, poll, room="lobby"):
    """The poll as the client's node has it now; waits until that node has it at all."""

    def found():
        items = client.do("history", room=room, before=poll + 1, limit=1)["items"]
        return items and items[0]["seq"] == poll and items[0]

    return wait_until(found, f"the node has poll {poll}")


def close(client, poll, room="lobby"):
    return client.do("close_poll", room=room, poll=poll)


def ballots(client, poll, room="lobby", limit=1000):
    """All ballots, fetched page by page."""
    found = []
    while True:
        page = client.do("ballots", room=room, poll=poll, after=len(found), limit=limit)
        found += page["ballots"]
        if not page["more"]:
            return found


def recount(found, options=3):
    """Voters, counts and digest, computed from the list alone."""
    counts = [sum(i in b["choices"] for b in found) for i in range(options)]
    lines = "".join(f"{b['code']} {','.join(map(str, b['choices']))}\n" for b in found)
    return len(found), counts, hashlib.sha256(lines.encode()).hexdigest()


def assert_recounts(client, poll, told, options=3):
    """Compares a recount with `told`, a poll_closed event or an item. Returns choices by receipt."""
    found = ballots(client, poll)
    codes = [b["code"] for b in found]
    assert codes == sorted(set(codes)), "one line each, ordered by code"
    assert (told["voters"], told["counts"], told["digest"]) == recount(found, options)
    return {b["code"]: b["choices"] for b in found}
