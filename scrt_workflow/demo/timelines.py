"""The steps of each invented review, in order, with the day of each fact and the day on which it was recorded."""

from dataclasses import dataclass, field
from datetime import date

from scrt_workflow.demo import texts
from scrt_workflow.demo.allocation import DHR, OLDER, RAPID
from scrt_workflow.demo.answers import ANSWERS, Answers, acknowledged
from scrt_workflow.demo.cases import Case
from scrt_workflow.demo.days import WORKING_DAYS, number_of, recorded
from scrt_workflow.demo.people import REGIONAL_CHIEF, REGIONAL_LEAD, PersonRow

END = len(WORKING_DAYS) - 1
OFTEN, HALF = 0.6, 0.5
FLAGGED = ("medium", "high", "current")
NOT_YET = 4  # working days before the end in which media interest was flagged and nobody has acknowledged it


@dataclass(frozen=True)
class Told:
    """One step, recorded on *day* by *person*."""

    case: Case
    day: date
    step: str
    person: PersonRow
    answers: Answers


@dataclass
class Story:
    """The steps of one case so far. Days are places in WORKING_DAYS; *now* is that of the last step recorded."""

    case: Case
    told: list[Told] = field(default_factory=list)
    now: int = 0

    def tell(
        self,
        step: str,
        fact: int,
        *,
        by: PersonRow | None = None,
        within: int = 0,
    ) -> None:
        """Add a step whose fact is of day *fact*, or of the last step's if later; recorded up to *within* days on."""
        on = WORKING_DAYS[max(fact, self.now)]
        day = recorded(on, self.case.rng, within=within)
        answers = ANSWERS[step](self.case, on)
        self._add(day, step, by or self.case.designate, answers)
        if answers.get("media_interest") in FLAGGED and self.now < END - NOT_YET:
            self._add(day, "acknowledge_media_interest", REGIONAL_LEAD, acknowledged(day))

    def update(self, day: int, kind: str) -> None:
        """Add a note on progress, given on *day* or, if that is later, on the day of the last step."""
        said = [str(told.answers.get("latest_update")) for told in self.told]
        text = texts.next_update(kind, said, self.case.rng)
        self._add(WORKING_DAYS[max(day, self.now)], "give_update", self.case.designate, {"latest_update": text})

    def _add(self, day: date, step: str, by: PersonRow, answers: Answers) -> None:
        self.told.append(Told(self.case, day, step, by, answers))
        self.now = number_of(day)

    def between(self, shortest: int, longest: int) -> int:
        """Draw a day that many working days after the last step."""
        return self.now + self.case.rng.randint(shortest, longest)


def _begin(story: Story) -> None:
    """Refer and commission; a converted review was referred by its rapid review's decision, and is commissioned."""
    case = story.case
    opened = number_of(case.review.opened)
    if case.review.parent is None:
        story.tell("refer", opened - case.rng.randint(12, 35), within=2)
    story.tell("commission", opened, within=4)


def _flag(story: Story, fact: int) -> None:
    if story.case.flagged is not None:
        story.tell("flag_media_interest", fact, by=story.case.rng.choice((story.case.designate, REGIONAL_LEAD)))


