"""Polls: votes, what each client learns of them, and what remains in the store."""

import hashlib
import json
import random
import sqlite3
import time

import pytest
from ballot_box import LUNCH, RULES, assert_recounts, ballots, close, item, poll, recount, vote
from daemon import JOURNAL, wait_until
from redis_server import redis_of_this_process

rules = pytest.mark.parametrize("secret, results", RULES)


def now_ms():
    return int(time.time() * 1000)


# --- life of a poll -------------------------------------------------------------------------------


@rules
def test_two_people_vote_change_their_minds_and_recount_the_result(daemon, secret, results):
    ann, bob = daemon.people("ann", "bob")
    of = poll(ann, secret=secret, results=results)
    visible = results == "live"

    event = bob.expect("poll", seq=of)
    assert {k: event[k] for k in LUNCH} == LUNCH and event["from"] == "ann"
    assert (event["secret"], event["results"]) == (secret, results)
    assert all(word in event["text"] for word in ["Lunch?", "1. pizza", "2. sushi", "3. soup"])
    assert item(bob, of)["voters"] == 0 and item(bob, of)["closed"] is False

    vote(ann, of, 0)
    first = vote(bob, of, 0)["receipt"]
    then = vote(bob, of, 2)["receipt"]
    assert first != then
    now = item(bob, of)
    assert (now["voters"], now["mine"]) == (2, [2]) and item(ann, of)["mine"] == [0]
    assert now.get("counts") == ([1, 0, 1] if visible else None)

    assert "receipt" not in vote(ann, of)
    assert item(ann, of)["mine"] == [] and item(ann, of)["voters"] == 1
    mine = vote(ann, of, 2)["receipt"]

    assert close(ann, of)["type"] == "ok"
    for p in (ann, bob):
        end = p.expect("poll_closed", poll=of)
        assert (end["voters"], end["counts"], end["by"]) == (2, [0, 0, 2], "ann")
        found = assert_recounts(p, of, end)
        assert found == {mine: [2], then: [2]}, "each voter finds their own line"
        now = item(p, of)
        assert now["closed"] is True and now["closed_by"] == "ann"
        assert (now["voters"], now["counts"], now["digest"]) == (2, [0, 0, 2], end["digest"])
    for p in (ann, bob):
        p.refused("closed", "vote", room="lobby", poll=of, choices=[0])
    ann.refused("closed", "close_poll", room="lobby", poll=of)


def test_in_an_open_poll_with_live_results_votes_have_names(daemon):
    ann, bob = daemon.people("ann", "bob")
    of = poll(ann)
    vote(bob, of, 1)
    e = ann.expect("vote", poll=of)
    assert (e["from"], e["choices"], e["voters"], e["counts"]) == ("bob", [1], 1, [0, 1, 0])
    assert item(ann, of)["votes"] == [{"from": "bob", "choices": [1]}]
    vote(bob, of)
    e = ann.expect("vote", poll=of)
    assert (e["from"], e["choices"], e["voters"], e["counts"]) == ("bob", [], 0, [0, 0, 0])
    assert item(ann, of)["votes"] == []


def test_several_can_be_chosen_up_to_the_maximum(daemon):
    (ann,) = daemon.people("ann")
    of = poll(ann, max=2)
    vote(ann, of, 2, 0)
    assert item(ann, of)["mine"] == [0, 2] and item(ann, of)["counts"] == [1, 0, 1]
    for choices in ([0, 1, 2], [3], [0, 0], [-1], ["0"], 0, None):
        error = ann.refused("bad_field", "vote", room="lobby", poll=of, choices=choices)
        assert error["field"] == "choices"
    assert item(ann, of)["mine"] == [0, 2]


