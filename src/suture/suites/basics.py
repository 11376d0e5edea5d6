"""Suite ``basics``: short questions that small models answer, so that a repair has something to keep."""

from suture.core.measure.checks.text import TextCheck
from suture.core.measure.task import Message, Task

NAME = "basics"
BRIEFLY = "Answer in a few words."
"""Without it a small model goes on for as long as it may, and the wanted word may stand anywhere."""
_QUESTIONS = (
    ("What is the capital of France?", "Paris"),
    ("What is the capital of Italy?", "Rome"),
    ("What is the capital of Japan?", "Tokyo"),
    ("What is the capital of Germany?", "Berlin"),
    ("What is the capital of Spain?", "Madrid"),
    ("What is the capital of Egypt?", "Cairo"),
    ("What is the capital of Russia?", "Moscow"),
    ("What is the capital of Greece?", "Athens"),
    ("What is the opposite of hot?", "cold"),
    ("What is the opposite of up?", "down"),
    ("What is the opposite of day?", "night"),
    ("What is the opposite of left?", "right"),
    ("What is the opposite of happy?", "sad"),
    ("What is the opposite of black?", "white"),
    ("What is the color of the sky on a clear day?", "blue"),
    ("What is the color of fresh grass?", "green"),
    ("What is the color of snow?", "white"),
    ("What is the color of a ripe banana?", "yellow"),
    ("Which planet do we live on?", "Earth"),
    ("Which planet is the largest of the solar system?", "Jupiter"),
    ("Which planet is called the red planet?", "Mars"),
    ("Which planet is the closest to the Sun?", "Mercury"),
    ("Who wrote Romeo and Juliet?", "Shakespeare"),
    ("Who painted the Mona Lisa?", "Vinci"),
    ("Who was the first president of the United States?", "Washington"),
    ("Who was the first person to walk on the Moon?", "Armstrong"),
    ("Who developed the theory of relativity?", "Einstein"),
    ("Who wrote the Harry Potter books?", "Rowling"),
    ("What is the largest ocean on Earth?", "Pacific"),
    ("What is the highest mountain on Earth?", "Everest"),
    ("What is the longest river in Africa?", "Nile"),
    ("On which continent is Egypt?", "Africa"),
    ("On which continent is China?", "Asia"),
    ("Which language do people speak in Brazil?", "Portuguese"),
    ("Which language do people speak in Mexico?", "Spanish"),
    ("In which country is the Eiffel Tower?", "France"),
    ("In which country is the Great Wall?", "China"),
    ("Which currency is used in Japan?", "yen"),
    ("What is frozen water called?", "ice"),
    ("What is a young dog called?", "puppy"),
    ("What is a young cat called?", "kitten"),
    ("What do bees make from nectar?", "honey"),
    ("Which season comes after winter?", "spring"),
    ("Which day comes after Monday?", "Tuesday"),
    ("Which month comes after January?", "February"),
    ("Which gas in the air do people need to breathe?", "oxygen"),
    ("Which organ pumps blood through the body?", "heart"),
    ("Which animal barks?", "dog"),
    ("Which animal is called the king of the jungle?", "lion"),
    ("Which metal has the chemical symbol Fe?", "iron"),
    ("Which liquid has the chemical formula H2O?", "water"),
    ("How do you say hello in Spanish?", "hola"),
    ("How do you say thank you in French?", "merci"),
    ("What is 2 + 2?", "4"),
    ("What is 5 + 3?", "8"),
    ("What is 10 - 4?", "6"),
    ("What is 3 times 3?", "9"),
    ("Which number comes after 19?", "20"),
    ("How many hours does a day have?", "24"),
    ("How many minutes does an hour have?", "60"),
)


def load_basics() -> tuple[Task, ...]:
    """60 questions with one wanted word each. They have no reference: what a model cannot answer is not taught."""
    return tuple(
        Task(
            id=f"{NAME}/{number}",
            suite=NAME,
            messages=(Message(role="user", content=f"{question} {BRIEFLY}"),),
            check=TextCheck(contains=(wanted,), ignore=("case",)),
            origin="Suture",
            licence="CC0-1.0",
            tags=(NAME,),
        )
        for number, (question, wanted) in enumerate(_QUESTIONS)
    )
