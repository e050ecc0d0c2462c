"""Rooms: join, leave, create."""

import json

import pytest
from daemon import JOURNAL, LOBBY


def test_a_fresh_join_gives_the_newest_page_and_the_people(daemon):
    ann, bob = daemon.people("ann", "bob")
    seqs = [ann.say(f"message number {i}")["seq"] for i in range(5)]
    carol = daemon.person("carol")
    joined = carol.join()
    assert [i["seq"] for i in joined["items"]] == seqs
    assert [i["text"] for i in joined["items"]] == [f"message number {i}" for i in range(5)]
    assert joined["last"] == seqs[-1] and joined["recovered"] is False
    assert (joined["title"], joined["topic"]) == ("Lobby", "Say hello")
    assert set(joined["here"]) == {"ann", "bob", "carol"} and joined["count"] == 3
    assert isinstance(joined["log"], str) and joined["log"]
    assert joined["pins"] == [] and joined["slow"] == 0 and joined["read"] == 0
    assert isinstance(joined["role"], str)
    ann.say("after the page")
    assert carol.texts(1) == ["after the page"]


@pytest.mark.parametrize("limit, count", [(0, 0), (1, 1), (50, 50), (200, 200), (None, 50)])
def test_the_page_of_a_join_has_the_length_of_its_limit(daemon, limit, count):
    ann = daemon.person("ann", room="lobby")
    for i in range(210):
        ann.command("say", room="lobby", text=f"{i}")
    ann.events(210)
    items = daemon.person("bob").join(**({} if limit is None else {"limit": limit}))["items"]
    assert [i["text"] for i in items] == [f"{i}" for i in range(210 - count, 210)]


@pytest.mark.parametrize("limit", [-1, 201, 1.5, "5", None, True, 2**40])
def test_a_join_with_a_bad_limit_is_refused(shared, limit):
    c = shared.person()
    c.refused("bad_field", "join", room="lobby", limit=limit)
    c.refused("not_member", "say", room="lobby", text="hi")


def test_a_join_of_an_unknown_room_is_refused(daemon):
    daemon.person("ann").refused("no_such_room", "join", room="attic")


@pytest.mark.parametrize("room", ["", "Lobby", "lob by", "../lobby", "a" * 49, "löbby", 7])
def test_a_join_with_an_invalid_room_name_is_refused(shared, room):
    assert shared.person().ask("join", room=room)["code"] in ("bad_field", "no_such_room")


def test_joining_twice_has_the_effect_of_joining_once(daemon):
    ann, bob = daemon.people("ann", "bob")
    assert bob.join()["count"] == 2
    ann.say("only once")
    ann.say("the end")
    assert bob.texts(2) == ["only once", "the end"]
    bob.settle()
    assert len(bob.log["lobby"]) == 2


def test_a_resume_from_the_window_gives_exactly_the_missed_events(daemon):
    ann, bob = daemon.people("ann", "bob")
    log = bob.join()["log"]
    after = ann.say("seen")["seq"]
    bob.events(1)
    bob.leave_politely()
    missed = [ann.say(f"missed {i}")["seq"] for i in range(20)]
    bob = daemon.person("bob", bob.token)
    joined = bob.join(after=after, log=log)
    assert joined["recovered"] is True and joined["items"] == [] and joined["log"] == log
    assert [e["seq"] for e in bob.events(20)] == missed
    ann.say("and on it goes")
    assert bob.texts(21)[-1] == "and on it goes"


def test_a_resume_after_a_restart_gives_exactly_the_missed_events(daemon):
    ann, bob = daemon.people("ann", "bob")
    log = bob.join()["log"]
    after = ann.say("seen")["seq"]
    missed = [ann.say(f"missed {i}")["seq"] for i in range(20)]
    daemon.restart()
    bob = daemon.person("bob", bob.token)
    joined = bob.join(after=after, log=log)
    assert joined["recovered"] is True and joined["items"] == [] and joined["last"] == missed[-1]
    assert [e["seq"] for e in bob.events(20)] == missed
    assert [e["text"] for e in bob.log["lobby"]] == [f"missed {i}" for i in range(20)]


