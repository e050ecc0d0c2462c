"""Photos: uploaded at one node, shown and seen at the others."""

from test_photo import picture, show, uploaded


# --- the next moment ------------------------------------------------------------------------------


def test_a_photo_can_be_shown_at_another_node_in_the_next_moment(linked):
    cluster, links = linked(2)
    a, b = cluster
    ann = a.person("ann", room="lobby")
    other = b.person("ann", ann.token, room="lobby")
    links[b].slow(0.05)  # b hears of the photo later than ann
    for i in range(10):
        photo = uploaded(a, ann, picture(20 + i))
        assert show(other, photo)["seq"] == ann.events(i + 1)[-1]["seq"]
