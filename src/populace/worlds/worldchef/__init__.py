"""WorldChef: a recipe app, its cooks, what they publish, and what others make of it. See README.md beside this file."""

from populace.clock import DAY_US
from populace.spec import CachedFunction, Calendar, Members, OnRequest, Root, Schedule, World
from populace.worlds.worldchef.behaviour import recipes
from populace.worlds.worldchef.catalogue import larder, nutrition, words
from populace.worlds.worldchef.parameters import BEFORE_DAYS, LASTS_DAYS, PARAMETERS, derive
from populace.worlds.worldchef.people import users
from populace.worlds.worldchef.realism import REALISM
from populace.worlds.worldchef.scenarios import DEFAULT, SCENARIOS
from populace.worlds.worldchef.tables import TABLES

WORLD = World(
    name="worldchef",
    title="WorldChef",
    about="a recipe app: people publish recipes, cook and rate those of others, and follow each other",
    version=11,
    package="populace.worlds.worldchef",
    needs=("roles", "visitor"),
    parameters=PARAMETERS,
    derive=derive,
    decisions=(*users.DECISIONS, *recipes.DECISIONS),
    roots=(
        Root(name="amount", size=len(larder.amounts())),
        Root(name="person", size="users"),
        # What people do with each other, after all of them: tables that are there already have their foreign keys.
        Root(name="circle", size="users"),
        Root(name="recipe", size="recipes"),
    ),
    tables=TABLES,
    calendars=(
        # Moments are the world's own (`behaviour/rhythm.py`): this one only says in which stretch each item is.
        Calendar(name="even", months="flat_months", weekdays="flat_weekdays", hours="flat_hours", zone="zone"),
    ),
    flows=(
        Members("nutrition", "amount", ("nutrition",), nutrition.rows),
        Schedule(
            name="people",
            root="person",
            tables=("users",),
            stretches="people_stretches",
            calendar="even",
            enabled="enabled",
            before_days=BEFORE_DAYS,
            lasts_days=BEFORE_DAYS,
            begins=users.begins,
            follow=users.follow,
            moments=users.MOMENTS,
            emit=users.emit,
        ),
        Schedule(
            name="circles",
            root="circle",
            tables=("user_follows", "recipe_collections"),
            stretches="people_stretches",
            calendar="even",
            enabled="enabled",
            before_days=BEFORE_DAYS,
            lasts_days=LASTS_DAYS,
            begins=users.begins,
            follow=users.follow_others,
            moments=users.CIRCLE_MOMENTS,
            emit=users.emit_circles,
        ),
        Schedule(
            name="cooking",
            root="recipe",
            tables=("recipes", "recipe_likes", "recipe_favorites", "recipe_ratings", "recipe_collection_items"),
            stretches="recipe_stretches",
            calendar="even",
            enabled="enabled",
            before_days=BEFORE_DAYS,
            lasts_days=LASTS_DAYS,
            begins=recipes.begins,
            follow=recipes.follow,
            moments=recipes.MOMENTS,
            emit=recipes.emit,
            on_request=OnRequest("recipes", recipes.published_at),
            recurs_every=recipes.DESIGNS,
        ),
    ),
    scenarios=SCENARIOS,
    default_scenario=DEFAULT,
    counted="users",
    crons=("0 3 * * *",),
    scripts={
        "users": ("users",),
        "recipes": ("recipes",),
        "nutrition": ("nutrition",),
        "interactions": (
            "user_follows",
            "recipe_collections",
            "recipe_likes",
            "recipe_favorites",
            "recipe_ratings",
            "recipe_collection_items",
        ),
    },
    health=("d1_volumes", "d12_variety"),
    functions=(
        CachedFunction(
            id="D9",
            name="nutrition_enrichment",
            requests="nutrition_enrichment",
            hits="cache_performance.hits",
            misses="cache_performance.misses",
            above=0.90,
            stand_in="populace.standins.nutrition_enrichment:EnrichmentServer",
        ),
    ),
    history_days="days",
    horizon_us=(BEFORE_DAYS + LASTS_DAYS) * DAY_US,
    realism=REALISM,
    digest=words.digest,
)
