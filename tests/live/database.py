"""A daemon's database, as tests of removed rooms look at it and set it back."""

import sqlite3

DAY_MS = 86_400_000
TABLES = ("event", "marker", "shown", "poll", "ballot", "reaction", "pin", "mention", "reacted", "setting",
          "standing")


def query(daemon, sql, *values):
    with sqlite3.connect(daemon.state / "chat.db") as db:
        return db.execute(sql, values).fetchall()


def id_of(daemon, room):
    """The number of the room in this database; None: there is no such room."""
    found = query(daemon, "SELECT id FROM room WHERE name = ?", room)
    return found[0][0] if found else None


def rows(daemon, id):
    """How many rows of that room there are, by table."""
    return {t: query(daemon, f"SELECT count(*) FROM {t} WHERE room = ?", id)[0][0] for t in TABLES}


def set_back(daemon, days, *rooms):
    """Moves the creation of these rooms, and all that was said in them, into the past. Not while it runs."""
    for room in rooms:
        ((log,),) = query(daemon, "SELECT log FROM room WHERE name = ?", room)
        at, seq = (int(n, 16) for n in log.split("-"))
        query(daemon, "UPDATE room SET log = ? WHERE name = ?", f"{at - days * DAY_MS:x}-{seq:x}", room)
        query(daemon, "UPDATE event SET at = at - ? WHERE room = ?", days * DAY_MS, id_of(daemon, room))
