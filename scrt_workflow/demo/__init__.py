"""Invented reviews to look at and to try the service with. Nothing here is about a real person or a real case."""
