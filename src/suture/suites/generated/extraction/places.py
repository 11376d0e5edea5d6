"""Weather reports, recipes, flights and hotel bookings."""

from suture.suites.generated.choice import Choices
from suture.suites.generated.extraction.domain import (
    DATE,
    TEXT,
    TIME,
    WHOLE,
    YES_OR_NO,
    Content,
    Domain,
    Record,
    one_of,
)
from suture.suites.generated.extraction.forms import date, time, yes_or_no

SKIES = ("sunny", "cloudy", "rainy", "snowy", "foggy")


def _weather(choices: Choices, content: Content) -> Record:
    low = choices.between(-12, 18)
    value = {
        "city": choices.pick(content.cities),
        "sky": choices.pick(SKIES),
        "low": low,
        "high": low + choices.between(3, 14),
        "wind_kmh": choices.between(4, 80),
    }
    return Record.of(value)


def _recipe(choices: Choices, content: Content) -> Record:
    names = choices.several(content.ingredients, choices.between(2, 3))
    parts = [{"name": name, "grams": choices.between(2, 40) * 25} for name in names]
    value = {
        "dish": choices.pick(content.dishes),
        "servings": choices.between(2, 12),
        "minutes": choices.between(3, 24) * 5,
        "ingredients": parts,
    }
    inline = [f"{part['grams']} g of {part['name']}" for part in parts]
    words = {
        "ingredients": f"{', '.join(inline[:-1])} and {inline[-1]}",
        "ingredients_lines": "\n".join(f"- {part['name']}: {part['grams']} g" for part in parts),
    }
    return Record.of(value, **words)


def _flight(choices: Choices, content: Content) -> Record:
    origin, destination = choices.several(content.cities, 2)
    day, day_words = date(choices, "date")
    hour, hour_words = time(choices, "departure")
    value = {
        "flight": f"{choices.pick(('KX', 'QN', 'VB', 'ZT', 'OJ'))}{choices.between(100, 9999)}",
        "from": origin,
        "to": destination,
        "date": day,
        "departure": hour,
    }
    return Record.of(value, **day_words, **hour_words)


def _booking(choices: Choices, content: Content) -> Record:
    arrival, arrival_words = date(choices, "check_in")
    breakfast, breakfast_words = yes_or_no(choices, "breakfast", "with breakfast", "without breakfast")
    value = {
        "guest": content.person(choices),
        "city": choices.pick(content.cities),
        "street": f"{choices.pick(content.streets)} Street",
        "check_in": arrival,
        "nights": choices.between(2, 14),
        "breakfast": breakfast,
    }
    return Record.of(value, **arrival_words, **breakfast_words)


WEATHER = Domain(
    "weather",
    {"city": TEXT, "sky": one_of(*SKIES), "low": WHOLE, "high": WHOLE, "wind_kmh": WHOLE},
    _weather,
    (
        "{city} will be {sky}, between {low} and {high} degrees, with wind at {wind_kmh} km/h.",
        "Forecast for {city}: {sky}. Low {low}, high {high}, wind {wind_kmh} km/h.",
        "City: {city}\nHigh: {high}\nLow: {low}\nWind: {wind_kmh} km/h\nSky: {sky}",
        "Tomorrow it stays {sky} in {city}. Temperatures rise from {low} to {high}; wind speed {wind_kmh} km/h.",
        "Wind of {wind_kmh} km/h and a {sky} day in {city}: {high} degrees at most, {low} at least.",
        "In {city} the day starts at {low} degrees and reaches {high}. It is {sky}, the wind blows at {wind_kmh} km/h.",
        "{sky} weather for {city}, says the report: highs of {high}, lows of {low}, gusts of {wind_kmh} km/h.",
        "Expect a maximum of {high} and a minimum of {low} in {city} today, {sky} skies and {wind_kmh} km/h of wind.",
    ),
)
RECIPE = Domain(
    "recipe",
    {
        "dish": TEXT,
        "servings": WHOLE,
        "minutes": WHOLE,
        "ingredients": {
            "type": "array",
            "items": {"type": "object", "properties": {"name": TEXT, "grams": WHOLE}, "required": ["name", "grams"]},
        },
    },
    _recipe,
    (
        "{dish} for {servings} people takes {minutes} minutes. You need {ingredients}.",
        "Recipe: {dish}\nServes: {servings}\nTime: {minutes} minutes\n{ingredients_lines}",
        "With {ingredients} you make {dish} in {minutes} minutes, enough for {servings}.",
        "My {dish} needs {minutes} minutes of work and feeds {servings}. Buy {ingredients}.",
        "How to cook {dish} ({servings} servings, {minutes} min)\n{ingredients_lines}",
        "For {servings} plates of {dish} take {ingredients}. Ready after {minutes} minutes.",
        "In {minutes} minutes: {dish}. Shopping list for {servings} guests: {ingredients}.",
        "Ingredients\n{ingredients_lines}\nDish: {dish}. Portions: {servings}. Duration: {minutes} min.",
    ),
)
FLIGHT = Domain(
    "flight",
    {"flight": TEXT, "from": TEXT, "to": TEXT, "date": DATE, "departure": TIME},
    _flight,
    (
        "Flight {flight} from {from} to {to} leaves on {date_long} at {departure_24}.",
        "{from} - {to}\nFlight: {flight}\nDate: {date_iso}\nDeparture: {departure_24}",
        "Your trip to {to}: {flight} takes off in {from} on {date_us} at {departure_12}.",
        "On {date_long} {flight} flies from {from} to {to}. Departure is at {departure_12}.",
        "Please be in {from} before {departure_24} on {date_us}, when {flight} starts for {to}.",
        "Boarding pass: {flight}, {date_long}, departs {departure_12}, {from} to {to}.",
        "We booked you on {flight} for {date_iso}. It goes to {to} and departs from {from} at {departure_12}.",
        "Departing {from} at {departure_24}, arriving in {to} the same day: {flight}, {date_us}.",
    ),
)
BOOKING = Domain(
    "booking",
    {"guest": TEXT, "city": TEXT, "street": TEXT, "check_in": DATE, "nights": WHOLE, "breakfast": YES_OR_NO},
    _booking,
    (
        "{guest} stays at {street}, {city}, for {nights} nights from {check_in_long}, {breakfast}.",
        "Guest: {guest}\nHotel: {street}, {city}\nArrival: {check_in_iso}\nNights: {nights}\nRate: {breakfast}",
        "Dear {guest}, your room in {city} ({street}) is ready on {check_in_us}: {nights} nights {breakfast}.",
        "Room {breakfast} for {guest}, {nights} nights, arriving {check_in_long}. Address: {street} in {city}.",
        "I would like {nights} nights {breakfast} in your house on {street}, {city}, from {check_in_iso}. {guest}",
        "From {check_in_us} on, {guest} has a room for {nights} nights, {breakfast}, in {city} on {street}.",
        "{city}, {street}: booked {breakfast} by {guest} for {nights} nights, check-in {check_in_iso}.",
        "Confirmation. {nights} nights, {breakfast}, first day {check_in_long}, {city}, {street}. Name: {guest}.",
    ),
)
