"""Kind ``grader``: a function of one's own says whether an answer passes, in the judge's sandbox."""
