"""Finding TODOs: comments by language, the marks in them, what they say, where they stand and who wrote them."""