def test_a_crowd_that_comes_back_after_a_restart_misses_nothing(daemon):
    writer = daemon.person("writer", room="lobby")
    crowd = [daemon.person(f"person{i}") for i in range(60)]
    log = [c.join()["log"] for c in crowd][0]
    for i in range(200):
        writer.command("say", room="lobby", text=f"{i}")
    seqs = [e["seq"] for e in writer.events(200)]
    daemon.restart()
    back = [daemon.person(c.nick, c.token) for c in crowd]
    for i, c in enumerate(back):
        c.command("join", room="lobby", log=log, after=seqs[i], id="j")
    for i, c in enumerate(back):
        assert c.expect(id="j")["recovered"] is True
        assert [e["seq"] for e in c.events(199 - i)] == seqs[i + 1 :]


def test_events_from_the_store_equal_those_that_were_sent_live(daemon):
    ann, bob = daemon.people("ann", "bob")
    log = bob.join()["log"]
    first = ann.say('one\n\u2028 "two" \\ 🦊', id="k-one")["seq"]
    ann.say("an answer", reply_to=first)
    ann.do("edit", room="lobby", of=first, text="ONE")
    ann.do("delete", room="lobby", of=ann.say("never mind")["seq"], reason="typo")
    live = bob.events(5)
    daemon.restart()
    bob = daemon.person("bob", bob.token)
    assert bob.join(after=0, log=log)["recovered"] is True
    again = bob.events(5)
    for before, now in zip(live, again):
        if before.get("text") == "never mind":
            assert now["text"] == ""
            before, now = ({**e, "text": None} for e in (before, now))
        assert before == now


def test_a_resume_at_the_head_brings_nothing_and_goes_on(daemon):
    ann, bob = daemon.people("ann", "bob")
    last = ann.say("the newest")["seq"]
    joined = bob.join()
    again = daemon.person("bob", bob.token)
    resumed = again.join(after=last, log=joined["log"])
    assert resumed["recovered"] is True and resumed["items"] == []
    ann.say("next")
    assert again.texts(1) == ["next"]


def test_messages_said_during_a_resume_arrive_once_and_in_order(daemon):
    ann, bob = daemon.people("ann", "bob")
    log = bob.join()["log"]
    for i in range(300):
        ann.command("say", room="lobby", text=f"{i}")
        if i % 50 == 25:
            bob.close()
            bob = daemon.person("bob", bob.token)
            assert bob.join(after=0, log=log)["recovered"] is True
    assert bob.texts(300) == [f"{i}" for i in range(300)]
    seqs = [e["seq"] for e in bob.log["lobby"]]
    assert seqs == sorted(set(seqs))


def test_joins_in_the_middle_of_a_storm_have_no_gap_and_no_repeat(start):
    """The store may be ahead of the room's live events: no event may arrive both ways."""
    d = start()
    ann = d.person("ann", room="lobby")
    log = ann.join()["log"]
    old = [ann.say(f"{i}")["seq"] for i in range(20)]
    d.restart()  # now only the store has the older events
    writers = d.people(*[f"writer{i}" for i in range(4)])
    late, waiting = [], [d.person() for _ in range(60)]
    for round_ in range(10):
        for c in waiting[round_ * 6 : round_ * 6 + 6]:
            after = None if len(late) % 3 == 0 else old[len(late) % 20]
            c.command(
                "join", room="lobby", id="j", **({"log": log, "after": after} if after else {})
            )
            late.append((c, after))
            for i in range(8):
                writers[i % 4].command("say", room="lobby", text=f"{round_} {i}")
    everything = d.person("judge")
    n = 20 + 8 * len(late)
    assert everything.join(log=log, after=0)["recovered"] is True
    seqs = [e["seq"] for e in everything.events(n)]
    for c, after in late:
        joined = c.expect("joined", id="j")
        known = [i["seq"] for i in joined["items"]]
        first = after if joined["recovered"] else joined["last"]
        assert known == ([] if joined["recovered"] else [q for q in seqs if q <= first][-50:])
        rest = [seq for seq in seqs if seq > first]
        assert not rest or [e["seq"] for e in c.events(len(rest))] == rest
        c.settle()
        assert len(c.log.get("lobby", ())) == len(rest), "something came twice"


