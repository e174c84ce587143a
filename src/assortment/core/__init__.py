"""The nouns and the two verbs. Uses numpy and scipy alone and knows nobody."""
