"""The one password of a world's people: a parameter that every world with accounts has, the same everywhere."""

from __future__ import annotations

from populace.spec.parameter import Form, Parameter

NO_LOGIN = "none"
"""`login_hash` of people who have no password."""

LOGIN = Parameter(
    path="login_hash",
    default=NO_LOGIN,
    means="bcrypt hash of the people's one password, or none",
    secret=True,
    source="K: one password per plan, hashed once",
    form=Form(
        pattern=rf"{NO_LOGIN}|\$2[aby]\$\d\d\$[./A-Za-z0-9]{{53}}",
        fault="this is no bcrypt hash",
        allowed=f"{NO_LOGIN}, or a hash of 60 characters that begins with $2a$, $2b$ or $2y$",
        todo="put the password itself into POPULACE_LOGIN_PASSWORD",
    ),
)