def test_another_log_is_not_resumed(daemon):
    ann = daemon.person("ann", room="lobby")
    seq = ann.say("here")["seq"]
    joined = daemon.person("bob").join(after=0, log="another")
    assert joined["recovered"] is False
    assert [i["seq"] for i in joined["items"]] == [seq]


def test_a_cursor_ahead_of_the_log_is_not_resumed(daemon):
    ann, bob = daemon.people("ann", "bob")
    seq, log = ann.say("here")["seq"], bob.join()["log"]
    joined = daemon.person("carol").join(after=seq + 1, log=log)
    assert joined["recovered"] is False and [i["seq"] for i in joined["items"]] == [seq]


def test_after_without_log_does_not_resume(daemon):
    ann = daemon.person("ann", room="lobby")
    ann.say("here")
    reply = daemon.person("bob").ask("join", room="lobby", after=0)
    assert reply.get("code") == "bad_field" or reply["recovered"] is False


@pytest.mark.parametrize("restarted", [False, True], ids=["live", "restarted"])
def test_a_client_at_the_limit_of_resume_events_resumes_and_one_behind_it_does_not(start, restarted):
    d = start(resume_events=10)
    ann, bob = d.people("ann", "bob")
    log = bob.join()["log"]
    seqs = [ann.say(f"{i}")["seq"] for i in range(30)]
    if restarted:
        d.restart()
    near = d.person("near").join(after=seqs[19], log=log)
    far = d.person("far").join(after=seqs[18], log=log, limit=5)
    assert near["recovered"] is True
    assert far["recovered"] is False
    assert [i["seq"] for i in far["items"]] == seqs[-5:]


@pytest.mark.parametrize("after", [-1, 1.5, "3", 2**53, 1e300, [], True])
def test_a_bad_cursor_is_refused_or_not_resumed(shared, after):
    bob = shared.person()
    log = bob.join()["log"]
    reply = bob.ask("join", room="lobby", after=after, log=log)
    assert reply.get("code") == "bad_field" or reply["recovered"] is False


def test_the_log_keeps_its_name_over_a_restart(daemon):
    log = daemon.person("ann").join()["log"]
    daemon.restart()
    assert daemon.person("bob").join()["log"] == log


def test_a_person_who_left_hears_nothing_and_may_come_back(daemon):
    ann, bob = daemon.people("ann", "bob")
    ann.told_here(came="bob")
    bob.do("leave", room="lobby")
    ann.told_here(left="bob")
    ann.say("bob is gone")
    bob.refused("not_member", "say", room="lobby", text="may I?")
    bob.refused("not_member", "leave", room="lobby")
    bob.settle()
    assert "lobby" not in bob.log
    assert daemon.person("bob", bob.token).do("join", room="lobby")["count"] == 2


def test_a_left_room_is_no_longer_marked_as_joined(daemon):
    ann = daemon.person("ann", room="lobby")
    ann.do("leave", room="lobby")
    assert daemon.connect().hello("ann", ann.token)["rooms"][0]["joined"] is False
    ann.join()
    daemon.restart()
    assert daemon.connect().hello("ann", ann.token)["rooms"][0]["joined"] is True


# --- create ---------------------------------------------------------------------------------------