def test_several_connections_of_one_person_are_one_voter(daemon):
    ann = daemon.person("ann", room="lobby")
    tab = daemon.person("ann", ann.token, room="lobby")
    of = poll(ann, secret=True)
    vote(ann, of, 0)
    assert set(tab.expect("voted", poll=of)) == {"type", "room", "poll"} and item(tab, of)["mine"] == [0]
    vote(tab, of, 1)
    assert ann.expect("voted", poll=of) and item(ann, of)["mine"] == [1]
    assert item(ann, of)["voters"] == 1 and item(ann, of)["counts"] == [0, 1, 0]
    bob = daemon.person("bob", room="lobby")
    bob.settle()
    assert not [m for m in bob.inbox if m["type"] == "voted"]


@rules
def test_the_same_vote_sent_again_gets_the_same_answer(daemon, secret, results):
    ann = daemon.person("ann", room="lobby")
    of = poll(ann, secret=secret, results=results)
    ok = vote(ann, of, 1, id="once")
    tab = daemon.person("ann", ann.token, room="lobby")
    again = vote(tab, of, 1, id="once")
    assert {k: again[k] for k in ("seq", "at", "receipt")} == {
        k: ok[k] for k in ("seq", "at", "receipt")
    }
    tab.refused("conflict", "vote", room="lobby", poll=of, choices=[2], id="once")
    assert item(ann, of)["voters"] == 1
    first = ann.do("poll", id="p", room="lobby", **LUNCH, secret=secret, results=results)
    second = tab.do("poll", id="p", room="lobby", **LUNCH, secret=secret, results=results)
    assert first == second


def test_an_invalid_poll_is_refused(shared):
    ann = shared.person(room="lobby")
    good = {"room": "lobby", **LUNCH, "secret": False, "results": "live"}
    year = 400 * 86400 * 1000
    for field, value in [
        ("question", ""), ("question", "x" * 301), ("question", "a\nb"), ("question", 7),
        ("options", ["one"]), ("options", ["a", "a"]), ("options", ["a", ""]), ("options", "ab"),
        ("options", [str(i) for i in range(21)]), ("options", ["a", "b" * 201]),
        ("options", ["Yes", "Yes "]), ("options", ["Yes", "Y\u200bes"]), ("options", ["a", "\u2800"]),
        ("options", ["a  b", "a\u00a0b"]), ("question", "\u200b"), ("question", " "),
        ("options", ["a", "\u202eb"]), ("options", [["a"], ["b"]]),
        ("max", 0), ("max", 4), ("max", "1"), ("secret", 1), ("secret", None), ("results", "soon"),
        ("closes_at", 0), ("closes_at", "tomorrow"),
    ]:  # fmt: skip
        error = ann.refused("bad_field", "poll", **{**good, field: value})
        assert error["field"] == field, (field, value)
    for closes_at in (now_ms() - 1000, now_ms() + year):
        ann.refused("bad_field", "poll", **good, closes_at=closes_at)
    for field in ("question", "options", "max", "secret", "results"):
        ann.refused("bad_field", "poll", **{k: v for k, v in good.items() if k != field})
    assert "poll" not in {i["type"] for i in ann.do("history", room="lobby")["items"]}


def test_a_message_that_is_not_a_poll_cannot_be_voted_in_or_closed(daemon):
    ann, bob = daemon.people("ann", "bob")
    said = ann.say("no poll")["seq"]
    for of in (said, said + 1000):
        ann.refused("not_found", "vote", room="lobby", poll=of, choices=[0])
        ann.refused("not_found", "close_poll", room="lobby", poll=of)
        ann.refused("not_found", "ballots", room="lobby", poll=of)
    of = poll(ann)
    bob.refused("forbidden", "close_poll", room="lobby", poll=of)
    bob.refused("forbidden", "ballots", room="lobby", poll=of)
    eve = daemon.person("eve")
    for command in ("vote", "close_poll", "ballots", "poll"):
        eve.refused("not_member", command, room="lobby", poll=of, choices=[0], **LUNCH,
                    secret=False, results="live")  # fmt: skip


def test_the_open_polls_of_a_room_are_limited(start):
    daemon = start(polls=2)
    (ann,) = daemon.people("ann")
    first = poll(ann)
    poll(ann)
    ann.refused("full", "poll", room="lobby", **LUNCH, secret=True, results="live")
    close(ann, first)
    poll(ann)


