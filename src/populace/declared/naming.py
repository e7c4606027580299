"""What names of columns and tables say of what they hold: patterns, and the kinds that they are guessed to be."""

from __future__ import annotations

import re
from collections.abc import Sequence

BY_NAME: Sequence[tuple[str, str]] = (
    (r"(e_?mail|mail)(_?addr(ess)?)?$|^(from|to|cc|bcc|reply_to|sender)_(e_?mail|mail)", "email"),
    (r"(phone|mobile|fax|telephone|cell)(_?(number|no|num))?$|^tel$", "phone"),
    (r"(first|given|fore)_?name$|^fname$", "first name"),
    (r"(last|family|sur)_?name$|^lname$", "last name"),
    (r"(full|display|real|contact|author|customer|person|owner|screen)_?name$", "name"),
    (r"user_?name$|^login|_login$|^nick(name)?$|^alias$|^account$|^screenname$", "login"),
    (r"passw(or)?d|passwd|^pwd|secret|_hash$|^hash$|checksum|digest|md5|sha\d|signature|fingerprint", "hash"),
    (r"token|api_?key|^key$|session_?(id|key)$|nonce|salt|csrf|otp|^secret", "token"),
    (r"(^|_)(url|uri|href|link|website|homepage|webhook|avatar|image|photo|picture|logo|icon)$", "url"),
    (r"slug|permalink|handle$", "slug"),
    (r"user_?agent|^browser$", "user agent"),
    (r"(^|_)ip(_?addr(ess)?|v4)?$|remote_?addr|^ip_", "ip"),
    (r"mac(_?addr(ess)?)?$", "mac"),
    (r"host(_?name)?$|domain(_?name)?$|^server$|^fqdn$|nameserver", "host"),
    (r"mime|content_?type$|media_?type$", "mime"),
    (r"file_?name$|^file$|path$|_file$", "file"),
    (r"country_?(code|iso)|iso_?country|^cc$", "country code"),
    (r"country", "country"),
    (r"currency", "currency"),
    (r"city|town$|locality", "city"),
    (r"post_?code|postal|zip", "postcode"),
    (r"(^|_)(state|region|province|county)(_name)?$", "region"),
    (r"street|address_?(line)?_?\d*$|^addr", "street"),
    (r"time_?zone$|^tz$", "zone"),
    (r"^lang$|language|locale", "language"),
    (r"company|organi[sz]ation|org_?name|^org$|vendor|supplier|employer|manufacturer|brand", "company"),
    (r"product|item_?name|sku_?name", "product"),
    (r"gender|^sex$", "gender"),
    (r"job|occupation|profession|position_?title", "role"),
    (r"colou?r", "colour"),
    (r"version", "version"),
    (r"title|subject|headline|caption|heading|summary$|topic", "title"),
    (
        r"descri|body|content|text|comment|note|message|bio|about|remark|reason|details|abstract|question|answer",
        "prose",
    ),
    (r"(^|_)(code|sku|isbn|ean|upc|iban|vat|ref|reference|serial|number|abbr)(_?(no|number|code))?$", "code"),
)
NUMBERS: Sequence[tuple[str, str, dict[str, object]]] = (
    (r"price|amount|total|cost|balance|fee|salary|budget|subtotal|discount|credit|debit|revenue|paid", "money", {}),
    (r"lat(itude)?$", "latitude", {}), (r"(lon|lng|long)(gitude)?$", "longitude", {}),
    (r"percent|pct|progress", "number", {"low": 0, "high": 100}),
    (r"share|ratio|rate$|probability|weight_?factor|score$|fraction", "share", {}),
    (r"rating|stars", "number", {"low": 1, "high": 5}),
    (r"quantity|qty|count$|num_|_num$|units|stock|copies", "number", {"low": 1, "high": 20}),
    (r"year", "number", {"low": 2015, "high": 2026}), (r"month", "number", {"low": 1, "high": 12}),
    (r"(^|_)(day|dow|weekday)$", "number", {"low": 1, "high": 7}), (r"^hour|_hour$", "number", {"low": 0, "high": 23}),
    (r"age$", "number", {"low": 18, "high": 90}), (r"port$", "number", {"low": 1024, "high": 49_151}),
    (r"version|revision", "edition", {}),
    (r"size|bytes|length|width|height|weight", "number", {"low": 1, "high": 5000}),
    (r"sort|order|position|rank|seq|priority|level|line_?no|line_?number", "number", {"low": 1, "high": 10}),
)  # fmt: skip
SWITCH = re.compile(
    r"^(is|has|can|should|allow|enable[ds]?|show|use|was|did|active|deleted|hidden|visible|public)(_|$)|_(flag|enabled|active|deleted|disabled)$"
)
CREATED = re.compile(
    r"creat|insert|added|regist|joined|signed_?up|^date$|^ts$|^time$|^timestamp$|^at$|posted|sent|received|logged|^when|start|begin|since|opened|ordered|placed|occurred|^clock$"
)
CAME = re.compile(
    r"creat|insert|added|regist|joined|signed_?up|^date$|^ts$|^time$|^timestamp$|^at$|logged|occurred|^clock$"
)
"""Of these the moments at which a row came, even where a column may be NULL."""
UPDATED = re.compile(r"updat|modif|chang|last_|latest|edited|seen|visited|accessed|touched")
AHEAD = re.compile(r"due|expir|valid_?(to|until)|until|deadline|renew|next_|schedul|ends?(_|$)|_end$|end_?date")
LATER = re.compile(
    r"clos|resol|solved|finish|complet|cancel|delet|archiv|deliver|shipp|paid_at|approv|publish|confirm|verif|stopp?ed|ended|revok|read_at"
)
SELDOM = re.compile(
    r"delet|archiv|cancel|revok|suspend|banned|disabled|blocked|anonymi[sz]ed|merged"
    r"|deceas|died|death|resign|retired?_|terminat|left_(at|on)|withdrawn"
)
"""What happens to few rows."""
STAGES = re.compile(r"(^|_)(status|state|stage|phase|progress)$", re.IGNORECASE)
"""What goes from one word to another in the life of a row."""
COMPANIES = re.compile(r"compan|organi[sz]ation|^orgs?$|tenant|vendor|supplier|merchant|manufacturer", re.IGNORECASE)
THINGS = re.compile(r"^(products?|items?|goods|articles?)$", re.IGNORECASE)
BORN = re.compile(r"birth|^dob$|(^|_)born(_|$)")
PEOPLE = re.compile(
    r"^(users?|accounts?|people|persons?|members?|customers?|profiles?|contacts?|subscribers?|patients?|students?|employees?|clients?|authors?|agents?|players?|drivers?|guests?|auth_user|user_?account"
    r"|owners?|staff|doctors?|nurses?|teachers?|visitors?|donors?|volunteers?|residents?|attendees?|participants?"
    r"|applicants?|candidates?|buyers?|sellers?)$"
)
