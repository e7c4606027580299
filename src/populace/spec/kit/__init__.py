"""What worlds have in common below their words and numbers: each small file here is a trick that two of them need."""