def test_question_and_options_never_change(daemon):
    (ann,) = daemon.people("ann")
    of = poll(ann)
    ann.refused("forbidden", "edit", room="lobby", of=of, text="Dinner?")
    assert item(ann, of)["question"] == "Lunch?"


@rules
def test_a_deleted_poll_ends_without_a_result(daemon, secret, results):
    ann, bob = daemon.people("ann", "bob")
    of = poll(ann, secret=secret, results=results, question="Is it Rumpelstiltskin?",
              options=["Rumpelstiltskin", "Rapunzel"])  # fmt: skip
    vote(bob, of, 1)
    bob.refused("forbidden", "delete", room="lobby", of=of)
    ann.do("delete", room="lobby", of=of)
    assert bob.expect("delete", of=of)
    for p in (ann, bob):
        p.refused("not_found", "vote", room="lobby", poll=of, choices=[0])
        p.refused("not_found", "ballots", room="lobby", poll=of)
        gone = item(p, of)
        assert gone["deleted"] is True
        assert not {"question", "options", "text", "voters", "counts"} & set(gone)
    log = bob.join()["log"]
    carol = daemon.person("carol")
    assert carol.join(after=of - 1, log=log)["recovered"]
    assert "Rapunzel" not in json.dumps(carol.events(1))
    wait_until(lambda: not daemon.files_contain(b"Rapunzel"), "the text is gone from the files")


# --- the clock ------------------------------------------------------------------------------------


def test_a_poll_closes_by_itself(daemon):
    ann, bob = daemon.people("ann", "bob")
    at = now_ms() + 1500
    of = poll(ann, secret=True, results="closed", closes_at=at)
    assert bob.expect("poll", seq=of)["closes_at"] == at
    vote(bob, of, 2)
    end = ann.expect("poll_closed", poll=of)
    assert "by" not in end and end["counts"] == [0, 0, 1] and end["at"] >= at - 1
    assert "closed_by" not in item(ann, of) and item(ann, of)["closed_at"] == end["at"]
    bob.refused("closed", "vote", room="lobby", poll=of, choices=[0])
    assert_recounts(bob, of, end)


def test_no_vote_counts_after_closes_at(daemon):
    """The poll_closed event may come a moment later."""
    (ann,) = daemon.people("ann")
    due = now_ms() + 700
    of = poll(ann, closes_at=due)
    voted = []
    while (reply := ann.ask("vote", room="lobby", poll=of, choices=[0]))["type"] == "ok":
        voted.append(reply["at"])
    assert reply["code"] == "closed" and voted and max(voted) < due


@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_a_poll_due_while_the_daemon_was_down_closes_when_it_starts(daemon, end):
    ann, bob = daemon.people("ann", "bob")
    of = poll(ann, closes_at=now_ms() + 1000)
    later = poll(ann, closes_at=now_ms() + 3600_000)
    vote(bob, of, 1)
    getattr(daemon, end)()
    wait_until(lambda: now_ms() > item_due(of, ann), "the poll is due")
    daemon.start()
    bob = daemon.person("bob", bob.token, room="lobby")
    wait_until(lambda: item(bob, of)["closed"], "the poll has closed by itself")
    now = item(bob, of)
    assert now["counts"] == [0, 1, 0] and now["mine"] == [1]
    assert item(bob, later)["closed"] is False
    vote(bob, later, 0)


def item_due(of, client):
    return next(m["closes_at"] for m in client.log["lobby"] if m["seq"] == of)


def test_votes_survive_a_kill(daemon):
    ann, bob = daemon.people("ann", "bob")
    of = poll(ann, secret=True)
    vote(ann, of, 0), vote(bob, of, 1)
    daemon.kill()
    daemon.start()
    bob = daemon.person("bob", bob.token, room="lobby")
    assert item(bob, of)["mine"] == [1] and item(bob, of)["counts"] == [1, 1, 0]
    vote(bob, of, 0)
    assert item(bob, of)["counts"] == [2, 0, 0] and item(bob, of)["voters"] == 2


