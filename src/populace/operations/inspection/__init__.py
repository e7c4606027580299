"""What is there, what happens, whether it is right, and what was done."""
