"""Questions that need more than one fact, over real news: the pool of articles, and how they are kept."""
