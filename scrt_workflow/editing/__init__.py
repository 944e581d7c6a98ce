"""How definitions are changed: a folder as one tree, what each place of it holds, and what a change comes to in words."""