def test_a_created_room_can_be_joined_and_is_announced_to_all(daemon):
    ann, bob = daemon.people("ann", "bob")
    ok = ann.do("create", room="tea-time_2", title="Tea time", topic="Milk first?")
    assert ok["type"] == "ok" and ok["room"] == "tea-time_2"
    told = bob.expect("room", room="tea-time_2")
    assert (told["title"], told["topic"]) == ("Tea time", "Milk first?")
    assert bob.join("tea-time_2")["title"] == "Tea time"
    assert "tea-time_2" in [r["room"] for r in daemon.connect().hello("carol")["rooms"]]


def test_a_created_room_is_there_after_a_restart(daemon):
    ann = daemon.person("ann")
    ann.do("create", room="attic", title="The attic", topic="dust")
    ann.join("attic")
    seq = ann.say("hello attic", room="attic")["seq"]
    daemon.restart()
    joined = daemon.person("ann", ann.token).join("attic")
    assert (joined["title"], joined["topic"], joined["last"]) == ("The attic", "dust", seq)


def test_a_room_is_created_once(daemon):
    ann = daemon.person("ann")
    ann.refused("room_exists", "create", room="lobby")
    ann.do("create", room="attic", title="The attic")
    ann.refused("room_exists", "create", room="attic")
    for title in ("The attic", " The  attic", "The\u200b attic"):
        ann.refused("room_exists", "create", room="attic-2", title=title)
    ann.refused("bad_field", "create", room="attic-2", title="\u2800")
    daemon.person("bob").refused("room_exists", "create", room="attic")


def test_titles_that_look_alike_are_one_title(daemon):
    ann, bob = daemon.people("ann", "bob")
    ann.do("create", room="attic", title="The attic")
    for title in ("the Attic", "The att1c", "The \u0430ttic"):  # a Cyrillic a
        bob.refused("room_exists", "create", room="attic-2", title=title)
    bob.do("create", room="attic-2", title="The attics")
    daemon.restart()
    daemon.person("carol").refused("room_exists", "create", room="attic-3", title="THE ATTIC")


def test_of_several_rooms_that_get_one_title_at_once_one_exists(daemon):
    people = daemon.people("ann", "bob", "carol", "dave")
    for i, p in enumerate(people):
        p.command("create", room=f"attic-{i}", title=["The attic", "THE ATTIC"][i % 2], id="c")
    replies = [p.expect(id="c") for p in people]
    assert sorted(r.get("code", "ok") for r in replies) == ["ok"] + ["room_exists"] * 3
    assert len(daemon.person("erin").do("rooms", text="attic")["rooms"]) == 1


def test_a_room_of_the_configuration_may_have_the_title_of_another(daemon):
    daemon.person("ann").do("create", room="attic", title="The attic")
    daemon.keys["rooms"] = [*LOBBY, {"name": "loft", "title": "the attic"}]
    daemon.restart()
    rooms = daemon.person("bob").do("rooms", text="attic")["rooms"]
    assert [r["room"] for r in rooms] == ["attic", "loft"]
    assert "room=loft of the configuration has a title that looks like that of room=attic" in daemon.log()
    daemon.restart()
    assert "looks like" not in daemon.log(since_start=True)  # nothing has changed


def test_of_several_people_who_create_the_same_room_at_once_one_succeeds(daemon):
    people = [daemon.person(f"person{i}") for i in range(6)]
    for p in people:
        p.command("create", room="attic", id="c")
    replies = [p.expect(id="c") for p in people]
    assert sorted(r.get("code", "ok") for r in replies) == ["ok"] + ["room_exists"] * 5


def test_the_same_create_again_gets_the_same_answer(daemon):
    ann = daemon.person("ann")
    first = ann.do("create", room="attic", title="Attic", id="create-1")
    assert ann.do("create", room="attic", title="Attic", id="create-1") == first
    ann.refused("conflict", "create", room="attic", title="Cellar", id="create-1")
    ann.refused("conflict", "create", room="cellar", id="create-1")
    daemon.restart()
    ann = daemon.person("ann", ann.token)
    assert ann.do("create", room="attic", title="Attic", id="create-1") == first


