"""NHS Safeguarding Case Review Tracker: reviews guided from referral to closure by YAML definitions."""
