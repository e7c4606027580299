"""The 600 recipes of WorldChef's staging data, read as a cook would: what must hold for each of them to make sense."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from typing import Any

import pytest

from golden.runs import run
from populace.clock import parse
from populace.plan import resolve
from populace.worlds.worldchef import WORLD
from populace.worlds.worldchef.catalogue import cookbook, larder

EPOCH = parse("2026-01-09T00:00:00Z", "epoch")
HANDFUL = 6
OF_ANIMALS = r"chicken|beef|steak|lamb|pork|bacon|turkey|duck|salmon|cod |tuna|shrimp|mussel|fish|oyster|dashi|kimchi"
FROM_ANIMALS = (
    rf"{OF_ANIMALS}|\begg\b|egg noodles|butter$|ghee|^milk|cream|yogurt|cheese|cheddar|feta|gruyere|mozzarella|"
    r"parmesan|ricotta|mascarpone|paneer|halloumi|honey|mayonnaise|red curry paste|green curry paste"
)
PLANTS = r"peanut butter|almond milk|coconut milk|butternut"
Row = dict[str, Any]


@cache
def recipes() -> tuple[Row, ...]:
    """Every recipe, with its lists read."""
    plan = resolve(WORLD, "staging", seed=1, epoch_us=EPOCH)
    rows = run(plan, [plan.origin_us, EPOCH]).rows("recipes")
    read = ("ingredients", "instructions", "nutrition_data")
    return tuple({**row, **{name: json.loads(row[name]) for name in read}} for row in rows)


def names(recipe: Row) -> set[str]:
    return {line["name"] for line in recipe["ingredients"]}


def test_there_are_600_all_different():
    assert len(recipes()) == 600
    assert len({json.dumps([r["ingredients"], r["instructions"]]) for r in recipes()}) == 600


def test_every_ingredient_is_used_in_a_step_and_every_step_names_what_is_listed():
    known = larder.ingredients()
    for recipe in recipes():
        lines = [line["name"] for line in recipe["ingredients"]]
        assert len(lines) == len(set(lines)), recipe["name"]
        used = {name for step in recipe["instructions"] for name in step["ingredients"]}
        assert used == set(lines), recipe["name"]
        for step in recipe["instructions"]:
            for name in step["ingredients"]:
                assert known[name].said in step["description"], (recipe["name"], name, step["description"])


def test_no_step_mentions_food_that_is_not_listed():
    """Any ingredient's name in a sentence is one of the recipe's own, or part of the name of one."""
    said = {one.said for one in larder.ingredients().values()} - {"oil", "water", "rice", "salt"}
    every = re.compile(r"\b(" + "|".join(sorted(map(re.escape, said), key=len, reverse=True)) + r")\b")
    for recipe in recipes():
        own = " | ".join(larder.ingredients()[name].said for name in names(recipe))
        for step in recipe["instructions"]:
            for word in every.findall(step["description"]):
                assert word in own, (recipe["name"], word, step["description"])


def test_minutes_add_up():
    for recipe in recipes():
        assert recipe["prep_time_minutes"] + recipe["cook_time_minutes"] == sum(
            step["minutes"] for step in recipe["instructions"]
        )
        assert [step["step_number"] for step in recipe["instructions"]] == [*range(1, len(recipe["instructions"]) + 1)]


def test_minutes_in_a_sentence_are_those_of_its_step():
    said = 0
    for recipe in recipes():
        for step in recipe["instructions"]:
            for minutes in re.findall(r"\b(\d+) (?:more )?minutes", step["description"]):
                said += 1
                assert int(minutes) == step["minutes"], step["description"]
    assert said > 1_000


def test_a_stew_simmers_and_a_salad_does_not():
    stews = [
        r for r in recipes() if re.search(r"Stew|Chili$|Chili with|Tagine|Daube|Jjigae|Braised|Ratatouille", r["name"])
    ]
    salads = [r for r in recipes() if re.search(r"Salad|Som Tam|Muchim|Chaat|Caprese", r["name"])]
    assert len(stews) > 15
    assert len(salads) > 15
    for recipe in stews:
        assert recipe["cook_time_minutes"] >= 15, recipe["name"]
    for recipe in salads:
        assert recipe["cook_time_minutes"] <= 40, recipe["name"]
        assert not any(re.search(r"\bstew|oven", step["description"]) for step in recipe["instructions"])


def test_beef_chuck_and_lamb_get_their_time():
    slow = [r for r in recipes() if "beef chuck" in names(r)]
    assert slow
    assert all(r["cook_time_minutes"] >= 80 for r in slow)


def test_temperatures_are_those_of_an_oven():
    found = [
        (int(celsius), int(fahrenheit))
        for recipe in recipes()
        for step in recipe["instructions"]
        for celsius, fahrenheit in re.findall(r"(\d+) °C \((\d+) °F\)", step["description"])
    ]
    assert len(found) > 30
    for celsius, fahrenheit in found:
        assert 150 <= celsius <= 230
        assert abs(celsius * 9 / 5 + 32 - fahrenheit) <= 3


def test_quantities_fit_the_servings():
    """Of each ingredient from a fifth of the usual amount to three times as much; a plate weighs what plates do."""
    for recipe in recipes():
        weight = 0.0
        for line in recipe["ingredients"]:
            one = larder.ingredients()[line["name"]]
            a_serving = line["quantity"] / recipe["servings"]
            assert one.per * 0.1 <= a_serving <= one.per * 3.2, (recipe["name"], line, recipe["servings"])
            weight += one.weight(line["quantity"], line["unit"])
        assert 40 <= weight / recipe["servings"] <= 1_200, (recipe["name"], weight / recipe["servings"])
        assert 60 <= recipe["nutrition_data"]["per_serving"]["calories"] <= 1_400, recipe["name"]


def test_eggs_bread_and_the_like_come_whole():
    whole = {"egg", "apple", "potato", "pita bread", "sourdough bread", "burger buns"}
    found = [line for recipe in recipes() for line in recipe["ingredients"] if line["name"] in whole]
    assert {line["name"] for line in found} == whole
    assert [line for line in found if line["quantity"] != int(line["quantity"])] == []


def test_no_bread_is_boiled():
    bread = r"\b(bread|baguette|pita|buns)\b"
    boiled = [step["description"] for recipe in recipes() for step in recipe["instructions"]
              if re.search(rf"(?i)^(cook|simmer|boil) the [\w ]*{bread}", step["description"])]  # fmt: skip
    assert boiled == []


def test_what_comes_cooked_out_of_a_can_is_warmed_and_not_browned():
    cooked = [one.said for one in larder.ingredients().values() if re.search("canned|in olive oil|shoots", one.name)]
    browned = re.compile(rf"(?i)\b(?:brown|fry|sear|crisp)\b[^,;]*\b(?:{'|'.join(cooked)})\b|(?:{'|'.join(cooked)})"
                         r"[^;]*(?:golden|colored|browned|done to the center)")  # fmt: skip
    seen = 0
    for cuisine in range(len(cookbook.CUISINES)):
        for number in range(150):
            chances = [(number * 64 + place + cuisine) * 2654435761 % (1 << 31) for place in range(cookbook.CHANCES)]
            said = cookbook.recipe(cuisine, chances).said
            if not any(f'"{one.name}"' in said.ingredients for one in larder.ingredients().values() if one.done):
                continue
            for step in json.loads(said.instructions):
                seen += 1
                assert not browned.search(step["description"]), (said.name, step["description"])
    assert seen > 500


def test_the_words_of_steps_name_no_food_that_a_recipe_may_lack():
    """A vegan cake has no pan that is buttered: whatever is food comes from the recipe's own list."""
    food = {one.said for one in larder.ingredients().values()} - {"oil", "water", "rice"}
    every = re.compile(r"\b(" + "|".join(sorted(map(re.escape, food), key=len, reverse=True)) + r")\b")
    for row in larder.rows("steps"):
        for text in row["text"].split("|"):
            assert not every.findall(re.sub(r"\{[^}]*\}", "", text)), text


