"""Questions that need more than one fact, over real news: the pool they are asked of, and how they are kept."""