# --- secrecy --------------------------------------------------------------------------------------


def frames_of(*clients):
    for c in clients:
        c.settle()
    return [m for c in clients for m in c.inbox]


def counts_in(frames, of):
    """The frames that have counts of the poll."""
    return [m for m in frames if (m.get("poll") == of or m.get("seq") == of) and "counts" in m]


def test_no_frame_has_a_count_before_the_end_if_results_are_closed(daemon):
    """Looks at every frame that any client gets."""
    ann, bob, eve = daemon.people("ann", "bob", "eve")
    watchers = (ann, bob, eve)
    polls = [poll(ann, secret=secret, results="closed") for secret in (False, True)]
    for of in polls:
        vote(ann, of, 0), vote(bob, of, 1), vote(bob, of, 2)
        for p in watchers:
            p.join()
            p.inbox.append(item(p, of))
            log = p.join(limit=1)["log"]
            p.inbox.append(p.join(after=of - 1, log=log))
        seen = frames_of(*watchers)
        assert not counts_in(seen, of)
        assert not [m for m in seen if m.get("poll") == of and ({"from", "votes"} & set(m))]
        assert not [i for m in seen for i in m.get("items", ()) if "counts" in i or "votes" in i]
        close(ann, of)
        for p in watchers:
            assert p.expect("poll_closed", poll=of)["counts"] == [1, 0, 1]


def database(daemon):
    """The daemon's database, opened while the daemon runs."""
    db = sqlite3.connect(f"file:{daemon.state / 'chat.db'}?mode=ro", uri=True, timeout=15)
    db.row_factory = sqlite3.Row
    return db


def redis_dump(daemon):
    """Everything that Redis has of this chat, by key."""
    server, prefix = redis_of_this_process(), daemon.keys["redis"]["prefix"]
    read = {
        "string": ("GET",), "hash": ("HGETALL",), "set": ("SMEMBERS",), "stream": ("XRANGE", "-", "+"),
    }  # fmt: skip
    dump = {}
    for key in server.keys(f"{prefix}*"):
        kind = server.cli("TYPE", key)
        if kind == "none":  # it has ended meanwhile
            continue
        command, *more = read[kind]
        dump[key] = json.dumps(server.cli(command, key, *more))
    return dump


def assert_nowhere(daemon, secret, what):
    """Checks that neither the state directory (as bytes or hex digits) nor Redis has the secret."""
    wait_until(lambda: not daemon.files_contain(secret), f"{what} is gone from the files")
    wait_until(lambda: not daemon.files_contain(secret.hex().encode()), f"{what} is gone in hex")
    if JOURNAL == "redis":  # the node deletes it there after it has copied the end
        wait_until(lambda: not any(s in json.dumps(redis_dump(daemon))
                                   for s in (secret.hex(), repr(secret))),
                   f"{what} is gone from Redis")  # fmt: skip


