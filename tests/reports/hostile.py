"""Words that a spreadsheet might compute, follow or choke on, wherever people may write words that figures show (OU1)."""

from __future__ import annotations

from dataclasses import replace

from scrt_workflow.reports.figures import Summary

BEGINNINGS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", "\0=", "'=", ' ="', "＝", "{=", "=+", "=-", "|")
CALLS = ("1+1", 'HYPERLINK("https://example.com","x")', "cmd|' /C calc'!A0", "WEBSERVICE(A1)")
PAYLOADS = [f"{beginning}{call}" for beginning in BEGINNINGS for call in CALLS]
assert len(PAYLOADS) == 60


def with_words(summary: Summary, words: str) -> Summary:
    """Give *summary* with *words* for every name and label."""
    return replace(
        summary,
        name=words,
        by_type=tuple(replace(row, type=words, family=words) for row in summary.by_type),
        terms={measure: tuple(replace(row, label=words, of=(words,)) for row in rows) for measure, rows in summary.terms.items()},
        terms_by_family={
            measure: {
                f"{words} {n}": tuple(replace(row, label=words) for row in rows) for n, rows in enumerate(families.values())
            }
            for measure, families in summary.terms_by_family.items()
        },
    )
