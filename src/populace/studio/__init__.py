"""The Studio: pages in which a population is seen and steered."""
