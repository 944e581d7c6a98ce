"""What the invented overviews say of each theme: two sentences apiece, neutral about who the person is."""

THEME_SENTENCES: dict[str, tuple[str, str]] = {
    "Aces": (
        "Several adverse experiences in early childhood were known to services but never looked at together.",
        "Loss, separation and parental ill health had marked the early years.",
    ),
    "County Lines": (
        "There were signs of being moved out of the area to carry drugs.",
        "Missing episodes and unexplained travel pointed to county lines activity.",
    ),
    "Criminal Exploitation": (
        "There was growing evidence of criminal exploitation by older people.",
        "Exclusion from school was followed by contact with people known to exploit others.",
    ),
    "CSA": (
        "Sexual abuse within the family came to light after the event.",
        "Earlier indicators of child sexual abuse had been recorded without a strategy discussion.",
    ),
    "CSE": (
        "A screening for child sexual exploitation had scored high and was not followed through.",
        "Gifts and late returns home suggested child sexual exploitation.",
    ),
    "Death by NAI": (
        "Death followed injuries that could not be explained by an accident.",
        "The injuries found at hospital were fatal and thought to be inflicted.",
    ),
    "Domestic Abuse": (
        "Domestic abuse in the household was known to more than one agency.",
        "A multi-agency risk assessment conference had discussed domestic abuse in the household.",
    ),
    "Domestic Violence": (
        "Police had attended the home for domestic violence more than once.",
        "Physical violence between partners had been disclosed in primary care.",
    ),
    "Financial Abuse": (
        "Money and benefits were being controlled by someone else.",
        "Unpaid bills and missing money raised concerns about financial abuse.",
    ),
    "Forced Marriage": (
        "There had been a concern about a forced marriage some years before.",
        "Travel abroad under family pressure had been raised as a forced marriage risk.",
    ),
    "Hunger": (
        "School staff had noticed hunger and regular requests for food.",
        "Hunger had been recorded at several appointments.",
    ),
    "Homelessness": (
        "A long period of homelessness and temporary accommodation preceded the event.",
        "Housing had been lost some months before, and contact with services was lost with it.",
    ),
    "Lack of Capacity": (
        "Mental capacity was assumed and not assessed for the decisions that mattered.",
        "There were differing views about mental capacity and no best interests meeting.",
    ),
    "LAC": (
        "The local authority was looking after the child, who had moved placement several times.",
        "The child was looked after and placed away from the home borough.",
    ),
    "Lack of Engagement": (
        "Appointments were often missed and cases were closed for lack of engagement.",
        "Agencies found it hard to engage the family, and each closed its work in turn.",
    ),
    "Mental Health": (
        "There was a long history of mental ill health and several changes of team.",
        "Mental health services had discharged the person shortly before the event.",
    ),
    "Modern Slavery": (
        "Living and working conditions pointed to modern slavery.",
        "A referral to the national referral mechanism had been considered and not made.",
    ),
    "NAI": (
        "Bruising in a child who was not yet mobile was found at a routine contact.",
        "Injuries of different ages were found that did not fit the account given.",
    ),
    "Neglect": (
        "Neglect had been a concern for a long time and thresholds were applied differently.",
        "Poor home conditions and unmet health needs were recorded over several years.",
    ),
    "Non Engagement": (
        "Offers of support were declined and this was not explored.",
        "Repeated non engagement was treated as a choice and not as a risk.",
    ),
    "Organised Crime Groups": (
        "Links to an organised crime group placed the household at risk.",
        "Debt to an organised group was believed to lie behind the harm.",
    ),
    "Physical Abuse": (
        "Earlier physical abuse had been reported by a professional.",
        "There were several attendances with injuries in the year before.",
    ),
    "Pressure Ulcer": (
        "Severe pressure damage was found on admission to hospital.",
        "Pressure ulcers developed while care was being shared between providers.",
    ),
    "Self Neglect": (
        "Self-neglect and hoarding had made the home unsafe.",
        "Care was refused, weight was lost and the home fell into disrepair.",
    ),
    "SEND": (
        "Special educational needs were identified late and the plan was not in place.",
        "The education, health and care plan had not been reviewed after a change of school.",
    ),
    "Sexual Abuse": (
        "A disclosure of sexual abuse was made to a trusted professional.",
        "Earlier allegations of sexual abuse had ended without further action.",
    ),
    "Sexual Exploitation Adults": (
        "Sexual exploitation of an adult with care and support needs was suspected.",
        "Visitors to the home were thought to be exploiting the person sexually.",
    ),
    "Substance Misuse": (
        "Dependence on alcohol and drugs ran through the whole chronology.",
        "Substance misuse was treated apart from the person's other needs.",
    ),
    "Suicide": (
        "The death is thought to have been by suicide.",
        "There had been earlier attempts and a safety plan that was not shared.",
    ),
    "Trafficked": (
        "There were indications of trafficking into the country.",
        "Trafficking was suspected after a move between several addresses.",
    ),
    "UASC": (
        "The young person had arrived in the country alone to seek asylum.",
        "An age assessment and a care placement for an unaccompanied young person were in progress.",
    ),
}
