"""The tables of the staging schema that Populace fills, in this order, and how each row is known as synthetic.

A user is known by the reserved e-mail domain and a key that no default of the app makes; every other row by the user
that it refers to. What the app's edge function keeps for itself (`nutrition_cache`) is in the schema, and not written.
"""

from __future__ import annotations

from populace.spec import Column, Mark, Table
from populace.spec.kit.columns import CREATED, ID, UPDATED, counts, moment, perhaps, texts, yes_no
from populace.spec.kit.marks import version_8
from populace.worlds.worldchef.people.users import DOMAIN

_OURS = f"split_part({{0}}.email, '@', -1) = '{DOMAIN}' AND {version_8('{0}.id')}"


def _of_user(column: str) -> Mark:
    return Mark(
        f"EXISTS (SELECT 1 FROM public.users AS u WHERE u.id = t.{column} AND {_OURS.format('u')})",  # noqa: S608
        f"{column} is a user with an address at {DOMAIN} and a version-8 key",
    )


def _user(column: str) -> Column:
    return Column(column, "uuid", references="public.users.id")


_RECIPE = Column("recipe_id", "uuid", references="public.recipes.id")

TABLES = (
    Table(
        name="nutrition", lasting=True,
        columns=(ID, *texts("ingredient_hash", "canonical_string", "name"), Column("quantity", "numeric"),
                 *texts("unit"), Column("grams", "numeric"), Column("macros", "jsonb"), *texts("calculation_method"),
                 CREATED),
        key=("id",), root="amount",
        mark=Mark(f"t.calculation_method = 'synthetic_estimation' AND {version_8()}",
                  "calculation_method is synthetic_estimation, and its id is a version-8 uuid"),
    ),
    Table(
        name="users",
        columns=(ID, *texts("email", "display_name"), Column("role", "text", enum="user_role"),
                 *perhaps("avatar_url", "bio", "location"),
                 Column("dietary_preferences", "text[]", enum="dietary_type[]"), *yes_no("is_verified"), CREATED,
                 UPDATED, Column("last_active_at", "timestamptz", moment="happened", after="created_at", moves=True),
                  moment("deleted_at", "created_at", nullable=True)),
        key=("id",), root="person",
        mark=Mark(_OURS.format("t"), f"it has an address at {DOMAIN}, and its id is a version-8 uuid"),
    ),
    Table(
        name="recipes", mode="merge",
        columns=(ID, _user("author_id"), *texts("name", "description"), Column("ingredients", "jsonb"),
                 Column("instructions", "jsonb"), *counts("prep_time_minutes", "cook_time_minutes", "servings"),
                 Column("difficulty", "text", enum="difficulty_type"), Column("cuisine", "text", enum="cuisine_type"),
                 Column("meal_type", "text", enum="meal_type"),
                 Column("dietary_tags", "text[]", enum="dietary_type[]"), Column("nutrition_data", "jsonb"),
                 *yes_no("is_public"), Column("status", "text", enum="recipe_status"),
                 moment("published_at", "created_at", nullable=True), CREATED, UPDATED,
                 moment("deleted_at", "created_at", nullable=True)),
        key=("id",), root="recipe", mark=_of_user("author_id"), kinds="cuisine",
    ),
    Table(
        name="user_follows", columns=(_user("follower_id"), _user("following_id"), CREATED),
        key=("follower_id", "following_id"), root="circle", mark=_of_user("follower_id"), by_day=True,
    ),
    Table(
        name="recipe_collections",
        columns=(ID, _user("user_id"), *texts("name"), *perhaps("description"), *yes_no("is_public"), CREATED, UPDATED),
        key=("id",), root="circle", mark=_of_user("user_id"), by_day=True,
    ),
    *(
        Table(
            name=name, columns=(_user("user_id"), _RECIPE, CREATED), key=("user_id", "recipe_id"), root="recipe",
            mark=_of_user("user_id"), by_day=True,
        )
        for name in ("recipe_likes", "recipe_favorites")
    ),
    Table(
        name="recipe_ratings",
        columns=(ID, _user("user_id"), _RECIPE, *counts("rating"), *perhaps("comment"), CREATED, UPDATED),
        key=("id",), root="recipe", mark=_of_user("user_id"), by_day=True,
    ),
    Table(
        name="recipe_collection_items",
        columns=(Column("collection_id", "uuid", references="public.recipe_collections.id"), _RECIPE,
                 moment("added_at")),
        key=("collection_id", "recipe_id"), root="recipe",
        mark=Mark(
            "EXISTS (SELECT 1 FROM public.recipe_collections AS c JOIN public.users AS u ON u.id = c.user_id "  # noqa: S608
            f"WHERE c.id = t.collection_id AND {_OURS.format('u')})", "its collection belongs to a synthetic user"),
    ),
)  # fmt: skip
"""Parents before children."""
