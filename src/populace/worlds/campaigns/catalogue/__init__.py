"""The words of the campaigns world in CSV files, and what is made of them: names, prices, codes, the words of logs."""
