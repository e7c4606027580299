"""Every text of the world, in the CSV files of this folder, and what reads and combines them."""