@pytest.mark.parametrize("results", ["live", "closed"])
def test_nothing_ties_a_voter_to_a_choice_when_a_secret_poll_has_closed(daemon, results):
    ann, bob, eve = daemon.people("ann", "bob", "eve")
    of = poll(ann, secret=True, results=results)
    bobs = vote(bob, of, 1, id="bobs-very-own-id")["receipt"]
    vote(eve, of, 0), vote(eve, of)
    vote(ann, of, 2)
    identities = {r["nick"]: r["id"] for r in database(daemon).execute("SELECT * FROM identity")}
    (row,) = wait_until(lambda: [
        r for r in database(daemon).execute("SELECT * FROM poll") if r["key"]
    ], "the poll has its key")  # fmt: skip
    key = bytes(row["key"])
    voters = [r["voter"] for r in database(daemon).execute("SELECT * FROM ballot")]
    assert len(voters) == 2 and not set(voters) & set(identities.values())
    if JOURNAL == "redis":
        assert key.hex() in json.dumps(redis_dump(daemon)), "until the close, Redis has the key"

    seen = frames_of(eve, ann)
    assert not [m for m in seen if m.get("poll") == of and ({"from", "choices", "key"} & set(m))
                and m.get("type") != "voted"]  # fmt: skip
    assert "bobs-very-own-id" not in json.dumps(seen) and bobs not in json.dumps(seen)
    close(ann, of)

    assert_nowhere(daemon, key, "the poll's key")
    db = database(daemon)
    assert [r["key"] for r in db.execute("SELECT * FROM poll")] == [None]
    left = list(db.execute("SELECT * FROM ballot ORDER BY code"))
    assert [r["voter"] for r in left] == [-1, -2] and {r["nick"] for r in left} == {None}
    votes = list(db.execute("SELECT * FROM event WHERE kind IN (18, 19)"))
    assert len(votes) == 4
    for r in votes:
        assert (r["author"], r["key"], r["hash"]) == (0, None, 0)
        assert not {"choices", "code", "from"} & set(json.loads(r["body"]))
    for table in ("event", "ballot", "poll"):
        for r in db.execute(f"SELECT * FROM {table}"):
            text = json.dumps([str(v) for v in tuple(r)])
            assert "bobs-very-own-id" not in text and not any(str(v) in text for v in voters)
    if JOURNAL == "redis":
        wait_until(lambda: not any(name.endswith("polls:{lobby}") for name in redis_dump(daemon)),
                   "the hash of keys is empty")  # fmt: skip
        for value in redis_dump(daemon).values():
            assert "bobs-very-own-id" not in value
            if bobs in value:  # the vote itself, under a number that belongs to nobody now
                assert str(identities["bob"]) not in value.split(bobs)[0][-200:]
    assert "mine" not in item(bob, of)
    assert bobs in {b["code"] for b in ballots(eve, of)}, "the list still has bob's ballot"


def key_of_poll(daemon):
    return wait_until(lambda: [bytes(r["key"]) for r in database(daemon).execute("SELECT key FROM poll")
                               if r["key"]], "the poll has its key")[0]  # fmt: skip


def test_the_key_is_gone_from_the_files_while_the_room_goes_on_talking(daemon):
    ann, bob = daemon.people("ann", "bob")
    of = poll(ann, secret=True)
    vote(bob, of, 1)
    key = key_of_poll(daemon)
    close(ann, of)

    def gone():
        ann.say("there is never a moment of rest")
        return not daemon.files_contain(key)

    wait_until(gone, "the key is gone")


def test_the_key_is_gone_from_the_files_after_a_kill(daemon):
    ann, bob = daemon.people("ann", "bob")
    of = poll(ann, secret=True)
    vote(bob, of, 1)
    key = key_of_poll(daemon)
    reader = database(daemon)  # an open reader keeps the old pages
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM event").fetchall()
    close(ann, of)
    daemon.kill()
    assert daemon.files_contain(key)
    reader.close()
    daemon.start()
    wait_until(lambda: not daemon.files_contain(key), "the key is gone")


def test_a_receipt_is_random_and_goes_to_its_voter_only(daemon):
    people = daemon.people(*(f"voter{i}" for i in range(20)))
    of = poll(people[0], secret=True)
    receipts = [vote(p, of, i % 3)["receipt"] for i, p in enumerate(people)]
    assert len(set(receipts)) == 20 and all(len(r) == 20 for r in receipts)
    seen = json.dumps(frames_of(*people))
    assert not any(r in seen for r in receipts)
    close(people[0], of)
    found = {b["code"]: b["choices"] for b in ballots(people[1], of, limit=7)}
    assert found == {r: [i % 3] for i, r in enumerate(receipts)}


# --- coming back ----------------------------------------------------------------------------------


