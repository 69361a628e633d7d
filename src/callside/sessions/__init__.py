"""Sessions: an agent's login, from createSession to logout, and the line that stays up meanwhile."""
