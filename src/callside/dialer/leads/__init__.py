"""Who is to be called: lists of leads, what an attempt makes of a lead, and when it comes up again. Pure."""
