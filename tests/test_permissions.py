"""Who may do what is one table, and it says what was agreed."""

import pytest

from scrt_workflow.permissions import (
    ACTORS,
    MAY_GIVE,
    READERS,
    ROLES,
    WHO_MAY,
    Permission,
    Role,
    may,
    may_give,
    may_sit_in,
)

EVERYONE = frozenset(Role)


def test_there_are_eight_roles_and_each_says_where_it_sits() -> None:
    assert set(ROLES) == EVERYONE
    assert len(EVERYONE) == 8
    assert {role: sorted(facts.sits_in) for role, facts in ROLES.items()} == {
        Role.DESIGNATE: ["icb"],
        Role.ICB_LEAD: ["icb"],
        Role.ICB_CHIEF_NURSE: ["icb"],
        Role.REGIONAL_LEAD: ["region"],
        Role.REGIONAL_CHIEF: ["region"],
        Role.NATIONAL_LEAD: ["england"],
        Role.VIEWER: ["england", "icb", "region"],
        Role.ADMINISTRATOR: ["england"],
    }


def test_no_role_is_held_in_a_ccg() -> None:
    assert not any(may_sit_in(role, "ccg") for role in Role)


def test_every_permission_has_a_row() -> None:
    assert set(WHO_MAY) == set(Permission)
    assert all(WHO_MAY.values())


def test_permissions_are_thing_colon_verb_in_alphabetical_order() -> None:
    values = [str(permission) for permission in Permission]

    assert values == sorted(values)
    assert all(value.count(":") == 1 for value in values)
    assert all(permission.name == permission.value.replace(":", "_").replace("-", "_").upper() for permission in Permission)


def test_an_administrator_does_not_read_reviews_nor_their_numbers() -> None:
    assert not may({Role.ADMINISTRATOR}, Permission.REVIEW_SEE)
    assert not may({Role.ADMINISTRATOR}, Permission.ROLLUP_SEE)
    assert may({Role.ADMINISTRATOR}, Permission.DEFINITION_EDIT)
    assert EVERYONE - {Role.ADMINISTRATOR} == READERS


def test_a_viewer_reads_and_changes_nothing() -> None:
    allowed = {permission for permission in Permission if may({Role.VIEWER}, permission)}

    assert allowed == {Permission.DEFINITION_SEE, Permission.REVIEW_SEE, Permission.ROLLUP_SEE}


def test_who_may_complete_a_step_may_read_the_review() -> None:
    for permission in (Permission.REVIEW_COMPLETE_STEP, Permission.REVIEW_CREATE):
        assert WHO_MAY[permission] <= WHO_MAY[Permission.REVIEW_SEE]


def test_a_workflow_may_name_every_role_but_the_viewer_and_the_administrator() -> None:
    assert EVERYONE - {Role.VIEWER, Role.ADMINISTRATOR} == ACTORS


def test_several_roles_allow_what_any_of_them_allows() -> None:
    roles = {Role.ADMINISTRATOR, Role.VIEWER}

    assert may(roles, Permission.REVIEW_SEE)
    assert may(roles, Permission.JOB_RUN)
    assert not may(roles, Permission.REVIEW_COMPLETE_STEP)


@pytest.mark.parametrize("permission", Permission)
def test_no_role_allows_nothing(permission: Permission) -> None:
    assert not may((), permission)


def test_an_icb_lead_gives_only_roles_of_the_icb_and_none_that_approves() -> None:
    assert all(may_sit_in(given, "icb") for given in MAY_GIVE[Role.ICB_LEAD])
    assert not may_give(Role.ICB_LEAD, given=Role.ICB_CHIEF_NURSE)
    assert not may_give(Role.ICB_LEAD, given=Role.ADMINISTRATOR)
    assert may_give(Role.ADMINISTRATOR, given=Role.ADMINISTRATOR)


def test_whoever_gives_roles_may_manage_people() -> None:
    assert set(MAY_GIVE) == WHO_MAY[Permission.PERSON_MANAGE]
    assert not may_give(Role.DESIGNATE, given=Role.VIEWER)