def test_verbs_go_with_what_may_be_many():
    """Nobody says "where no peaches shows"."""
    for row in larder.rows("steps"):
        assert not re.findall(r"no \{[a-z,]+\.bare\} (?:is|shows|has|goes|comes)\b", row["text"]), row["text"]


def test_nobody_writes_a_before_a_vowel():
    plan = resolve(WORLD, "staging", seed=1, epoch_us=EPOCH)
    made = run(plan, [plan.origin_us, EPOCH])
    said = [str(row["bio"]) for row in made.rows("users")]
    said += [recipe["description"] or "" for recipe in recipes()]
    assert [text for text in said if re.search(r"\b[Aa] (American|Italian|Indian)\b", text)] == []


def test_tags_follow_from_what_is_in_a_recipe():
    """Judged here by the names of ingredients, and not by the flags that gave the tags."""
    plants = re.compile(PLANTS)
    for recipe in recipes():
        tags, inside = set(recipe["dietary_tags"]), names(recipe)
        serving = recipe["nutrition_data"]["per_serving"]
        meat = {n for n in inside if re.search(OF_ANIMALS, n) and not plants.search(n)}
        animal = {n for n in inside if re.search(FROM_ANIMALS, n) and not plants.search(n)}
        if "vegan" in tags:
            assert not animal, (recipe["name"], animal)
        if "vegetarian" in tags:
            assert not meat, (recipe["name"], meat)
        assert ("vegan" in tags) <= ("vegetarian" in tags)
        assert ("halal" in tags) <= (not any(re.search(r"pork|bacon|wine$|mirin|vanilla", n) for n in inside))
        assert ("gluten_free" in tags) <= (not any(re.search("soy sauce|spaghetti|bread|flour$|udon", n)
                                                   for n in inside - {"almond flour"}))  # fmt: skip
        assert ("low_carb" in tags) == (serving["carbohydrates_g"] < 20)
        assert ("low_fat" in tags) == (serving["fat_g"] < 10)
        assert ("keto" in tags) == (serving["carbohydrates_g"] < 10 and serving["fat_g"] > 20)


