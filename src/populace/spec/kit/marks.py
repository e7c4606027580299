"""Marks: how rows of an app are known as synthetic, by what they are or by whom they belong to.

Conditions have no percent sign: it would be read as a parameter.
"""

from __future__ import annotations

from dataclasses import dataclass

from populace.spec.table import Mark


def version_8(column: str = "t.id") -> str:
    """The condition that a uuid is of version 8: keys without a moment are, and no default of an app makes one."""
    return f"substr({column}::text, 15, 1) = '8'"


OF_CATALOGUE = Mark(version_8(), "its id is a version-8 uuid, which no default of the app makes")
"""Rows that nobody owns, by their own id."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Synthetic accounts, by two marks at once: the reserved e-mail domain, and a flag in the account's metadata.

    So somebody who merely has such an address stays a human.
    """

    domain: str
    flag: str

    def condition(self, alias: str = "u") -> str:
        """The condition over a row of `auth.users`."""
        has_flag = f"{alias}.raw_user_meta_data ->> '{self.flag}' = 'true'"
        return f"split_part({alias}.email, '@', -1) = '{self.domain}' AND {has_flag}"

    @property
    def said(self) -> str:
        """The same in words, after a subject."""
        return f"has an e-mail address at {self.domain} and raw_user_meta_data.{self.flag} true"

    @property
    def own(self) -> Mark:
        """The mark of the account itself."""
        return Mark(self.condition("t"), f"it {self.said}")

    def of(self, column: str = "user_id") -> Mark:
        """The mark of rows whose column refers to such an account."""
        return Mark(
            f"EXISTS (SELECT 1 FROM auth.users AS u WHERE u.id = t.{column} AND {self.condition()})",  # noqa: S608
            f"the account {column} {self.said}",
        )
