"""Small pictures with meaning, as SVG: inline in a page, and as files for a README or a paper."""
