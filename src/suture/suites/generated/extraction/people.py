"""Contact cards, appointments, support tickets and job ads."""

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

PRIORITIES = ("low", "normal", "high")


def _contact(choices: Choices, content: Content) -> Record:
    first, last = choices.pick(content.first_names), choices.pick(content.surnames)
    company = choices.pick(content.companies)
    value = {
        "name": f"{first} {last}",
        "company": company,
        "email": f"{first.lower()}.{last.lower()}@{company.split()[0].lower()}.example",
        "phone": f"+{choices.between(30, 49)} {choices.between(100, 999)} {choices.between(10000, 99999)}",
        "city": choices.pick(content.cities),
    }
    return Record.of(value)


def _appointment(choices: Choices, content: Content) -> Record:
    day, day_words = date(choices, "date")
    hour, hour_words = time(choices, "time")
    value = {
        "patient": content.person(choices),
        "doctor": choices.pick(content.surnames),
        "date": day,
        "time": hour,
    }
    return Record.of(value, **day_words, **hour_words)


def _ticket(choices: Choices, content: Content) -> Record:
    order = None if choices.chance(3) else choices.between(10000, 99999)
    value = {
        "customer": content.person(choices),
        "problem": choices.pick(content.problems),
        "priority": choices.pick(PRIORITIES),
        "order": order,
    }
    said = "no order number" if order is None else f"order number {order}"
    return Record.of(value, order=said)


def _job(choices: Choices, content: Content) -> Record:
    remote, remote_words = yes_or_no(choices, "remote", "can be done from home", "must be done on site")
    salary = choices.between(48, 190) * 500
    value = {
        "title": choices.pick(content.jobs),
        "company": choices.pick(content.companies),
        "city": choices.pick(content.cities),
        "salary": salary,
        "remote": remote,
    }
    return Record.of(value, salary_grouped=f"{salary:,}", **remote_words)


CONTACT = Domain(
    "contact",
    {"name": TEXT, "company": TEXT, "email": TEXT, "phone": TEXT, "city": TEXT},
    _contact,
    (
        "{name}\n{company}, {city}\nTel. {phone}\n{email}",
        "You can reach {name} of {company} in {city} at {phone} or {email}.",
        "Please save this: {name}, mail {email}, phone {phone}, works for {company} ({city}).",
        "Best regards\n{name} | {company} | {city} | {email} | {phone}",
        "My new number is {phone}. I moved to {city} and now work at {company}. Write to {email}. {name}",
        "Speaker at {company}, based in {city}: {name}. Contact: {email}, {phone}.",
        "Card of {name}. Phone {phone}. City {city}. Employer {company}. E-mail {email}.",
        "At {company} ask for {name}, {phone}. The office is in {city}, the address for mail is {email}.",
    ),
)
APPOINTMENT = Domain(
    "appointment",
    {"patient": TEXT, "doctor": {"type": "string", "description": "surname"}, "date": DATE, "time": TIME},
    _appointment,
    (
        "{patient} has an appointment with Dr {doctor} on {date_long} at {time_24}.",
        "Appointment\nPatient: {patient}\nDoctor: Dr {doctor}\nWhen: {date_iso}, {time_24}",
        "Dear {patient}, Dr {doctor} expects you on {date_us} at {time_12}.",
        "On {date_long} at {time_12} Dr {doctor} will see {patient}.",
        "Please move the visit of {patient} to {date_iso} at {time_12}, again with Dr {doctor}.",
        "Dr {doctor}, {time_24}, {date_long}: check-up for {patient}.",
        "We have booked {patient} in for {time_12} on {date_us}. The physician is Dr {doctor}.",
        "Reminder for {patient}: your date is {date_us}, {time_24}, in the practice of Dr {doctor}.",
    ),
)
TICKET = Domain(
    "ticket",
    {
        "customer": TEXT,
        "problem": TEXT,
        "priority": one_of(*PRIORITIES),
        "order": {"type": ["integer", "null"], "description": "null if none is given"},
    },
    _ticket,
    (
        "{customer} wrote with {priority} priority: {problem}. There is {order}.",
        "Ticket from {customer} ({order}). Problem: {problem}. Priority: {priority}.",
        "Priority {priority} | {order} | {customer} | {problem}",
        "Caller {customer} gave {order} and said that {problem}. Handle with {priority} priority.",
        "Problem: {problem}\nReported by: {customer}\nReference: {order}\nPriority: {priority}",
        "With {order}, {customer} complains that {problem}. I set the priority to {priority}.",
        "{problem}, says {customer}. Priority is {priority}; the mail has {order}.",
        "A {priority} priority case for the team. Name: {customer}. Reference: {order}. Issue: {problem}.",
    ),
)
JOB = Domain(
    "job",
    {"title": TEXT, "company": TEXT, "city": TEXT, "salary": WHOLE, "remote": YES_OR_NO},
    _job,
    (
        "{company} in {city} is hiring: {title}, {salary} a year. The work {remote}.",
        "Job: {title}\nEmployer: {company}\nPlace: {city}\nSalary: {salary}\nThe work {remote}.",
        "Wanted in {city}: {title}. {company} pays {salary_grouped} per year. The job {remote}.",
        "We at {company} look for the role of {title} ({city}, {salary} yearly), which {remote}.",
        "For {salary_grouped} a year you can start as {title} with {company}, {city}. It {remote}.",
        "Vacancy for the post of {title} at {company}; location {city}; pay {salary}; the post {remote}.",
        "{city} - open position: {title}. It {remote}. {company} offers {salary_grouped}.",
        "Become {title} in {city}! Yearly pay: {salary}. This position {remote}. Apply to {company}.",
    ),
)
