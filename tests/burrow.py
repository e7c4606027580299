"""Burrow: a second, very small site of HogFlix's films, which bots know by a page map of docs/how-to/bots.md alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from populace import clock
from populace.database.connection import connect
from populace.standins.loopback import Answer, Loopback, Request

PAGE = Path(__file__).parents[1] / "docs/how-to/bots.md"
_SENDS = """<script>
const send = (path, text) => fetch(path, { method: "POST", body: text });
document.addEventListener("click", (event) => {
  const at = event.target;
  if (at.id === "send") send("/say", document.getElementById("say").value);
  if (at.id === "keep") send("/keep", document.body.dataset.key);
  if (at.value && at.closest("#stars")) send("/stars", at.value);
});
document.addEventListener("change", (event) => { if (event.target.id === "at") send("/at", event.target.value); });
</script>"""


def page_map() -> bytes:
    """The page map that the page shows."""
    return re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)[0].encode()


@dataclass
class Burrow:
    """A site. url: the database that it writes to, under keys of its own; None: it writes nothing. mode: how it does
    its part, and `from_path`, the beginning of the paths at which it does. asked: paths, and headers of the last.
    """

    url: str | None = None
    mode: str = "well"
    from_path: str = "/film"
    elsewhere: str = "http://127.0.0.1:9"
    asked: Counter[str] = field(default_factory=Counter)
    headers: dict[str, str] = field(default_factory=dict)
    targets: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, request: Request) -> Answer:
        path = urlsplit(request.target).path
        self.asked[path] += 1
        self.targets.append(request.target)
        self.headers = dict(request.headers)
        if self.mode != "well" and path.startswith(self.from_path):
            found = self._badly()
            if found is not None:
                return found
        who = unquote(next(iter(re.findall(r"who=([^;]+)", request.headers.get("cookie", ""))), ""))
        if request.method == "POST":
            return self._changed(path, request.body.decode(), who)
        return _html(self._page(path, who))

    def _badly(self) -> Answer | None:
        if self.mode == "slow":
            clock.sleep(5)
            return None
        if self.mode == "broken":
            return Answer(500, b"<h1>it broke</h1>", {"Content-Type": "text/html"})
        if self.mode == "redirect":
            return Answer(302, b"", {"Location": f"{self.elsewhere}/there"})
        if self.mode == "script":
            return _html(f"<h1>bye</h1><script>location = '{self.elsewhere}/there'</script>")
        if self.mode == "captcha":
            return _html("<h2>Are you human?</h2><div class='g-recaptcha' data-sitekey='x'></div>")
        return _html("<h2>all new</h2>")

    def _page(self, path: str, who: str) -> str:
        if path == "/":
            if who:
                return "<p id=out>in</p>"
            fields = "<input id=mail name=mail><input id=word name=word>"
            return f"<form method=post action=/in>{fields}<button id=in>in</button></form>"
        if path.startswith("/film/"):
            stars = "".join(f"<button value={n}>{n}</button>" for n in range(1, 6))
            picture = f"<img src='{self.elsewhere}/pixel.gif'><a href='{self.elsewhere}/ad'>an ad</a>"
            return (f"<body data-key='{path[6:]}'><h1>{path[6:]}</h1><button id=start>start</button>"
                    "<button id=keep>keep</button>"
                    f"<input id=at type=range max=200 value=0><p id=stars>{stars}</p>{picture}{_SENDS}")  # fmt: skip
        films = "".join(f"<p><a class=film href=/film/{n}>film {n}</a>" for n in range(3))
        return f"<p id=out>in</p>{films}<input id=say><button id=send>send</button>{_SENDS}"

    def _changed(self, path: str, text: str, who: str) -> Answer:
        if path == "/in":
            mail = parse_qs(text)["mail"][0]
            return Answer(303, b"", {"Location": "/", "Set-Cookie": f"who={mail}; Path=/; Max-Age=86400"})
        if self.url is not None and path in ("/keep", "/say"):
            with connect(self.url, application_name="burrow") as connection:
                connection.execute(_KEEP if path == "/keep" else _SAY, {"who": who, "text": text})
        return Answer(200, b"{}")


_KEEP = """INSERT INTO public.user_watchlist (user_id, profile_id, video_id, created_at, updated_at)
SELECT u.id, u.id, v.id, populace.now(), populace.now() FROM auth.users AS u, public.videos AS v
WHERE u.email = %(who)s AND v.slug = %(text)s ON CONFLICT DO NOTHING"""
_SAY = """INSERT INTO public.chat_conversations (user_id, profile_id, title, created_at, updated_at)
SELECT u.id, u.id, left(%(text)s, 40), populace.now(), populace.now() FROM auth.users AS u WHERE u.email = %(who)s"""


def _html(text: str) -> Answer:
    return Answer(200, f"<!doctype html><title>Burrow</title>{text}".encode(), {"Content-Type": "text/html"})


@contextmanager
def burrow(url: str | None = None) -> Iterator[Burrow]:
    """The site, while it answers."""
    site = Burrow(url)
    server = Loopback(site.answer, ("GET", "POST"))
    site.port = server.port
    try:
        yield site
    finally:
        server.close()
