"""All nodes have the same rooms, with the messages in one order."""

import shutil
import threading

import pytest
from client import PATIENCE
from cluster import await_away, await_ready, await_room, here
from daemon import wait_until


def items(client, room="lobby", limit=200):
    return client.do("history", room=room, limit=limit)["items"]


# --- one order ------------------------------------------------------------------------------------


def test_a_message_at_one_node_reaches_all_nodes(start):
    a, b, c = start(3)
    people = [n.person(f"at-{n.keys['node']}", room="lobby") for n in (a, b, c)]
    for i in range(30):
        people[i % 3].say(f"line {i}")
    for p in people:
        assert p.texts(30) == [f"line {i}" for i in range(30)]
    assert people[0].log == people[1].log == people[2].log
    assert items(people[0]) == items(people[1]) == items(people[2])


def test_messages_of_many_writers_on_all_nodes_have_one_order(start):
    nodes = list(start(3))
    people = [nodes[i % 3].person(f"person{i}", room="lobby") for i in range(9)]
    for i in range(40):
        for p in people:
            p.command("say", room="lobby", text=f"{p.nick} {i}")
    logs = [p.events(360) for p in people]
    assert all(log == logs[0] for log in logs)
    for p in people:
        own = [e["text"] for e in logs[0] if e["from"] == p.nick]
        assert own == [f"{p.nick} {i}" for i in range(40)]


