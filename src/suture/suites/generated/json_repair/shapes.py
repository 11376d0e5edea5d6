"""Shapes of the documents that are broken: five for each part of the suite. No part has a shape of another.

A text that begins with ``@`` stands for a value; ``documents`` says which.
"""

from typing import Any

SHAPES: tuple[tuple[dict[str, Any], ...], ...] = (
    (
        {"user": "@person", "active": "@flag", "roles": ["@job", "@job"], "age": "@small"},
        {
            "order": "@code",
            "items": [{"sku": "@code", "qty": "@small"}, {"sku": "@code", "qty": "@small"}],
            "note": "@quote",
        },
        {"city": "@city", "stops": ["@street", "@street", "@street"], "length_km": "@decimal", "open": "@flag"},
        {"owner": {"name": "@possessive", "phone": "@code"}, "balance": "@decimal", "closed": None},
        {"title": "@dish", "text": "@lines", "rating": "@small"},
    ),
    (
        {"host": "@company", "port": "@large", "secure": "@flag", "paths": ["@word", "@word"], "retries": "@small"},
        {"id": "@large", "tags": ["@word", "@word", "@word"], "comment": "@quote"},
        {"team": {"lead": "@person", "size": "@small"}, "project": "@possessive", "budget": "@large"},
        {"route": ["@city", "@city"], "driver": "@person", "delay": None, "full": "@flag"},
        {"subject": "@product", "body": "@lines", "sent": "@flag"},
    ),
    (
        {"sensor": "@code", "readings": ["@decimal", "@decimal", "@decimal"], "unit": "@word", "alarm": "@flag"},
        {
            "book": "@quote",
            "author": "@person",
            "pages": "@large",
            "prices": {"paper": "@decimal", "digital": "@decimal"},
        },
        {"member": "@possessive", "level": "@small", "guests": ["@person"], "until": None},
        {"recipe": "@dish", "needs": [{"what": "@ingredient", "g": "@large"}], "vegan": "@flag"},
        {"log": "@lines", "code": "@small", "from": "@company"},
    ),
    (
        {"room": "@small", "beds": ["@word", "@word"], "guest": "@person", "paid": "@flag"},
        {"quote": "@quote", "source": "@company", "year": "@large", "votes": {"up": "@small", "down": "@small"}},
        {"pet": "@possessive", "weight": "@decimal", "shots": ["@code", "@code"], "chip": None},
        {"from": "@city", "to": "@city", "seats": [["@small", "@small"], ["@small", "@small"]], "late": "@flag"},
        {"letter": "@lines", "to": "@person", "stamps": "@small"},
    ),
    (
        {"plan": "@word", "limits": {"users": "@large", "disk": "@decimal"}, "trial": "@flag", "owner": "@person"},
        {"lesson": "@quote", "teacher": "@person", "pupils": ["@person", "@person"], "hour": "@small"},
        {"stock": [{"part": "@product", "left": "@small"}, {"part": "@product", "left": "@small"}], "checked": "@flag"},
        {"key": "@code", "label": "@possessive", "expires": None, "uses": "@large"},
        {"verse": "@lines", "poet": "@person", "line": "@small"},
    ),
    (
        {"match": ["@city", "@city"], "score": ["@small", "@small"], "over": "@flag", "place": "@street"},
        {"article": "@quote", "editor": {"name": "@person", "desk": "@word"}, "words": "@large"},
        {"tool": "@possessive", "price": "@decimal", "shop": "@company", "guarantee": None},
        {"shift": "@word", "people": [{"name": "@person", "hours": "@small"}], "holiday": "@flag"},
        {"memo": "@lines", "by": "@person", "copies": "@small"},
    ),
    (
        {"bank": "@company", "accounts": ["@large", "@large"], "frozen": "@flag", "rate": "@decimal"},
        {"film": "@quote", "cast": ["@person", "@person"], "length": "@small", "awards": {"won": "@small"}},
        {"plot": "@possessive", "crops": ["@ingredient", "@ingredient"], "area": "@decimal", "well": None},
        {
            "train": "@code",
            "halts": [{"at": "@city", "min": "@small"}, {"at": "@city", "min": "@small"}],
            "runs": "@flag",
        },
        {"message": "@lines", "sender": "@person", "size": "@large"},
    ),
    (
        {"device": "@product", "version": "@decimal", "errors": ["@small", "@small"], "online": "@flag"},
        {"motto": "@quote", "club": "@company", "founded": "@large", "board": {"chair": "@person", "seats": "@small"}},
        {"locker": "@possessive", "number": "@large", "things": ["@product", "@product"], "lock": None},
        {"menu": [{"dish": "@dish", "price": "@decimal"}], "day": "@word", "closed": "@flag"},
        {"address": "@lines", "name": "@person", "floor": "@small"},
    ),
)