@pytest.mark.parametrize(
    "room", ["", "A", "a b", "a/b", "..", "a.b", "a" * 49, "é", "a\n", None, 5, ["a"]]
)
def test_a_bad_room_name_is_refused(shared, room):
    shared.person().refused("bad_field", "create", room=room)
    assert len(shared.connect().hello(shared.new_nick())["rooms"]) == 1


def test_the_longest_room_name_is_welcome(daemon):
    ann = daemon.person("ann")
    ann.do("create", room="a" * 48)
    ann.join("a" * 48)


@pytest.mark.parametrize("title", ["t" * 5000, 7, None, ["t"]])
def test_a_bad_title_is_refused(shared, title):
    shared.person().refused("bad_field", "create", room="attic", title=title)


def test_a_create_without_id_is_refused(daemon):
    ann = daemon.person("ann")
    ann.send({"type": "create", "room": "attic"})
    assert ann.expect("error")["code"] == "bad_field"


def test_the_servers_rooms_are_limited(start):
    d = start(limits={"rooms": 3})
    ann = d.person("ann")
    ann.do("create", room="two")
    ann.do("create", room="three")
    ann.refused("full", "create", room="four")
    ann.join("three")


def test_the_rooms_of_one_connection_are_limited(start):
    d = start(rooms_per_session=2)
    ann = d.person("ann")
    for name in ("one", "two"):
        ann.do("create", room=name)
        ann.join(name)
    ann.refused("full", "join", room="lobby")
    ann.do("leave", room="one")
    ann.join()


@pytest.mark.parametrize("who", ["admin", "moderator", "nobody"])
def test_a_member_cannot_create_rooms_if_create_rooms_asks_for_more(start, who):
    d = start(create_rooms=who)
    d.person("ann").refused("forbidden", "create", room="attic")


def test_rooms_of_the_configuration_exist(start):
    d = start(rooms=[{"name": "one", "title": "First"}, {"name": "two", "topic": "2nd"}])
    rooms = {r["room"]: r for r in d.connect().hello("ann")["rooms"]}
    assert rooms["one"]["title"] == "First" and rooms["two"]["topic"] == "2nd"


# --- rooms of the configuration -------------------------------------------------------------------


def test_a_changed_configuration_changes_the_room_and_keeps_its_log(start):
    d = start(rooms=[{"name": "lobby", "title": "Lobby"}])
    ann = d.person("ann")
    joined = ann.join()
    seq = ann.say("before")["seq"]
    d.terminate()
    d.keys["rooms"] = [{"name": "lobby", "title": "Hall", "topic": "New", "post": "nobody"}]
    d.start()
    ann = d.person("ann", ann.token)
    again = ann.join(after=0, log=joined["log"])
    assert (again["title"], again["topic"], again["recovered"]) == ("Hall", "New", True)
    assert [e["seq"] for e in ann.events(1)] == [seq]
    ann.refused("forbidden", "say", room="lobby", text="x")


def test_the_rooms_that_one_person_creates_are_limited(start):
    d = start(rooms_per_person=3)
    ann, bob = d.people("ann", "bob")
    for i in range(3):
        ann.do("create", room=f"r{i}")
    ann.refused("full", "create", room="r3")
    bob.do("create", room="r3")
    d.restart()
    d.person("ann", ann.token).refused("full", "create", room="r4")


def test_the_rooms_that_one_address_creates_in_a_day_are_limited(start):
    d = start(rooms_per_address_day=3, connections_per_address=64)
    ann = d.person("ann")
    for i in range(3):
        ann.do("create", room=f"r{i}")
    ann.close()
    bob = d.person("bob")  # after the last connection of this address
    refused = bob.refused("rate", "create", room="r3")
    assert 28000 < refused["retry_after"] <= 28800  # a third of a day
    bob.refused("room_exists", "create", room="r2")
    bob.join("r0")


