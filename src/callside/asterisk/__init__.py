"""The engine's room: Asterisk as a program and as a telephone switch. Only here: channel, bridge, Stasis."""
