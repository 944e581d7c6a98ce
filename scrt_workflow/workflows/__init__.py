"""What may happen: states, the steps between them, who takes them and when."""
