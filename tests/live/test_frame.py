"""Wrong frames and wrong JSON get a clear close code or error, and disturb nobody else."""

import json
import random
import socket
import struct
import time

import pytest
from client import BINARY, CLOSE, CONTINUE, PING, PONG, TEXT, Closed, frame
from daemon import idle_share, wait_until
from finder import settled

AWAY = b'{"type":"away","id":"k","on":true}'


@pytest.fixture
def ann(shared):
    return shared.person()


def is_heard(client):
    reply = client.expect(id="k")
    assert reply["type"] == "ok", reply


# --- fragments ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 7, 33])
def test_fragments_are_one_message(ann, size):
    pieces = [AWAY[i : i + size] for i in range(0, len(AWAY), size)]
    for i, piece in enumerate(pieces):
        ann.raw(frame(CONTINUE if i else TEXT, piece, fin=i == len(pieces) - 1))
    is_heard(ann)


def test_a_frame_that_comes_byte_by_byte_is_one_message(ann):
    for byte in frame(TEXT, AWAY):
        ann.raw(bytes([byte]))
    is_heard(ann)


def test_many_frames_in_one_packet_are_many_messages(ann):
    ann.raw(b"".join(frame(TEXT, AWAY.replace(b'"k"', b'"k%d"' % i)) for i in range(100)))
    for i in range(100):
        assert ann.expect(id=f"k{i}")["type"] == "ok"


def test_control_frames_between_fragments_are_answered_and_disturb_nothing(ann):
    ann.raw(frame(TEXT, AWAY[:10], fin=False))
    ann.raw(frame(PING, b"in between"))
    assert ann.receive() == (PONG, b"in between")
    ann.raw(frame(PONG, b"unasked") + frame(CONTINUE, AWAY[10:20], fin=False))
    ann.raw(frame(PING, b"again"))
    assert ann.receive() == (PONG, b"again")
    ann.raw(frame(CONTINUE, AWAY[20:]))
    is_heard(ann)


def test_a_letter_may_be_split_between_fragments(ann):
    text = '{"type":"away","id":"k","on":true,"x":"é🦊"}'.encode()
    for cut in range(text.index("é".encode()), len(text)):
        ann.raw(frame(TEXT, text[:cut], fin=False) + frame(CONTINUE, text[cut:]))
        is_heard(ann)


def test_empty_fragments_in_moderation_are_allowed(ann):
    ann.raw(frame(TEXT, b"", fin=False) + frame(CONTINUE, b"", fin=False))
    ann.raw(frame(CONTINUE, AWAY, fin=False) + frame(CONTINUE, b""))
    is_heard(ann)


def test_a_hundred_thousand_empty_fragments_cost_the_others_nothing(start):
    daemon = start(lean=True)
    ann, bob = daemon.people("ann", "bob")
    before, cpu = daemon.rss_kb(), daemon.cpu_seconds()
    ann.raw(frame(TEXT, b"", fin=False))
    empty = frame(CONTINUE, b"", fin=False) * 1000
    for _ in range(100):
        ann.raw(empty)
    bob.settle()
    ann.raw(frame(CONTINUE, AWAY))
    try:
        is_heard(ann)
    except Closed as end:
        assert end.code in (1002, 1008, 1009, 4009, 1006)
    assert daemon.rss_kb() - before < 20_000
    assert daemon.cpu_seconds() - cpu < 10
    bob.say("all is well")


def test_a_message_of_the_largest_size_is_heard_and_one_byte_more_closes(shared):
    def padded(n):
        head, tail = b'{"type":"away","id":"k","on":true,"x":"', b'"}'
        return head + b"x" * (n - len(head) - len(tail)) + tail

    ann = shared.person()
    ann.raw(frame(TEXT, padded(16384)))
    is_heard(ann)
    ann.raw(frame(TEXT, padded(9000), fin=False) + frame(CONTINUE, padded(16384)[9000:]))
    ann.settle()
    ann.raw(frame(TEXT, padded(16385)))
    assert ann.closed().code == 1009
    bob = shared.person()
    bob.raw(frame(TEXT, b"x" * 10000, fin=False) + frame(CONTINUE, b"x" * 6385))
    assert bob.closed().code == 1009


