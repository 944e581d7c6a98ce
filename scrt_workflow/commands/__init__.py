"""The verbs of the `scrt` command, a module each."""
