"""Tests of the judge: views that it must accept, and views that it must reject."""

import pytest
from oracle import Log, fold


def message(seq, text="", **more):
    return {"type": "message", "seq": seq, "from": "ann", "key": f"k{seq}", "text": text, **more}


def gap(after, seq):
    return {"type": "gap", "after": after, "seq": seq}


ALL = [message(seq) for seq in (1, 2, 3, 5, 8)]


def test_the_log_is_the_union_of_all_nodes():
    log = Log([[ALL[0], ALL[2]], [gap(0, 1), ALL[1], gap(2, 3), *ALL[3:]]])
    assert sorted(log.events) == [1, 2, 3, 5, 8] and not log.doubled


def test_a_whole_view_misses_nothing():
    assert Log([ALL]).missing(ALL, "ann") == set()


@pytest.mark.parametrize("told", [gap(1, 5), gap(0, 7)], ids=str)
def test_events_in_a_gap_are_missing_without_an_error(told):
    assert Log([ALL]).missing([ALL[0], told, ALL[4]], "ann") == {2, 3, 5}


FAULTS = {
    "the last one is missing": ALL[:4],
    "the first one is missing": ALL[1:],
    "one in the middle is missing": ALL[:2] + ALL[3:],
    "one came twice": ALL[:2] + ALL[1:],
    "two changed places": [ALL[0], ALL[2], ALL[1], *ALL[3:]],
    "one is another": [message(1, "another"), *ALL[1:]],
    "one is on no node": [*ALL, message(9)],
    "a gap ends too early": [ALL[0], gap(1, 3), ALL[4]],
    "a gap begins too late": [ALL[0], gap(2, 7), ALL[4]],
    "a gap ends behind what is there": [*ALL[:2], gap(2, 4), *ALL[2:]],
    "nothing has come": [],
}


@pytest.mark.parametrize("view", FAULTS.values(), ids=FAULTS.keys())
def test_a_view_that_does_not_match_the_log_is_an_error(view):
    with pytest.raises(AssertionError):
        Log([ALL]).missing(view, "ann")


def test_a_key_that_occurs_twice_is_found():
    assert Log([[message(1), message(2, key="k1")]]).doubled == [("ann", "k1")]


def test_a_text_that_was_deleted_may_be_missing():
    delete = {"type": "delete", "seq": 9, "from": "ann", "key": "k9", "of": 1}
    log = Log([[message(1, ""), delete]])
    assert log.missing([message(1, "seen live"), delete], "ann") == set()


def test_an_edit_of_a_message_in_a_gap_changes_nothing():
    edit = {"type": "edit", "seq": 9, "from": "ann", "key": "k9", "of": 1, "text": "x", "at": 1}
    assert fold([gap(0, 3), edit]) == []
