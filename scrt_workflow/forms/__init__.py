"""What is asked: questions, the forms made of them, and the WTForms classes built from those."""
