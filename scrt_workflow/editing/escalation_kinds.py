"""What the pages of a draft ask of an escalation."""

from __future__ import annotations

from scrt_workflow.editing.kind import Children, Control, Field, Kind


def escalation_kinds(when: Field, note: Field) -> tuple[Kind, ...]:
    """Give the kinds of an escalation and of what it holds; *when* and *note* are asked as of every other entry."""
    return (
        Kind(
            "escalation",
            "escalation",
            (
                Field("title", "Name", longest=120, required="Enter the name of the escalation"),
                when,
                Field("to", "People who are told", Control.ROLES, "They hear too of a post that has nobody.",
                      required="Choose who is told"),
                Field("posts", "Posts that are told", Control.POSTS, "Through their contacts, who need not be users."),
                Field("notice", "E-mail to people", Control.NOTICE, required="Choose the e-mail"),
                Field("posts_notice", "E-mail to posts", Control.NOTICE, "Without {link}, which they may not be able to open."),
                Field("acknowledged_by", "Acknowledged by the step", Control.STEP,
                      "It leaves the review where it is, and can be taken wherever this can be waiting.",
                      required="Choose the step that acknowledges it"),
                Field("again_every", "Until then again every", Control.PERIOD, "Such as 1 day. Weekends are no exception.",
                      required="Enter how often, such as 1 day"),
                Field("escalate.after", "After how many times others are told too", Control.NUMBER,
                      "Leave it empty if nobody else is told."),
                Field("escalate.to", "Others who are told then", Control.ROLES),
                note,
            ),
            (Children("also", "also", "Posts that are told too", is_list=True, adds="Add posts that are told too"),),
        ),
        Kind(
            "also",
            "posts that are told too",
            (when, Field("posts", "Posts", Control.POSTS, required="Choose the posts"), note),
            heads="posts",
        ),
    )  # fmt: skip