def test_a_returning_client_gets_the_last_tally_and_the_end(daemon):
    people = daemon.people(*(f"voter{i}" for i in range(10)))
    of = poll(people[0], secret=True)
    log = people[1].join()["log"]
    for i, p in enumerate(people):
        vote(p, of, i % 3)
    people[0].say("between")
    vote(people[0], of, 2)
    close(people[0], of)
    bob = daemon.person("bob")
    assert bob.join(after=of, log=log)["recovered"]
    end = bob.expect("poll_closed", poll=of)
    seqs = [e["seq"] for e in bob.log["lobby"]]
    assert seqs == sorted(set(seqs))
    tallies = [e for e in bob.log["lobby"] if e["type"] == "vote"]
    assert tallies[-1]["voters"] == 10 and tallies[-1]["counts"] == end["counts"] == [3, 3, 4]
    daemon.restart()  # now the answer comes from the store
    bob = daemon.person("bob", bob.token)
    assert bob.join(after=of, log=log)["recovered"]
    bob.expect("poll_closed", poll=of)
    assert [e["voters"] for e in bob.log["lobby"] if e["type"] == "vote"] == [10, 10]


# --- random votes ---------------------------------------------------------------------------------


class Model:
    """The expected state: each voter's choices in each poll."""

    def __init__(self):
        self.polls = {}

    def standing(self, of):
        choices = [c for c in self.polls[of]["votes"].values() if c]
        return len(choices), [sum(i in c for c in choices) for i in range(3)]


@pytest.mark.timeout(300)
def test_the_tally_always_equals_the_log_counted_again(daemon):
    seed = random.SystemRandom().randrange(1000000)
    print(f"SEED={seed}")
    dice, model = random.Random(seed), Model()
    people = daemon.people(*(f"voter{i}" for i in range(6)))
    tokens = [(p.nick, p.token) for p in people]

    def begin():
        secret, results = dice.choice(RULES)
        author = dice.randrange(6)
        of = poll(people[author], secret=secret, results=results, max=dice.randint(1, 3))
        model.polls[of] = {"author": author, "votes": {}, "receipts": {}, "closed": False,
                           "max": item(people[0], of)["max"], "results": results}  # fmt: skip

    def cast():
        of = dice.choice(list(model.polls))
        i, about = dice.randrange(6), model.polls[of]
        choices = dice.sample(range(3), dice.randint(0, about["max"]))
        if about["closed"]:
            people[i].refused("closed", "vote", room="lobby", poll=of, choices=choices)
            return
        ok = vote(people[i], of, *choices)
        about["votes"][i], about["receipts"][i] = choices, ok.get("receipt")

    def end():
        of = dice.choice(list(model.polls))
        about = model.polls[of]
        if not about["closed"] and dice.random() < 0.3:
            close(people[about["author"]], of)
            about["closed"] = True

    def restart():
        if dice.random() < 0.15:
            daemon.kill() if dice.random() < 0.5 else daemon.terminate()
            daemon.start()
            people[:] = [daemon.person(nick, token, room="lobby") for nick, token in tokens]

    begin()
    for _ in range(150):
        dice.choice([begin, cast, cast, cast, cast, cast, cast, end, restart])()
    for of, about in model.polls.items():
        voters, counts = model.standing(of)
        now = item(people[0], of)
        assert now["voters"] == voters and now["closed"] == about["closed"]
        if about["results"] == "live" or about["closed"]:
            assert now["counts"] == counts
        if about["closed"]:
            found = assert_recounts(people[0], of, now)
            assert found == {about["receipts"][i]: sorted(c)
                             for i, c in about["votes"].items() if c}  # fmt: skip


def test_the_digest_is_the_sha256_of_the_lines(daemon):
    """Computed as PROTOCOL.md defines it, without any code of chatd."""
    ann, bob = daemon.people("ann", "bob")
    of = poll(ann, max=3)
    a, b = vote(ann, of, 2, 0)["receipt"], vote(bob, of, 1)["receipt"]
    close(ann, of)
    lines = sorted([f"{a} 0,2\n", f"{b} 1\n"])
    assert item(bob, of)["digest"] == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert recount(ballots(bob, of))[0] == 2
