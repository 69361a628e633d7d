"""The laws of dialling as data: profiles of jurisdictions, and pure functions that hold a campaign and a line against one."""
