"""Searches, and the index behind them as the database has it."""

from daemon import wait_until
from database import query

UNIT = 128  # items that are worth a unit of the index
BLOCK = 1 << 14


def found(person, text="", **members):
    """All that a search finds: its answers, one after another. Newest first."""
    items, more = [], {}
    for _ in range(1000):
        r = person.do("search", text=text, **members, **more)
        assert r["type"] == "results" and len(r["items"]) <= members.get("limit", 20)
        items += r["items"]
        if not r["more"]:
            assert "next" not in r
            return items
        more = {"next": r["next"]}
    raise AssertionError("it never ends")


def texts(person, text="", **members):
    return [i.get("text") for i in found(person, text, **members)]


def say_all(person, texts, room="lobby"):
    """Says them, many at once; returns their numbers."""
    seqs = []
    for i in range(0, len(texts), 100):
        ids = [person.command("say", room=room, text=t) for t in texts[i : i + 100]]
        seqs += [person.expect("ok", id=id)["seq"] for id in ids]
    return seqs


def settled(daemon):
    """Waits until the index has what is worth it."""
    wait_until(lambda: daemon.metric("chatd_search_waiting") < UNIT, "the index", 60)


def places_of(items):
    """The places in a row of the index."""
    at, next, places = 0, 0, []
    while at < len(items):
        place = next + (items[at] & 0x7F)
        if items[at] >= 0x80:
            at += 1
            place += items[at] << 7
        at, next = at + 1, place + 1
        places.append(place)
    return places


def indexed(daemon):
    """The room and number of each item that is in a row of the index."""
    blocks = {id: (room, block * BLOCK) for id, room, block in query(
        daemon, "SELECT search_block.id, name, block FROM search_block JOIN room ON room.id = room"
    )}  # fmt: skip
    rows = query(daemon, "SELECT id >> 16, items FROM search_gram")
    assert {block for block, _ in rows} <= set(blocks), "rows without a block"
    return {(blocks[b][0], blocks[b][1] + p) for b, items in rows for p in places_of(items)}