def test_nutrition_is_that_of_the_table():
    table = {(p.of.name, p.quantity, p.unit): p.macros() for p in larder.amounts()}
    for recipe in recipes():
        lines = [table[line["name"], float(line["quantity"]), line["unit"]] for line in recipe["ingredients"]]
        for macro, total in recipe["nutrition_data"]["total_recipe"].items():
            assert total == pytest.approx(sum(line[macro] for line in lines), abs=0.051 * len(lines) + 0.05)
            assert recipe["nutrition_data"]["per_serving"][macro] == pytest.approx(total / recipe["servings"], abs=0.11)


def test_no_sentence_is_used_more_than_a_handful_of_times():
    sentences = Counter(
        sentence
        for recipe in recipes()
        for text in (recipe["description"], *(step["description"] for step in recipe["instructions"]))
        for sentence in re.split(r"(?<=[.!?]) +", text)
    )
    assert sentences.most_common(1)[0][1] <= HANDFUL, sentences.most_common(3)
    assert len(sentences) > 4_000
    assert max(Counter(recipe["name"] for recipe in recipes()).values()) <= HANDFUL


def test_texts_are_finished():
    for recipe in recipes():
        for text in (recipe["name"], recipe["description"], *(s["description"] for s in recipe["instructions"])):
            assert not re.search(r"[{}\[\]|*]|  |\ba [aeio]|\bthe the\b|\.\.|,,", text), text
            assert text[0].isupper() or text[0].isdigit(), text


def test_a_recipe_is_smaller_than_eight_kilobytes():
    for recipe in recipes():
        whole = sum(len(json.dumps(recipe[name]).encode()) for name in ("ingredients", "instructions"))
        assert whole + len(json.dumps(recipe["nutrition_data"]).encode()) < 8_192


def test_everything_that_the_app_knows_occurs():
    assert {r["cuisine"] for r in recipes()} == set(cookbook.CUISINES)
    assert {r["meal_type"] for r in recipes()} == set(cookbook.MEALS)
    assert {r["difficulty"] for r in recipes()} == set(cookbook.LEVELS)
    assert {r["status"] for r in recipes()} == {"draft", "published", "archived", "admin_removed"}
    assert {tag for r in recipes() for tag in r["dietary_tags"]} == set(larder.TAGS)


def test_the_catalogue_has_no_loose_ends():
    """Every form that a dish names has steps, and every ingredient of every dish is known and used by its form."""
    known, forms = larder.ingredients(), {row["form"] for row in larder.rows("steps")}
    mentioned = set()
    for dish in larder.rows("dishes"):
        assert dish["form"] in forms
        for role in cookbook.ROLES:
            mentioned |= {name for part in dish[role].split("+") if part for name in part.rpartition(":")[2].split(";")}
    assert mentioned == set(known)
    assert 1_800 <= len(larder.amounts()) <= 2_200
    assert len({p.hashed for p in larder.amounts()}) == len(larder.amounts())
