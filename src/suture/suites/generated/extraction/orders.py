"""Orders, invoices, product listings and parcels."""

from suture.suites.generated.choice import Choices
from suture.suites.generated.extraction.domain import (
    DATE,
    NUMBER,
    TEXT,
    WHOLE,
    YES_OR_NO,
    Content,
    Domain,
    Record,
    one_of,
)
from suture.suites.generated.extraction.forms import amount, date, yes_or_no

COLOURS = ("black", "white", "red", "green", "blue", "grey")
CURRENCIES = ("EUR", "USD", "GBP")


def _order(choices: Choices, content: Content) -> Record:
    express, express_words = yes_or_no(choices, "express", "express shipping", "standard shipping")
    value = {
        "customer": content.person(choices),
        "product": choices.pick(content.products),
        "quantity": choices.between(2, 60),
        "express": express,
    }
    return Record.of(value, **express_words)


def _invoice(choices: Choices, content: Content) -> Record:
    total, total_words = amount(choices, "total", most=4800)
    due, due_words = date(choices, "due")
    value = {
        "number": f"{choices.pick(('INV', 'RE', 'F', 'B'))}-{choices.between(1000, 9999)}",
        "company": choices.pick(content.companies),
        "total": total,
        "currency": choices.pick(CURRENCIES),
        "due": due,
    }
    return Record.of(value, **total_words, **due_words)


def _listing(choices: Choices, content: Content) -> Record:
    price, price_words = amount(choices, "price", most=180)
    stock, stock_words = yes_or_no(choices, "in_stock", "in stock", "sold out")
    value = {
        "product": choices.pick(content.products),
        "colour": choices.pick(COLOURS),
        "price": price,
        "weight_g": choices.between(5, 190) * 10,
        "in_stock": stock,
    }
    return Record.of(value, **price_words, **stock_words)


def _parcel(choices: Choices, content: Content) -> Record:
    fragile, fragile_words = yes_or_no(choices, "fragile", "fragile", "not fragile")
    tenths = choices.between(3, 290)
    value = {
        "tracking": f"{choices.pick(('PX', 'DK', 'RT', 'LM'))}{choices.between(100000, 999999)}",
        "sender": choices.pick(content.companies),
        "recipient": content.person(choices),
        "weight_kg": tenths / 10,
        "fragile": fragile,
    }
    return Record.of(value, **fragile_words)


ORDER = Domain(
    "order",
    {"customer": TEXT, "product": TEXT, "quantity": WHOLE, "express": YES_OR_NO},
    _order,
    (
        "Hello, please send {quantity} pieces of the {product} with {express}. Regards, {customer}",
        "New order from {customer}: {quantity} x {product}, {express}.",
        "{customer} called and ordered {quantity} units of {product}. We agreed on {express}.",
        "Item: {product}\nAmount: {quantity}\nDelivery: {express}\nOrdered by: {customer}",
        "Could you add {quantity} of your {product} to my account? I chose {express}. Thanks, {customer}",
        "With {express}, {customer} will receive {quantity} pieces of article {product}.",
        "Order confirmation for {customer}. You bought: {product}. Pieces: {quantity}. Method: {express}.",
        "Our buyer {customer} needs the {product}, {quantity} in number, and asked for {express}.",
    ),
)
INVOICE = Domain(
    "invoice",
    {"number": TEXT, "company": TEXT, "total": NUMBER, "currency": one_of(*CURRENCIES), "due": DATE},
    _invoice,
    (
        "{company} sent invoice {number} over {total} {currency}. It is due on {due_long}.",
        "Invoice no. {number}\nFrom: {company}\nTotal: {currency} {total}\nPay by: {due_iso}",
        "Please pay {currency} {total_grouped} to {company} until {due_us}; the invoice number is {number}.",
        "Reminder: {total} {currency} for bill {number} of {company} must arrive by {due_long}.",
        "By {due_us} we owe {company} {total} {currency} (invoice {number}).",
        "Attached you find our bill {number}. The amount of {currency} {total} falls due on {due_iso}. {company}",
        "Booked today: {company}, document {number}, {total_grouped} {currency}, payment date {due_long}.",
        "The bill that {company} wrote has the number {number}, ends at {total} {currency}, and expires {due_us}.",
    ),
)
LISTING = Domain(
    "listing",
    {"product": TEXT, "colour": one_of(*COLOURS), "price": NUMBER, "weight_g": WHOLE, "in_stock": YES_OR_NO},
    _listing,
    (
        "Offer: {product} in {colour}, {weight_g} g, only {price} dollars. Status: {in_stock}.",
        "The {colour} {product} weighs {weight_g} grams and costs {price}. It is {in_stock}.",
        "{product} | {colour} | {weight_g} g | {price} | {in_stock}",
        "At {price} the {product} is a bargain. Colour: {colour}. Weight: {weight_g} g. Currently {in_stock}.",
        "About our {product}: we make it in {colour}, it costs {price} and is {in_stock} ({weight_g} g).",
        "Name: {product}. Availability: {in_stock}. Price: {price}. Colour: {colour}. Net weight: {weight_g} grams.",
        "Now {in_stock}: the {product} for {price}. Comes in {colour} and weighs {weight_g} g.",
        "In our catalogue the {product}, painted {colour}, is listed at {price}, {weight_g} g heavy, and {in_stock}.",
    ),
)
PARCEL = Domain(
    "parcel",
    {"tracking": TEXT, "sender": TEXT, "recipient": TEXT, "weight_kg": NUMBER, "fragile": YES_OR_NO},
    _parcel,
    (
        "Parcel {tracking} from {sender} to {recipient} weighs {weight_kg} kg and is marked {fragile}.",
        "Tracking: {tracking}\nTo: {recipient}\nFrom: {sender}\nWeight: {weight_kg} kg\nHandling: {fragile}",
        "{recipient} is waiting for a box from {sender}: {weight_kg} kg, {fragile}, code {tracking}.",
        "Picked up at {sender}. Receiver: {recipient}. Scale: {weight_kg} kg. Label: {fragile}. No. {tracking}",
        "Your delivery {tracking} is on its way, {recipient}. {sender} handed us {weight_kg} kg, {fragile}.",
        "The consignment by {sender} ({weight_kg} kg, {fragile}) goes to {recipient} under number {tracking}.",
        "Scanned {tracking}: {fragile}, {weight_kg} kg, sender {sender}, addressee {recipient}.",
        "{sender} shipped {weight_kg} kg of goods, {fragile}, for {recipient}; follow them with {tracking}.",
    ),
)
