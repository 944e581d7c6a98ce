"""From my work to the list, by filters and a search to a review, and from a figure to the reviews behind it."""

from scrt_workflow.permissions import Role
from tests.journeys.beginnings import given_a_sar
from tests.journeys.telling import given_somebody_is_signed_in, then_i_do_not_see, then_i_see, when_i_open
from tests.journeys.windows import Journey


def test_a_review_is_found_by_filters_and_by_its_reference(journey: Journey) -> None:
    given_a_sar(journey, up_to="start", reference="2024/111")
    given_a_sar(journey, up_to="decide_publication", reference="2024/222")
    given_a_sar(journey, up_to="start", organisation="QMF", reference="2024/333")
    me = given_somebody_is_signed_in(journey, Role.DESIGNATE)

    # My work says that an update is overdue. The list holds what is mine to see, and nothing of another ICB.
    then_i_see(me, "Open reviews 1", "Updates overdue 1")
    me.follow("Reviews")
    then_i_see(me, "2 reviews", "2024/111", "2024/222")
    then_i_do_not_see(me, "2024/333")

    # One filter, and the other way round.
    me.unfold("Filter")
    me.page.get_by_label("Status", exact=True).select_option("Closed")
    me.press("Apply filters")
    then_i_see(me, "1 review", "2024/222")
    then_i_do_not_see(me, "2024/111")
    me.follow("Remove the filter Closed")
    then_i_see(me, "2 reviews")

    # By a reference that somebody read out.
    me.page.get_by_label("Search by reference, identifier or words").fill("2024/111")
    me.press("Search")
    then_i_see(me, "1 review")
    me.goes(me.page.locator("tbody a").first.click)
    then_i_see(me, "SAR Adult", "In progress", "2024/111")


def test_a_figure_leads_to_the_reviews_behind_it(journey: Journey) -> None:
    given_a_sar(journey, up_to="start", reference="2024/111")
    given_a_sar(journey, up_to="start", reference="2024/112")
    given_a_sar(journey, up_to="decide_publication", reference="2024/222")
    me = given_somebody_is_signed_in(journey, Role.REGIONAL_LEAD, "Y56")

    me.follow("Figures")
    then_i_see(me, "31 October 2024", "Reviews 3", "Open 2", "Closed 1")
    row = me.page.get_by_role("row", name="SAR Adult", exact=False).first
    me.goes(row.get_by_role("link", name="2", exact=True).first.click)
    then_i_see(me, "Open, SAR Adult: 2 reviews")
    assert me.page.locator("tbody tr").count() == 2
    me.goes(me.page.locator("tbody a").first.click)
    then_i_see(me, "SAR Adult", "In progress")
    when_i_open(me, "/figures?month=2023-12")
    then_i_see(me, "Reviews 0")