# --- frames that end a connection -----------------------------------------------------------------


@pytest.mark.parametrize("size", [16385, 2**16, 2**31 - 1, 2**32, 2**62, 2**63 - 1])
def test_a_length_that_is_too_large_closes_before_the_bytes_come(shared, size):
    ann = shared.person()
    before = shared.rss_kb()
    ann.raw(frame(TEXT, b'{"type":"say"', announce=size))
    assert ann.closed().code == 1009
    assert shared.rss_kb() - before < 2000


def test_a_length_with_the_highest_bit_closes(ann):
    ann.raw(frame(TEXT, b"x", announce=2**63))
    assert ann.closed().code in (1002, 1009, 1006)


def test_lengths_announced_by_many_at_once_take_no_memory(start):
    daemon = start(lean=True)
    before = daemon.rss_kb()
    people = [daemon.connect() for _ in range(100)]
    for p in people:
        p.raw(frame(TEXT, b"{", announce=16384))  # the rest never comes
    daemon.person("bob", room="lobby").say("hello")
    assert daemon.rss_kb() - before < 100 * 60


def test_binary_closes_with_1003(ann):
    ann.raw(frame(BINARY, AWAY))
    assert ann.closed().code == 1003


def test_binary_in_fragments_closes_with_1003(ann):
    ann.raw(frame(BINARY, AWAY[:5], fin=False))
    assert ann.closed().code == 1003


NOT_UTF8 = {
    "a lone continuation": b"\x80",
    "a lone start": b"\xc3",
    "cut short": b"\xf0\x9f\xa6",
    "overlong slash": b"\xc0\xaf",
    "overlong NUL": b"\xc0\x80",
    "overlong of three": b"\xe0\x80\xaf",
    "overlong of four": b"\xf0\x80\x80\xaf",
    "a surrogate": b"\xed\xa0\x80",
    "a pair of surrogates": b"\xed\xa0\xbd\xed\xb0\x80",
    "above U+10FFFF": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "0xff": b"\xff",
    "0xfe": b"\xfe",
    "Latin-1": "café".encode("latin-1"),
}


@pytest.mark.parametrize("bad", NOT_UTF8.values(), ids=NOT_UTF8.keys())
def test_invalid_utf8_closes_with_1007(shared, bad):
    ann = shared.person()
    ann.raw(frame(TEXT, b'{"type":"away","on":true,"x":"' + bad + b'"}'))
    assert ann.closed().code == 1007
    bob = shared.person()
    bob.raw(frame(TEXT, bad))
    assert bob.closed().code == 1007


@pytest.mark.parametrize("bad", NOT_UTF8.values(), ids=NOT_UTF8.keys())
def test_invalid_utf8_split_across_fragments_closes_with_1007(ann, bad):
    message = b'{"x":"' + bad + b'"}'
    cut = 6 + len(bad) // 2
    ann.raw(frame(TEXT, message[:cut], fin=False) + frame(CONTINUE, message[cut:]))
    assert ann.closed().code == 1007


def test_a_letter_that_never_ends_closes_with_1007(ann):
    ann.raw(frame(TEXT, b"caf\xc3", fin=False) + frame(CONTINUE, b""))
    assert ann.closed().code == 1007


PROTOCOL_ERRORS = {
    "RSV1": frame(TEXT, AWAY, rsv=4),
    "RSV2": frame(TEXT, AWAY, rsv=2),
    "RSV3": frame(TEXT, AWAY, rsv=1),
    "RSV1 on a ping": frame(PING, b"", rsv=4),
    "opcode 3": frame(3, AWAY),
    "opcode 7": frame(7, AWAY),
    "opcode 11": frame(11, AWAY),
    "opcode 15": frame(15, AWAY),
    "a continuation of nothing": frame(CONTINUE, AWAY),
    "a text within a text": frame(TEXT, AWAY[:5], fin=False) + frame(TEXT, AWAY),
    "a ping in fragments": frame(PING, b"p", fin=False),
    "a ping of 126 bytes": frame(PING, b"p" * 126),
    "a close with code 1005": frame(CLOSE, struct.pack(">H", 1005)),
    "a close with code 0": frame(CLOSE, struct.pack(">H", 0)),
    "a close with bad UTF-8": frame(CLOSE, struct.pack(">H", 1000) + b"\xff"),
}


