"""Kind ``sql``: a query's rows equal the reference's, in SQLite inside the judge's sandbox."""
