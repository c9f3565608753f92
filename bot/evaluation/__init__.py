"""`kutip eval`: questions with known answers, asked as a user asks them, and what came of it as figures."""
