"""Reception: which of our numbers leads where and when, what a caller may choose, what a caller hears. Pure."""
