"""Escalations in the editor: what is said of a change, what depends on what, and what can be chosen."""

from __future__ import annotations

from scrt_workflow import reference
from scrt_workflow.editing.choices import Around
from scrt_workflow.editing.differences import differences
from scrt_workflow.editing.kinds import KINDS, kind_at
from scrt_workflow.editing.references import dependants
from scrt_workflow.yaml_reader import Items, Map, Text
from tests.editing.folders import SHIPPED, WORKFLOW

FLOW = ("workflows", WORKFLOW)
MEDIA = (*FLOW, "escalations", "media_interest")


def test_a_changed_escalation_is_said_in_words() -> None:
    made = SHIPPED.put((*MEDIA, "posts"), Items([Text("medical_director")])).put((*MEDIA, "again_every"), Text("1 working day"))

    (found,) = differences(SHIPPED, made)

    assert found.sentence == "Changed: escalation ‘Media interest’ of ‘Domestic homicide review (DHR)’"
    assert found.fields[0][0] == "Posts that are told"
    assert found.fields[0][1].endswith("Medical director, Locality director, Communications team")
    assert found.fields[0][2] == "Medical director"
    assert found.fields[1] == ("Until then again every", "1 day", "1 working day")


def test_posts_told_besides_are_known_by_their_titles() -> None:
    made = SHIPPED.put((*MEDIA, "also", "1"), Map({Text("posts"): Items([Text("locality_director")])}))

    (found,) = differences(SHIPPED, made)

    assert (found.what, found.title, found.within) == ("added", "Locality director", "‘Media interest’")
    assert kind_at((*MEDIA, "also", "1")) is KINDS["also"]


def test_neither_its_step_nor_its_e_mails_are_taken_away_while_it_needs_them() -> None:
    for place in (("steps", "acknowledge_media_interest"), ("notices", "media_interest_for_posts")):
        assert MEDIA in [one.place for one in dependants(SHIPPED, (*FLOW, *place))]
    options = dependants(SHIPPED, ("questions", "specialised_commissioning", "options", "yes"))
    assert (*MEDIA, "also", "0") in [one.place for one in options]


def test_posts_and_one_step_are_chosen_by_their_titles() -> None:
    fields = {one.name: one for one in KINDS["escalation"].fields}
    around = Around(SHIPPED, MEDIA)

    assert list(around.for_field(fields["posts"]).values()) == [one.label for one in reference.vocabulary(reference.POSTS)]
    assert around.for_field(fields["acknowledged_by"])["acknowledge_media_interest"] == "Acknowledge the media interest"


def test_two_e_mails_of_one_subject_are_told_apart() -> None:
    fields = {one.name: one for one in KINDS["escalation"].fields}
    titles = list(Around(SHIPPED, MEDIA).for_field(fields["notice"]).values())

    assert len(set(titles)) == len(titles)
    assert "Media interest flagged: review {reference} (media interest for posts)" in titles