def test_an_address_without_a_limit_of_connections_creates_any_number_of_rooms(start):
    ann = start(rooms_per_address_day=1).person("ann")
    for i in range(3):
        ann.do("create", room=f"r{i}")


@pytest.mark.parametrize("mark", ["another boot", "f" * 32, "", "\0" * 32])
def test_after_a_power_cut_nobody_resumes_into_other_messages(start, mark):
    """An empty mark, or one of zeros, is what a power cut leaves of a file that was not synced."""
    d = start()
    ann = d.person("ann")
    joined = ann.join()
    seq = ann.say("one")["seq"]
    d.kill()
    (d.state / "running").write_text(mark)
    d.start()
    assert len((d.state / "running").read_text()) == 32 and not list(d.state.glob("*.new"))
    ann = d.person("ann", ann.token)
    again = ann.join(after=seq, log=joined["log"])
    if JOURNAL == "local":
        assert again["recovered"] is False and [i["text"] for i in again["items"]] == ["one"]
    else:  # Redis keeps the numbers that it gave
        assert again["recovered"] is True and again["log"] == joined["log"]
    assert [i["text"] for i in ann.do("history", room="lobby")["items"]] == ["one"]
    d.restart()
    kept = d.person("ann", ann.token)
    assert kept.join(after=seq, log=again["log"])["recovered"] is True


# --- many rooms -----------------------------------------------------------------------------------


def test_a_welcome_names_my_rooms_and_a_hundred_others_with_the_latest_events(start):
    d = start(rooms=200, rooms_per_person=200, rooms_per_address_day=0)
    ann = d.person("ann")
    for i in range(130):
        ann.do("create", room=f"room-{i:03}", title=f"Room {i}")
    ann.join("room-005"), ann.join("room-007")
    ann.say("the latest", room="room-007")
    for daemon in (d, d.restart()):
        welcome = daemon.connect().do("hello", nick="ann", token=ann.token)
        names = [r["room"] for r in welcome["rooms"]]
        assert set(names[:2]) == {"room-005", "room-007"} and len(names) == 102
        assert all(r["joined"] for r in welcome["rooms"][:2]) and welcome["more_rooms"] is True
        assert len(json.dumps(welcome)) < 65536
        other = daemon.connect().do("hello", nick=daemon.new_nick())
        assert len(other["rooms"]) == 100 and not any(r["joined"] for r in other["rooms"])
        assert other["rooms"][0]["room"] == "room-007"


def test_rooms_are_found_by_name_title_and_topic_page_by_page(daemon):
    ann = daemon.person("ann")
    for i in range(5):
        ann.do("create", room=f"deck-{i}", title=f"Ärger {i}", topic="Über Bord" if i == 4 else "")
    ann.join("deck-3")
    seq = ann.say("hello", room="deck-3")["seq"]
    found = ann.do("rooms", text="ÄRGER", limit=3)
    assert [r["room"] for r in found["rooms"]] == ["deck-0", "deck-1", "deck-2"] and found["more"]
    rest = ann.do("rooms", text="ÄRGER", limit=3, next=found["next"])
    assert [r["room"] for r in rest["rooms"]] == ["deck-3", "deck-4"] and not rest["more"]
    room = rest["rooms"][0]
    assert (room["title"], room["topic"], room["last"]) == ("Ärger 3", "", seq)
    assert (room["people"], room["joined"]) == (1, True) and room["last_at"] > 0
    assert [r["room"] for r in ann.do("rooms", text="bord")["rooms"]] == ["deck-4"]
    assert [r["room"] for r in ann.do("rooms", text="deck-1")["rooms"]] == ["deck-1"]
    assert ann.do("rooms", text="nothing like it")["rooms"] == []
    assert {"lobby", "deck-0"} <= {r["room"] for r in ann.do("rooms")["rooms"]}
    ann.refused("bad_field", "rooms", limit=101)
    daemon.connect().refused("hello_first", "rooms")
