"""What people do, as verbs: each checks, does and records. None commits, none knows Flask."""
