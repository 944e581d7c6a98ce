"""What the invented reviews recommend, by term of organisational learning."""

LESSONS: dict[str, tuple[str, str]] = {
    "Case Monitoring": (
        "Each agency should review long-running cases at fixed points with someone who does not hold the case.",
        "The partnership should monitor cases that are stepped down and come back within the year.",
    ),
    "Communication": (
        "Discharge letters should say in plain words what the next service is being asked to do.",
        "Professionals should speak to one another before closing a case that another agency still holds.",
    ),
    "Data Collection": (
        "Agencies should record care and support needs in one agreed way.",
        "Referral outcomes should be counted so that repeat contacts can be seen.",
    ),
    "Early Intervention": (
        "Early help should be offered at the second contact and not after the third.",
        "Universal services should be able to reach early help without a new assessment.",
    ),
    "Equality and Diversity": (
        "Assessments should ask about culture, identity and disability, and say how the plan meets them.",
        "Practitioners should name and challenge adultification and other bias in supervision.",
    ),
    "Escalation": (
        "The escalation procedure should be used when agencies disagree about risk, and its use should be audited.",
        "Managers should know when and to whom they escalate a stalled referral.",
    ),
    "Information and Guidance": (
        "Families should be given clear written information about the support that they can ask for.",
        "Practice guidance should be short enough to be used during a visit.",
    ),
    "Lack of engagement with agencies": (
        "A missed appointment should prompt a question about what was going on and not a closure letter.",
        "The was not brought policy should be applied in every setting, and followed up.",
    ),
    "Language/Cultural barriers": (
        "A professional interpreter should be booked for every assessment where one is needed.",
        "Family members should not interpret when abuse is suspected.",
    ),
    "MAPPA": (
        "Health should be represented at public protection meetings and share what is agreed there.",
        "The health flag for public protection cases should reach emergency departments.",
    ),
    "Organisational Learning": (
        "The learning should be shared in a short briefing and its effect on practice tested after six months.",
        "Actions from earlier reviews should be checked before new ones are agreed.",
    ),
    "Partnership": (
        "Agencies should agree who leads when several are involved, and tell the person.",
        "The partnership should set out how its boards work together on shared risks.",
    ),
    "Pathway Development": (
        "The pathway between hospital, community and mental health teams should be rewritten with one point of entry.",
        "A pathway for people who fall between service thresholds should be agreed and funded.",
    ),
    "Policy and Procedure": (
        "The local procedure should be brought into line with national guidance.",
        "Policies on discharge should say what happens when there is no safe place to go.",
    ),
    "Professional Challenge": (
        "Practitioners should be supported to challenge decisions, and meetings should record dissent.",
        "Chairs should invite a different view before a plan is agreed.",
    ),
    "Professional Curiosity": (
        "Practitioners should look behind the presenting problem and see people alone.",
        "Training should use this review to practise asking the second question.",
    ),
    "Research Review & Escalation": (
        "The board should commission a short review of the evidence and escalate the gap that it found.",
        "Findings that cannot be resolved locally should go to the national panel.",
    ),
    "Raising Public Awareness - DAV": (
        "A campaign should help friends, families and employers to recognise coercive control.",
        "Information about domestic abuse services should be visible in pharmacies and practices.",
    ),
    "Service Development": (
        "Commissioners should review the capacity of the service and report on its waiting list.",
        "A community offer should be developed for people who decline clinic appointments.",
    ),
    "Sharing Information": (
        "Relevant history should be shared at the point of referral and not on request.",
        "The information sharing agreement should be refreshed and its use explained to front-line staff.",
    ),
    "Supervision": (
        "Safeguarding supervision should be available to every practitioner who holds complex work.",
        "Supervision notes should record the risk as well as the task.",
    ),
    "Training & Practice Development": (
        "Domestic abuse training should be part of induction and refreshed every two years.",
        "Practice sessions should cover routine enquiry and the risk checklist.",
    ),
}