@pytest.mark.parametrize("bad", PROTOCOL_ERRORS.values(), ids=PROTOCOL_ERRORS.keys())
def test_an_invalid_frame_ends_the_connection(ann, bad):
    ann.raw(bad)
    end = ann.closed()
    assert end.code in (1002, 1003, 1006, 1007) or (bad[0] & 0x0F == CLOSE and end.code < 1005)
    assert not [m for m in ann.inbox if m.get("id") == "k"], "the server obeyed it"


def test_half_a_close_code_is_a_protocol_error(ann):
    ann.raw(frame(CLOSE, b"\x03"))
    assert ann.receive() == (CLOSE, struct.pack(">H", 1002))
    assert ann.closed().code == 1006  # nothing follows


ENDS = {
    "binary": frame(BINARY, b"x"),
    "too big": frame(TEXT, b"x", announce=10**6),
    "RSV1": frame(TEXT, AWAY, rsv=4),
    "not UTF-8": frame(TEXT, b"\xff"),
    "a close": frame(CLOSE, struct.pack(">H", 1000)),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_a_connection_that_ends_while_nobody_reads_costs_nothing(start, end):
    daemon = start()
    ann = daemon.person("ann", room="lobby")
    stuck = daemon.connect(rcvbuf=2304)
    stuck.hello("stuck")
    stuck.join()
    for _ in range(30):  # more than the sockets take
        for _ in range(40):
            ann.command("say", room="lobby", text="y" * 3900)
        ann.settle()
        ann.inbox.clear()
    stuck.socket.setblocking(False)
    try:
        stuck.socket.send(end + frame(TEXT, b"x" * 100) * 1000)
    except BlockingIOError:
        pass
    settled(daemon)
    assert idle_share(daemon) < 0.1
    ann.say("all is well")


def test_clients_that_end_while_their_commands_wait_are_gone_at_once(start):
    daemon = start()
    ann, *going = daemon.people("ann", *(f"going{i}" for i in range(8)))
    for _ in range(70):
        ann.say("y" * 4000)
    heard = daemon.metric("chatd_commands_total") + 25 * len(going)
    pages = frame(TEXT, b'{"type":"history","room":"lobby","limit":200}') * 20
    long = frame(TEXT, b'{"type":"history","room":"lobby","x":"' + b"x" * 16000 + b'"}') * 5
    for c in going:
        c.raw(pages + long)  # so long that the daemon stops reading
    while daemon.metric("chatd_commands_total") < heard:
        for c in going:
            c.socket.recv(200_000)
    for c in going:
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
        c.close()
    wait_until(lambda: daemon.metric("chatd_sessions") == 1, "they are gone", within=10)


def test_a_slow_reader_is_heard(start):
    daemon = start()
    ann = daemon.person("ann", room="lobby")
    slow = daemon.connect(rcvbuf=2304)
    slow.hello("slow")
    slow.join()
    for _ in range(30):
        for _ in range(40):
            ann.command("say", room="lobby", text="y" * 3900)
        ann.settle()
    slow.command("say", room="lobby", text="from behind")
    while "from behind" not in [e["text"] for e in ann.log["lobby"]]:
        slow.socket.recv(20_000)
        ann.settle()


def test_unmasked_frames_do_no_harm(shared):
    """libwebsockets accepts them, against RFC 6455. The test only checks that nothing breaks."""
    c = shared.person()
    c.raw(frame(TEXT, AWAY, masked=False))
    try:
        c.settle()
    except Closed:
        pass
    shared.person().settle()


def test_a_close_is_answered(ann):
    assert ann.leave_politely(1001).code in (1001, 1000)


def test_a_command_behind_a_close_is_not_obeyed(daemon):
    ann, bob = daemon.people("ann", "bob")
    ann.raw(frame(CLOSE, struct.pack(">H", 1000)))
    ann.send({"type": "say", "id": "k", "room": "lobby", "text": "ghost"})
    ann.closed()
    bob.say("the living")
    assert bob.texts(1) == ["the living"]


def test_a_connection_cut_in_the_middle_of_a_message_says_nothing(daemon):
    ann, bob = daemon.people("ann", "bob")
    say = b'{"type":"say","id":"k","room":"lobby","text":"half"}'
    ann.raw(frame(TEXT, say)[:-5])
    ann.close()
    bob.say("whole")
    assert bob.texts(1) == ["whole"]


def test_a_flood_of_pings_is_bounded(start):
    daemon = start(lean=True)
    ann, bob = daemon.people("ann", "bob")
    before, cpu = daemon.rss_kb(), daemon.cpu_seconds()
    ann.answers_pings = False
    ann.socket.setblocking(False)
    pings, left = frame(PING, b"x" * 100) * 1000, 100
    began = time.monotonic()
    while left and time.monotonic() - began < 15:  # without reading a single pong
        try:
            ann.socket.send(pings)
            left -= 1
        except BlockingIOError:
            bob.settle()
            break
        except OSError:
            break  # the server closed the connection: fine
    ann.socket.setblocking(True)
    bob.settle()
    assert daemon.rss_kb() - before < 20_000
    assert daemon.cpu_seconds() - cpu < 10
    bob.say("all is well")


def test_pings_are_counted_by_the_rate(start):
    daemon = start(commands_per_second=10, commands_burst=40, errors=20)
    ann, bob = daemon.person("ann"), daemon.person("bob")
    for client, pings in ((bob, 20), (ann, 2000)):
        try:
            for i in range(pings):
                client.raw(frame(PING, b"%d" % i))
                while client.pongs <= i:
                    opcode, payload = client.receive()
                    if opcode == CLOSE:
                        raise Closed(int.from_bytes(payload[:2], "big"))
        except Closed as end:
            assert client is ann and end.code == 4009 and i > 40
    bob.settle()
    assert ann.pongs < 2000


# --- JSON -----------------------------------------------------------------------------------------


def deep(n, opening="[", closing="]"):
    return opening * n + closing * n


BAD_JSON = {
    "empty": "",
    "a space": " ",
    "text": "hello",
    "null": "null",
    "true": "true",
    "a number": "5",
    "a string": '"say"',
    "an array": "[]",
    "an array of commands": '[{"type":"away","id":"k","on":true}]',
    "half an object": '{"type":"away"',
    "two objects": '{"type":"away","id":"k","on":true}{}',
    "trailing garbage": '{"type":"away","id":"k","on":true} x',
    "a trailing comma": '{"type":"away","id":"k","on":true,}',
    "single quotes": "{'type':'away'}",
    "a comment": '{"type":"away"/* */,"id":"k","on":true}',
    "a member twice": '{"type":"away","id":"k","on":true,"on":false}',
    "a member twice, escaped": '{"type":"away","id":"k","on":true,"\\u006fn":false}',
    "a member twice, inside": '{"type":"away","id":"k","on":true,"x":{"a":1,"a":2}}',
    "17 deep": '{"type":"away","id":"k","on":true,"x":' + deep(16) + "}",
    "17 objects deep": '{"x":' * 17 + "1" + "}" * 17,
    "brackets": "[" * 16000,
    "brackets in an object": '{"x":' + "[" * 16000,
    "objects": '{"a":' * 3000,
    "too large a number": '{"type":"away","id":"k","on":true,"x":1e999}',
    "too large an integer": '{"type":"away","id":"k","on":true,"x":99999999999999999999999}',
    "not a number": '{"type":"away","id":"k","on":true,"x":NaN}',
    "infinity": '{"type":"away","id":"k","on":true,"x":-Infinity}',
    "a raw NUL": '{"type":"away","id":"k","on":true,"x":"\x00"}',
    "a NUL behind": '{"type":"away","id":"k","on":true}\x00',
    "a NUL in a name": '{"type":"away","id":"k","on":true,"x\\u0000":1}',
    "a raw newline in a string": '{"type":"away","id":"k","on":true,"x":"\n"}',
    "a lone surrogate": '{"type":"away","id":"k","on":true,"x":"\\ud800"}',
    "a byte order mark": '\ufeff{"type":"away","id":"k","on":true}',
    "a bad escape": '{"type":"away","id":"k","on":true,"x":"\\x"}',
    "a leading zero": '{"type":"away","id":"k","on":true,"x":01}',
}


@pytest.mark.parametrize("bad", BAD_JSON.values(), ids=BAD_JSON.keys())
def test_a_message_that_is_not_a_command_is_refused_and_the_connection_goes_on(ann, bad):
    ann.send(bad)
    error = ann.expect("error")
    assert error["code"] == "bad_json", error
    ann.settle()
    assert not [m for m in ann.inbox if m["type"] == "ok"]


def test_sixteen_deep_is_allowed(ann):
    ann.send('{"type":"away","id":"k","on":true,"x":' + deep(15) + "}")
    is_heard(ann)


def test_brackets_in_strings_do_not_count_as_depth(ann):
    ann.send(json.dumps({"type": "away", "id": "k", "on": True, "x": '[{"\\' * 100}))
    is_heard(ann)


def test_unknown_members_are_ignored(ann):
    ann.send('{"type":"away","id":"k","on":true,"new":{"in":["version",2]}}')
    is_heard(ann)


@pytest.mark.parametrize(
    "type", ["", "sayy", "SAY", "say ", "__proto__", "welcome", "message", "x" * 5000]
)
def test_an_unknown_command_is_refused_with_its_id(ann, type):
    assert ann.refused("unknown_type", type)["id"]


@pytest.mark.parametrize("type", [None, 5, True, [], {}])
def test_a_type_that_is_not_a_string_is_refused(ann, type):
    ann.send({"type": type, "id": "k"})
    assert ann.expect("error")["code"] in ("bad_field", "unknown_type")
    ann.send({"id": "k2"})
    assert ann.expect("error")["code"] in ("bad_field", "unknown_type")


WRONG = [
    ("join", {}), ("join", {"room": 5}), ("join", {"room": None}), ("join", {"room": ["lobby"]}),
    ("leave", {}), ("create", {}), ("create", {"room": {}}), ("say", {"room": "lobby"}),
    ("say", {"text": "hi"}), ("edit", {"room": "lobby", "of": 1}), ("edit", {"room": "lobby", "text": "x"}),
    ("delete", {"room": "lobby"}), ("delete", {"room": "lobby", "of": 1, "reason": 5}),
    ("history", {}), ("read", {"room": "lobby"}), ("who", {}), ("away", {}), ("typing", {}),
    ("join", {"room": "lobby", "after": 0, "log": 5}), ("hello", {}), ("hello", {"nick": 5}),
    ("hello", {"nick": "x", "token": 5}),
]  # fmt: skip


@pytest.mark.parametrize("command, members", WRONG, ids=[f"{c} {m}" for c, m in WRONG])
def test_a_missing_or_wrong_member_is_refused(shared, command, members):
    c = shared.connect() if command == "hello" else shared.person(room="lobby")
    c.refused("bad_field", command, **members)


def test_no_bad_message_takes_memory_for_good(start):
    daemon = start(lean=True)
    ann = daemon.person("ann")
    amplified = '{"x":[' + ",".join(["[]"] * 5000) + "]}"
    for warm_up in (True, False):
        if not warm_up:
            before = daemon.rss_kb()
        for _ in range(100):
            ann.send(amplified)
            ann.expect("error")
    assert daemon.rss_kb() - before < 5000


def test_a_storm_of_random_frames_is_survived(daemon):
    r = random.Random(7)
    witness = daemon.person("witness", room="lobby")
    for i in range(300):
        c = daemon.connect()
        for _ in range(r.randrange(1, 5)):
            payload = r.randbytes(r.choice([0, 1, 5, 125, 126, 500, 20000]))
            if r.random() < 0.5:
                payload = bytes(b % 95 + 32 for b in payload)
            c.raw(
                frame(
                    r.choice([TEXT, BINARY, CONTINUE, PING, PONG, CLOSE, r.randrange(16)]),
                    payload,
                    fin=r.random() < 0.7,
                    rsv=r.choice([0, 0, 0, r.randrange(8)]),
                    masked=r.random() < 0.9,
                    announce=r.choice([None, None, len(payload) + 1, r.randrange(1 << 63)]),
                )
            )
        c.close()
        if i % 50 == 0:
            witness.say(f"still here {i}")
    witness.settle()
