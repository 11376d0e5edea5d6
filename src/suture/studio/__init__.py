"""The studio: pages that show what was measured, made and decided. They only read, but for what a key decides."""