def test_messages_of_two_nodes_at_full_speed_have_one_order(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")

    def shout(p):
        for i in range(1000):
            p.command("say", room="lobby", text=f"{p.nick} {i}")
            if i % 200 == 199:
                p.events(i - 100)

    threads = [threading.Thread(target=shout, args=(p,)) for p in (ann, bob)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(4 * PATIENCE)
    assert ann.events(2000) == bob.events(2000)
    seqs = [e["seq"] for e in ann.events(2000)]
    assert seqs == sorted(set(seqs)) and seqs[-1] < 2**53


def test_rooms_do_not_hear_each_other_across_nodes(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.do("create", room="attic")
    ann.join("attic")
    ann.say("in the attic", room="attic")
    ann.say("in the lobby")
    assert bob.texts(1) == ["in the lobby"]
    bob.settle()
    assert list(bob.log) == ["lobby"]


def test_an_edit_and_a_delete_are_seen_on_the_other_node(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    first, second = ann.say("helo")["seq"], ann.say("oh no")["seq"]
    ann.do("edit", room="lobby", of=first, text="hello")
    ann.do("delete", room="lobby", of=second, reason="typo")
    assert [e["type"] for e in bob.events(4)] == ["message", "message", "edit", "delete"]
    one, two = items(bob)
    assert one["text"] == "hello" and two["deleted"] is True and "text" not in two
    assert items(bob) == items(ann)


def test_only_the_author_can_change_a_message_and_can_at_every_node(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    seq = ann.say("mine")["seq"]
    bob.events(1)
    bob.refused("forbidden", "edit", room="lobby", of=seq, text="yours")
    bob.refused("forbidden", "delete", room="lobby", of=seq)
    other = b.person("ann", ann.token, room="lobby")
    other.do("edit", room="lobby", of=seq, text="still mine")
    assert ann.events(2)[1]["text"] == "still mine"


def test_the_same_say_at_another_node_gets_the_same_answer_and_changes_nothing(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    other = b.person("ann", ann.token, room="lobby")
    first = ann.say("just once", id="k")
    assert other.say("just once", id="k") == first
    other.refused("conflict", "say", room="lobby", text="something else", id="k")
    ann.say("the end")
    assert other.texts(2) == ["just once", "the end"]


def test_the_same_say_on_two_nodes_at_once_is_one_message(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    other = b.person("ann", ann.token, room="lobby")
    for i in range(20):
        for p in (ann, other):
            p.command("say", room="lobby", text=f"{i}", id=f"k{i}")
    for i in range(20):
        assert ann.expect("ok", id=f"k{i}")["seq"] == other.expect("ok", id=f"k{i}")["seq"]
    ann.say("the end")
    assert other.texts(21) == [*map(str, range(20)), "the end"]


def test_one_id_in_two_rooms_at_once_is_one_message_and_the_nodes_agree(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    ann.do("create", room="attic")
    ann.join("attic")
    other = b.person("ann", ann.token, room="lobby")
    await_room(other, "attic")
    other.join("attic")
    for i in range(100):
        ann.command("say", room="lobby", text=f"{i}", id=f"k{i}")
        other.command("say", room="attic", text=f"{i}", id=f"k{i}")
    said = {"lobby": [], "attic": []}
    for i in range(100):
        lobby, attic = ann.expect(id=f"k{i}"), other.expect(id=f"k{i}")
        assert {lobby["type"], attic["type"]} == {"ok", "error"}
        said["lobby" if lobby["type"] == "ok" else "attic"].append(f"{i}")
    for room, texts in said.items():
        ann.say("the end", room=room)
        for p in (ann, other):
            assert p.texts(len(texts) + 1, room) == [*texts, "the end"]


def test_one_id_in_two_rooms_that_redis_has_forgotten_counts_alike_at_both_nodes(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    ann.do("create", room="attic")
    ann.join("attic")
    other = b.person("ann", ann.token)
    await_room(other, "attic")
    other.join("attic")
    ann.say("up here", room="attic", id="k")
    other.events(1, "attic")
    cluster.redis.cli("DEL", *cluster.redis.cli("KEYS", "*key:rooms:*"))
    ann.say("down here", id="k")
    other.join("lobby")
    for p in (ann, other):
        page = p.do("history", room="lobby", before=2**53 - 1)["items"]
        assert [i["text"] for i in page] == ["down here"]


# --- coming back ----------------------------------------------------------------------------------


def test_a_client_that_comes_back_at_another_node_gets_exactly_what_it_missed(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), a.person("bob")
    log = bob.join()["log"]
    after = ann.say("seen")["seq"]
    bob.events(1)
    bob.close()
    missed = [ann.say(f"missed {i}")["seq"] for i in range(50)]
    bob = b.person("bob", bob.token)
    joined = bob.join(after=after, log=log)
    assert joined["recovered"] is True and joined["items"] == [] and joined["log"] == log
    assert [e["seq"] for e in bob.events(50)] == missed
    ann.say("and on it goes")
    assert bob.texts(51)[-1] == "and on it goes"


@pytest.mark.parametrize("how", ["cut", "silence", "empty redis"])
def test_a_client_that_knows_more_than_the_node_keeps_it_and_hears_the_rest(linked, how):
    cluster, links = linked(2)
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), a.person("bob", room="lobby")
    b.person("bob", bob.token).join()
    ann.say("both know")
    links[b].silence() if how == "silence" else links[b].cut()
    if how == "empty redis":
        await_away(b)
        cluster.redis.restart("lost")
        wait_until(lambda: a.metric("chatd_redis_generation") > 1, "a new generation")
        await_ready(a)
    seqs = [ann.say(f"{i}")["seq"] for i in range(5)]
    assert bob.events(6)[-1]["seq"] == seqs[-1]
    log = bob.join()["log"]
    late = b.person("bob", bob.token)
    joined = late.join(after=seqs[-1], log=log)
    assert (joined["recovered"], joined["items"], joined["last"]) == (True, [], seqs[-1])
    links[b].heal()
    await_ready(b)
    ann.say("6")
    assert late.texts(1) == ["6"]
    late.say("7")
    assert late.texts(2) == ["6", "7"]


def test_a_client_that_wanders_between_nodes_in_a_storm_misses_nothing(start):
    nodes = list(start(3))
    ann, bob = nodes[0].person("ann", room="lobby"), nodes[1].person("bob")
    log, view = bob.join()["log"], []
    for i in range(300):
        ann.command("say", room="lobby", text=f"{i}")
        if i % 20 == 10:
            view += bob.log.pop("lobby", [])
            bob.close()
            bob = nodes[i % 3].person("bob", bob.token)
            cursor = {"after": view[-1]["seq"] if view else 0, "log": log}
            assert bob.join(**cursor)["recovered"] is True
    view += bob.events(300 - len(view))
    assert [e["text"] for e in view] == [f"{i}" for i in range(300)]


def test_a_node_that_was_away_catches_up(cluster):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob")
    log = bob.join()["log"]
    seen = ann.say("seen")["seq"]
    bob.events(1)
    assert b.terminate() == 0
    missed = [ann.say(f"missed {i}")["seq"] for i in range(100)]
    b.start()
    bob = b.person("bob", bob.token)
    assert bob.join(after=seen, log=log)["recovered"] is True
    assert [e["seq"] for e in bob.events(100)] == missed
    b.kill()
    missed = [ann.say(f"missed again {i}")["seq"] for i in range(100)]
    b.start()
    bob = b.person("bob", bob.token)
    assert bob.join(after=missed[0], log=log)["recovered"] is True
    assert [e["seq"] for e in bob.events(99)] == missed[1:]
    assert items(bob) == items(ann)


def test_after_all_nodes_were_down_nothing_is_missing(cluster):
    a, b = cluster
    ann = a.person("ann", room="lobby")
    said = [ann.say(f"{i}")["seq"] for i in range(20)]
    for n in (a, b):
        n.kill()
    for n in (b, a):
        n.start()
    for n in (a, b):
        ann = n.person("ann", ann.token, room="lobby")
        assert [i["seq"] for i in items(ann)] == said
        said.append(ann.say("next")["seq"])
    assert said == sorted(said)


# --- rooms ----------------------------------------------------------------------------------------


def test_a_created_room_is_announced_and_can_be_joined_at_the_other_node(cluster):
    a, b = cluster
    ann, bob = a.person("ann"), b.person("bob")
    ann.do("create", room="attic", title="The attic", topic="dust")
    told = bob.expect("room", room="attic")
    assert (told["title"], told["topic"]) == ("The attic", "dust")
    assert bob.join("attic")["title"] == "The attic"
    ann.join("attic")
    bob.say("up here", room="attic")
    assert [e["text"] for e in ann.events(1, "attic")] == ["up here"]
    assert "attic" in [r["room"] for r in b.connect().hello("carol")["rooms"]]


def test_a_created_room_can_be_joined_at_another_node_in_the_next_moment(linked):
    cluster, links = linked(2)
    a, b = cluster
    ann, bob = a.person("ann"), b.person("bob")
    links[b].slow(0.05)  # b hears of the room later than ann
    for i in range(10):
        ann.do("create", room=f"attic{i}")
        bob.join(f"attic{i}")
    bob.refused("no_such_room", "join", room="cellar")
    links[b].silence()  # b learns nothing, and says so in the end
    bob.command("join", room="cellar", id="late")
    bob.command("away", on=True, id="next")
    assert bob.expect(id="late", within=30)["code"] == "no_such_room"
    bob.expect("ok", id="next")
    links[b].heal()


def test_of_several_people_who_create_the_same_room_at_two_nodes_at_once_one_succeeds(cluster):
    people = [n.person(f"{n.keys['node']}{i}") for n in cluster for i in range(3)]
    for p in people:
        p.command("create", room="attic", id="c")
    replies = [p.expect(id="c") for p in people]
    assert sorted(r.get("code", "ok") for r in replies) == ["ok"] + ["room_exists"] * 5


def test_of_rooms_that_get_one_title_at_two_nodes_at_once_one_exists_everywhere(cluster):
    for turn in range(5):
        people = [n.person(f"{n.keys['node']}{turn}{i}") for n in cluster for i in range(2)]
        for i, p in enumerate(people):
            p.command("create", room=f"attic-{turn}-{i}", title=["Attic", "ATTIC"][i % 2] + str(turn), id="c")
        replies = [p.expect(id="c") for p in people]
        assert sorted(r.get("code", "ok") for r in replies) == ["ok"] + ["room_exists"] * 3
    a, b = (n.person(f"{n.keys['node']}-sees") for n in cluster)
    wait_until(lambda: rooms_of(a) == rooms_of(b) and len(rooms_of(a)) == 5, "both have the same rooms")


def rooms_of(person):
    return [(r["room"], r["title"]) for r in person.do("rooms", text="attic")["rooms"]]


def test_a_room_in_one_nodes_configuration_exists_on_all_nodes(start):
    cluster = start(1)
    b = cluster.add(rooms=[{"name": "lobby"}, {"name": "cellar", "title": "The cellar"}]).start()
    bob, ann = b.person("bob", room="cellar"), cluster["a"].person("ann")
    seq = bob.say("down here", room="cellar")["seq"]
    rooms = [r["room"] for r in cluster["a"].connect().hello("carol")["rooms"]]
    if "cellar" not in rooms:
        ann.expect("room", room="cellar")
    assert [i["seq"] for i in ann.join("cellar")["items"]] == [seq]


# --- a new node -----------------------------------------------------------------------------------


def test_a_new_node_has_the_whole_history(start):
    cluster = start(1)
    a = cluster["a"]
    ann = a.person("ann", room="lobby")
    ann.do("create", room="attic", title="The attic")
    for i in range(500):
        ann.command("say", room="lobby", text=f"{i}")
    seqs = [e["seq"] for e in ann.events(500)]
    ann.do("edit", room="lobby", of=seqs[499], text="edited")
    ann.do("delete", room="lobby", of=seqs[498])

    b = cluster.add().start()
    bob = b.person("bob")
    joined = bob.join(limit=200)
    assert joined["items"] == items(ann) and joined["last"] == ann.join()["last"]
    before = joined["items"][0]["seq"]
    older = bob.do("history", room="lobby", limit=200, before=before)
    assert [i["seq"] for i in older["items"]] == seqs[100:300] and older["more"] is True
    assert bob.join("attic")["title"] == "The attic"
    assert b.person("ann", ann.token).join(after=seqs[0], log=joined["log"])["recovered"] is True
    b.connect().refused("nick_taken", "hello", nick="ann")


def test_a_node_that_has_lost_its_state_gets_it_back(cluster):
    a, b = cluster
    ann = b.person("ann", room="lobby")
    said = [ann.say(f"{i}")["seq"] for i in range(100)]
    b.kill()
    shutil.rmtree(b.state)
    b.start()
    ann = b.person("ann", ann.token)
    assert [i["seq"] for i in ann.join(limit=200)["items"]] == said
    assert ann.say("on it goes")["seq"] > said[-1]
    await_ready(b)
    assert list(here(ann)) == ["ann"]


# --- subscriptions of a node ----------------------------------------------------------------------


def subscribers(redis, room):
    return redis.cli("PUBSUB", "NUMSUB", f"chat:ch:{{{room}}}")[1]


def test_a_node_does_not_subscribe_to_an_empty_room_and_still_misses_nothing(cluster, redis):
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    ann.say("both hear it")
    bob.events(1)
    assert subscribers(redis, "lobby") == 2
    bob.do("leave", room="lobby")
    wait_until(lambda: subscribers(redis, "lobby") == 1, "b has left the channel", 30)
    said = [ann.say(f"bob is away {i}")["seq"] for i in range(5)]
    assert [i["seq"] for i in bob.join()["items"]][1:] == said
    assert subscribers(redis, "lobby") == 2
    ann.say("both hear it again")
    assert bob.texts(2)[-1] == "both hear it again"


def test_a_join_while_the_node_unsubscribes_from_the_room_is_served(linked):
    cluster, links = linked(2)
    a, b = cluster
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    bob.do("leave", room="lobby")
    links[b].slow(0.2)  # Redis shows it at once; its confirmation reaches b later
    wait_until(lambda: subscribers(cluster.redis, "lobby") == 1, "b has left the channel", 30)
    bob.join()
    wait_until(lambda: subscribers(cluster.redis, "lobby") == 2, "b is there again")
    links[b].heal()
    ann.say("both hear it")
    assert bob.texts(1) == ["both hear it"]
