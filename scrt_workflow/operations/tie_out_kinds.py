"""What cannot be, by kind: each with the sentence that administrators read."""

KINDS = {
    "closed_without": "Closed without what closes such a review, such as its publication or embargo",
    "converted_without_child": "Converted without exactly one further review",
    "child_without_conversion": "With a further review, though it is not converted",
    "stage_unknown": "At a stage that its definition does not have",
    "counts_otherwise": "Counted otherwise than its stage says",
    "type_unknown": "Of a type that its kind of review does not have",
    "approvals_missing": "At a stage without an approval that it needs",
    "approved_by_one": "Approved twice by the same person",
    "withdrawn_otherwise": "Withdrawn at one place and not at another",
    "history_has_gaps": "With a history that has gaps, or that ends before or after the record",
    "history_ends_elsewhere": "At another stage than its history led to",
    "spans_missing": "Without any record of from when to when it was what",
    "spans_disjointed": "With days that are counted twice, or not at all",
    "spans_differ": "Counted as something else than the record says",
    "terms_differ": "With other themes or learning counted than the record says",
    "terms_too_many": "With more themes or learning than there may be, or two of one rank",
    "terms_without_review": "With themes or learning on days on which there was no review",
    "due_otherwise": "With a date for an update that it does not want, or without one that it does",
    "clock_runs_wrong": "With a deadline that ended before it began, or one that runs twice",
    "changes_differ": "Monthly changes that differ from the records they are made from",
    "frozen_changed": "Frozen figures that are not as they were frozen",
    "frozen_does_not_sum": "Frozen figures whose rows do not sum",
    "frozen_regions": "Frozen figures of England that are not those of its regions together",
    "frozen_missing": "Periods that were frozen for some organisations and not for all",
}
FIGURES = ("changes_differ", "frozen_changed", "frozen_does_not_sum", "frozen_regions", "frozen_missing")
"""The kinds that are about figures; the others are about reviews, named by their references."""
