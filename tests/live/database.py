"""A daemon's database, as tests of removed rooms look at it."""

import sqlite3

TABLES = ("event", "marker", "shown", "poll", "ballot", "reaction", "standing")


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