def _updates(story: Story, last: int, kind: str = "in_progress") -> None:
    """Give updates about every two months, the newest of them on day *last* unless that is too soon."""
    first = story.now
    how_many = min(4, max(1, (last - first) // 40))
    for n in range(1, how_many + 1):
        if (day := first + (last - first) * n // how_many) >= story.now + 3:
            story.update(day, kind)


def _last_update(case: Case) -> int:
    """Draw the day of the newest update: fresh for most, overdue for a third, long overdue for a few."""
    shortest, longest = case.rng.choices(((0, 18), (23, 45), (55, 95)), (64, 26, 10))[0]
    return END - case.rng.randint(shortest, longest)


def _closed_full_review(story: Story) -> None:
    """Tell a SAR, CSPR or DHR from referral to publication or embargo."""
    case = story.case
    _begin(story)
    opened, closed = story.now, number_of(case.review.closed or case.review.opened)

    def at(share: float) -> int:
        return opened + round(share * (closed - opened))

    story.tell("start", story.between(3, 12))
    story.update(at(0.35), "in_progress")
    _flag(story, at(0.5))
    story.tell("record_learning", at(0.66))
    story.tell("sign_off", at(0.74), within=3)
    if case.review.workflow == DHR:
        story.tell("ask_for_assurance", at(0.80))
        story.tell("give_icb_assurance", at(0.86), by=case.chief_nurse)
        story.tell("give_regional_acceptance", at(0.91), by=REGIONAL_CHIEF)
    if case.needs_briefing and not case.embargoed:
        story.tell("brief_communications", at(0.95))
    story.tell("decide_publication", closed, within=4)


def _open_full_review(story: Story) -> None:
    """Tell a SAR, CSPR or DHR still open, as far as its stage says."""
    case = story.case
    _begin(story)
    if case.stage == "commissioned":
        if case.rng.random() < OFTEN:
            _updates(story, _last_update(case), "commissioned")
        return
    story.tell("start", min(story.between(4, 15), END))
    if case.stage == "in_progress":
        newest = _last_update(case)
        _flag(story, newest - 1)
        _updates(story, newest)
        return
    signed = END - (case.rng.randint(12, 45) if case.stage == "signed_off" else case.rng.randint(52, 68))
    _flag(story, signed - 40)
    _updates(story, signed - 22)
    story.tell("record_learning", signed - case.rng.randint(6, 18))
    story.tell("sign_off", signed, within=3)
    if case.stage != "signed_off":
        _assurances(story)
    elif case.rng.random() < OFTEN:
        story.update(story.between(3, 10), "signed_off")


def _assurances(story: Story) -> None:
    """Tell a DHR's assurances, asked for since July 2024, as far as its stage says."""
    case = story.case
    story.tell("ask_for_assurance", story.between(2, 6))
    if case.stage == "icb_assurance" and case.number % 2:
        return
    story.tell("give_icb_assurance", story.between(4, 9), by=case.chief_nurse)
    if case.stage == "assured":
        story.tell("give_regional_acceptance", story.between(5, 12), by=REGIONAL_CHIEF)
        if case.needs_briefing:
            story.tell("brief_communications", story.between(2, 5))
    if case.rng.random() < HALF:
        story.update(story.between(2, 8), "assurance")


def _rapid_review(story: Story) -> None:
    """Tell a rapid review from its notification as far as its stage says."""
    case = story.case
    opened = number_of(case.review.opened)
    story.tell("notify", opened, within=1)
    if case.stage == "notified":
        return
    story.tell("start", story.between(1, 3))
    if case.stage == "in_progress":
        _flag(story, story.between(1, 3))
        _updates(story, _last_update(case), RAPID)
        return
    closed = number_of(case.review.closed) if case.review.closed else END
    story.tell("complete", min(opened + case.rng.randint(11, 17), closed - 1))
    if case.review.closed is None:
        return
    story.tell("decide_next", closed)


def _older_record(story: Story) -> None:
    """Tell a record without a type, brought over open or closed."""
    review = story.case.review
    if review.closed:
        story.tell("record_closed", number_of(review.closed), within=4)
        return
    story.tell("record_open", number_of(review.opened), within=4)
    story.update(story.between(20, 60), OLDER)


def timeline(case: Case) -> list[Told]:
    """Tell every step of one review in the order in which it was recorded."""
    story = Story(case)
    if case.review.workflow == RAPID:
        _rapid_review(story)
    elif case.review.workflow == OLDER:
        _older_record(story)
    elif case.review.closed:
        _closed_full_review(story)
    else:
        _open_full_review(story)
    return story.told
