"""A recommender for shops that understands goods in words and treats variety as a goal equal to relevance."""
