"""How figures are shown: as text, as files, as pictures."""
