"""Kinds of questions, by the words that they are asked with."""

from __future__ import annotations

import re

HOW_LONG = re.compile(r"\b(how long|how many (minutes|seconds)|running time|runtime|duration|length of)\b")
WHEN = re.compile(r"\b(when (did|was|were|is)|(come|came) out|released?|(what|which) year|how (old|new))\b")
WHO = re.compile(
    r"\b(who (directed|made|wrote|plays?|acts?|starred|stars|is in|was in)|directors?|directed by|actors?|cast|"
    r"starring)\b"
)
GENRE = re.compile(r"\b(what|which) (genre|kind|category|sort|type)\b")
HOW_GOOD = re.compile(r"\b(how good|any good|rating|ratings|rated|reviews?|worth|stars)\b")
ABOUT = re.compile(r"(?<!what )(?<!how )\babout\b|\b(plot|happens|story of|describe|summary|me more)\b")
OTHERS = re.compile(
    r"\b((some|any)thing else|another|others?|different|what else|(?<!me )more(?! about| than| or)|again)\b"
)
POINTS = re.compile(
    r"\b(it|its|this(?! year| week| month| evening| time| morning)|the one|they|them|these|those|"
    r"that(?! is| are| isn't| aren't| has| have| was| will| i| we| goes| makes?| does))\b"
)
ALIKE = re.compile(r"\b(liked|loved|enjoyed|like|similar to|same as|after watching)\b")
AWAY = re.compile(
    r"\b(seen|watched|know) (it|that|this|them|those|these|all|both|one|the \w+)\b|\bno thanks?\b|\bsays? no\b|"
    r"\b(don't|do not|didn't|did not) (like|love|want|enjoy|fancy) (it|that|this|them|those|these|any|the \w+)\b|"
    r"^not (it|that|this|those|these|them)\b|\bnone of (it|that|this|those|these|them)\b|\bboring\b"
)
CHOOSES = re.compile(
    r"\b(i'll take|i will take|i take|let's watch|i'll watch|choose|pick|play|open|start|go with|go for)\b"
)
WHICH = re.compile(r"\bwhich (one|of|is|would|has|have)\b|\bof (them|these|those)\b")
SUPERLATIVE = re.compile(r"\b(shortest|shorter|quickest|longest|longer|newest|newer|latest|oldest|older|best|better)\b")
ALL = re.compile(r"\b(films?|movies?|titles?|shows?|catalogue|of all|hogflix|stor(y|ies)|specials?)\b")
COUNT = re.compile(r"\bhow many (?!minutes|seconds|stars|ratings|people|viewers)|\bnumber of (films|titles|movies)\b")
KINDS = re.compile(r"\b(what|which) (genres|categories|kinds|sorts|types)\b|\blist (the |all )?(genres|categories)\b")
POPULAR = re.compile(r"\b(popular|trending|everybody|everyone|most watched|most people)\b")
ASKS = re.compile(r"^(so |and |but |, )*(is|are|was|were|would|will|can|could|does|do|should|may) ")
GOES_ON = re.compile(r"^(and|but|or|also|only|just|then|what about|how about|maybe)\b")
AGREES = re.compile(r"^\W*(yes|yeah|yep|sure|go on|do|please|name|show me)( (please|do|some|them|a few|one|it))*\W*$")
OWN = re.compile(r"\bmy (ratings?|list|watch ?list|history)\b|\bdid i (watch|see|rate)\b")
THANKS = re.compile(r"^\W*(thanks?|thx|ty|ta|thank you|cheers|great|perfect|ok(ay)?|good night|bye|goodbye)\b[^?]*$")
HELLO = re.compile(
    r"^[\W_]*(hi|hello|hey|hiya|good (morning|evening|afternoon)|yo)( (there|flixbuddy|you|again))*[\W_]*$"
)
ABOUT_ME = re.compile(
    r"\b(who|what) are you\b|\bwhat can (you|i)\b|\bare you (a|an|real|human|there)\b|\bhow do you work\b|"
    r"\byour name\b|^\W*help\W*$"
)
ACCOUNT = re.compile(
    r"\b(premium|standard plan|basic plan|subscriptions?|subscribe|cancel|refund|billing|invoice|password|my account|"
    r"upgrade|downgrade|credit card|payment|prices?|how much (is|are|does|do))\b"
)
