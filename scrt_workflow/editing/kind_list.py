"""Every kind of entry that definitions have, written out: what the pages of a draft ask of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scrt_workflow.editing.escalation_kinds import escalation_kinds
from scrt_workflow.editing.kind import Children, Control, Field, Kind
from scrt_workflow.forms.schema import FREE_TEXTS, PID_RISKS
from scrt_workflow.workflows.schema import COUNTS_AS

NOTE = Field("note", "Note for other administrators", Control.PROSE, "Shown nowhere else.", 2000)
WHEN = Field("when", "When", Control.CONDITION)
COUNTS = tuple(zip(COUNTS_AS, ("Open", "Closed", "Not counted"), strict=True))
RISKS = tuple(zip(PID_RISKS, ("None", "Low", "Medium", "High"), strict=True))
TYPES = {
    "choice": "One answer from a short list",
    "choices": "Any number of answers from a list",
    "date": "A date",
    "entry": "A dated note, which adds to those before it",
    "identifier": "A reference, such as a StEIS number",
    "initials": "Initials",
    "long_text": "Text of several lines",
    "number": "A whole number",
    "partnership": "A safeguarding partnership or board",
    "ranked_choices": "A few answers from a list, the most important first",
    "review_type": "The type of review",
    "text": "One line of text",
    "url": "A link",
    "yes_no": "Yes or no",
}
CHECK_WORDS = {
    "not_in_the_future": "Not in the future",
    "in_the_future": "In the future",
    "not_before": "Not before another date",
    "not_after": "Not after another date",
    "differs_from": "Different from another answer",
    "at_least": "At least a number",
    "at_most": "At most a number",
}
OPERATOR_WORDS = {
    "in": "is one of",
    "not_in": "is none of",
    "ever_in": "has ever been one of",
    "before": "is before",
    "after": "is after",
    "at_least": "is at least, or has at least",
    "at_most": "is at most, or has at most",
    "answered": "has been answered",
    "unanswered": "was asked and left empty",
    "not_asked": "was not asked",
}

LISTS = frozenset({"choice", "choices", "ranked_choices"})
SEVERAL_OF_A_LIST = LISTS - {"choice"}
TYPED = FREE_TEXTS | {"initials"}

C = Control
_KINDS = (
    Kind(
        "workflow",
        "workflow",
        (
            Field("title", "Name", longest=120, required="Enter the name of the workflow"),
            Field("short_title", "Short name", hint="For lists and tags, such as DHR.", longest=40),
            Field("hint", "What it is for", C.PROSE, "Shown where people choose what kind of review to record.", 500),
            Field("starts_in", "First stage", C.STATE, "Where a new review is, unless a step that makes it says otherwise."),
            Field("untyped", "Its reviews have no type until one is stated", C.YES_NO, default="no"),
            NOTE,
        ),
        (
            Children("review_types", "review_type", "Types of review"),
            Children("states", "state", "Stages"),
            Children("steps", "step", "Steps"),
            Children("clocks", "clock", "Deadlines"),
            Children("reminders", "reminder", "Reminders"),
            Children("escalations", "escalation", "Escalations"),
            Children("notices", "notice", "E-mails"),
        ),
    ),
    Kind(
        "review_type",
        "type of review",
        (
            Field("title", "Label", hint="Exactly as reports print it.", longest=80, required="Enter the label"),
            Field("family", "Family", hint="Types of one family are ranked together, such as DHR.", longest=40),
            Field("converted", "Only given by a conversion", C.YES_NO, "People cannot choose it.", default="no"),
            NOTE,
        ),
    ),
    Kind(
        "state",
        "stage",
        (
            Field("title", "Name", longest=80, required="Enter the name of the stage"),
            Field("counts_as", "Counts as", C.PICK, choices=COUNTS, required="Say what it counts as"),
            Field("final", "Reviews end here", C.YES_NO, "Nothing more is due. Only reopening, correcting and undoing lead out.",
                  default="no"),
            Field("approved_by", "Approvals that must stand", C.APPROVALS, "No review comes here without them."),
            NOTE,
        ),
    ),
    Kind(
        "step",
        "step",
        (
            Field("title", "Name", hint="As on a button, such as ‘Record the sign-off’.", longest=120,
                  required="Enter the name of the step"),
            Field("hint", "Hint", C.PROSE, "One sentence under the name.", 500),
            Field("from", "From", C.ORIGIN, "The stages in which it can be taken.", required="Choose where it can be taken"),
            Field("who", "Who takes it", C.ROLES, required="Choose who takes it"),
            Field("form", "Form", C.FORM, "What it asks. Leave it empty to ask nothing."),
            Field("to", "Leads to", C.TARGET, "Leave it empty if it can end in several ways, and add those afterwards."),
            Field("dated_by", "Counts from the date", C.DATE_QUESTION,
                  "The date that is asked for. If empty, the day on which the step is taken."),
            Field("approves", "Approves", C.QUESTIONS, "The answers that it approves. Nobody who wrote one of them can take it."),
            Field("if_they_change", "If one of them changes, the review goes to", C.STATE),
            Field("voids", "Ends the approvals of", C.APPROVALS),
            Field("carries", "Answers that go along", C.QUESTIONS, "To the review that this step opens."),
            Field("restates", "Corrects the past", C.YES_NO, "It counts as if it had always been so.", default="no"),
            Field("withdraws", "Withdraws the review", C.YES_NO, "It then counts nowhere.", default="no"),
            Field("withdraws_opened", "Withdraws the review that was opened", C.YES_NO, "For undoing a conversion.",
                  default="no"),
            NOTE,
        ),
        (
            Children("outcomes", "outcome", "Ways it can end", is_list=True),
            Children("needs", "need", "Requirements", is_list=True),
            Children("tells", "tell", "Who is told by e-mail", is_list=True),
        ),
    ),
    Kind(
        "outcome",
        "way to end",
        (
            WHEN,
            Field("to", "Leads to", C.TARGET, "Leave it empty only where the review goes on under another workflow."),
            Field("dated_by", "Counts from", C.DATE_QUESTION, "If empty, as the step says."),
            Field("approves", "Gives the approval", C.YES_NO, "For steps that approve.", default="no"),
            Field("opens.workflow", "Opens a new review: workflow", C.WORKFLOW),
            Field("opens.review_type", "Opens a new review: type", C.TYPE_ELSEWHERE, "A type of that workflow."),
            Field("becomes.workflow", "Goes on under another workflow", C.WORKFLOW),
            Field("becomes.review_type", "Its type there", C.TYPE_ELSEWHERE, "A type of that workflow."),
            Field("becomes.state", "Its stage there", C.STATE_ELSEWHERE, "A stage of that workflow."),
            NOTE,
        ),
        heads="to",
    ),
    Kind(
        "need",
        "requirement",
        (
            WHEN,
            Field("else", "What to say if it is not", C.PROSE, "A sentence that says what to do.", 300,
                  required="Enter the sentence that people see"),
            NOTE,
        ),
        heads="else",
    ),
    Kind(
        "tell",
        "e-mail that is sent",
        (
            Field("notice", "E-mail", C.NOTICE, required="Choose the e-mail"),
            Field("to", "To", C.ROLES, required="Choose who is told"),
            WHEN,
            NOTE,
        ),
        heads="notice",
    ),
    Kind(
        "clock",
        "deadline",
        (
            Field("title", "Name", longest=120, required="Enter the name of the deadline"),
            Field("starts", "Runs from", C.MOMENT, required="Choose the date, step or stage that it runs from"),
            Field("due", "Due after", C.PERIOD, "Such as 5 days, 15 working days or 6 calendar months.",
                  required="Enter how long, such as 15 working days or 6 calendar months"),
            Field("stops", "Met by", C.MOVES, "Any of these stops it."),
            Field("pauses", "Paused by", C.MOVES, "The time does not count from then on."),
            Field("resumes", "Goes on with", C.MOVES, "With the time that was left."),
            Field("restarts", "Starts afresh with", C.MOVES, "With the whole time, even if it had been met."),
            Field("extended_by", "New due date", C.DATE_QUESTION, "Each answer to it is the new due date. The old one is kept."),
            Field("may_pause", "The authority lets it be paused", C.YES_NO, default="no"),
            Field("authority", "Authority", C.PROSE, "The statute or guidance that sets it.", 300),
            NOTE,
        ),
    ),
    Kind(
        "reminder",
        "reminder",
        (
            Field("while", "While the review is at", C.STATES, required="Choose the stages in which people are reminded"),
            Field("since", "Counted from", C.MOMENTS, "The last of these steps, or one date. Leave it empty for a deadline."),
            Field("deadline", "Of the deadline", C.CLOCK, "Counted from the day on which it is due."),
            Field("after", "First sent after", C.PERIOD, "Such as 30 days; 0 days is the day itself."),
            Field("before", "Or sent before the deadline", C.PERIOD, "Such as 10 working days. It is then sent once."),
            Field("again_every", "Then again every", C.PERIOD, "Such as 14 days."),
            Field("to", "To", C.ROLES, required="Choose who is reminded"),
            Field("escalate.after", "After how many reminders others are told too", C.NUMBER,
                  "Leave it empty if nobody else is told."),
            Field("escalate.to", "Others who are told then", C.ROLES),
            Field("notice", "E-mail", C.NOTICE),
            NOTE,
        ),
        heads="notice",
    ),
    *escalation_kinds(WHEN, NOTE),
    Kind(
        "notice",
        "e-mail",
        (
            Field("subject", "Subject", longest=150, required="Enter the subject"),
            Field("body", "Text", C.PROSE,
                  "Filled in for each e-mail: {reference}, {title}, {state}, {step}, {link}, {due_on}, {days}, {person}, "
                  "{organisation}, {deadline} and, to posts, {whom_to_ask}. Answers are never put in: an e-mail carries no case "
                  "detail.", 4000, required="Enter the text"),
            NOTE,
        ),
        heads="subject",
    ),
    Kind(
        "question",
        "question",
        (
            Field("type", "Type of answer", C.PICK, choices=tuple(TYPES.items()), required="Choose the type of answer",
                  fixed=True),
            Field("label", "Question", C.PROSE, "As people are asked it.", 300, required="Enter the question"),
            Field("short_label", "Short label", hint="For tables and lists.", longest=100),
            Field("hint", "Hint", C.PROSE, longest=1000),
            Field("required", "Must be answered", C.YES_NO, default="yes"),
            Field("required_error", "What to say if it is left empty", hint="Such as ‘Enter the date of the incident’.",
                  longest=300),
            Field("show_when", "Only asked when", C.CONDITION),
            Field("vocabulary", "Answers from the vocabulary", C.VOCABULARY, "Or give the answers below.", fits=LISTS),
            Field("at_most", "Most answers that can be chosen", C.NUMBER, fits=SEVERAL_OF_A_LIST),
            Field("max_length", "Longest answer, in characters", C.NUMBER, fits=TYPED),
            Field("pid", "Risk of patient-identifiable data", C.PICK,
                  "Free text is checked for likely identifiers unless the risk is none.",
                  choices=(("", "As is usual for its type"), *RISKS), fits=TYPED),
            Field("typed_by", "Its kind is asked by", C.TYPING_QUESTION,
                  "For references: the question that asks which system it is from.", fits=frozenset({"identifier"})),
            Field("afresh", "Asked afresh each time", C.YES_NO, "The answer on record is not filled in.", default="no"),
            NOTE,
        ),
        (
            Children("options", "option", "Answers to choose from",
                     at_once="One on each line. Leave it empty for a vocabulary, or where there is no list to choose from."),
            Children("checks", "check", "Checks", is_list=True),
        ),
        heads="label",
    ),
    Kind("option", "answer", (Field("", "Answer", longest=200, required="Enter the answer"),), heads=""),
    Kind(
        "check",
        "check",
        (
            Field("name", "Check", C.PICK, choices=tuple(CHECK_WORDS.items()), required="Choose the check"),
            Field("operand", "The other question", C.OPERAND, "For checks that compare with another answer."),
            Field("amount", "The number", C.NUMBER, "For ‘at least’ and ‘at most’."),
        ),
        heads="name",
    ),
    Kind(
        "form",
        "form",
        (Field("title", "Name", longest=200, required="Enter the name of the form"), NOTE),
        (Children("pages", "page", "Pages", is_list=True),),
    ),
    Kind(
        "page",
        "page",
        (
            Field("title", "Heading", longest=200, required="Enter the heading of the page"),
            Field("intro", "Introduction", C.PROSE, "Shown under the heading.", 2000),
            Field("show_when", "Only shown when", C.CONDITION),
            NOTE,
        ),
        (Children("questions", "asked", "Questions, in the order asked", is_list=True, adds="Put a question on this page"),),
    ),
    Kind("asked", "question", (Field("", "Question", C.QUESTION, required="Choose a question"),), heads=""),
)  # fmt: skip
_TOLD = {
    "state": ("counts_as",), "step": ("from", "who", "form", "to"), "outcome": ("when",), "need": ("when",),
    "tell": ("to", "when"), "clock": ("starts", "due"), "reminder": ("after", "before", "again_every"),
    "question": ("short_label", "type"), "escalation": ("to", "posts"), "also": ("when",), "page": ("show_when",),
}  # fmt: skip
_RARE = {
    "workflow": {"untyped", "note"},
    "step": {"approves", "if_they_change", "voids", "carries", "restates", "withdraws", "withdraws_opened", "note"},
    "outcome": {
        "approves", "opens.workflow", "opens.review_type", "becomes.workflow", "becomes.review_type", "becomes.state", "note",
    },
    "question": {"max_length", "pid", "typed_by", "afresh", "note"},
}  # fmt: skip
KINDS: Mapping[str, Kind] = {
    kind.key: replace(kind, told=_TOLD.get(kind.key, ()), rare=frozenset(_RARE.get(kind.key, {"note"}))) for kind in _KINDS
}
