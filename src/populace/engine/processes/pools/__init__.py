"""Pools of people: their days, decided one after another, and what people do on them."""
